"""Items by their keys ``kind:record:rule``: what lists of thousands hold, while items are read by window."""

from __future__ import annotations

from collections.abc import Sequence

from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.queries.today import Execute, items_where

KEY = "l.kind || ':' || l.record_id || ':' || l.rule_id"
"""The key of a row of ``ledger l``; no part holds a comma, so that keys can be concatenated."""
_AT_ONCE = 150  # of three values each


def key_of_item(ref: ItemRef) -> str:
    """The key of an item."""
    return f"{ref.kind.value}:{ref.record_id}:{ref.rule_id}"


def slot_of(key: str) -> tuple[str, int, str]:
    """Kind, record and rule that a key names."""
    kind, number, rule_id = key.split(":", 2)
    return kind, int(number), rule_id


def items_by_key(execute: Execute, keys: Sequence[str], moment: Moment) -> dict[str, Ranked]:
    """The items of these keys in their order; those settled meanwhile are left out."""
    found: dict[str, Ranked] = {}
    for start in range(0, len(keys), _AT_ONCE):
        portion = keys[start : start + _AT_ONCE]
        marks = ", ".join(["(?, ?, ?)"] * len(portion))
        where = f"(l.kind, l.record_id, l.rule_id) IN (VALUES {marks})"
        values = [value for key in portion for value in slot_of(key)]
        found |= {key_of_item(one.item.ref): one for one in items_where(execute, where, values, moment)}
    return {key: found[key] for key in keys if key in found}
