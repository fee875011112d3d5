"""What a sheet must know of the record behind an item: its fields, its payer and office, its codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carecoord_tui.domain.copying import Coded
from carecoord_tui.domain.vocabulary import FollowUpKind, Kind, Priority
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.queries.today import Execute

_OPEN_REFERRAL = "r.stage NOT IN ('closed', 'declined', 'withdrawn', 'redirected')"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRow:
    """A follow-up as stored. ``due_on`` is practice-local, ``due_at`` aware UTC."""

    id: int
    patient_id: int
    title: str
    kind: FollowUpKind
    priority: Priority
    due_on: date
    due_at: datetime | None
    recurrence: str


def read_follow_up(execute: Execute, follow_up_id: int) -> FollowUpRow | None:
    """One follow-up; None when another window or an undo removed it."""
    for r in execute(
        "SELECT id, patient_id, title, kind, priority, due_on, due_at, recurrence FROM follow_up"
        " WHERE id = ?",
        [follow_up_id],
    ):
        return FollowUpRow(
            id=r[0],
            patient_id=r[1],
            title=r[2],
            kind=FollowUpKind(r[3]),
            priority=Priority(r[4]),
            due_on=date.fromisoformat(r[5]),
            due_at=datetime.fromisoformat(r[6]) if r[6] else None,
            recurrence=r[7],
        )
    return None


@dataclass(frozen=True, slots=True)
class Parties:
    """Who may owe the next step of an item, with its number; empty where none is on file, or several are."""

    payer: str = ""
    office: str = ""
    payer_id: int | None = None
    provider_id: int | None = None


_PAYER_OF = {
    Kind.AUTHORIZATION: "SELECT c.payer_id FROM authorization a JOIN coverage c ON c.id = a.coverage_id"
    " WHERE a.id = ?",
    Kind.DENIAL: "SELECT c.payer_id FROM denial d JOIN coverage c ON c.id = d.coverage_id WHERE d.id = ?",
}
_OFFICE_OF = {
    Kind.REFERRAL: "SELECT provider_id FROM referral WHERE id = ?",
    Kind.APPOINTMENT: "SELECT provider_id FROM appointment WHERE id = ?",
    Kind.AUTHORIZATION: "SELECT r.provider_id FROM authorization a JOIN referral r ON r.id = a.referral_id"
    " WHERE a.id = ?",
}


def read_parties(execute: Execute, ref: ItemRef) -> Parties:
    """Payer and office of an item: its own, else the first plan and the office of the only open referral."""
    payer = _linked(execute, _PAYER_OF, ref, "payer") or _only(
        execute,
        "SELECT p.id, p.name FROM coverage c JOIN payer p ON p.id = c.payer_id"
        " WHERE c.patient_id = ? AND c.status <> 'cancelled' ORDER BY c.rank, c.id LIMIT 1",
        ref.patient_id,
    )
    office = _linked(execute, _OFFICE_OF, ref, "provider") or _only(
        execute,
        "SELECT DISTINCT p.id, p.name FROM referral r JOIN provider p ON p.id = r.provider_id"
        f" WHERE r.patient_id = ? AND {_OPEN_REFERRAL}",
        ref.patient_id,
    )
    (payer_id, payer_name), (provider_id, office_name) = payer or (None, ""), office or (None, "")
    return Parties(payer_name, office_name, payer_id, provider_id)


def _linked(execute: Execute, links: dict[Kind, str], ref: ItemRef, table: str) -> tuple[int, str] | None:
    link = links.get(ref.kind)
    return (
        _only(execute, f"SELECT id, name FROM {table} WHERE id = ({link})", ref.record_id) if link else None
    )


def _only(execute: Execute, sql: str, parameter: int) -> tuple[int, str] | None:
    """The one number and name found; None for none, and for several, since choosing would be a guess."""
    found = [(int(row[0]), str(row[1])) for row in execute(sql, [parameter])]
    return found[0] if len(found) == 1 else None


def read_npis(execute: Execute, patient_id: int, first: ItemRef | None = None) -> Sequence[Coded]:
    """NPIs of the offices a patient is referred to; the item's own office first, then open referrals."""
    own = first.record_id if first is not None and first.kind is Kind.REFERRAL else 0
    rows = execute(
        "SELECT p.name, p.npi FROM referral r JOIN provider p ON p.id = r.provider_id"
        f" WHERE r.patient_id = ? AND (r.id = ? OR {_OPEN_REFERRAL}) AND p.npi <> ''"
        " ORDER BY r.id <> ?, r.ordered_on DESC, r.id DESC",
        [patient_id, own, own],
    )
    return _distinct(Coded(row[0], row[1]) for row in rows)


def read_service_codes(execute: Execute, patient_id: int, first: ItemRef | None = None) -> Sequence[Coded]:
    """Service codes of a patient's open authorizations; the item's own first."""
    own = first.record_id if first is not None and first.kind is Kind.AUTHORIZATION else 0
    rows = execute(
        "SELECT service, service_code FROM authorization WHERE patient_id = ? AND service_code <> ''"
        " AND (id = ? OR status NOT IN ('denied', 'cancelled', 'expired'))"
        " ORDER BY id <> ?, opened_on DESC, id DESC",
        [patient_id, own, own],
    )
    return _distinct(Coded(row[0], row[1]) for row in rows)


def _distinct(coded: Iterable[Coded]) -> list[Coded]:
    """One entry a code, the first named."""
    return list({one.code: one for one in reversed(list(coded))}.values())[::-1]
