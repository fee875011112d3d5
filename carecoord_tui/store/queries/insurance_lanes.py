"""Which records stand in which lane of the insurance screen, as SQL: counts, and keys in order.

Light to import: the header's count needs it before the first frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from carecoord_tui.domain.insurance_rows import (
    BILLING_KINDS,
    LANES,
    SELF_PAY_RULE,
    InsuranceLane,
    Key,
    LaneGroup,
)
from carecoord_tui.store.queries.today import Execute

_BILLING = ", ".join(f"'{kind}'" for kind in BILLING_KINDS)
_OF_LANE: Mapping[InsuranceLane, str] = {
    InsuranceLane.ELIGIBILITY: "l.kind = 'eligibility'",
    InsuranceLane.AUTHORIZATIONS: "l.kind = 'authorization'",
    InsuranceLane.DENIALS: "l.kind = 'denial'",
    InsuranceLane.BILLING: (
        f"(l.kind IN ({_BILLING}) OR (l.kind = 'appointment' AND l.rule_id = '{SELF_PAY_RULE}'))"
    ),
}
_ORDER: Mapping[InsuranceLane, str] = {
    InsuranceLane.ELIGIBILITY: "min(l.visit_on), min(v.starts_at), min(l.target_on)",
    InsuranceLane.AUTHORIZATIONS: "min(l.target_on), min(coalesce(l.legal_on, l.target_on))",
    InsuranceLane.DENIALS: "coalesce(min(l.legal_on), min(l.target_on)), min(l.target_on)",
    InsuranceLane.BILLING: "min(l.target_on), l.kind",
}
_IN_A_LANE = " OR ".join(_OF_LANE.values())
_ANY_BASIS = (
    "l.basis IN ('safety', 'legal', 'promise', 'visit', 'own')"  # of insurance all are; it halves the time
)
_KEY = "l.kind || ':' || l.record_id"


def count_due(execute: Execute, today: date) -> int:
    """Records whose next step is due, for the header."""
    sql = f"SELECT count(DISTINCT {_KEY}) FROM ledger l WHERE l.target_on <= ?1 AND ({_IN_A_LANE})"
    return int(next(iter(execute(sql, [today.isoformat()])))[0])


def count_lanes(execute: Execute) -> dict[InsuranceLane, int]:
    """Open records of each lane, in one statement over the index of the ledger's key."""
    counts = ", ".join(f"(SELECT count(DISTINCT {_KEY}) FROM ledger l WHERE {_OF_LANE[o]})" for o in LANES)
    return dict(zip(LANES, next(iter(execute(f"SELECT {counts}", []))), strict=True))


def keys_by_group(
    execute: Execute,
    lanes: Sequence[InsuranceLane],
    *,
    matching: str = "",
    parameters: Sequence[object] = (),
) -> dict[LaneGroup, list[Key]]:
    """Keys of these lanes by heading: visits by day, the others by their next deadline.

    Denials go by their last day. ``matching`` narrows further (a condition on ``ledger l`` with its
    ``parameters`` from ``?1`` on). One text a lane: fetching thousands of rows one by one costs ten times
    as much.
    """
    texts = next(iter(execute(f"SELECT {', '.join(_keys_of(lane, matching) for lane in lanes)}", parameters)))
    found: dict[LaneGroup, list[Key]] = {}
    for lane, text in zip(lanes, texts, strict=True):
        for word in text.split(",") if text else ():
            key, _, day = word.partition(" ")
            found.setdefault(_group(lane, day), []).append(key)
    return found


def _group(lane: InsuranceLane, day: str) -> LaneGroup:
    return LaneGroup(lane, date.fromisoformat(day) if day else None)


def _keys_of(lane: InsuranceLane, matching: str) -> str:
    """Key and, of eligibility, the day of the visit, as one text."""
    by_day = lane is InsuranceLane.ELIGIBILITY
    word = f"{_KEY} || ' ' || min(l.visit_on)" if by_day else _KEY
    source = "ledger l LEFT JOIN appointment v ON v.id = l.record_id" if by_day else "ledger l"
    where = f"{_OF_LANE[lane]} AND ({matching})" if matching else _OF_LANE[lane]
    return (
        f"(SELECT group_concat(word) FROM (SELECT {word} AS word FROM {source} WHERE {where}"
        f" GROUP BY l.kind, l.record_id ORDER BY {_ORDER[lane]}, l.record_id))"
    )
