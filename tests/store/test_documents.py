"""Documents in a real encrypted practice: kept once, brought back by undo, never in clear outside."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.domain.documents import MAX_BYTES, MediaType
from carecoord_tui.domain.vocabulary import DocumentKind, ReferralStage
from carecoord_tui.store import doctor, undo
from carecoord_tui.store.actions import documents
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.documents import (
    ATTACHED,
    NeedsReviewer,
    add_document,
    attach,
    detach,
    edit_document,
    export_copy,
    mark_reviewed,
    read_file,
)
from carecoord_tui.store.actions.referral_steps import NOT_ATTACHED
from carecoord_tui.store.engine import raw_connection
from carecoord_tui.store.errors import Conflict, DamagedFile, MissingFile, ReadOnly
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.queries.documents import (
    orphaned_content,
    read_content,
    read_document,
    read_documents,
)
from carecoord_tui.store.tables import Patient, Referral

SECRET = b"Echocardiogram: ejection fraction 55 percent"
PDF = b"%PDF-1.7\n" + SECRET + b"\n%%EOF\n"
CHEN, OTHER = 1, 2
SEEN, FOREIGN = 1, 2  # referrals: Chen's, seen; the other's


@pytest.fixture
def practice(practice: Practice) -> Practice:
    """Chen was seen by a cardiologist and waits for the report; so does somebody else."""
    with practice.change("people") as session:
        session.add(Patient(family_name="Chen", given_name="Wei", primary_provider="Dr. Amy Lee"))
        session.add(Patient(family_name="Cole", given_name="James"))
        session.flush()
        for patient_id in (CHEN, OTHER):
            session.add(
                Referral(
                    patient_id=patient_id,
                    specialty="cardiology",
                    stage=ReferralStage.SEEN,
                    stage_on=date(2026, 11, 20),
                    ordered_on=date(2026, 11, 2),
                    sent_on=date(2026, 11, 3),
                    visit_on=date(2026, 11, 20),
                )
            )
    return practice


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "Chen_echo_report.pdf"
    path.write_bytes(PDF)
    return path


def referral(practice: Practice, *columns: str, of: int = SEEN) -> tuple[object, ...]:
    return practice.execute(f"SELECT {', '.join(columns)} FROM referral WHERE id = ?", [of])[0]  # noqa: S608


def counts(practice: Practice) -> tuple[int, int]:
    ((made, contents),) = practice.execute(
        "SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM document_content)"
    )
    return made, contents


def version(practice: Practice, number: int) -> int:
    row = read_document(practice.execute, number)
    assert row is not None
    return row.version


def edit(
    practice: Practice,
    number: int,
    at_version: int | None = None,
    *,
    title: str = "Echo",
    kind: DocumentKind = DocumentKind.LETTER,
    is_part2: bool = False,
    is_sensitive: bool = False,
) -> None:
    """As the form does, from what stands there now unless ``at_version`` was read before."""
    edit_document(
        practice,
        number,
        version=at_version or version(practice, number),
        title=title,
        kind=kind,
        is_part2=is_part2,
        is_sensitive=is_sensitive,
    )


def test_a_file_is_kept_whole_and_described(practice: Practice, report: Path) -> None:
    number = attach(practice, CHEN, report, referral_id=SEEN, kind=DocumentKind.REPORT, is_part2=True)
    (row,) = read_documents(practice.execute, CHEN)
    assert row == read_document(practice.execute, number)
    assert (row.title, row.file_name, row.about) == ("Chen echo report", "Chen_echo_report.pdf", "cardiology")
    assert (row.media_type, row.size, row.kind) == (MediaType.PDF, len(PDF), DocumentKind.REPORT)
    assert (row.received_on, row.reviewed_on, row.is_part2, row.is_sensitive) == (
        date(2026, 11, 30), None, True, False,
    )  # fmt: skip
    assert row.sha256 == hashlib.sha256(PDF).hexdigest()
    assert read_content(practice.execute, row.sha256) == PDF
    assert row.neutral_name == "document-1.pdf"
    assert read_documents(practice.execute, CHEN, FOREIGN) == []
    assert referral(practice, "stage") == ("seen",)


def test_the_same_bytes_are_kept_once_and_refused_twice_in_one_place(
    practice: Practice, report: Path
) -> None:
    attach(practice, CHEN, report, referral_id=SEEN)
    attach(practice, CHEN, report)
    attach(practice, OTHER, report)
    assert counts(practice) == (3, 1)
    with pytest.raises(Refused, match="attached here already"):
        attach(practice, CHEN, report)
    assert counts(practice) == (3, 1)


def test_undo_and_redo_bring_the_bytes_back(practice: Practice, report: Path) -> None:
    attach(practice, CHEN, report, referral_id=SEEN, advance=True)
    undo.undo(practice)
    assert read_documents(practice.execute, CHEN) == []
    assert referral(practice, "stage", "report_received_on", "report_source") == ("seen", None, "")
    assert orphaned_content(practice.execute) == (1, len(PDF))
    undo.redo(practice)
    (row,) = read_documents(practice.execute, CHEN)
    assert read_content(practice.execute, row.sha256) == PDF
    assert referral(practice, "stage") == ("report_received",)
    assert orphaned_content(practice.execute) == (0, 0)


# --- the referral ------------------------------------------------------------------------------------


def test_advance_records_the_report_in_the_same_change(practice: Practice, report: Path) -> None:
    attach(practice, CHEN, report, referral_id=SEEN, received_on=date(2026, 11, 27), advance=True)
    columns = ("stage", "stage_on", "report_received_on", "report_source")
    assert referral(practice, *columns) == ("report_received", "2026-11-27", "2026-11-27", ATTACHED)
    (row,) = read_documents(practice.execute, CHEN, SEEN)
    assert (row.kind, row.received_on) == (DocumentKind.REPORT, date(2026, 11, 27))
    labels = practice.execute("SELECT DISTINCT change_id, label FROM audit_event ORDER BY change_id DESC")
    assert labels[0][1] == "report attached"
    assert labels[1][1] == "people"


def test_what_the_stage_machine_refuses_leaves_nothing(practice: Practice, report: Path) -> None:
    before = counts(practice)
    with pytest.raises(Refused, match="is before the visit"):
        attach(practice, CHEN, report, referral_id=SEEN, received_on=date(2026, 11, 10), advance=True)
    with pytest.raises(Refused, match="is ahead"):
        attach(practice, CHEN, report, referral_id=SEEN, received_on=date(2026, 12, 1), advance=True)
    with pytest.raises(Refused, match="from the referral"):
        attach(practice, CHEN, report, advance=True)
    with pytest.raises(Refused, match="another patient's"):
        attach(practice, CHEN, report, referral_id=FOREIGN)
    assert counts(practice) == before
    assert referral(practice, "stage") == ("seen",)


def test_a_file_that_is_there_already_is_taken_as_the_report(practice: Practice, report: Path) -> None:
    first = attach(practice, CHEN, report, referral_id=SEEN)
    assert attach(practice, CHEN, report, referral_id=SEEN, advance=True) == first
    assert counts(practice) == (1, 1)
    assert referral(practice, "stage", "report_source") == ("report_received", ATTACHED)
    assert read_documents(practice.execute, CHEN)[0].kind is DocumentKind.REPORT


def test_what_is_said_of_a_report_that_is_there_already_is_kept(practice: Practice, report: Path) -> None:
    attach(practice, CHEN, report, referral_id=SEEN, is_sensitive=True)
    attach(
        practice, CHEN, report, referral_id=SEEN, title="Detox report", received_on=date(2026, 11, 27),
        is_part2=True, advance=True,
    )  # fmt: skip
    (row,) = read_documents(practice.execute, CHEN)
    assert (row.title, row.received_on) == ("Detox report", date(2026, 11, 27))
    assert (row.is_part2, row.is_sensitive) == (True, True)
    assert referral(practice, "report_received_on") == ("2026-11-27",)


def test_what_is_not_said_of_it_stays(practice: Practice, report: Path) -> None:
    attach(
        practice, CHEN, report, referral_id=SEEN, title="Detox", received_on=date(2026, 11, 27), is_part2=True
    )
    before = counts(practice)
    with pytest.raises(Refused, match="is ahead"):
        attach(practice, CHEN, report, referral_id=SEEN, received_on=date(2026, 12, 1), advance=True)
    attach(practice, CHEN, report, referral_id=SEEN, advance=True)
    (row,) = read_documents(practice.execute, CHEN)
    assert (row.title, row.received_on, row.is_part2) == ("Detox", date(2026, 11, 27), True)
    assert counts(practice) == before


def test_reviewing_the_report_takes_the_referral_on(practice: Practice, report: Path) -> None:
    number = attach(practice, CHEN, report, referral_id=SEEN, advance=True)
    assert mark_reviewed(practice, number)
    row = read_document(practice.execute, number)
    assert row is not None
    assert (row.reviewed_on, row.reviewed_by) == (date(2026, 11, 30), "Dr. Amy Lee")
    assert referral(practice, "stage", "reviewed_by") == ("reviewed", "Dr. Amy Lee")
    with pytest.raises(Refused, match="reviewed Mon 30 Nov already"):
        mark_reviewed(practice, number)
    undo.undo(practice)
    assert referral(practice, "stage", "reviewed_by") == ("report_received", "")
    restored = read_document(practice.execute, number)
    assert restored is not None and restored.reviewed_on is None


def test_a_review_needs_a_name_and_a_day_in_order(practice: Practice, report: Path) -> None:
    number = attach(
        practice, OTHER, report, referral_id=FOREIGN, received_on=date(2026, 11, 24), advance=True
    )
    with pytest.raises(NeedsReviewer, match="clinician's name"):
        mark_reviewed(practice, number, who=" \u202e ")
    with pytest.raises(Refused, match="is before it came"):
        mark_reviewed(practice, number, who="Dr. Lee", on=date(2026, 11, 23))
    with pytest.raises(Refused, match="is ahead"):
        mark_reviewed(practice, number, who="Dr. Lee", on=date(2026, 12, 1))
    assert referral(practice, "stage", of=FOREIGN) == ("report_received",)
    assert mark_reviewed(practice, number, who="Dr. Lee", on=date(2026, 11, 25))
    assert referral(practice, "stage", "reviewed_on", of=FOREIGN) == ("reviewed", "2026-11-25")


def test_other_documents_are_reviewed_without_moving_anything(practice: Practice, report: Path) -> None:
    number = attach(practice, CHEN, report, referral_id=SEEN, kind=DocumentKind.RESULT)
    assert not mark_reviewed(practice, number)
    early = attach(practice, CHEN, report, kind=DocumentKind.REPORT)
    assert not mark_reviewed(practice, early)
    assert referral(practice, "stage") == ("seen",)


def test_detaching_keeps_the_bytes_and_the_referral_tells_the_truth(practice: Practice, report: Path) -> None:
    number = attach(practice, CHEN, report, referral_id=SEEN, advance=True)
    detach(practice, number)
    assert read_documents(practice.execute, CHEN) == []
    assert referral(practice, "stage", "report_source") == ("report_received", NOT_ATTACHED)
    undo.undo(practice)
    (row,) = read_documents(practice.execute, CHEN)
    assert row.id == number
    assert read_content(practice.execute, row.sha256) == PDF
    assert referral(practice, "report_source") == (ATTACHED,)
    detach(practice, number)
    with pytest.raises(Refused, match="no longer there"):
        detach(practice, number)
    attach(practice, CHEN, report, referral_id=SEEN, kind=DocumentKind.REPORT)
    assert referral(practice, "stage", "report_source") == ("report_received", ATTACHED)


def test_what_is_said_about_it_can_be_changed(practice: Practice, report: Path) -> None:
    number = attach(practice, CHEN, report)
    edit(practice, number, title="Echo \x1b[1m", kind=DocumentKind.LETTER, is_sensitive=True)
    row = read_document(practice.execute, number)
    assert row is not None
    assert (row.title, row.kind, row.is_sensitive) == ("Echo [1m", DocumentKind.LETTER, True)
    with pytest.raises(Refused, match="needs a title"):
        edit(practice, number, title=" ")


def test_what_another_window_said_is_not_written_over(practice: Practice, report: Path) -> None:
    number = attach(practice, CHEN, report)
    read = version(practice, number)
    edit(practice, number, title="Echo", is_part2=True)
    before = read_document(practice.execute, number)
    with pytest.raises(Conflict):
        edit(practice, number, read, title="Report")
    assert read_document(practice.execute, number) == before


def test_a_report_of_another_kind_leaves_the_referral_without_one(practice: Practice, report: Path) -> None:
    number = attach(practice, CHEN, report, referral_id=SEEN, advance=True)
    edit(practice, number, kind=DocumentKind.LETTER)
    assert referral(practice, "stage", "report_source") == ("report_received", NOT_ATTACHED)
    edit(practice, number, kind=DocumentKind.REPORT)
    assert referral(practice, "report_source") == (ATTACHED,)
    undo.undo(practice)
    assert referral(practice, "report_source") == (NOT_ATTACHED,)


def test_another_report_stays_the_report(practice: Practice, report: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.pdf"
    second.write_bytes(PDF + b"%")
    number = attach(practice, CHEN, report, referral_id=SEEN, advance=True)
    attach(practice, CHEN, second, referral_id=SEEN, kind=DocumentKind.REPORT)
    edit(practice, number, kind=DocumentKind.LETTER)
    assert referral(practice, "report_source") == (ATTACHED,)


def test_a_document_is_added_inside_another_change(practice: Practice, report: Path) -> None:
    file = read_file(report)
    with practice.change("new referral") as session:
        made = add_document(session, practice, CHEN, file, referral_id=SEEN)
        assert (made.kind, made.title) == (DocumentKind.REPORT, "Chen echo report")
    assert counts(practice) == (1, 1)


# --- bad input ---------------------------------------------------------------------------------------


def test_a_file_of_200_mb_is_refused_without_being_read(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = tmp_path / "huge.pdf"
    huge.touch()
    os.truncate(huge, 200 * 1024 * 1024)

    def never(*_: object) -> bytes:
        raise AssertionError("it was read")

    monkeypatch.setattr(documents, "_read_bounded", never)
    with pytest.raises(Refused, match=r"has 200 MB, and a document may have 20 MB"):
        attach(practice, CHEN, huge)
    assert counts(practice) == (0, 0)


def test_a_size_that_lies_does_not_lead_to_more_than_the_bound(
    practice: Practice, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.truncate(report, 200 * 1024 * 1024)
    monkeypatch.setattr(
        documents.documents, "check_size", _only_what_was_read(documents.documents.check_size)
    )
    with pytest.raises(Refused, match="has 20 MB, and a document may have 20 MB"):
        attach(practice, CHEN, report)


def _only_what_was_read(check):  # type: ignore[no-untyped-def]
    """The first question, about the file's status, is answered wrongly."""
    asked: list[int] = []

    def lying(size: int) -> None:
        asked.append(size)
        if len(asked) > 1:
            assert size == MAX_BYTES + 1
            check(size)

    return lying


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("invoice.pdf", b"MZ\x90\x00" + PDF, "is a program, though its name says a PDF"),
        ("report.pdf", b"PK\x03\x04word/document.xml", "a Word document"),
        ("report.pdf", b"<html><body>secure message</body></html>", "a web page"),
        ("report.jpg", PDF, "says a JPEG image, but it is a PDF"),
        ("report.pdf", b"", "is empty"),
    ],
)
def test_a_disguised_file_is_refused(
    practice: Practice, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=words):
        attach(practice, CHEN, tmp_path / name)
    assert counts(practice) == (0, 0)


