"""Lines of the insurance screen, the bar of its lanes, and the line that says which rule sets a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rich.text import Text
from textual import events
from textual.message import Message

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import due_label, format_day, format_time
from carecoord_tui.domain.eligibility_rows import VisitState
from carecoord_tui.domain.insurance_rows import (
    AuthorizationDetail,
    BillingDetail,
    DenialDetail,
    EligibilityDetail,
    InsuranceLane,
    InsuranceRow,
    Key,
    LaneGroup,
    short_day,
    staleness,
    units_words,
)
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.ranking import Lane, Moment, Ranked
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    DenialStatus,
)
from carecoord_tui.widgets.bars import OneLine
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

INSURANCE_COLUMNS = (
    Column("due", "  Do by", width=13),
    Column("patient", "Patient", min_width=14, max_width=24, grow=2, style="strong"),
    Column("what", "For", min_width=20, max_width=46, grow=3),
    Column("state", "", min_width=22, max_width=56, grow=3, priority=95),
    Column("rule", "Rule", min_width=24, max_width=30, priority=50, style="dim"),
)
_UNITS_RULE = "auth.units"
_NOT_SUBMITTED = (AuthorizationStatus.NEEDED, AuthorizationStatus.DRAFT)
_GRANTED_IN_PART = (AuthorizationStatus.PARTIAL, AuthorizationStatus.MODIFIED)
_ROLE = {
    VisitState.NO_COVERAGE: "alarm",
    VisitState.NEVER: "waiting",
    VisitState.STALE: "",
    VisitState.INACTIVE: "alarm",
    VisitState.UNABLE: "waiting",
    VisitState.FRESH: "",
}
Part = tuple[str, str]
"""Words and their role; empty words are left out."""


@dataclass(frozen=True, slots=True)
class Paint:
    """What the lines need beside their rows."""

    context: Context
    moment: Moment
    name: Callable[[str], str]

    @property
    def today(self) -> date:
        """The practice's date."""
        return self.moment.today


def lane_heading(group: LaneGroup, count: int, today: date) -> Row:
    """``AUTHORIZATIONS  9``; of eligibility one a day, ``ELIGIBILITY  Wed 2 Dec  3``."""
    day = "" if group.day is None else f"{due_label(group.day, today)}  "
    return Row(("lane", group), (f"{group.lane.upper()}  {day}{count:,}",), kind="header")


def gone_row(key: Key) -> Row:
    """A record that somebody else settled since the list was read."""
    return Row(key, ("no longer there", *[""] * (len(INSURANCE_COLUMNS) - 1)), style="dim")


def insurance_row(line: InsuranceRow, group: LaneGroup, paint: Paint) -> Row:
    """One record under the heading of ``group``; a visit moved to another day since says so."""
    cells = (
        deadline_text(line.ranked, paint.moment),
        paint.name(line.ranked.person.name),
        _what(line.ranked),
        _joined(_state(line, group, paint)),
        line.ranked.item.rule_id,
    )
    return Row(line.key, cells)


def _what(ranked: Ranked) -> Text:
    """``MRI decision due Tue · Ask Humana``: the lane says what is done, so the row leads with what for."""
    act, _, subject = ranked.title.partition(": ")
    text = Text(subject or act)
    if ranked.item.waiting_on:
        text.append(f" · {ranked.item.waiting_on}", style="waiting")
    if subject:
        text.append(f" · {act}", style="dim")
    return text


def deadline_text(ranked: Ranked, moment: Moment) -> Text:
    """When the next step is due: ``! today``, ``Fri, 1d``, ``Wed 2 Dec``; ``!`` where it presses."""
    item = ranked.item
    urgent = ranked.lane <= Lane.VISIT
    late = ranked.days_late > 0
    label = due_label(item.target_on, moment.today, ranked.days_late)
    if item.target_on.year > moment.today.year:
        label = short_day(item.target_on, moment.today)  # with its year it would not fit the column
    if item.target_at is not None and item.target_on >= moment.today:
        label += f" {format_time(item.target_at.astimezone(moment.zone).time())}"
    style = "alarm" if urgent or late else "waiting" if item.waiting_on else ""
    return Text(f"! {label}" if urgent else f"  {label}", style=style)


