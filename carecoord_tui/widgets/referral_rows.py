"""Lines of the list of referrals, grouped by stage, and the bar of its views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import due_label, format_day
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.referral_ageing import Age, age_of, authorization_of, is_quiet, quiet_days
from carecoord_tui.domain.referral_rows import LOOP_ORDER, AuthorizationState, ReferralListRow, View
from carecoord_tui.domain.vocabulary import ReferralStage, Urgency
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.grouped_rows import StandingOrder
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.tab_bar import TabBar

Groups = Mapping[ReferralStage, Sequence[int]]

REFERRAL_COLUMNS = (
    Column("patient", "Patient", min_width=14, max_width=26, grow=2, style="strong"),
    Column("specialty", "Specialty", min_width=10, max_width=20, grow=2, priority=97),
    Column("office", "Office", min_width=10, max_width=26, priority=60, style="dim"),
    Column("age", " In stage", width=13, priority=99),
    Column("due", "Next", width=11, priority=90),
    Column("next", "", min_width=18, max_width=48, grow=3, priority=55),
    Column("flags", "", min_width=12, max_width=38, grow=3, priority=95),
)


@dataclass(frozen=True, slots=True)
class Paint:
    """What the lines need beside their rows."""

    context: Context
    moment: Moment
    name: Callable[[str], str]


def referral_row(line: ReferralListRow, group: ReferralStage, paint: Paint) -> Row:
    """One referral under the heading of ``group``; one that moved on since says where it is now."""
    today = paint.moment.today
    cells = (
        paint.name(line.patient_name),
        line.specialty,
        line.office,
        age_text(age_of(line, paint.context, today)),
        _due(line, paint),
        _next(line),
        flags(line, paint, moved=line.stage is not group),
    )
    return Row(line.id, cells, style="" if line.stage.is_open else "dim")


def age_text(age: Age | None) -> Text:
    """``9d of 7``; ``!`` before it when it is over its limit."""
    if age is None:
        return Text("")
    return Text(f"!{age.words}", style="alarm") if age.is_over else Text(f" {age.words}")


def _due(line: ReferralListRow, paint: Paint) -> Text:
    """The day of the next action; an ended one says when it ended."""
    today = paint.moment.today
    if line.next_on is None:
        return Text("" if line.stage.is_open else format_day(line.stage_on, today), style="dim")
    late = max(0, paint.context.calendar.business_days_between(line.next_on, today))
    style = "alarm" if line.next_on < today else "waiting" if line.waiting_on else ""
    return Text(due_label(line.next_on, today, late), style=style)


def _next(line: ReferralListRow) -> Text:
    """What is owed, and by whom when it is somebody else."""
    text = Text(line.next_title)
    if line.waiting_on:
        text.append(f" · {line.waiting_on}", style="waiting")
    return text


def flags(line: ReferralListRow, paint: Paint, *, moved: bool) -> Text:
    """What is out of the ordinary, in a word or two each."""
    today = paint.moment.today
    authorization = authorization_of(line)
    words = Text()
    for is_so, word, style in (
        (moved, f"now {line.stage.label}", "accent"),
        (line.urgency is not Urgency.ROUTINE, line.urgency.label, "alarm"),
        (authorization is AuthorizationState.MISSING, "no auth.", "alarm"),
        (authorization is AuthorizationState.ENDS_EARLY, "auth. ends", "alarm"),
        (is_quiet(line, paint.context, today), f"quiet {quiet_days(line, today)}d", "waiting"),
        (line.is_confidential, "private", "alarm"),
        (line.interpreter_needed, "interp.", "waiting"),
        (line.transport_needed, "transport", "waiting"),
    ):
        if is_so:
            words.append(f"{' · ' if words else ''}{word}", style=style)
    return words


def standing_order() -> StandingOrder[ReferralStage, int]:
    """A standing order whose groups follow the loop."""
    return StandingOrder(LOOP_ORDER.index)


def heading_row(stage: ReferralStage, count: int) -> Row:
    """``SENT  7``."""
    return Row(("stage", stage.value), (f"{stage.label.upper()}  {count:,}",), kind="header")


def gone_row(number: int) -> Row:
    """Stands for a referral that another window removed since the list was read."""
    return Row(number, ("no longer there", *[""] * (len(REFERRAL_COLUMNS) - 1)), style="dim")


# --- the bar of the views ----------------------------------------------------------------------------


class ViewBar(TabBar[View]):
    """``All 38  D no date 9  Q quiet 4``; the one shown stands in brackets too. A click picks."""
