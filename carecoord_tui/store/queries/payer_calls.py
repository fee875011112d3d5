"""Calls to payers: what each must be asked (visits, decisions, appeals), and the calls that were logged.

Keys come in order by one statement over the ledger's index; the questions are read by window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from carecoord_tui.domain.denial import TRACK_RULES
from carecoord_tui.domain.eligibility import FRESH_DAYS, RESOLVE_RULE
from carecoord_tui.domain.eligibility_rows import (
    LoggedCall,
    PayerAsk,
    PayerToCall,
    VisitState,
    state_for,
)
from carecoord_tui.domain.insurance_rows import Key, key_of, record_of
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    DenialStatus,
    Kind,
    PayerClass,
)
from carecoord_tui.domain.work import ItemRef, WorkItem
from carecoord_tui.store.queries.eligibility import checks_of, visits_to_check
from carecoord_tui.store.queries.logged_calls import logged_calls
from carecoord_tui.store.queries.today import Execute, items_about
from carecoord_tui.store.queries.values import read_day, read_time

_AT_ONCE = 500  # values bound to one statement
_PENDING: dict[Kind, tuple[str, str]] = {
    Kind.AUTHORIZATION: ("authorization", AuthorizationStatus.SUBMITTED.value),
    Kind.DENIAL: ("denial", DenialStatus.APPEALED.value),
}
"""Where the payer owes the next step: table and status."""

_FIRST_PLAN = (
    "(SELECT id FROM coverage WHERE patient_id = l.patient_id AND status <> 'cancelled'"
    " ORDER BY rank, id LIMIT 1)"
)
_WORD = "l.kind || ':' || l.record_id"
_OF_VISITS = (
    f"SELECT c.payer_id AS payer, {_WORD} AS word, l.waiting_on > '' AS waits, l.target_on AS due,"
    " l.visit_on AS last, l.record_id AS number"
    f" FROM ledger l JOIN coverage c ON c.id = {_FIRST_PLAN}"
    f" WHERE l.kind = '{Kind.ELIGIBILITY}' AND l.visit_on BETWEEN ? AND ?"
)
_OF_PENDING = (
    f"SELECT c.payer_id, {_WORD}, min(l.waiting_on > ''), min(l.target_on),"
    " min(coalesce(l.legal_on, l.target_on)), l.record_id FROM ledger l JOIN {table} r ON r.id = l.record_id"
    " JOIN coverage c ON c.id = r.coverage_id WHERE l.kind = '{kind}' AND r.status = '{status}'"
    " GROUP BY l.record_id"
)
_PARTS = " UNION ALL ".join(
    (
        _OF_VISITS,
        *(_OF_PENDING.format(kind=kind, table=table, status=to) for kind, (table, to) in _PENDING.items()),
    )
)
_KEYS = (  # one text a payer: fetching thousands of rows one by one costs ten times as much
    "SELECT payer, min(waits), min(due), group_concat(word) FROM"
    f" (SELECT * FROM ({_PARTS}) ORDER BY payer, waits, due, last, number) GROUP BY payer"
)


def read_payer_calls(execute: Execute, moment: Moment) -> list[PayerToCall]:
    """Payers that must be asked something, the most pressing first, each with the keys of its questions.

    By the day each question is to be asked on, those the payer promised to answer last. Visits count from
    ``FRESH_DAYS`` before their day on: asked earlier, the answer would be stale again.
    """
    today, horizon = moment.today, moment.today + timedelta(days=FRESH_DAYS)
    answered = set(_inactive(execute, today, horizon))
    asked: list[tuple[int, str, int, tuple[Key, ...]]] = []
    for payer_id, waits, due, words in execute(_KEYS, [today.isoformat(), horizon.isoformat()]):
        keys = tuple(key for key in words.split(",") if key not in answered)
        if keys:
            asked.append((waits, due, payer_id, keys))
    payers = _payers(execute)
    return [_to_call(payers[payer_id], keys) for _, _, payer_id, keys in sorted(asked) if payer_id in payers]


def read_asks(execute: Execute, keys: Sequence[Key], moment: Moment) -> dict[Key, PayerAsk]:
    """The questions of these keys; those settled meanwhile are left out."""
    numbers: dict[Kind, list[int]] = {}
    for key in keys:
        kind, number = record_of(key)
        numbers.setdefault(kind, []).append(number)
    found: dict[Key, PayerAsk] = {}
    for kind, wanted in numbers.items():
        for start in range(0, len(wanted), _AT_ONCE):
            portion = wanted[start : start + _AT_ONCE]
            asks = _pending if kind in _PENDING else _visits
            found |= {key_of(kind, number): ask for number, ask in asks(execute, kind, portion, moment)}
    return found


def calls_to(execute: Execute, payer_id: int, *, limit: int = 5) -> list[LoggedCall]:
    """The last calls to a payer, newest first; one hold about five things is one call."""
    kinds = ", ".join(f"'{kind}'" for kind in (Kind.ELIGIBILITY, *_PENDING))
    where = f"c.about_kind IN ({kinds}) AND c.payer_id = ?"  # the kinds are what is indexed
    return logged_calls(execute, f"contact c WHERE {where}", [payer_id, limit])


def payers_of(execute: Execute, items: Sequence[WorkItem]) -> list[PayerToCall | None]:
    """The payer that answers about each item; None where none does: the patient is called then.

    About a visit it is the payer of the first plan, unless it said "inactive": the patient is asked then.
    """
    numbers, payers = _payer_numbers(execute, items), _payers(execute)
    return [
        None if number is None else _to_call(payers[number], ())
        for number in (numbers.get(item.ref) for item in items)
    ]


def _payer_numbers(execute: Execute, items: Sequence[WorkItem]) -> dict[ItemRef, int]:
    """Numbers of the payers, in a few statements for a folded group of hundreds."""
    found: dict[ItemRef, int] = {}
    visits = [item for item in items if item.kind is Kind.ELIGIBILITY]
    days = [item.visit_on for item in visits if item.visit_on is not None]
    inactive = set(_inactive(execute, min(days), max(days))) if days else set()
    first_plan = _FIRST_PLAN.replace("l.patient_id", "p.id")
    plans = f"SELECT p.id, c.payer_id FROM patient p JOIN coverage c ON c.id = {first_plan} WHERE p.id"
    of_people = _numbers(execute, plans, [item.patient_id for item in visits])
    for item in visits:
        if key_of(item.kind, item.record_id) not in inactive and item.patient_id in of_people:
            found[item.ref] = of_people[item.patient_id]
    for kind, (table, _) in _PENDING.items():
        asked = [item for item in items if item.kind is kind and item.rule_id not in TRACK_RULES.values()]
        requests = (
            f"SELECT r.id, c.payer_id FROM {table} r JOIN coverage c ON c.id = r.coverage_id WHERE r.id"
        )
        of_records = _numbers(execute, requests, [item.record_id for item in asked])
        found |= {item.ref: of_records[item.record_id] for item in asked if item.record_id in of_records}
    return found


def _numbers(execute: Execute, sql: str, ids: Sequence[int]) -> dict[int, int]:
    """Payers by the ids that ``sql`` asks for."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        portion = ids[start : start + _AT_ONCE]
        found |= {row[0]: row[1] for row in execute(f"{sql} IN ({_marks(portion)})", list(portion))}
    return found


