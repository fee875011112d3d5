"""Payers' answers on their way in: what the practice has of them, and writing them inside one change.

Each answer written leaves a fingerprint of what it said (``import_record``), so that the same file again,
or the same answer in another file, changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlmodel import Session, col, select

from carecoord_tui.domain import authorization_steps as steps
from carecoord_tui.domain.authorization_steps import IllegalStep, Step
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import AuthorizationStatus, CoverageStatus, DenialReason
from carecoord_tui.store.actions.authorization_moves import decide_items, standing_of
from carecoord_tui.store.actions.base import existing
from carecoord_tui.store.actions.eligibility import CheckEntry, put_check
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
    """What the payer said of one service; ``status`` None is nothing we have a word for, so it waits."""

    status: AuthorizationStatus | None
    code: str = ""
    service: str = ""
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


def is_known(session: Session, source: str, key: str) -> bool:
    """True when an earlier import wrote this answer."""
    statement = select(ImportRecord.id).where(
        col(ImportRecord.source) == source, col(ImportRecord.key) == key
    )
    return session.exec(statement).first() is not None


def has_denial(session: Session, patient_id: int, claim_numbers: Sequence[str]) -> bool:
    """True when a denial of one of these claims is on file for this person, whoever entered it."""
    wanted = [number for number in claim_numbers if number]
    statement = select(Denial.id).where(
        col(Denial.patient_id) == patient_id, col(Denial.claim_number).in_(wanted)
    )
    return bool(wanted) and session.exec(statement).first() is not None


def fingerprint(*parts: object) -> str:
    """SHA-256 of what an answer says: equal for the same answer wherever it stands in a file."""
    return hashlib.sha256("\x1f".join(map(repr, parts)).encode()).hexdigest()


# --- writing ---------------------------------------------------------------------------------------------


def write_check(session: AuditedSession, practice: Practice, key: str, entry: CheckEntry) -> int:
    """A check with its benefits; returns its number. Raises Refused."""
    number = put_check(session, practice, entry)
    _remember(session, CHECKS, key, entry.patient_id, number)
    return number


def decision_refusal(session: Session, practice: Practice, decision: IncomingDecision) -> str:
    """Why a decision cannot be recorded, as a sentence; empty when it can."""
    record = session.get(Authorization, decision.authorization_id)
    if record is None:
        return "The authorization is no longer there."
    if record.status in steps.BEFORE_PAYER:
        return "It was not submitted yet: record the submission, then import the answer again."
    rows = _items(session, decision.authorization_id)
    paired = _paired(rows, decision.items)
    named = [row for _, row in paired if row is not None]
    after = [_status(one, record) for one, _ in paired]
    after += [row.status for row in rows if row not in named]
    whole = steps.overall(after)
    if whole is None or whole is record.status:
        return ""
    try:
        steps.move(standing_of(record, practice), _step(decision, whole), today=practice.today())
    except IllegalStep as error:
        return str(error)
    return ""


def write_decision(session: AuditedSession, practice: Practice, key: str, decision: IncomingDecision) -> None:
    """Each item with what was said of it; the whole follows from all of them. Raises Refused."""
    record = existing(session, Authorization, decision.authorization_id)
    decided: dict[int, AuthorizationStatus] = {}
    for one, found in _paired(_items(session, decision.authorization_id), decision.items):
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
    _remember(session, DECISIONS, key, record.patient_id, decision.authorization_id)


def write_denial(session: AuditedSession, key: str, denial: IncomingDenial) -> int:
    """A denied claim as an open denial; returns its number."""
    record = Denial(
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
    session.add(record)
    session.flush()
    number = _number(record)
    _remember(session, DENIALS, key, denial.patient_id, number)
    return number


# --- parts -----------------------------------------------------------------------------------------------


def _items(session: Session, authorization_id: int) -> list[AuthorizationItem]:
    statement = select(AuthorizationItem).where(col(AuthorizationItem.authorization_id) == authorization_id)
    return list(session.exec(statement.order_by(col(AuthorizationItem.id))))


def _paired(
    rows: Sequence[AuthorizationItem], decided: Sequence[DecidedItem]
) -> list[tuple[DecidedItem, AuthorizationItem | None]]:
    """Each decision with the item it is about; None where the request has no such item yet.

    One decision that names no service is about everything that was asked for.
    """
    if len(decided) == 1 and rows and (not decided[0].code or (len(rows) == 1 and not rows[0].code)):
        return [(decided[0], row) for row in rows]
    left = list(rows)
    found: list[tuple[DecidedItem, AuthorizationItem | None]] = []
    for one in decided:
        row = next((row for row in left if row.code.casefold() == one.code.casefold()), None)
        if row is not None:
            left.remove(row)
        found.append((one, row))
    return found


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
