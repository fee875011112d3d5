"""Documents: attach, review, describe, detach, export. Bytes are checked before anything is written.

A document's bytes stand outside the audit, named by their SHA-256, and stay when it is detached:
undo and redo bring it back whole.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col, select

from carecoord_tui.domain import documents
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.documents import MAX_BYTES, TITLE_LIMIT, MediaType, Unfit
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import DocumentKind, ReferralStage
from carecoord_tui.store import dialect, files
from carecoord_tui.store.actions import referral_steps
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.documents import read_content, read_document
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Document, DocumentContent, Patient, Referral

ATTACHED = "attached"
"""Where a report is when this program holds it (``referral.report_source``)."""
FILE_NAME_LIMIT = 160
NAME_LIMIT = 120
CONTENT: sa.Table = DocumentContent.__table__  # type: ignore[attr-defined]
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # a pipe that took the file's place must not hold us
_BINARY = getattr(os, "O_BINARY", 0)


class NeedsReviewer(Refused):
    """Nobody knows which clinician reviewed it: ask for the name."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept: read once, known by its content."""

    content: bytes
    file_name: str
    media_type: MediaType
    sha256: str


# --- the file ----------------------------------------------------------------------------------------


def read_file(path: Path) -> CheckedFile:
    """A file that may be attached. Raises Refused: not there, no file, too large, not what it says.

    The size is asked for before a byte is read, and never more than the largest document is read.
    """
    if "\0" in str(path):
        raise Refused("There is no file of that name: tab completes what is typed.")
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused("That is a folder: name the file." if path.is_dir() else "That is not a file.")
        documents.check_size(status.st_size)
        content = _read_bounded(path)
        media_type = documents.recognize(content, path.name)
    except Unfit as error:
        raise Refused(str(error)) from error
    except FileNotFoundError as error:
        raise Refused("There is no file of that name: tab completes what is typed.") from error
    except OSError as error:
        raise Refused(
            f"That file cannot be read ({error.strerror}): copy it to this computer and try again."
        ) from error
    return CheckedFile(
        content, clean_text(path.name, FILE_NAME_LIMIT), media_type, hashlib.sha256(content).hexdigest()
    )


def _read_bounded(path: Path) -> bytes:
    """The file's bytes, at most one more than allowed; what changed into no file meanwhile has none."""
    with os.fdopen(os.open(path, os.O_RDONLY | _NO_WAITING | _BINARY), "rb") as source:
        if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            return b""
        return source.read(MAX_BYTES + 1)


def _keep(session: AuditedSession, file: CheckedFile) -> None:
    """Write the bytes once; bytes that were damaged since are put right by the same file."""
    connection = session.connection()
    mine = CONTENT.c.sha256 == file.sha256
    stored = connection.execute(sa.select(CONTENT.c.content).where(mine)).scalar()
    if stored is None:
        connection.execute(sa.insert(CONTENT).values(sha256=file.sha256, content=file.content))
    elif stored != file.content:
        connection.execute(sa.update(CONTENT).where(mine).values(content=file.content))


# --- attaching ---------------------------------------------------------------------------------------


def attach(
    practice: Practice,
    patient_id: int,
    path: Path,
    *,
    referral_id: int | None = None,
    kind: DocumentKind = DocumentKind.OTHER,
    title: str = "",
    received_on: date | None = None,
    is_part2: bool = False,
    is_sensitive: bool = False,
    advance: bool = False,
) -> int:
    """Keep a file with a person; returns the document's number.

    ``title`` empty: from the file's name. ``received_on`` None: today, practice-local. ``advance`` also
    records "report received" on the referral, in the same change; the document then is its report, and a
    file that is attached there already is taken instead of a second copy: it takes on the title and the day
    that are given, and keeps every limit to its release. Raises Refused for a file that is not kept
    (``read_file``), a day ahead, the same file twice, or what the stage machine refuses.
    """
    if advance and referral_id is None:
        raise Refused("A report is received for a referral: open the documents from the referral.")
    file = read_file(path)
    with practice.change("report attached" if advance else "document attached") as session:
        existing(session, Patient, patient_id)
        referral = _referral_of(session, patient_id, referral_id)
        document = _same_file(session, patient_id, referral_id, file) if advance else None
        if document is None:
            document = add_document(
                session,
                practice,
                patient_id,
                file,
                referral_id=referral_id,
                kind=kind,
                title=title,
                received_on=received_on,
                is_part2=is_part2,
                is_sensitive=is_sensitive,
            )
        else:
            _take_again(practice, document, title, received_on)
            document.is_part2 = document.is_part2 or is_part2
            document.is_sensitive = document.is_sensitive or is_sensitive
        if advance:
            document.kind = DocumentKind.REPORT
            session.add(document)
        if referral is not None:
            _tell_referral(session, practice, referral, document, received_on, advancing=advance)
        number = document.id
    assert number is not None  # noqa: S101 - flushed by add_document
    return number


