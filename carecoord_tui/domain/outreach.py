"""The outreach protocol: what comes after an attempt that did not reach the person.

Default protocol (``domain.md``, Contact, [U], editable): three attempts, each on another day and at
another time of day unless the last day is today (then later today, at least 3 hours on); a proposal
never passes a deadline. Then a letter, then clinician sign-off before closing as unreachable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.calling_hours import clock_at, is_open, zone_of
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.deadlines import compute
from carecoord_tui.domain.facts import ContactFacts, PatientFacts
from carecoord_tui.domain.rulepack import RulePack
from carecoord_tui.domain.vocabulary import Kind, Outcome

NOON = time(12, 0)
MORNING = time(9, 30)
AFTERNOON = time(14, 0)
DAY_BEGINS = time(8, 0)
DAY_ENDS = time(20, 0)  # nobody is called later, unless they said so
SAME_DAY_GAP = timedelta(hours=3)
OFFICE_GAP = 3  # business days: "will send, chase in 3 business days"

_BAD_NUMBER = (Outcome.WRONG_NUMBER, Outcome.DISCONNECTED)


class Step(StrEnum):
    """Where the protocol stands."""

    ATTEMPT = "attempt"
    LETTER = "letter"
    SIGN_OFF = "sign_off"


@dataclass(frozen=True, slots=True)
class CallHours:
    """When a person takes calls, by the clock of ``zone`` (IANA; empty: the practice's).

    None: they did not say.
    """

    start: time | None = None
    end: time | None = None
    zone: str = ""

    def allow(self, at: datetime) -> bool:
        """True for an aware, practice-local time at which they may be called; ``end`` itself is too late.

        Who is elsewhere is not called before their morning either, unless they said so.
        """
        begins = self.start or (DAY_BEGINS if self.zone else None)
        return is_open(begins, self.end or DAY_ENDS, clock_at(at, self.zone))

    def opening(self, day: date, home: tzinfo | None) -> datetime | None:
        """When they begin to take calls on a day of theirs, by the practice's clock; None: not said."""
        begins = self.start or (DAY_BEGINS if self.zone else None)
        if begins is None:
            return None
        return datetime.combine(day, begins, tzinfo=zone_of(self.zone) or home).astimezone(home)


ANY_TIME = CallHours()


def hours_of(start: time | None, end: time | None, zone: str, context: Context) -> CallHours:
    """When a person may be called: their own hours, else the practice's; by the clock where they are."""
    if start is None and end is None:
        return CallHours(context.call_from, context.call_until, zone)
    return CallHours(start, end, zone)


@dataclass(frozen=True, slots=True)
class OutreachState:
    """What the attempts so far lead to. ``next_on`` is None before the first attempt."""

    attempts: int
    attempts_wanted: int
    step: Step
    last_at: datetime | None = None
    next_on: date | None = None
    next_at: datetime | None = None
    last_outcome: Outcome | None = None

    @property
    def progress(self) -> str:
        """``1/3``; empty before the first attempt."""
        return f"{self.attempts}/{self.attempts_wanted}" if self.attempts else ""

    @property
    def words(self) -> str:
        """One sentence for the reason: what was tried and what comes; empty before the first attempt."""
        if not self.attempts:
            return ""
        tried = f"Tried {self.attempts} of {self.attempts_wanted}"
        number = " That number does not work: find another." if self.last_outcome in _BAD_NUMBER else ""
        return {
            Step.ATTEMPT: f"{tried}; next at another time of day.{number}",
            Step.LETTER: f"{tried} without reaching anybody; a letter is next.{number}",
            Step.SIGN_OFF: f"{tried} and a letter; closing needs a clinician's word.",
        }[self.step]


def run_of_attempts(contacts: Sequence[ContactFacts]) -> list[ContactFacts]:
    """The contacts since the person was last spoken to (reached, or declined), oldest first."""
    run: list[ContactFacts] = []
    for contact in sorted(contacts, key=lambda c: c.at):
        if contact.outcome.is_reached or contact.outcome is Outcome.REFUSED:
            run = []
        else:
            run.append(contact)
    return run


def within(day: date, deadline: date | None, *, today: date, calendar: Calendar) -> date:
    """``day``, brought forward so that it does not pass a deadline that can still be met.

    On a closed day nobody acts: the last working day before the deadline counts, at the earliest today.
    """
    if deadline is None or deadline < today:
        return day
    return min(day, max(today, calendar.previous_working_day_on_or_before(deadline)))


def next_attempt(
    last_at: datetime,
    *,
    deadline: date | None,
    zone: ZoneInfo,
    calendar: Calendar,
    gap_days: int = 1,
    same_day_gap: timedelta = SAME_DAY_GAP,
    hours: CallHours = ANY_TIME,
) -> tuple[date, datetime | None]:
    """When to try again after a failed attempt at ``last_at`` (aware).

    Returns the practice-local day and an aware time of another part of the day. When the deadline
    leaves no other working day, it is the day of the attempt, ``same_day_gap`` on; without a time when
    the person's day ends before that. After the deadline the usual rhythm goes on.
    """
    local = last_at.astimezone(zone)
    today = local.date()
    day = calendar.add_working_days(today, gap_days)
    day = within(day, deadline, today=today, calendar=calendar)
    if day > today:
        return day, _other_half(local, day, hours)
    later = (last_at.astimezone(UTC) + same_day_gap).astimezone(zone)
    return today, later if later.date() == today and hours.allow(later) else None


def _other_half(tried: datetime, day: date, hours: CallHours) -> datetime | None:
    """The other half of the day than the last attempt, as far as the person's hours allow."""
    halves = (AFTERNOON, MORNING) if tried.time() < NOON else (MORNING, AFTERNOON)
    wanted = [datetime.combine(day, clock, tzinfo=tried.tzinfo) for clock in halves]
    opening = hours.opening(day, tried.tzinfo)
    if opening is not None and opening.date() == day:
        wanted.append(opening)
    return next((at for at in wanted if hours.allow(at)), None)


def state(
    contacts: Sequence[ContactFacts],
    *,
    deadline: date | None,
    pack: RulePack,
    zone: ZoneInfo,
    calendar: Calendar,
    keep_trying: bool = False,
    hours: CallHours = ANY_TIME,
) -> OutreachState:
    """The protocol's state after these contacts.

    ``keep_trying`` is for clocks where attempts go on after the third (TCM: "two documented timely
    failed attempts still count; keep trying") and for calls to offices, which get no letter.
    """
    protocol = pack.get("outreach.next_attempt")
    wanted = int(protocol.param("attempts"))
    run = run_of_attempts(contacts)
    failed = [c for c in run if c.outcome.is_failed_attempt]
    letters = [c for c in run if c.outcome is Outcome.LETTER_SENT]
    if not failed:
        return OutreachState(0, wanted, Step.ATTEMPT)
    last = failed[-1]
    last_on = last.at.astimezone(zone).date()

    def after(step: Step, at: datetime, day: date, hour: datetime | None = None) -> OutreachState:
        return OutreachState(len(failed), wanted, step, at, day, hour, last.outcome)

    if len(failed) < wanted or keep_trying:
        day, hour = next_attempt(
            last.at,
            deadline=deadline,
            zone=zone,
            calendar=calendar,
            gap_days=protocol.n,
            same_day_gap=timedelta(hours=int(protocol.param("same_day_hours"))),
            hours=hours,
        )
        return after(Step.ATTEMPT, last.at, day, hour)
    if not letters:
        day = compute(pack.get("outreach.letter"), last_on, calendar=calendar).target_on or last_on
        return after(Step.LETTER, last.at, within(day, deadline, today=last_on, calendar=calendar))
    sent_on = letters[-1].at.astimezone(zone).date()
    day = compute(pack.get("outreach.close"), sent_on, calendar=calendar).target_on or sent_on
    day = max(day, calendar.add_working_days(last_on, 1))  # a try after the letter gets its day too
    today = max(sent_on, last_on)
    return after(Step.SIGN_OFF, letters[-1].at, within(day, deadline, today=today, calendar=calendar))


def state_about(
    facts: PatientFacts,
    context: Context,
    kind: Kind,
    record_id: int,
    *,
    deadline: date | None = None,
    keep_trying: bool = False,
    since: datetime | None = None,
) -> OutreachState:
    """:func:`state` of the contacts about one record, within the person's hours; from ``since`` on."""
    return state(
        facts.contacts_about(kind, record_id, since=since),
        deadline=deadline,
        pack=context.pack,
        zone=context.zone,
        calendar=context.calendar,
        keep_trying=keep_trying,
        hours=hours_of(facts.call_from, facts.call_until, facts.time_zone, context),
    )


@dataclass(frozen=True, slots=True)
class NextTry:
    """What is proposed after an outcome; ``on`` is None when nothing more is proposed."""

    on: date | None
    at: datetime | None
    words: str


def propose(
    outcome: Outcome,
    *,
    now: datetime,
    attempts: int,
    deadline: date | None,
    pack: RulePack,
    zone: ZoneInfo,
    calendar: Calendar,
    keep_trying: bool = False,
    hours: CallHours = ANY_TIME,
) -> NextTry:
    """What follows when a contact ends with ``outcome`` now, after ``attempts`` earlier failed ones.

    It is :func:`state` of the contacts as they will be, so the screen can show it before the key is
    pressed and the ledger agrees afterwards.
    """
    if outcome.is_reached:
        return NextTry(None, None, "settles it")
    if outcome is Outcome.REFUSED:
        return NextTry(None, None, "close it, or ask the clinician")
    wanted = int(pack.get("outreach.next_attempt").param("attempts"))
    closes_protocol = outcome is Outcome.LETTER_SENT and attempts >= wanted and not keep_trying
    if not (outcome.is_failed_attempt or closes_protocol):
        today = now.astimezone(zone).date()
        day = within(calendar.add_working_days(today, OFFICE_GAP), deadline, today=today, calendar=calendar)
        office = outcome is Outcome.OFFICE_REACHED
        return NextTry(day, None, f"chase in {OFFICE_GAP} business days" if office else "look again")
    after = state(
        [*(_attempt(now, Outcome.NO_ANSWER) for _ in range(attempts)), _attempt(now, outcome)],
        deadline=deadline,
        pack=pack,
        zone=zone,
        calendar=calendar,
        keep_trying=keep_trying,
        hours=hours,
    )
    words = {
        Step.ATTEMPT: f"try {after.attempts + 1}",
        Step.LETTER: "letter",
        Step.SIGN_OFF: "clinician decides",
    }
    return NextTry(after.next_on, after.next_at, words[after.step])


def _attempt(at: datetime, outcome: Outcome) -> ContactFacts:
    return ContactFacts(at=at, outcome=outcome, about_kind=None, about_id=None)
