"""The lines of the list by office: a line for the office, its referrals below."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rich.text import Text

from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.today_rows import due_text, row_id

OFFICE_COLUMNS = (
    Column("due", "  Chase", width=13),
    Column("who", "Patient", min_width=14, max_width=22, style="strong"),
    Column("owes", "Office owes", width=20),
    Column("what", "For", min_width=10, grow=2),
    Column("quiet", "Quiet", width=5, align="right", priority=50, style="dim"),
)
OWES = {
    ReferralStage.SENT: "a receipt",
    ReferralStage.ACKNOWLEDGED: "an answer",
    ReferralStage.ACCEPTED: "a date",
    ReferralStage.SEEN: "the report",
}


def office_line(key: object, name: str, phone: str, fax: str, count: int) -> Row:
    """``Heart Center · (555) 010-0199 · fax ... · 4 owed``; selected, it stands for all its referrals."""
    text = Text(safe_text(name or "No office on file"), style="strong")
    for words in (
        format_phone(phone) if phone else "no phone on file",
        f"fax {format_phone(fax)}" if fax else "",
        f"{count} owed",
    ):
        if words:
            text.append(f"  {safe_text(words)}", style="dim")
    return Row(("office", key), (text,), kind="line")


def owed_row(
    ranked: Ranked,
    specialty: str,
    stage: ReferralStage,
    last_touch_on: date | None,
    moment: Moment,
    name: Callable[[str], str],
) -> Row:
    """One referral: when it is to be chased, whose, what the office owes, how long nothing was done."""
    owes = Text(OWES[stage])
    if ranked.item.waiting_on:
        owes.append(", promised", style="waiting")
    days = (moment.today - last_touch_on).days if last_touch_on is not None else 0
    who = safe_text(name(ranked.person.name))
    cells = (due_text(ranked, moment), who, owes, safe_text(specialty), f"{days} d" if days > 0 else "")
    return Row(row_id(ranked), cells)
