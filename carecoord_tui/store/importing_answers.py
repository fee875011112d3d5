"""Payers' answers on their way in: what the practice has of them, and writing them inside one change.

Each answer written leaves a fingerprint of what it said (``import_record``), so that the same file again,
or the same answer in another file, changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from carecoord_tui.domain import authorization_steps as steps
from carecoord_tui.domain.authorization_steps import IllegalStep, Step
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import AuthorizationStatus, CoverageStatus, DenialReason
from carecoord_tui.store.actions.authorization_moves import decide_items, standing_of
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.eligibility import CheckEntry, put_check
from carecoord_tui.store.actions.request_denials import open_denial
from carecoord_tui.store.codec import canonical
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Authorization, AuthorizationItem, Coverage, Denial, ImportRecord

CHECKS: Final = "x12_271"
DECISIONS: Final = "authorization_answer"
DENIALS: Final = "claim_answer"
"""Sources of the fingerprints: a 278 and a PAS response, an 835 and a 277 may say the same."""

_S = AuthorizationStatus


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan of somebody in the practice that was not cancelled."""

    id: int
    patient_id: int
    member_id: str


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """An authorization that is still open, as far as an answer can name it."""

    id: int
    patient_id: int
    code: str
    reference: str
    number: str
    item_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedItem:
    """What the payer said of one service; ``status`` None is nothing we have a word for, so it waits.

    ``is_whole``: said of the request as a whole, beside what may have been decided of single services.
    """

    status: AuthorizationStatus | None
    code: str = ""
    service: str = ""
    is_whole: bool = False
    number: str = ""
    units: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    trace: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingDecision:
    """What the payer decided about one request on a practice-local day."""

    authorization_id: int
    on: date
    items: tuple[DecidedItem, ...]
    number: str = ""
    units: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPlan:
    """What a decision does to its request: the status it moves to, and the services whose denial opens.

    ``is_entered``: their denial is on file already, entered from the letter.
    """

    service: str
    before: AuthorizationStatus
    after: AuthorizationStatus
    denied: tuple[str, ...]
    is_entered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingDenial:
    """A claim the payer denied. ``notice_on`` is the day of the payment or of the status, never ahead."""

    patient_id: int
    coverage_id: int | None
    service: str
    notice_on: date
    claim_number: str
    amount: Decimal | None
    reason: str
    reason_kind: DenialReason | None
    note: str
    trace: str


# --- reading ---------------------------------------------------------------------------------------------


def read_plans(session: Session) -> Iterator[StoredPlan]:
    """Every plan that was not cancelled, in the order in which those of a person pay."""
    statement = (
        select(Coverage.id, Coverage.patient_id, Coverage.member_id)
        .where(col(Coverage.status) != CoverageStatus.CANCELLED)
        .order_by(col(Coverage.rank), col(Coverage.id))
    )
    for number, patient_id, member_id in session.exec(statement):
        assert number is not None  # noqa: S101 - read from the table
        yield StoredPlan(number, patient_id, member_id)


def read_requests(session: Session, patient_id: int) -> list[StoredRequest]:
    """The open authorizations of one person, oldest first."""
    statement = select(Authorization).where(col(Authorization.patient_id) == patient_id)
    return [
        StoredRequest(
            _number(record),
            patient_id,
            record.service_code,
            record.reference,
            record.number,
            tuple(item.code for item in _items(session, _number(record)) if item.code),
        )
        for record in session.exec(statement.order_by(col(Authorization.id)))
        if record.status.is_open
    ]


def read_known(session: Session, source: str) -> set[str]:
    """The fingerprints of every answer of this source that an earlier import wrote."""
    statement = select(ImportRecord.key).where(col(ImportRecord.source) == source)
    return set(session.exec(statement))


