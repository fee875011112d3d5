"""Lines of the insurance screen, the bar of its lanes, and the line that says which rule sets a date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from rich.text import Text

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import due_label, format_day, format_time
from carecoord_tui.domain.eligibility_rows import VisitState
from carecoord_tui.domain.insurance_rows import (
    AuthorizationDetail,
    BillingDetail,
    DenialDetail,
    Detail,
    EligibilityDetail,
    InsuranceLane,
    InsuranceRow,
    Key,
    LaneGroup,
    Road,
    short_day,
    staleness,
    subject_of,
)
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.ranking import Lane, Moment, Ranked
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialStatus, TrackKind
from carecoord_tui.widgets.bars import OneLine
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.tab_bar import TabBar

INSURANCE_COLUMNS = (
    Column("due", "  Do by", width=14),
    Column("patient", "Patient", min_width=15, max_width=24, grow=2, style="strong"),
    Column("step", "Next step", min_width=20, max_width=44, grow=3),
    Column("state", "Where it stands", min_width=21, max_width=56, grow=6, priority=95),
)
_UNITS_RULE = "auth.units"
_OWN_DEFAULT = "Own default"  # what the rule pack cites where no law and no contract says anything
_SHORT_ACTS = {
    "Check eligibility": "Check",
    "Ask again, unclear": "Ask again",
    "Submit authorization": "Submit",
    "Send missing information": "Send information",
    "Renew authorization": "Renew",
    "Close ended authorization": "Close, ended",
    "Used, close authorization": "Close, used",
    "Gather appeal papers": "Gather papers",
    "Covered alternative": "Find alternative",
}
"""Acts as a narrow column says them: the lane says the rest."""
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
        _step(line),
        _joined(_state(line, group, paint)),
    )
    return Row(line.key, cells)


def _step(line: InsuranceRow) -> Text:
    """``Ask Humana: MRI knee``: the act leads, so that what is cut is what it is about."""
    act, _, rest = line.ranked.title.partition(": ")
    act, subject = _SHORT_ACTS.get(act, act.partition(", ")[0] if act.startswith("Renew, ") else act), rest
    if line.ranked.title == line.ranked.item.title:  # one that says its day is past names what it is about
        subject = subject_of(line) or rest
    text = Text(f"{act}: ") if rest else Text(act)
    text.append(subject if rest else "")
    if line.ranked.item.waiting_on and line.ranked.item.waiting_on not in text.plain:
        text.append(f" · {line.ranked.item.waiting_on}", style="waiting")
    return text


def deadline_text(ranked: Ranked, moment: Moment) -> Text:
    """When the next step is due: ``! today``, ``27 Nov, late``, ``Wed 2 Dec``; ``!`` where it presses."""
    item = ranked.item
    urgent = ranked.lane <= Lane.VISIT
    late = ranked.days_late > 0
    label = due_label(item.target_on, moment.today)
    if late:
        label = f"{short_day(item.target_on, moment.today)}, late"
    elif item.target_on.year > moment.today.year:
        label = short_day(item.target_on, moment.today)  # with its year it would not fit the column
    if item.target_at is not None and item.target_on >= moment.today:
        label += f" {format_time(item.target_at.astimezone(moment.zone).time())}"
    style = "alarm" if urgent or late else "waiting" if item.waiting_on else ""
    return Text(f"! {label}" if urgent else f"  {label}", style=style)


def rule_words(ranked: Ranked, context: Context) -> str:
    """``Submit the authorization (our own rule): Authorization needed, ...``: what sets the date."""
    item = ranked.item
    source = "our own rule" if item.citation == _OWN_DEFAULT else item.citation
    title = next((rule.title for rule in context.pack.find(item.rule_id)), item.rule_id)
    return f"{title}{f' ({source})' if source else ''}: {item.why}"


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
    """``10:20am · stale 20 Nov``."""
    moved = f"now {format_day(visit.visit_on, today)}" if visit.visit_on != group.day else ""
    at = format_time(visit.visit_time)
    return [(moved, "accent"), (f"{at} {staleness(visit, today)}", _ROLE[visit.state])]


def _authorization_state(detail: AuthorizationDetail, ranked: Ranked, paint: Paint) -> list[Part]:
    """``clock to Tue 1 Dec``, ``to 15 Jan, 3/10 used``: the step says what the status would."""
    parts: list[Part] = [("expedited" if detail.is_expedited else "", "alarm")]
    match detail.status:
        case AuthorizationStatus.SUBMITTED:
            return [*parts, _clock(ranked, paint)]
        case AuthorizationStatus.PENDED:
            due = detail.information_due_on
            words = f"information by {format_day(due, paint.today)}" if due else ""
            late = due is not None and due < paint.today
            return [*parts, (words, "alarm" if late else ""), ("pended", "dim")]
        case status if status in _NOT_SUBMITTED:
            service = f"service {short_day(detail.service_on, paint.today)}" if detail.service_on else ""
            return [*parts, (service or "not submitted", "" if service else "dim")]
        case AuthorizationStatus.DENIED:
            return [*parts, ("denied", "alarm")]
    return [*parts, *_granted(detail, ranked, paint.today)]


def _clock(ranked: Ranked, paint: Paint) -> Part:
    """The payer's own clock: how long it runs, or that the payer let it pass."""
    last, at = ranked.item.legal_on, ranked.item.legal_at
    if last is None:
        return "submitted, no clock", "dim"
    hour = f" {format_time(at.astimezone(paint.moment.zone).time())}" if at is not None else ""
    words = f"{due_label(last, paint.today)}{hour}"
    if paint.moment.now > at if at is not None else last < paint.today:
        return f"clock missed {short_day(last, paint.today)}{hour}", "alarm"
    return f"clock to {words}", "waiting"