def add_document(
    session: AuditedSession,
    practice: Practice,
    patient_id: int,
    file: CheckedFile,
    *,
    referral_id: int | None = None,
    kind: DocumentKind | None = None,
    title: str = "",
    received_on: date | None = None,
    is_part2: bool = False,
    is_sensitive: bool = False,
) -> Document:
    """A checked file as a document, inside a change; returns the flushed record. It moves no referral.

    ``kind`` None: by the words of its name. Raises Refused for a day ahead or the same file twice.
    """
    day = received_on or practice.today()
    _check_not_ahead(practice, day)
    if _same_file(session, patient_id, referral_id, file) is not None:
        raise Refused("This very file is attached here already.")
    _keep(session, file)
    kind = kind or documents.likely_kind(file.file_name, of_referral=False)
    document = Document(
        patient_id=patient_id,
        referral_id=referral_id,
        kind=kind,
        title=clean_text(title, TITLE_LIMIT) or documents.title_from(file.file_name) or kind.label,
        file_name=file.file_name,
        media_type=file.media_type.value,
        size=len(file.content),
        sha256=file.sha256,
        received_on=day,
        added_at=practice.clock.now(),
        is_part2=is_part2,
        is_sensitive=is_sensitive,
    )
    session.add(document)
    session.flush()
    return document


def _referral_of(session: AuditedSession, patient_id: int, referral_id: int | None) -> Referral | None:
    if referral_id is None:
        return None
    referral = existing(session, Referral, referral_id)
    if referral.patient_id != patient_id:
        raise Refused("That referral is another patient's: nothing was attached.")
    return referral


def _same_file(
    session: AuditedSession, patient_id: int, referral_id: int | None, file: CheckedFile
) -> Document | None:
    return session.exec(
        select(Document).where(
            col(Document.patient_id) == patient_id,
            col(Document.referral_id).is_not_distinct_from(referral_id),
            col(Document.sha256) == file.sha256,
        )
    ).first()


def _take_again(practice: Practice, document: Document, title: str, received_on: date | None) -> None:
    """What is said of a file that is attached already; what is not said stays."""
    document.title = clean_text(title, TITLE_LIMIT) or document.title
    if received_on is not None:
        _check_not_ahead(practice, received_on)
        document.received_on = received_on


def _tell_referral(
    session: AuditedSession,
    practice: Practice,
    referral: Referral,
    document: Document,
    on: date | None,
    *,
    advancing: bool,
) -> None:
    """The referral knows where its report is; with ``advancing`` it came with this file."""
    if advancing:
        step = Step(to=ReferralStage.REPORT_RECEIVED, on=on, report=ATTACHED)
        referral_steps.advance(session, practice, document.referral_id or 0, step)
    elif document.kind is DocumentKind.REPORT and referral.report_received_on is not None:
        referral.report_source = ATTACHED
        session.add(referral)


def _check_not_ahead(practice: Practice, day: date) -> None:
    if day > practice.today():
        raise Refused(
            f"{format_day(day, practice.today())} is ahead: type the day with its year, or “yesterday”."
        )


# --- reviewing ---------------------------------------------------------------------------------------


def mark_reviewed(practice: Practice, document_id: int, who: str = "", on: date | None = None) -> bool:
    """A clinician has read it; True when its referral went on to "reviewed" in the same change.

    ``who`` empty: the ordering clinician, else the patient's own; ``on`` None: today, practice-local.
    The referral goes on when the document is its report and the review is its next step. Raises
    NeedsReviewer when no clinician is known, Refused for a second review or a day out of order.
    """
    day = on or practice.today()
    with practice.change("document reviewed") as session:
        document = existing(session, Document, document_id)
        _check_reviewable(practice, document, day)
        referral = existing(session, Referral, document.referral_id) if document.referral_id else None
        name = clean_text(who, NAME_LIMIT) or _usual_reviewer(session, document, referral)
        if not name:
            raise NeedsReviewer("Who reviewed it? Type the clinician's name.")
        document.reviewed_on, document.reviewed_by = day, name
        session.add(document)
        goes_on = (
            referral is not None
            and document.kind is DocumentKind.REPORT
            and referral.stage is ReferralStage.REPORT_RECEIVED
        )
        if goes_on and referral is not None:
            referral_steps.advance(
                session, practice, referral.id or 0, Step(to=ReferralStage.REVIEWED, on=day, who=name)
            )
    return goes_on