def test_what_is_no_file_is_refused_at_once(practice: Practice, tmp_path: Path, report: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    with pytest.raises(Refused, match="is not a file"):
        attach(practice, CHEN, tmp_path / "pipe.pdf")  # and does not wait for a writer
    with pytest.raises(Refused, match="is a folder"):
        attach(practice, CHEN, tmp_path)
    for missing in (tmp_path / "nothing.pdf", Path("a\0b.pdf")):
        with pytest.raises(Refused, match="no file of that name"):
            attach(practice, CHEN, missing)
    with pytest.raises(Refused, match="cannot be read"):
        attach(practice, CHEN, report / "below.pdf")
    if os.geteuid():
        report.chmod(0)
        with pytest.raises(Refused, match="cannot be read"):
            attach(practice, CHEN, report)


# --- the bytes outside -------------------------------------------------------------------------------


def test_neither_the_file_nor_the_audit_holds_the_bytes(practice: Practice, report: Path) -> None:
    attach(practice, CHEN, report, referral_id=SEEN, advance=True)
    for before, after, label in practice.execute("SELECT before, after, label FROM audit_event"):
        for text in (before or "", after or "", label):
            assert SECRET.decode() not in text
            assert SECRET.hex() not in text
        assert "Chen" not in label
    practice.close()
    files = [path for path in practice.paths.root.rglob("*") if path.is_file()]
    assert practice.paths.database in files
    for path in files:
        assert SECRET not in path.read_bytes(), path


def test_a_copy_is_private_logged_and_overwrites_nothing(
    practice: Practice, report: Path, tmp_path: Path
) -> None:
    number = attach(practice, CHEN, report)
    old = os.umask(0)
    try:
        written = export_copy(practice, number, tmp_path)
    finally:
        os.umask(old)
    assert written == tmp_path / "document-1.pdf"
    assert written.read_bytes() == PDF
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    last = practice.execute(
        "SELECT change_kind, label, patient_id FROM audit_event ORDER BY seq DESC LIMIT 1"
    )
    assert last == [("export", "document exported", CHEN)]
    with pytest.raises(Refused, match="is there already"):
        export_copy(practice, number, written)
    with pytest.raises(Refused, match="cannot be written"):
        export_copy(practice, number, tmp_path / "nowhere" / "copy.pdf")
    with pytest.raises(Refused, match="no longer there"):
        export_copy(practice, 99, tmp_path / "copy.pdf")


def test_no_copy_leaves_a_practice_that_cannot_record_it(
    practice: Practice, report: Path, tmp_path: Path
) -> None:
    number = attach(practice, CHEN, report)
    looking = open_practice(practice.paths, practice.data_key, practice.clock, is_read_only=True)
    try:
        with pytest.raises(ReadOnly, match="--now"):
            export_copy(looking, number, tmp_path / "copy.pdf")
    finally:
        looking.close()
    assert not (tmp_path / "copy.pdf").exists()


# --- damage ------------------------------------------------------------------------------------------


def found(practice: Practice) -> doctor.Check:
    return next(check for check in doctor.examine(practice).checks if check.name == "documents")


def spoil(practice: Practice, sql: str) -> None:
    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("PRAGMA foreign_keys = OFF")
    conn.execute(sql)
    conn.close()


def test_the_doctor_counts_documents_and_what_is_kept_for_undo(practice: Practice, report: Path) -> None:
    assert found(practice) == doctor.Check("documents", True, "0 documents, each as it was attached.")
    number = attach(practice, CHEN, report)
    assert found(practice).detail == "1 document, each as it was attached."
    detach(practice, number)
    assert found(practice).ok
    assert f"1 detached file ({len(PDF)} bytes) kept for undo" in found(practice).detail


@pytest.mark.parametrize("damage", ["CAST(x'00' || substr(content, 2) AS BLOB)", "'words in its place'"])
def test_the_doctor_finds_damaged_content_and_the_same_file_repairs_it(
    practice: Practice, report: Path, damage: str
) -> None:
    attach(practice, CHEN, report)
    spoil(practice, f"UPDATE document_content SET content = {damage}")  # noqa: S608
    check = found(practice)
    assert not check.ok
    assert check.detail.startswith("1 content damaged, 0 documents without content")
    (row,) = read_documents(practice.execute, CHEN)
    with pytest.raises(DamagedFile, match="damaged"):
        read_content(practice.execute, row.sha256)
    attach(practice, CHEN, report, referral_id=SEEN)
    assert read_content(practice.execute, row.sha256) == PDF
    assert found(practice).ok


def test_the_doctor_finds_lost_content_and_a_wrong_size(practice: Practice, report: Path) -> None:
    attach(practice, CHEN, report)
    spoil(practice, "UPDATE document SET size = 3")
    assert "1 document of another size" in found(practice).detail
    spoil(practice, "DELETE FROM document_content")
    check = found(practice)
    assert not check.ok
    assert "1 document without content" in check.detail
    (row,) = read_documents(practice.execute, CHEN)
    with pytest.raises(MissingFile, match="missing"):
        read_content(practice.execute, row.sha256)
