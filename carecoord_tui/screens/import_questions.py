"""What only a person can say of a file: how its dates are written, which sheet is meant."""

from __future__ import annotations

from collections.abc import Sequence

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.exchange.import_plan import NeedsDateOrder
from carecoord_tui.exchange.tabular import shown

ORDER_KEYS = {DateOrder.MDY: "m", DateOrder.DMY: "d", DateOrder.YMD: "y"}
ORDER_BY_KEY = {key: order for order, key in ORDER_KEYS.items()}
SHEET_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"


def order_question(error: NeedsDateOrder) -> list[str]:
    """The question about the dates, with a line for each letter."""
    lines = [f"“{column.header}”: {column.guess.reason}" for column in error.columns]
    lines += ["", "How are these dates written?"]
    examples = {DateOrder.MDY: "3/12/2026 is 12 March", DateOrder.DMY: "3/12/2026 is 3 December",
                DateOrder.YMD: "26/3/12 is 12 March 2026"}  # fmt: skip
    lines += [f"  {ORDER_KEYS[order]}  {order.label:<16} {examples[order]}" for order in error.orders]
    return lines


def sheet_question(names: Sequence[str], listings: Sequence[str] = ()) -> list[str]:
    """The question which sheet of a workbook is meant, with a key for each; ``listings`` only come out."""
    keyed = zip(SHEET_KEYS, names, strict=False)
    lines = ["Which sheet?", "", *(f"  {key}  {shown(name)}" for key, name in keyed)]
    if len(names) > len(SHEET_KEYS):
        more = len(names) - len(SHEET_KEYS)
        lines.append(f"  and {more} more: save the sheet you want as a workbook of its own.")
    if listings:
        lines += ["", f"Come out only, nothing reads them back: {', '.join(map(shown, listings))}."]
    return lines
