"""Which records stand in which lane of the insurance screen, as SQL: counts, and keys in order.

Light to import: the header's count needs it before the first frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from carecoord_tui.domain.insurance_rows import (
    BILLING_KINDS,
    LANES,
    SELF_PAY_RULE,
    InsuranceLane,
    Key,
    LaneGroup,
)
from carecoord_tui.domain.vocabulary import Kind
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
    InsuranceLane.DENIALS: "min(l.target_on), coalesce(min(l.legal_on), min(l.target_on))",
    InsuranceLane.BILLING: "min(l.target_on), l.kind",
}
_KIND: Mapping[InsuranceLane, Kind] = {  # of lanes that hold one kind: its name is left out of the text
    InsuranceLane.ELIGIBILITY: Kind.ELIGIBILITY,
    InsuranceLane.AUTHORIZATIONS: Kind.AUTHORIZATION,
    InsuranceLane.DENIALS: Kind.DENIAL,
}
_KEY = "l.kind || ':' || l.record_id"


def _counted(lane: InsuranceLane, condition: str = "1") -> str:
    """How many records of a lane there are. Two columns, no text made of them: that halves the time."""
    records = f"SELECT DISTINCT l.kind, l.record_id FROM ledger l WHERE {_OF_LANE[lane]} AND {condition}"
    return f"(SELECT count(*) FROM ({records}))"


def count_due(execute: Execute, today: date) -> int:
    """Records whose next step is due, for the header."""
    counts = " + ".join(_counted(lane, "l.target_on <= ?1") for lane in LANES)
    return int(next(iter(execute(f"SELECT {counts}", [today.isoformat()])))[0])


def count_lanes(execute: Execute) -> dict[InsuranceLane, int]:
    """Open records of each lane, in one statement over the index of the ledger's key."""
    counts = ", ".join(_counted(lane) for lane in LANES)
    return dict(zip(LANES, next(iter(execute(f"SELECT {counts}", []))), strict=True))


def keys_there(
    execute: Execute,
    lanes: Sequence[InsuranceLane],
    *,
    matching: str = "",
    parameters: Sequence[object] = (),
) -> set[Key]:
    """Keys of these lanes without their order: the index of the ledger's key alone answers.

    For a list whose order stands still it costs a tenth of :func:`keys_by_group`.
    """
    columns = ", ".join(
        f"(SELECT group_concat(word) FROM (SELECT DISTINCT {_word(lane)} AS word FROM ledger l"
        f" WHERE {_where(lane, matching)}))"
        for lane in lanes
    )
    texts = next(iter(execute(f"SELECT {columns}", parameters)))
    return {key for lane, text in zip(lanes, texts, strict=True) for key in _keys(lane, text)}


def keys_by_group(
    execute: Execute,
    lanes: Sequence[InsuranceLane],
    *,
    matching: str = "",
    parameters: Sequence[object] = (),
) -> dict[LaneGroup, list[Key]]:
    """Keys of these lanes by heading: visits by day, the others by the day of their next step.

    ``matching`` narrows further (a condition on ``ledger l`` with its
    ``parameters`` from ``?1`` on). One text a lane: fetching thousands of rows one by one costs ten times
    as much.
    """
    texts = next(iter(execute(f"SELECT {', '.join(_keys_of(lane, matching) for lane in lanes)}", parameters)))
    found: dict[LaneGroup, list[Key]] = {}
    for lane, text in zip(lanes, texts, strict=True):
        if lane is InsuranceLane.ELIGIBILITY:
            found |= _by_day(text)
        elif text:
            found[LaneGroup(lane, None)] = _keys(lane, text)
    return found


def _keys(lane: InsuranceLane, text: str | None) -> list[Key]:
    """The keys of a text of words: numbers in a lane of one kind, whole keys in the others."""
    if not text:
        return []
    prefix = f"{_KIND[lane].value}:" if lane in _KIND else ""
    return f"{prefix}{text.replace(',', f',{prefix}')}".split(",")


def _by_day(text: str | None) -> Iterator[tuple[LaneGroup, list[Key]]]:
    """Visits under their days; they stand in the order of the days."""
    lane = InsuranceLane.ELIGIBILITY
    words = (word.partition(" ") for word in (text or "").split(",") if word)
    for day, several in groupby(words, key=lambda word: word[2]):
        yield (
            LaneGroup(lane, date.fromisoformat(day) if day else None),
            [f"{_KIND[lane].value}:{number}" for number, _, _ in several],
        )


def _word(lane: InsuranceLane) -> str:
    return "l.record_id" if lane in _KIND else _KEY


def _where(lane: InsuranceLane, matching: str) -> str:
    return f"{_OF_LANE[lane]} AND ({matching})" if matching else _OF_LANE[lane]


def _keys_of(lane: InsuranceLane, matching: str) -> str:
    """Record and, of eligibility, the day of the visit, as one text."""
    by_day = lane is InsuranceLane.ELIGIBILITY
    word = f"{_word(lane)} || ' ' || min(l.visit_on)" if by_day else _word(lane)
    source = "ledger l LEFT JOIN appointment v ON v.id = l.record_id" if by_day else "ledger l"
    return (
        f"(SELECT group_concat(word) FROM (SELECT {word} AS word FROM {source} WHERE {_where(lane, matching)}"
        f" GROUP BY l.kind, l.record_id ORDER BY {_ORDER[lane]}, l.record_id))"
    )