# --- parts ------------------------------------------------------------------------------------


def _inactive(execute: Execute, first: date, last: date) -> Iterator[Key]:
    """Visits whose payer said "inactive": the patient is asked then, not the payer."""
    rows = list(
        execute(
            "SELECT l.record_id, l.visit_on, c.id, y.payer_class FROM ledger l"
            f" JOIN coverage c ON c.id = {_FIRST_PLAN} JOIN payer y ON y.id = c.payer_id"
            " WHERE l.kind = ? AND l.visit_on BETWEEN ? AND ? AND l.rule_id = ?",
            [Kind.ELIGIBILITY.value, first.isoformat(), last.isoformat(), RESOLVE_RULE],
        )
    )
    checks = checks_of(execute, [row[2] for row in rows])
    for number, visit_on, coverage_id, payer_class in rows:
        day = date.fromisoformat(visit_on)
        state, _ = state_for(checks.get(coverage_id, ()), day, PayerClass(payer_class))
        if state is VisitState.INACTIVE:
            yield key_of(Kind.ELIGIBILITY, number)


def _visits(
    execute: Execute, _: Kind, numbers: Sequence[int], moment: Moment
) -> Iterator[tuple[int, PayerAsk]]:
    told = {
        row[0]: row[1:]
        for row in execute(
            "SELECT v.id, c.group_number, p.npi FROM appointment v"
            f" LEFT JOIN coverage c ON c.id = {_FIRST_PLAN.replace('l.patient_id', 'v.patient_id')}"
            f" LEFT JOIN provider p ON p.id = v.provider_id WHERE v.id IN ({_marks(numbers)})",
            list(numbers),
        )
    }
    for visit in visits_to_check(execute, moment, appointments=numbers):
        group_number, npi = told.get(visit.appointment_id, ("", ""))
        yield (
            visit.appointment_id,
            PayerAsk(
                kind=Kind.ELIGIBILITY,
                about=visit.short_words(moment.today),
                member_id=visit.member_id,
                ranked=visit.ranked,
                group_number=group_number or "",
                npi=npi or "",
                service_on=visit.visit_on,
            ),
        )


