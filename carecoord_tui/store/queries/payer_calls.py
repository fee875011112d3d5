"""What each payer must be asked: visits without a fresh check, decisions and appeals that are pending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from carecoord_tui.domain.eligibility import FRESH_DAYS
from carecoord_tui.domain.eligibility_rows import PayerAsk, PayerToCall, most_urgent_first
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialStatus, Kind
from carecoord_tui.store.queries.eligibility import visits_to_check
from carecoord_tui.store.queries.today import Execute, items_about

_PENDING: dict[Kind, tuple[str, str]] = {
    Kind.AUTHORIZATION: ("authorization", AuthorizationStatus.SUBMITTED.value),
    Kind.DENIAL: ("denial", DenialStatus.APPEALED.value),
}
"""Where the payer owes the next step: table and status."""


def read_payer_calls(execute: Execute, moment: Moment) -> list[PayerToCall]:
    """Payers that must be asked something, the most pressing first, each with all its questions.

    Visits count from ``FRESH_DAYS`` before their day on: asked earlier, the answer would be stale again.
    """
    asks: dict[int, list[PayerAsk]] = {}
    horizon = moment.today + timedelta(days=FRESH_DAYS)
    for visit in visits_to_check(execute, moment, last_day=horizon):
        if visit.asks_payer and visit.payer_id is not None:
            asks.setdefault(visit.payer_id, []).append(
                PayerAsk(
                    kind=Kind.ELIGIBILITY,
                    about=visit.short_words(moment.today),
                    member_id=visit.member_id,
                    ranked=visit.ranked,
                )
            )
    for kind in _PENDING:
        for payer_id, ask in _pending(execute, kind, moment):
            asks.setdefault(payer_id, []).append(ask)
    return most_urgent_first(_payers(execute, asks))


def _pending(execute: Execute, kind: Kind, moment: Moment) -> list[tuple[int, PayerAsk]]:
    """Open questions of one kind with the payer each goes to."""
    table, status = _PENDING[kind]
    rows = list(
        execute(
            f"SELECT r.id, r.service, c.payer_id, c.member_id FROM {table} r"
            " JOIN coverage c ON c.id = r.coverage_id WHERE r.status = ?",
            [status],
        )
    )
    items = items_about(execute, kind, [row[0] for row in rows], moment)
    return [
        (payer_id, PayerAsk(kind=kind, about=service, member_id=member_id, ranked=items[number]))
        for number, service, payer_id, member_id in rows
        if number in items
    ]


def _payers(execute: Execute, asks: dict[int, list[PayerAsk]]) -> Sequence[PayerToCall]:
    rows = execute("SELECT id, name, phone, authorization_phone, fax, portal FROM payer", [])
    return [
        PayerToCall(
            payer_id=number,
            name=name,
            phone=phone,
            authorization_phone=authorization_phone,
            fax=fax,
            portal=portal,
            asks=tuple(sorted(asks[number], key=lambda ask: ask.ranked.sort_key)),
        )
        for number, name, phone, authorization_phone, fax, portal in rows
        if number in asks
    ]