def read_denied_claims(session: Session) -> dict[tuple[int, str], date]:
    """Every claim with a denial on file, whoever entered it, by person and number: the last day of a notice
    that is about that denial. An open denial takes every notice; one that ended none after its own.
    """
    columns = (col(Denial.patient_id), col(Denial.claim_number), col(Denial.notice_on), col(Denial.status))
    statement = sa.select(*columns).where(col(Denial.claim_number) != "")
    found: dict[tuple[int, str], date] = {}
    for patient_id, number, notice_on, status in session.connection().execute(statement):
        until = date.max if status.is_open else notice_on
        found[patient_id, number] = max(until, found.get((patient_id, number), date.min))
    return found


def fingerprint(*parts: object) -> str:
    """SHA-256 of what an answer says: equal for the same answer wherever it stands in a file."""
    return hashlib.sha256("\x1f".join(map(repr, parts)).encode()).hexdigest()


# --- writing ---------------------------------------------------------------------------------------------


def write_check(session: AuditedSession, practice: Practice, key: str, entry: CheckEntry) -> int:
    """A check with its benefits; returns its number. Raises Refused."""
    number = put_check(session, practice, entry)
    _remember(session, CHECKS, key, entry.patient_id, number)
    return number


def plan_decision(session: Session, practice: Practice, decision: IncomingDecision) -> DecisionPlan:
    """What writing a decision would do; reads only. Raises Refused with why it cannot be recorded."""
    record = session.get(Authorization, decision.authorization_id)
    if record is None:
        raise Refused("The authorization is no longer there.")
    if record.status in steps.BEFORE_PAYER:
        raise Refused("It was not submitted yet: record the submission, then import the answer again.")
    rows = _items(session, decision.authorization_id)
    paired = _paired(rows, decision.items)
    named = [row for _, row in paired if row is not None]
    after = [_status(one, record) for one, _ in paired]
    after += [row.status for row in rows if row not in named]
    whole = steps.overall(after) or record.status
    try:
        steps.answered(standing_of(record, practice), _step(decision, whole), today=practice.today())
    except IllegalStep as error:
        raise Refused(str(error)) from error
    denied = _denied_now(paired)
    is_entered = bool(denied) and _is_entered(session, record, rows)
    return DecisionPlan(
        service=record.service,
        before=record.status,
        after=whole,
        denied=() if is_entered else tuple(one.service for one in denied),
        is_entered=is_entered,
    )


def write_decision(session: AuditedSession, practice: Practice, key: str, decision: IncomingDecision) -> None:
    """Each item with what was said of it; the whole follows from all of them, and a no opens its denial.

    The denial is of the whole where the payer denied all of it at once, else of the items denied now.
    Raises Refused.
    """
    record = existing(session, Authorization, decision.authorization_id)
    decided: dict[int, AuthorizationStatus] = {}
    rows = _items(session, decision.authorization_id)
    paired = _paired(rows, decision.items)
    denied = _denied_now(paired)
    is_entered = _is_entered(session, record, rows)
    was_denied = any(row.status is _S.DENIED for row in rows)
    for one, found in paired:
        row = found or AuthorizationItem(
            patient_id=record.patient_id,
            authorization_id=decision.authorization_id,
            service=clean_text(one.service, 160),
            code=clean_text(one.code, 20),
            status=_S.SUBMITTED,
        )
        row.number = clean_text(one.number, 80) or row.number
        row.units = row.units if one.units is None else one.units
        row.valid_from = one.valid_from or row.valid_from
        row.valid_to = one.valid_to or row.valid_to
        row.trace, row.note = clean_text(one.trace, 80), clean_text(one.note, 400)
        session.add(row)
        session.flush()
        decided[_number(row)] = _status(one, record)
    record.number = clean_text(decision.number, 80) or record.number
    if decision.units is not None:
        record.units_authorized = decision.units
    session.add(record)
    decide_items(session, practice, decision.authorization_id, decided, _step(decision, _S.SUBMITTED))
    if denied and not is_entered:
        is_part = was_denied or record.status is not _S.DENIED
        open_denial(
            session,
            record,
            decision.on,
            services=(one.service for one in denied) if is_part else (),
            reason=", ".join(dict.fromkeys(one.note for one in denied if one.note)),
            trace=denied[0].trace,
        )
    _remember(session, DECISIONS, key, record.patient_id, decision.authorization_id)