def rule_words(ranked: Ranked) -> str:
    """``auth.needed (Own default): Authorization needed, not submitted.``: what sets the date."""
    item = ranked.item
    source = f" ({item.citation})" if item.citation else ""
    return f"{item.rule_id}{source}: {item.why}"


def _joined(parts: Sequence[Part]) -> Text:
    text = Text()
    for words, role in parts:
        if words:
            text.append(" · " if text else "", style="dim")
            text.append(words, style=role)
    return text


# --- where a record stands, most telling first ---------------------------------------------------------


def _state(line: InsuranceRow, group: LaneGroup, paint: Paint) -> list[Part]:
    match line.detail:
        case EligibilityDetail() as visit:
            return _visit_state(visit, group, paint.today)
        case AuthorizationDetail() as authorization:
            return _authorization_state(authorization, line.ranked, paint)
        case DenialDetail() as denial:
            return _denial_state(denial, paint)
        case BillingDetail() as billing:
            return _billing_state(billing)


def _visit_state(visit: EligibilityDetail, group: LaneGroup, today: date) -> list[Part]:
    """``checked 20 Nov, stale · 10:20am``."""
    moved = f"now {format_day(visit.visit_on, today)}" if visit.visit_on != group.day else ""
    return [
        (moved, "accent"),
        (staleness(visit, today), _ROLE[visit.state]),
        (format_time(visit.visit_time), "dim"),
    ]


def _authorization_state(detail: AuthorizationDetail, ranked: Ranked, paint: Paint) -> list[Part]:
    """``clock to Tue 1 Dec · submitted``, ``to 15 Jan · 3 of 10 used``."""
    parts: list[Part] = [("expedited" if detail.is_expedited else "", "alarm")]
    match detail.status:
        case AuthorizationStatus.SUBMITTED:
            return [*parts, _clock(ranked, paint), ("submitted", "dim")]
        case AuthorizationStatus.PENDED:
            due = detail.information_due_on
            words = f"information by {format_day(due, paint.today)}" if due else ""
            late = due is not None and due < paint.today
            return [*parts, (words, "alarm" if late else ""), ("pended", "dim")]
        case status if status in _NOT_SUBMITTED:
            service = f"service {short_day(detail.service_on, paint.today)}" if detail.service_on else ""
            return [*parts, (service, ""), ("not submitted", "dim")]
        case AuthorizationStatus.DENIED:
            return [*parts, ("denied", "alarm")]
    return [*parts, *_granted(detail, ranked, paint.today)]


def _clock(ranked: Ranked, paint: Paint) -> Part:
    """The payer's own clock: how long it runs, or that the payer let it pass."""
    last, at = ranked.item.legal_on, ranked.item.legal_at
    if last is None:
        return "no clock", "dim"
    hour = f" {format_time(at.astimezone(paint.moment.zone).time())}" if at is not None else ""
    words = f"{due_label(last, paint.today)}{hour}"
    if paint.moment.now > at if at is not None else last < paint.today:
        return f"clock missed {short_day(last, paint.today)}{hour}", "alarm"
    return f"clock to {words}", "waiting"


def _granted(detail: AuthorizationDetail, ranked: Ranked, today: date) -> list[Part]:
    units = units_words(detail.units_used, detail.units_authorized)
    ends = f"to {short_day(detail.valid_to, today)}" if detail.valid_to else "end not entered"
    has_ended = detail.valid_to is not None and detail.valid_to < today
    status = detail.status.label if detail.status in _GRANTED_IN_PART else "approved"
    return [
        (ends, "alarm" if has_ended else "" if detail.valid_to else "waiting"),
        (units, "alarm" if ranked.item.rule_id == _UNITS_RULE else ""),
        (status, "dim"),
    ]


def _denial_state(detail: DenialDetail, paint: Paint) -> list[Part]:
    """``last day 15 Jan · level 1 · appeal, assistance``."""
    today = paint.today
    status = "" if detail.status is DenialStatus.OPEN else detail.status.label
    level = _level(detail, paint.context)
    return [
        ("expedited" if detail.is_expedited else "", "alarm"),
        _last_day(detail, today),
        (f"level {level}" if level else "", ""),
        (status, "waiting"),
        (", ".join(track.label for track in detail.open_tracks), "dim"),
        (detail.reason.label if detail.reason else "", "dim"),
    ]