def _check_reviewable(practice: Practice, document: Document, day: date) -> None:
    today = practice.today()
    if document.reviewed_on is not None:
        raise Refused(f"It was reviewed {format_day(document.reviewed_on, today)} already.")
    _check_not_ahead(practice, day)
    if day < document.received_on:
        came = format_day(document.received_on, today)
        raise Refused(f"{format_day(day, today)} is before it came ({came}): type the day of the review.")


def _usual_reviewer(session: AuditedSession, document: Document, referral: Referral | None) -> str:
    if referral is not None:
        return referral_steps.reviewer_of(session, referral)
    return existing(session, Patient, document.patient_id).primary_provider


# --- describing, detaching, exporting ----------------------------------------------------------------


def edit_document(
    practice: Practice,
    document_id: int,
    *,
    version: int,
    title: str,
    kind: DocumentKind,
    is_part2: bool,
    is_sensitive: bool,
) -> None:
    """Change what is said about a document, never its bytes; its referral says whether it has a report.

    Raises Refused for an empty title, Conflict when it is no longer at ``version``.
    """
    cleaned = clean_text(title, TITLE_LIMIT)
    if not cleaned:
        raise Refused("A document needs a title.")
    with practice.change("document edited") as session:
        document = as_shown(session, Document, document_id, version)
        was_kind = document.kind
        document.title, document.kind = cleaned, kind
        document.is_part2, document.is_sensitive = is_part2, is_sensitive
        session.add(document)
        if document.referral_id is not None and kind is not was_kind:
            _tell_kind_changed(session, practice, document, was_kind)


def _tell_kind_changed(
    session: AuditedSession, practice: Practice, document: Document, was_kind: DocumentKind
) -> None:
    """As if a document of the former kind had been detached and one of the new kind attached."""
    session.flush()
    if was_kind is DocumentKind.REPORT:
        _tell_report_gone(session, document.referral_id or 0)
    referral = existing(session, Referral, document.referral_id or 0)
    _tell_referral(session, practice, referral, document, None, advancing=False)


def detach(practice: Practice, document_id: int) -> None:
    """Take a document off; its bytes stay for undo. A referral whose last report it was says so."""
    with practice.change("document detached") as session:
        document = existing(session, Document, document_id)
        referral_id, was_report = document.referral_id, document.kind is DocumentKind.REPORT
        session.delete(document)
        session.flush()
        if was_report and referral_id is not None:
            _tell_report_gone(session, referral_id)


def _tell_report_gone(session: AuditedSession, referral_id: int) -> None:
    another = select(Document.id).where(
        col(Document.referral_id) == referral_id, col(Document.kind) == DocumentKind.REPORT
    )
    referral = existing(session, Referral, referral_id)
    if referral.report_source == ATTACHED and session.exec(another).first() is None:
        referral.report_source = referral_steps.NOT_ATTACHED
        session.add(referral)


def export_copy(practice: Practice, document_id: int, target: Path) -> Path:
    """Write a document into a new 0600 file and log it; returns the file. A folder gets a neutral name.

    Nothing is overwritten. Logged first: what cannot be recorded does not leave the program. Raises
    Refused or StoreError (ReadOnly where nothing can be recorded); then there is no file.
    """
    check_may_leave(practice)
    row = read_document(practice.execute, document_id)
    if row is None:
        raise Refused("That document is no longer there; the list was out of date.")
    content = read_content(practice.execute, row.sha256)
    path = target / row.neutral_name if target.is_dir() else target
    practice.record_event("document exported", kind="export", patient_id=row.patient_id)
    try:
        files.create_private(path)
    except FileExistsError as error:
        raise Refused(f"{path} is there already: choose another name.") from error
    except OSError as error:
        raise Refused(f"{path} cannot be written ({error.strerror}): choose another place.") from error
    try:
        with dialect.translated():
            files.write_private(path, content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
