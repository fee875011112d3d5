"""The order of the day, explainable.

``(lane, not_callable_now, consequence, due_at, -risk, last_touch, patient_id, item_id)``

Pure: the ledger's items, facts of their people, and an instant go in; the ranked day comes out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.calling_hours import clock_at, hours_words, is_open, own_or_usual
from carecoord_tui.domain.dates import format_day, format_time
from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind, PatientStatus, Risk
from carecoord_tui.domain.work import WorkItem

PROMISE_LEAD = timedelta(minutes=15)
VISIT_HORIZON = 2  # business days
LATE_STEP = 5  # business days late that lift the consequence by one
PEOPLE_LIMIT = 25
CALL_VERBS = frozenset({"contact"})
PATIENT_CALL_RULES = frozenset({"referral.inform", "referral.noshow", "referral.visit_cancelled"})
"""Acts of another verb that are still a call to the person."""
OVERTAKEN = {(Kind.DENIAL, "denial.triage"): ("appeal.", "denial.letter")}
"""Preparations by kind and rule, with the rules of the act they prepare. Past its last day, nothing is
prepared any more: the act's own row says what is left."""
AHEAD_OF_VISIT = frozenset(
    {
        *("appointment.confirm", "appointment.interpreter"),
        *("eligibility.before_visit", "eligibility.resolve", "auth.required", "referral.required"),
    }
)
"""Preparations of a booked visit: their record is the visit. Once it has begun none of them can be done any
more, and only how it went is left to record."""
PAYER_KINDS = frozenset({Kind.AUTHORIZATION, Kind.DENIAL})
"""Their contacts are calls to the payer: the person's hours do not matter."""


class Lane(IntEnum):
    """Lanes of the day, most pressing first; ``UPCOMING`` and ``WAITING`` are not due."""

    SAFETY = 0
    DEADLINE = 1
    PROMISE = 2
    VISIT = 3
    OWN = 4
    BROKEN_PROMISE = 5
    CHECK_IN = 6
    WAITING = 8
    UPCOMING = 9

    @property
    def label(self) -> str:
        """What ``w`` says about the lane."""
        return _LANE_LABELS[self]