def _granted(detail: AuthorizationDetail, ranked: Ranked, today: date) -> list[Part]:
    """``to 15 Jan, 3/10 used``; what nobody counted is ``?``."""
    ends = f"to {short_day(detail.valid_to, today)}" if detail.valid_to else "last day not entered"
    has_ended = detail.valid_to is not None and detail.valid_to < today
    used = "?" if detail.units_used is None else detail.units_used
    units = f", {used}/{detail.units_authorized} used" if detail.units_authorized is not None else ""
    role = "" if detail.valid_to else "waiting"
    if has_ended or ranked.item.rule_id == _UNITS_RULE:
        role = "alarm"
    status = detail.status.label if detail.status in _GRANTED_IN_PART else ""
    return [(f"{ends}{units}", role), (status, "dim")]


def _denial_state(detail: DenialDetail, paint: Paint) -> list[Part]:
    """``appeal by 15 Jan · alternative 7 Dec · assistance -``."""
    status = "" if detail.status is DenialStatus.OPEN else detail.status.label
    return [
        ("expedited" if detail.is_expedited else "", "alarm"),
        *(_road(road, detail, paint) for road in detail.roads),
        (status, "waiting"),
        (detail.reason.label if detail.reason else "", "dim"),
    ]


def tracks_words(detail: Detail, paint: Paint) -> str:
    """The roads out of a denial in one line; empty for another record."""
    if not isinstance(detail, DenialDetail):
        return ""
    return " · ".join(_road(road, detail, paint)[0] for road in detail.roads)


def _road(road: Road, detail: DenialDetail, paint: Paint) -> Part:
    """One road with its next day: ``alternative 7 Dec``; ``assistance -`` is not walked."""
    if not road.is_open:
        return f"{road.kind} -", "dim"
    if road.kind is TrackKind.APPEAL:
        return _appeal(road, detail, paint)
    if road.next_on is None:
        return road.kind.value, ""
    late = road.next_on < paint.today
    return f"{road.kind} {short_day(road.next_on, paint.today)}", "alarm" if late else ""


def _appeal(road: Road, detail: DenialDetail, paint: Paint) -> Part:
    """``appeal by 4 Dec``; one that is filed has the day to ask, ``appeal: ask 14 Dec``."""
    level = _level(detail, paint.context)
    name = "appeal" if level in (None, 1) else f"appeal {level}"
    if road.next_on is None:
        return f"{name} filed" if detail.status is DenialStatus.APPEALED else f"{name}: last day not known", (
            "waiting"
        )
    day = short_day(road.next_on, paint.today)
    if detail.status is DenialStatus.APPEALED:
        return f"{name}: ask {day}", "alarm" if road.next_on < paint.today else ""
    letter = " (letter)" if detail.is_from_letter else ""
    if road.next_on < paint.today:
        return f"{name}: last day was {day}{letter}", "alarm"
    return f"{name} by {day}{letter}", ""


def _level(detail: DenialDetail, context: Context) -> int | None:
    """The level of appeal, from its rule; None where no rule names one."""
    rule = next((r for r in context.pack.find("appeal") if r.id == detail.level_rule), None)
    return None if rule is None else int(dict(rule.when).get("level", 1))


def _billing_state(detail: BillingDetail) -> list[Part]:
    """``overdue $40.00 · $200.00 left``."""
    return [
        (f"overdue {format_money(detail.overdue)}" if detail.overdue else "", "alarm"),
        (f"{format_money(detail.left)} left" if detail.left is not None else "", ""),
        (format_money(detail.amount) if detail.amount is not None else "", ""),
        (detail.status, "dim"),
    ]


# --- the bar of the lanes ------------------------------------------------------------------------------


class LaneBar(TabBar[InsuranceLane]):
    """``E Eligibility 6 · A Authorizations 9``; one shown alone stands in brackets. A click picks."""

    GAPS = ("·", "·")


class RuleLine(OneLine):
    """Which rule sets the date of the highlighted row, where no pane says it."""

    DEFAULT_CSS = """
    RuleLine {
        & > .bar--dim { color: $text-muted; }
    }
    """

    def show_rule(self, ranked: Ranked | None, context: Context, tracks: str = "") -> None:
        """The rule by its name, the roads of a denial before it; nothing when nothing is highlighted."""
        words = "" if ranked is None else " · ".join(filter(None, (tracks, rule_words(ranked, context))))
        self.show(Text(f" {safe_text(words)}" if words else "", style=self.role("dim")))
