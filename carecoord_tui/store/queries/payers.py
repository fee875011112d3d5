"""The payer directory as read: every payer with its contract's limits and its active coverages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from carecoord_tui.domain.facts import LimitFacts
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.payer_rows import PayerRow
from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_time

_PAYERS = """
    SELECT p.id, p.name, p.payer_class, p.phone, p.authorization_phone, p.fax, p.appeal_fax, p.portal,
           p.timely_filing_days, p.note,
           (SELECT count(*) FROM coverage c WHERE c.payer_id = p.id AND c.status = 'active'),
           p.version, p.call_from, p.call_until, p.time_zone
    FROM payer p
"""
_LIMITS = "SELECT payer_id, rule_id, n, unit, source FROM payer_limit"


def list_payers(execute: Execute) -> list[PayerRow]:
    """Every payer in name order, with its limits and the number of active coverages; two statements."""
    limits = limits_by_payer(execute)
    return [_payer(row, limits) for row in execute(f"{_PAYERS} ORDER BY p.name COLLATE NOCASE, p.id", [])]


def limits_by_payer(execute: Execute) -> dict[int, tuple[LimitFacts, ...]]:
    """The clocks and limits of every payer's contract, in the order of entering."""
    return _limits(execute(f"{_LIMITS} ORDER BY id", []))


def read_payer(execute: Execute, payer_id: int) -> PayerRow | None:
    """One payer with its limits; None when it is gone."""
    limits = _limits(execute(f"{_LIMITS} WHERE payer_id = ? ORDER BY id", [payer_id]))
    rows = execute(f"{_PAYERS} WHERE p.id = ?", [payer_id])
    return next((_payer(row, limits) for row in rows), None)


def matching(payers: Iterable[PayerRow], text: str) -> list[PayerRow]:
    """Payers that have every typed word in their name, class, note or portal, or the digits in a number."""
    words = fold(text).split()
    return [one for one in payers if all(word in _hay(one) for word in words)]


def _hay(one: PayerRow) -> str:
    parts = (one.name, one.payer_class.label, one.note, one.portal)
    numbers = (one.phone, one.authorization_phone, one.fax, one.appeal_fax)
    return f"{fold(' '.join(parts))} {' '.join(numbers)}"


def _limits(rows: Iterable[Sequence[Any]]) -> dict[int, tuple[LimitFacts, ...]]:
    found: dict[int, tuple[LimitFacts, ...]] = {}
    for payer_id, rule_id, n, unit, source in rows:
        limit = LimitFacts(rule_id=rule_id, n=n, unit=Unit(unit), source=source)
        found[payer_id] = (*found.get(payer_id, ()), limit)
    return found


def _payer(row: Sequence[Any], limits: dict[int, tuple[LimitFacts, ...]]) -> PayerRow:
    return PayerRow(
        id=row[0],
        name=row[1],
        payer_class=PayerClass(row[2]),
        phone=row[3],
        authorization_phone=row[4],
        fax=row[5],
        appeal_fax=row[6],
        portal=row[7],
        timely_filing_days=row[8],
        note=row[9],
        active_coverages=row[10],
        limits=limits.get(row[0], ()),
        version=row[11],
        call_from=read_time(row[12]),
        call_until=read_time(row[13]),
        time_zone=row[14],
    )