_LANE_LABELS = {
    Lane.SAFETY: "a safety hand-off nobody accepted yet",
    Lane.DEADLINE: "someone else's deadline: do by today",
    Lane.PROMISE: "a promised time",
    Lane.VISIT: f"a visit within {VISIT_HORIZON} business days waits for this",
    Lane.OWN: "your own date has come",
    Lane.BROKEN_PROMISE: "you wait for somebody, and the day to ask again has come",
    Lane.CHECK_IN: "a check-in",
    Lane.WAITING: "waiting for somebody else",
    Lane.UPCOMING: "not due yet",
}
ALWAYS_SHOWN = frozenset({Lane.SAFETY, Lane.DEADLINE, Lane.PROMISE, Lane.VISIT})
DUE_LANES = frozenset(lane for lane in Lane if lane <= Lane.CHECK_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What ranking must know of an item's patient."""

    id: int
    name: str
    mrn: str
    birth_date: date | None
    sex_letter: str
    risk: Risk
    status: PatientStatus
    call_from: time | None = None
    call_until: time | None = None
    last_contact_at: datetime | None = None
    time_zone: str = ""  # IANA, of the calling hours; empty: the practice's


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item with its place in the day. ``item_id`` is the ledger's number."""

    item: WorkItem
    item_id: int
    person: Person
    lane: Lane
    not_callable_now: bool
    consequence_rank: int
    due_at: datetime
    days_late: int  # business days past the target; 0 when on time
    title: str
    is_overtaken: bool = False  # prepares a visit that has begun

    @property
    def is_past_due(self) -> bool:
        """Late by our own doing: not a check-in, nobody else's broken promise, no visit still ahead."""
        return self.days_late > 0 and self.lane not in (Lane.CHECK_IN, Lane.BROKEN_PROMISE, Lane.VISIT)

    @property
    def is_too_late(self) -> bool:
        """True when its last day has passed, and the title says what to do now."""
        return bool(self.item.after_legal) and self.title == self.item.after_legal

    @property
    def sort_key(self) -> tuple[int, int, int, datetime, int, datetime, int, int]:
        """The order tuple of ``interface.md``."""
        return (
            int(self.lane),
            int(self.not_callable_now),
            self.consequence_rank,
            self.due_at,
            -self.person.risk.rank,
            self.person.last_contact_at or datetime.min.replace(tzinfo=UTC),
            self.person.id,
            self.item_id,
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant the day is looked at.

    ``local`` is ``now`` in the practice, ``today`` the practice's date, ``visit_end`` the last day of a near
    visit. Each item of a day asks for them, so they are worked out once. ``call_from`` and ``call_until`` are
    the practice's calling hours, for people who did not give their own.
    """

    now: datetime
    zone: ZoneInfo
    calendar: Calendar
    call_from: time | None = None
    call_until: time | None = None
    local: datetime = field(init=False, repr=False, compare=False)
    today: date = field(init=False, repr=False, compare=False)
    visit_end: date = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        local = self.now.astimezone(self.zone)
        object.__setattr__(self, "local", local)
        object.__setattr__(self, "today", local.date())
        object.__setattr__(self, "visit_end", _visit_end(self.calendar, local.date()))


@lru_cache(maxsize=8)
def _visit_end(calendar: Calendar, today: date) -> date:
    return calendar.add_business_days(today, VISIT_HORIZON)


@dataclass(frozen=True, slots=True)
class Day:
    """The ranked day: due items with people standing together, then what is near, then waiting."""

    due: tuple[Ranked, ...]
    more_due: tuple[Ranked, ...]  # below the limit: "N more due: decide"
    upcoming: tuple[Ranked, ...]
    waiting: tuple[Ranked, ...]

    @property
    def past_due(self) -> int:
        """Own and legal items whose day has passed; check-ins are never past due."""
        return sum(1 for r in (*self.due, *self.more_due) if r.is_past_due)

    @property
    def due_today(self) -> int:
        """Due items that are not past due; those to be asked about again and check-ins count apart."""
        return len(self.due) + len(self.more_due) - self.past_due - self.to_ask_again - self.check_ins

    @property
    def check_ins(self) -> int:
        """Check-ins whose day has come: they use spare capacity only."""
        return sum(1 for r in (*self.due, *self.more_due) if r.lane is Lane.CHECK_IN)

    @property
    def to_ask_again(self) -> int:
        """Items somebody else owes whose day to ask again has come; whoever waits counts them too."""
        return sum(1 for r in (*self.due, *self.more_due) if r.lane is Lane.BROKEN_PROMISE)


def lane_of(item: WorkItem, moment: Moment) -> Lane:
    """The lane an item stands in at an instant."""
    due = item.target_on <= moment.today
    if item.basis is Basis.SAFETY:
        return Lane.SAFETY
    if item.basis is Basis.LEGAL and due and not _is_too_late(item, moment):
        return Lane.DEADLINE
    if item.waiting_on and not _is_to_be_asked(item, moment):
        return Lane.WAITING
    if item.basis is Basis.PROMISE and item.target_at is not None and not item.waiting_on:
        if moment.now >= item.target_at - PROMISE_LEAD:
            return Lane.PROMISE
        return Lane.OWN if due else Lane.UPCOMING
    if _blocks_near_visit(item, moment):
        return Lane.VISIT
    if item.waiting_on:
        return Lane.BROKEN_PROMISE
    is_warned = item.warn_on is not None and item.warn_on <= moment.today and item.moved_from is None
    if not due and not is_warned:
        return Lane.UPCOMING
    return Lane.CHECK_IN if item.basis is Basis.CHECK_IN else Lane.OWN


def _is_too_late(item: WorkItem, moment: Moment) -> bool:
    """True when the last day, or the last moment of an hour clock, has passed."""
    if item.legal_at is not None:
        return moment.now > item.legal_at
    return item.legal_on is not None and item.legal_on < moment.today


def _is_to_be_asked(item: WorkItem, moment: Moment) -> bool:
    """True from the day on which the one we wait for is asked again, or after their promised hour."""
    if item.target_at is not None:
        return moment.now > item.target_at
    return item.target_on <= moment.today


def _blocks_near_visit(item: WorkItem, moment: Moment) -> bool:
    """True when a visit within two business days waits for this, and nobody chose a later day for it."""
    if item.visit_on is None or item.visit_on < moment.today:
        return False
    if item.moved_from is not None and moment.today < item.target_on <= item.visit_on:
        return False
    return item.visit_on <= moment.visit_end


def is_callable(item: WorkItem, person: Person, moment: Moment) -> bool:
    """False for a call outside the person's hours, or before the hour the next try was set for."""
    if item.verb not in CALL_VERBS and item.rule_id not in PATIENT_CALL_RULES:
        return True
    if item.target_at is not None and item.basis is not Basis.PROMISE and moment.now < item.target_at:
        return False
    return item.kind in PAYER_KINDS or takes_calls(person, moment)


def takes_calls(person: Person, moment: Moment) -> bool:
    """True within the person's calling hours, by the clock where they are; the end itself is too late."""
    start, end = _hours(person, moment)
    if start is None and end is None:
        return True
    return is_open(start, end, clock_at(moment.local, person.time_zone))


def _hours(person: Person, moment: Moment) -> tuple[time | None, time | None]:
    """When this person may be called: their own hours, else the practice's, by the clock where they are."""
    return own_or_usual((person.call_from, person.call_until), (moment.call_from, moment.call_until))


def rank_item(
    item: WorkItem, item_id: int, person: Person, moment: Moment, *, visit_at: datetime | None = None
) -> Ranked:
    """One item placed at an instant. ``visit_at``: when the visit starts that it prepares, aware."""
    late = 0
    if item.target_on < moment.today and not _is_never_late(item):
        late = max(1, moment.calendar.business_days_between(item.target_on, moment.today))
    day_start = datetime.combine(item.target_on, time(0), tzinfo=moment.zone).astimezone(UTC)
    return Ranked(
        item=item,
        item_id=item_id,
        person=person,
        lane=lane_of(item, moment),
        not_callable_now=not is_callable(item, person, moment),
        consequence_rank=max(0, item.consequence.rank - late // LATE_STEP),
        due_at=item.target_at or day_start,
        days_late=late,
        title=item.after_legal if item.after_legal and _is_too_late(item, moment) else item.title,
        is_overtaken=visit_at is not None and visit_at <= moment.now,
    )


def _is_never_late(item: WorkItem) -> bool:
    """Recalls and first check-ins, the grouped ones, use spare capacity only."""
    return item.basis is Basis.CHECK_IN and bool(item.group_key)


def still_owed(ranked: Iterable[Ranked]) -> list[Ranked]:
    """Without preparations for a visit that has begun or an act that is too late (:data:`OVERTAKEN`)."""
    rows = [row for row in ranked if not row.is_overtaken]
    late: defaultdict[tuple[Kind, int], list[str]] = defaultdict(list)
    for row in rows:
        if row.is_too_late:
            late[row.item.kind, row.item.record_id].append(row.item.rule_id)
    return [row for row in rows if not _is_overtaken(row.item, late)] if late else rows


def _is_overtaken(item: WorkItem, late: Mapping[tuple[Kind, int], Sequence[str]]) -> bool:
    prepares = OVERTAKEN.get((item.kind, item.rule_id))
    if prepares is None:
        return False
    return any(rule_id.startswith(prepares) for rule_id in late.get((item.kind, item.record_id), ()))


def _people_together(ranked: Iterable[Ranked]) -> list[Ranked]:
    """A person's items stand together at the rank of the best one."""
    by_person: dict[int, list[Ranked]] = {}
    for row in sorted(ranked, key=lambda r: r.sort_key):
        by_person.setdefault(row.person.id, []).append(row)
    return [row for rows in by_person.values() for row in rows]


def rank_day(ranked: Sequence[Ranked], *, limit: int = PEOPLE_LIMIT) -> Day:
    """Sort, keep people together, and cut after ``limit`` people; lanes 0-3 are never cut."""
    ranked = still_owed(ranked)
    due = _people_together(r for r in ranked if r.lane in DUE_LANES)
    shown: list[Ranked] = []
    more: list[Ranked] = []
    people: set[int] = set()
    pressing = {r.person.id for r in due if r.lane in ALWAYS_SHOWN}
    for row in due:
        person = row.person.id
        if person in people or person in pressing or len(people) < limit:
            people.add(person)
            shown.append(row)
        else:
            more.append(row)
    by_date = sorted((r for r in ranked if r.lane is Lane.UPCOMING), key=lambda r: (r.due_at, r.sort_key))
    waiting = sorted((r for r in ranked if r.lane is Lane.WAITING), key=lambda r: (r.due_at, r.sort_key))
    return Day(tuple(shown), tuple(more), tuple(by_date), tuple(waiting))


_CONSEQUENCE_WORDS = {
    Consequence.CARE: "Care is lost if it slips",
    Consequence.COVERAGE: "Coverage or an appeal is lost if it slips",
    Consequence.MONEY: "Money is lost if it slips",
    Consequence.PAPERWORK: "Only paperwork slips",
}


def rank_reasons(row: Ranked, moment: Moment) -> list[str]:
    """Why the row stands where it stands, in the order of the tuple, in words."""
    item, person = row.item, row.person
    lifted = item.consequence.rank - row.consequence_rank
    weight = _CONSEQUENCE_WORDS[item.consequence]
    if lifted:
        weight += f"; raised {_count(lifted, 'step')} for being {_count(row.days_late, 'business day')} late"
    reasons = [
        row.lane.label[0].upper() + row.lane.label[1:],
        _not_now(row, moment) if row.not_callable_now else "",
        weight,
        _when(row, moment),
        _last_day(item, moment),
        _moved(item, moment),
        _waiting(item),
        f"{person.risk.label.capitalize()} risk",
        _last_contact(person, moment),
    ]
    return [reason for reason in reasons if reason]


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _day_and_time(at: datetime, moment: Moment) -> str:
    local = at.astimezone(moment.zone)
    return f"{format_day(local.date(), moment.today)}, {format_time(local.time())}"


def _not_now(row: Ranked, moment: Moment) -> str:
    at = row.item.target_at
    if at is not None and moment.now < at and takes_calls(row.person, moment):
        return f"Not now: next try {_day_and_time(at, moment)}"
    return f"Not now: outside the hours this person takes calls{_hours_words(row.person, moment)}"


def _when(row: Ranked, moment: Moment) -> str:
    item = row.item
    if row.days_late:
        return (
            f"Do by {format_day(item.target_on, moment.today)}: {_count(row.days_late, 'business day')} late"
        )
    if item.target_at is not None:
        return f"Do by {_day_and_time(item.target_at, moment)}"
    return f"Do by {format_day(item.target_on, moment.today)}"


def _last_day(item: WorkItem, moment: Moment) -> str:
    """Whose last day it is, and whether it has passed."""
    if item.legal_on is None:
        return ""
    day = _day_and_time(item.legal_at, moment) if item.legal_at else format_day(item.legal_on, moment.today)
    if item.basis is not Basis.LEGAL and item.kind in PAYER_KINDS:
        return f"The payer's clock {'ended' if _is_too_late(item, moment) else 'ends'} {day}"
    return f"Last day {'was ' if _is_too_late(item, moment) else ''}{day}"


def _moved(item: WorkItem, moment: Moment) -> str:
    if item.moved_from is None or item.moved_from == item.target_on:
        return ""
    return f"Moved here from {format_day(item.moved_from, moment.today)}"


def _waiting(item: WorkItem) -> str:
    if not item.waiting_on:
        return ""
    words = item.waiting_on
    return f"Waiting {words}" if words.startswith("until ") else f"Waiting for {words}"


def _last_contact(person: Person, moment: Moment) -> str:
    if person.last_contact_at is None:
        return "Never contacted"
    day = person.last_contact_at.astimezone(moment.zone).date()
    return f"Last contact {format_day(day, moment.today)}"


def _hours_words(person: Person, moment: Moment) -> str:
    words = hours_words(*_hours(person, moment), person.time_zone)
    return f" ({words})" if words else ""