def _last_day(detail: DenialDetail, today: date) -> Part:
    if detail.status is DenialStatus.APPEALED:
        return "", ""
    if detail.last_on is None:
        return "last day not known", "waiting"
    letter = " (letter)" if detail.is_from_letter else ""
    if detail.last_on < today:
        return f"last day was {short_day(detail.last_on, today)}{letter}", "alarm"
    return f"last day {short_day(detail.last_on, today)}{letter}", ""


def _level(detail: DenialDetail, context: Context) -> int | None:
    """The level of appeal, from its rule; None where no rule names one."""
    rule = next((r for r in context.pack.find("appeal") if r.id == detail.level_rule), None)
    return None if rule is None else int(dict(rule.when).get("level", 1))


def _billing_state(detail: BillingDetail) -> list[Part]:
    """``overdue $40.00 · $200.00 left · Hospital bill``."""
    return [
        (f"overdue {format_money(detail.overdue)}" if detail.overdue else "", "alarm"),
        (f"{format_money(detail.left)} left" if detail.left is not None else "", ""),
        (format_money(detail.amount) if detail.amount is not None else "", ""),
        (detail.status, "dim"),
        (detail.subject, "dim"),
    ]


# --- the bar of the lanes ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LaneTab:
    """One lane: its key, its words for a wide and for a narrow terminal."""

    lane: InsuranceLane
    key: str
    words: str
    short: str


class LaneBar(OneLine):
    """``E Eligibility 6 · A Authorizations 9``; one shown alone stands in brackets. A click picks."""

    DEFAULT_CSS = """
    LaneBar {
        & > .bar--dim { color: $text-muted; }
        & > .bar--strong { text-style: bold; }
        & > .bar--accent { color: $text-accent; text-style: bold; }
        & > .bar--alarm { color: $text-error; text-style: bold; }
        & > .bar--waiting { color: $text-warning; }
    }
    """

    class Picked(Message):
        """A lane was clicked."""

        def __init__(self, lane: InsuranceLane) -> None:
            super().__init__()
            self.lane = lane

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ends: list[tuple[int, InsuranceLane]] = []

    def show_lanes(
        self,
        tabs: Sequence[LaneTab],
        counts: Mapping[InsuranceLane, int],
        alone: InsuranceLane | None,
        note: str = "",
    ) -> None:
        """Draw the lanes with their counts; ``note`` stands at the right."""
        right = Text(f"{note} ", style=self.role("dim")) if note else Text()
        line = self._line(tabs, counts, alone, is_short=False)
        if line.cell_len + right.cell_len + 2 > self.size.width:
            line = self._line(tabs, counts, alone, is_short=True)
        self.show(line, right)

    def _line(
        self,
        tabs: Sequence[LaneTab],
        counts: Mapping[InsuranceLane, int],
        alone: InsuranceLane | None,
        *,
        is_short: bool,
    ) -> Text:
        line = Text()
        self._ends = []
        for tab in tabs:
            chosen, count = tab.lane is alone, counts.get(tab.lane, 0)
            line.append("·" if self._ends else "", style=self.role("dim"))
            line.append("[" if chosen else " ", style=self.role("accent"))
            line.append(f"{tab.key} ", style=self.role("accent"))
            role = "accent" if chosen else "strong" if count else "dim"
            line.append(f"{tab.short if is_short else tab.words} {count:,}", style=self.role(role))
            line.append("]" if chosen else " ", style=self.role("accent"))
            self._ends.append((line.cell_len, tab.lane))
        return line

    def on_click(self, event: events.Click) -> None:
        """The lane under the mouse."""
        for end, lane in self._ends:
            if event.x < end:
                self.post_message(self.Picked(lane))
                return


class RuleLine(OneLine):
    """Which rule sets the date of the highlighted row, where no pane says it."""

    DEFAULT_CSS = """
    RuleLine {
        & > .bar--dim { color: $text-muted; }
    }
    """

    def show_rule(self, ranked: Ranked | None) -> None:
        """Nothing when nothing is highlighted."""
        words = "" if ranked is None else f" {safe_text(rule_words(ranked))}"
        self.show(Text(words, style=self.role("dim")))
