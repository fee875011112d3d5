"""What the day's papers are made of: people as paper may name them, visits, the day off."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from carecoord_tui.domain.cover import Away, Callee, concerns
from carecoord_tui.domain.day_papers import PaperPerson
from carecoord_tui.domain.eligibility_rows import VisitState, state_for
from carecoord_tui.domain.huddle import HuddleVisit, VisitAuthorization
from carecoord_tui.domain.ranking import PATIENT_CALL_RULES, Moment, Ranked, still_owed
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    CoverageStatus,
    CoverMark,
    InterpreterMode,
    Kind,
    PayerClass,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.queries.boss_line import day_bounds, quoted
from carecoord_tui.store.queries.eligibility import checks_of
from carecoord_tui.store.queries.phones import read_phones
from carecoord_tui.store.queries.today import Execute, items_where
from carecoord_tui.store.queries.values import read_day

_AT_ONCE = 500  # values bound to one statement


_OVER = quoted(status for status in AuthorizationStatus if not status.is_open)


def _portions(numbers: Collection[int]) -> Iterator[list[int]]:
    every = list(dict.fromkeys(numbers))
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]


# --- people ------------------------------------------------------------------------------------------


def read_people(execute: Execute, patient_ids: Collection[int]) -> dict[int, PaperPerson]:
    """What papers need of these people; of a confidential channel only the permitted numbers."""
    found: dict[int, PaperPerson] = {}
    for portion in _portions(patient_ids):
        marks = ", ".join("?" * len(portion))
        phones = read_phones(execute, portion)
        for r in execute(
            "SELECT id, family_name, given_name, suffix, mrn, birth_date, confidential_channel,"
            f" safe_contact <> '', minor_consent FROM patient WHERE id IN ({marks})",
            portion,
        ):
            found[r[0]] = PaperPerson(
                id=r[0],
                family_name=r[1],
                given_name=r[2],
                suffix=r[3],
                mrn=r[4] or "",
                birth_date=read_day(r[5]),
                is_confidential=bool(r[6]),
                asks_discretion=bool(r[7]),
                minor_consent=r[8],
                phones=tuple(phone.number for phone in phones.get(r[0], ())),
            )
    return found


# --- the huddle ------------------------------------------------------------------------------------------


def read_huddle_visits(
    execute: Execute, moment: Moment, days: Sequence[date]
) -> tuple[list[HuddleVisit], list[datetime]]:
    """The booked visits of these days at the practice itself, and the hours of those at other offices."""
    rows: list[Sequence[Any]] = []
    for day in days:
        rows += execute(
            "SELECT a.id, a.patient_id, a.starts_at, a.referral_id, coalesce(v.name, p.primary_provider),"
            " a.location, a.confirmed_on IS NOT NULL, p.language, a.interpreter_needed,"
            " coalesce(a.interpreter_mode, p.interpreter_mode), a.interpreter_confirmed_on IS NOT NULL,"
            " c.id, y.payer_class FROM appointment a JOIN patient p ON p.id = a.patient_id"
            " LEFT JOIN provider v ON v.id = a.provider_id"
            " LEFT JOIN coverage c ON c.id = (SELECT id FROM coverage WHERE patient_id = a.patient_id"
            f" AND status <> '{CoverageStatus.CANCELLED}' ORDER BY rank, id LIMIT 1)"
            " LEFT JOIN payer y ON y.id = c.payer_id"
            f" WHERE a.status = '{AppointmentStatus.BOOKED}' AND a.starts_at >= ? AND a.starts_at < ?"
            " ORDER BY a.starts_at, a.id",
            day_bounds(day, moment),
        )
    ours = [row for row in rows if row[3] is None]
    people = read_people(execute, [row[1] for row in ours])
    checks = checks_of(execute, [row[11] for row in ours if row[11] is not None])
    granted = _authorizations(execute, [row[0] for row in ours])
    needed = _authorization_needed(execute, [row[11] for row in ours if row[11] is not None])
    blocked = _blocking(execute, days)
    found = []
    for row in ours:
        starts_at = datetime.fromisoformat(row[2])
        on = starts_at.astimezone(moment.zone).date()
        state, check = VisitState.NO_COVERAGE, None
        if row[11] is not None:
            state, check = state_for(checks.get(row[11], ()), on, PayerClass(row[12]))
        visit = HuddleVisit(
            person=people[row[1]],
            starts_at=starts_at,
            clinician=row[4],
            modality=row[5],
            is_confirmed=bool(row[6]),
            language=row[7],
            interpreter_needed=bool(row[8]),
            interpreter_mode=InterpreterMode(row[9]) if row[9] else None,
            interpreter_confirmed=bool(row[10]),
            eligibility=state,
            checked_on=check.checked_on if check is not None else None,
            authorizations=tuple(granted.get(row[0], ())),
            authorization_needed=row[11] in needed,
            blocked_by=tuple(blocked.get((row[1], on), ())),
        )
        found.append(visit)
    return found, [datetime.fromisoformat(row[2]) for row in rows if row[3] is not None]


def next_visits(execute: Execute, moment: Moment, after: date) -> tuple[date, int] | None:
    """The next practice-local day with visits at the practice itself, and how many; None without one."""
    booked = f"FROM appointment WHERE status = '{AppointmentStatus.BOOKED}' AND referral_id IS NULL"
    first = execute(f"SELECT min(starts_at) {booked} AND starts_at >= ?", day_bounds(after, moment)[1:])
    (starts_at,) = next(iter(first))
    if starts_at is None:
        return None
    day = datetime.fromisoformat(starts_at).astimezone(moment.zone).date()
    bounds = day_bounds(day, moment)
    counted = next(iter(execute(f"SELECT count(*) {booked} AND starts_at >= ? AND starts_at < ?", bounds)))
    return day, int(counted[0])


def _authorizations(execute: Execute, visits: Collection[int]) -> dict[int, list[VisitAuthorization]]:
    """Those asked for a visit that are not over; a denied one stays, for it is why there is none."""
    found: dict[int, list[VisitAuthorization]] = {}
    for portion in _portions(visits):
        for number, status, starts, ends in execute(
            "SELECT appointment_id, status, valid_from, valid_to FROM authorization"
            f" WHERE appointment_id IN ({', '.join('?' * len(portion))}) AND (status NOT IN {_OVER}"
            f" OR status = '{AuthorizationStatus.DENIED}') ORDER BY id",
            portion,
        ):
            one = VisitAuthorization(AuthorizationStatus(status), read_day(starts), read_day(ends))
            found.setdefault(number, []).append(one)
    return found


def _authorization_needed(execute: Execute, coverages: Collection[int]) -> set[int]:
    """Plans whose payer said, when last asked, that an authorization is needed."""
    needed: dict[int, bool] = {}
    for portion in _portions(coverages):
        for number, answer in execute(
            "SELECT coverage_id, authorization_needed FROM eligibility_check"
            f" WHERE coverage_id IN ({', '.join('?' * len(portion))}) AND authorization_needed IS NOT NULL"
            " ORDER BY checked_on, id",
            portion,
        ):
            needed[number] = bool(answer)
    return {number for number, answer in needed.items() if answer}


def _blocking(execute: Execute, days: Sequence[date]) -> dict[tuple[int, date], list[Kind]]:
    """The kinds of open work that visits of these days wait for, by person and day."""
    found: dict[tuple[int, date], list[Kind]] = {}
    for patient_id, on, kind in execute(
        "SELECT DISTINCT patient_id, visit_on, kind FROM ledger"
        f" WHERE visit_on IN ({', '.join('?' * len(days))})",
        [day.isoformat() for day in days],
    ):
        found.setdefault((patient_id, date.fromisoformat(on)), []).append(Kind(kind))
    return found


# --- the day off -----------------------------------------------------------------------------------------


def read_until(execute: Execute, moment: Moment, away: Away) -> list[Ranked]:
    """The items that concern an absence (``cover.concerns``), in no order."""
    back, end = away.back.isoformat(), moment.visit_end.isoformat()
    # One read of an index each: a condition over several columns would read the whole ledger.
    numbers = (
        "SELECT id FROM ledger WHERE target_on < ?1 UNION SELECT id FROM ledger WHERE legal_on < ?1"
        " UNION SELECT id FROM ledger WHERE visit_on BETWEEN ?2 AND ?3"
        " UNION SELECT id FROM ledger WHERE basis IN ('safety', 'legal', 'promise')"
    )
    found = items_where(execute, f"l.id IN ({numbers})", [back, moment.today.isoformat(), end], moment)
    return [one for one in still_owed(found) if concerns(one, away, moment)]


def read_marks(execute: Execute, away: Away) -> dict[ItemRef, CoverMark]:
    """The marks decided for this absence; one decided for an earlier absence means nothing."""
    rows = execute(
        "SELECT kind, record_id, rule_id, patient_id, mark FROM item_cover WHERE until_on > ?",
        [away.off.isoformat()],
    )
    return {ItemRef(Kind(r[0]), r[1], r[2], r[3]): CoverMark(r[4]) for r in rows}


def read_day_back(execute: Execute, off: date) -> date | None:
    """The day back of the absence with the first day ``off`` for which marks were decided; else None."""
    ((until_on,),) = execute("SELECT max(until_on) FROM item_cover WHERE until_on > ?", [off.isoformat()])
    return read_day(until_on)


_PAYER_OF = {
    Kind.AUTHORIZATION: "SELECT r.id, y.name, coalesce(nullif(y.authorization_phone, ''), y.phone)"
    " FROM authorization r JOIN coverage c ON c.id = r.coverage_id JOIN payer y ON y.id = c.payer_id",
    Kind.DENIAL: "SELECT r.id, y.name, y.phone"
    " FROM denial r JOIN coverage c ON c.id = r.coverage_id JOIN payer y ON y.id = c.payer_id",
    Kind.ELIGIBILITY: "SELECT r.id, y.name, y.phone FROM appointment r"
    " JOIN coverage c ON c.id = (SELECT id FROM coverage WHERE patient_id = r.patient_id"
    f" AND status <> '{CoverageStatus.CANCELLED}' ORDER BY rank, id LIMIT 1)"
    " JOIN payer y ON y.id = c.payer_id",
    Kind.REFERRAL: "SELECT r.id, v.name, coalesce(nullif(v.referral_phone, ''), v.phone)"
    " FROM referral r JOIN provider v ON v.id = r.provider_id",
}
"""Whom a record of this kind is called about: the payer, or the receiving office."""


def read_callees(execute: Execute, items: Sequence[Ranked]) -> dict[ItemRef, Callee]:
    """The office or payer to call about each item; items about which the patient is called have none."""
    found: dict[ItemRef, Callee] = {}
    for kind, sql in _PAYER_OF.items():
        mine = [
            one.item for one in items if one.item.kind is kind and one.item.rule_id not in PATIENT_CALL_RULES
        ]
        known: dict[int, Callee] = {}
        for portion in _portions([item.record_id for item in mine]):
            for number, name, phone in execute(
                f"{sql} WHERE r.id IN ({', '.join('?' * len(portion))})", portion
            ):
                known[number] = Callee(name, phone)
        found |= {item.ref: known[item.record_id] for item in mine if item.record_id in known}
    return found | _named_in_moves(execute, {one.item.ref for one in items})


def _named_in_moves(execute: Execute, refs: Collection[ItemRef]) -> dict[ItemRef, Callee]:
    """Offices and payers that are waited for by name."""
    rows = execute(
        "SELECT m.kind, m.record_id, m.rule_id, m.patient_id, coalesce(y.name, v.name),"
        " coalesce(y.phone, nullif(v.referral_phone, ''), v.phone) FROM moved_date m"
        " LEFT JOIN payer y ON y.id = m.payer_id LEFT JOIN provider v ON v.id = m.provider_id"
        " WHERE m.payer_id IS NOT NULL OR m.provider_id IS NOT NULL",
        [],
    )
    named = {ItemRef(Kind(r[0]), r[1], r[2], r[3]): Callee(r[4], r[5]) for r in rows}
    return {ref: callee for ref, callee in named.items() if ref in refs}
