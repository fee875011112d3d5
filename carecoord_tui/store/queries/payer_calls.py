"""Calls to payers: what each must be asked (visits, decisions, appeals), and the calls that were logged.

Keys come in order by one statement over the ledger's index; the questions are read by window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

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
    Outcome,
    PayerClass,
)
from carecoord_tui.store.queries.eligibility import checks_of, visits_to_check
from carecoord_tui.store.queries.today import Execute, items_about

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
    rows = execute(
        "SELECT at, outcome, max(made_by), max(spoke_with), max(reference), sum(minutes), max(note), count(*)"
        f" FROM contact WHERE about_kind IN ({kinds}) AND payer_id = ?"  # the kinds are what is indexed
        " GROUP BY at, outcome ORDER BY at DESC LIMIT ?",
        [payer_id, limit],
    )
    return [
        LoggedCall(
            at=datetime.fromisoformat(r[0]),
            outcome=Outcome(r[1]),
            made_by=r[2],
            spoke_with=r[3],
            reference=r[4],
            minutes=r[5],
            note=r[6],
            about=r[7],
        )
        for r in rows
    ]


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
    for visit in visits_to_check(execute, moment, appointments=numbers):
        yield (
            visit.appointment_id,
            PayerAsk(
                kind=Kind.ELIGIBILITY,
                about=visit.short_words(moment.today),
                member_id=visit.member_id,
                ranked=visit.ranked,
            ),
        )


def _pending(
    execute: Execute, kind: Kind, numbers: Sequence[int], moment: Moment
) -> Iterator[tuple[int, PayerAsk]]:
    """Open questions of one kind."""
    table, _ = _PENDING[kind]
    items = items_about(execute, kind, numbers, moment)
    marks = ", ".join("?" * len(numbers))
    for number, service, member_id in execute(
        f"SELECT r.id, r.service, c.member_id FROM {table} r JOIN coverage c ON c.id = r.coverage_id"
        f" WHERE r.id IN ({marks})",
        list(numbers),
    ):
        if number in items:
            yield number, PayerAsk(kind=kind, about=service, member_id=member_id, ranked=items[number])


def _payers(execute: Execute) -> dict[int, Sequence[str]]:
    rows = execute("SELECT id, name, phone, authorization_phone, fax, portal FROM payer", [])
    return {row[0]: row for row in rows}


def _to_call(row: Sequence[str], keys: tuple[Key, ...]) -> PayerToCall:
    number, name, phone, authorization_phone, fax, portal = row
    return PayerToCall(
        payer_id=int(number),
        name=name,
        phone=phone,
        authorization_phone=authorization_phone,
        fax=fax,
        portal=portal,
        keys=keys,
    )