_REQUEST = (  # codes of the items follow the request's own
    "SELECT {number}, {service}, c.member_id, c.group_number, a.requesting_npi, a.rendering_npi,"
    " a.service_code, (SELECT group_concat(i.code) FROM authorization_item i"
    " WHERE i.authorization_id = a.id AND i.code > '' AND i.code <> a.service_code), a.diagnoses,"
    " a.service_on, a.submitted_at, a.reference, a.number"
)
_QUESTION: dict[Kind, str] = {
    Kind.AUTHORIZATION: _REQUEST.format(number="a.id", service="a.service")
    + ", NULL, '' FROM authorization a LEFT JOIN coverage c ON c.id = a.coverage_id WHERE a.id IN ({marks})",
    Kind.DENIAL: _REQUEST.format(number="d.id", service="d.service")
    + ", d.notice_on, d.claim_number FROM denial d LEFT JOIN authorization a ON a.id = d.authorization_id"
    " LEFT JOIN coverage c ON c.id = d.coverage_id WHERE d.id IN ({marks})",
}


def _pending(
    execute: Execute, kind: Kind, numbers: Sequence[int], moment: Moment
) -> Iterator[tuple[int, PayerAsk]]:
    """Questions about requests or denials, with what the payer finds them by."""
    items = items_about(execute, kind, numbers, moment)
    for row in execute(_QUESTION[kind].format(marks=_marks(numbers)), list(numbers)):
        number, service, member_id, group_number, asks, serves, code, codes, diagnoses = row[:9]
        service_on, submitted_at, reference, given, notice_on, claim_number = row[9:]
        if number not in items:
            continue
        submitted = None if submitted_at is None else datetime.fromisoformat(submitted_at)
        yield (
            number,
            PayerAsk(
                kind=kind,
                about=service,
                member_id=member_id or "",
                ranked=items[number],
                group_number=group_number or "",
                npi=asks or serves or "",
                codes=tuple(one for one in (code, *(codes or "").split(","), diagnoses) if one),
                service_on=read_day(service_on),
                submitted_on=None if submitted is None else submitted.astimezone(moment.zone).date(),
                notice_on=read_day(notice_on),
                reference=given or reference or "",
                claim_number=claim_number,
            ),
        )


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _payers(execute: Execute) -> dict[int, Sequence[Any]]:
    rows = execute(
        "SELECT id, name, phone, authorization_phone, fax, portal, call_from, call_until, time_zone"
        " FROM payer",
        [],
    )
    return {row[0]: row for row in rows}


def _to_call(row: Sequence[Any], keys: tuple[Key, ...]) -> PayerToCall:
    number, name, phone, authorization_phone, fax, portal, call_from, call_until, zone = row
    return PayerToCall(
        payer_id=int(number),
        name=name,
        phone=phone,
        authorization_phone=authorization_phone,
        fax=fax,
        portal=portal,
        keys=keys,
        call_from=read_time(call_from),
        call_until=read_time(call_until),
        time_zone=zone,
    )