def write_denials(session: AuditedSession, incoming: Sequence[tuple[str, IncomingDenial]]) -> None:
    """Denied claims, each with its key, as open denials; many at once, for one flush is dear."""
    records = [(key, _denial(denial)) for key, denial in incoming]
    session.add_all([record for _, record in records])
    session.flush()
    for key, record in records:
        _remember(session, DENIALS, key, record.patient_id, _number(record))
    session.flush()


def _denial(denial: IncomingDenial) -> Denial:
    return Denial(
        patient_id=denial.patient_id,
        coverage_id=denial.coverage_id,
        service=clean_text(denial.service, 160),
        reason=clean_text(denial.reason, 160),
        notice_on=denial.notice_on,
        note=clean_text(denial.note, 400),
        reason_kind=denial.reason_kind,
        claim_number=clean_text(denial.claim_number, 80),
        amount=denial.amount,
        trace=clean_text(denial.trace, 80),
    )


# --- parts -----------------------------------------------------------------------------------------------


def _items(session: Session, authorization_id: int) -> list[AuthorizationItem]:
    statement = select(AuthorizationItem).where(col(AuthorizationItem.authorization_id) == authorization_id)
    return list(session.exec(statement.order_by(col(AuthorizationItem.id))))


def _paired(
    rows: Sequence[AuthorizationItem], decided: Sequence[DecidedItem]
) -> list[tuple[DecidedItem, AuthorizationItem | None]]:
    """Each decision with the item it is about; None where the request has no such item yet.

    One decision that names no service is about everything that was asked for; one of the request as a whole
    about every item that was not decided apart.
    """
    if len(decided) == 1 and rows and (not decided[0].code or (len(rows) == 1 and not rows[0].code)):
        return [(decided[0], row) for row in rows]
    left = list(rows)
    found: list[tuple[DecidedItem, AuthorizationItem | None]] = []
    for one in sorted(decided, key=lambda one: one.is_whole):
        if one.is_whole and (others := [row for row in left if row.status is not _S.CANCELLED]):
            found += [(replace(one, code=row.code, service=row.service or row.code), row) for row in others]
            continue
        row = next((row for row in left if row.code.casefold() == one.code.casefold()), None)
        if row is not None:
            left.remove(row)
        found.append((one, row))
    return found


def _denied_now(
    paired: Sequence[tuple[DecidedItem, AuthorizationItem | None]],
) -> list[DecidedItem]:
    """Decisions that deny what was not denied before; one about several items counts once."""
    found = [
        one for one, row in paired if one.status is _S.DENIED and (row is None or row.status is not _S.DENIED)
    ]
    return list(dict.fromkeys(found))


def _is_entered(session: Session, record: Authorization, rows: Sequence[AuthorizationItem]) -> bool:
    """True when somebody entered this denial from the letter before the file came.

    One on file while no item was denied yet can be about nothing else, unless the payer has granted the
    request since.
    """
    if any(row.status is _S.DENIED for row in rows):
        return False
    granted_on = record.decided_on if record.status in steps.GRANTED else None
    statement = select(Denial).where(col(Denial.authorization_id) == record.id)
    return any(
        denial.status.is_open or granted_on is None or denial.notice_on >= granted_on
        for denial in session.exec(statement)
    )


def _status(one: DecidedItem, record: Authorization) -> AuthorizationStatus:
    """What the payer left open goes on waiting, as the whole request does."""
    return one.status or (_S.PENDED if record.status is _S.PENDED else _S.SUBMITTED)


def _step(decision: IncomingDecision, to: AuthorizationStatus) -> Step:
    return Step(to=to, on=decision.on, valid_from=decision.valid_from, valid_to=decision.valid_to)


def _remember(session: AuditedSession, source: str, key: str, patient_id: int, number: int) -> None:
    session.add(
        ImportRecord(source=source, key=key, patient_id=patient_id, written=canonical({"record_id": number}))
    )


def _number(record: Authorization | AuthorizationItem | Denial) -> int:
    assert record.id is not None  # noqa: S101 - read from the table or flushed
    return record.id
