"""The outreach protocol: what comes after an attempt that did not reach the person.

Default protocol (``domain.md``, Contact, [U], editable): three attempts, each on another day and at
another time of day unless the last day is today (then later today, at least 3 hours on); a proposal
never passes a deadline. Then a letter, then clinician sign-off before closing as unreachable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.deadlines import compute
from carecoord_tui.domain.facts import ContactFacts
from carecoord_tui.domain.rulepack import RulePack
from carecoord_tui.domain.vocabulary import Outcome

MORNING = time(9, 30)
AFTERNOON = time(14, 0)
SAME_DAY_GAP = timedelta(hours=3)


class Step(StrEnum):
    """Where the protocol stands."""

    ATTEMPT = "attempt"
    LETTER = "letter"
    SIGN_OFF = "sign_off"


@dataclass(frozen=True, slots=True)
class OutreachState:
    """What the attempts so far lead to. ``next_on`` is None before the first attempt."""

    attempts: int
    attempts_wanted: int
    step: Step
    last_at: datetime | None = None
    next_on: date | None = None
    next_at: datetime | None = None

    @property
    def progress(self) -> str:
        """``1/3``; empty before the first attempt."""
        return f"{self.attempts}/{self.attempts_wanted}" if self.attempts else ""


def run_of_attempts(contacts: Sequence[ContactFacts]) -> list[ContactFacts]:
    """The contacts since the person was last reached, oldest first."""
    run: list[ContactFacts] = []
    for contact in sorted(contacts, key=lambda c: c.at):
        if contact.outcome.is_reached:
            run = []
        else:
            run.append(contact)
    return run


def next_attempt(
    last_at: datetime, *, deadline: date | None, zone: ZoneInfo, calendar: Calendar, gap_days: int = 1
) -> tuple[date, datetime | None]:
    """When to try again after a failed attempt at ``last_at`` (aware).

    Returns the practice-local day and an aware time of another part of the day. On or after the
    deadline's day the proposal stays on the day of the attempt, three hours on; it never passes
    the deadline.
    """
    local = last_at.astimezone(zone)
    if deadline is not None and local.date() >= deadline:
        return local.date(), last_at + SAME_DAY_GAP
    day = calendar.add_working_days(local.date(), gap_days)
    if deadline is not None and day > deadline:
        day = deadline
    other_half = AFTERNOON if local.time() < time(12, 0) else MORNING
    return day, datetime.combine(day, other_half, tzinfo=zone)


def state(
    contacts: Sequence[ContactFacts],
    *,
    deadline: date | None,
    pack: RulePack,
    zone: ZoneInfo,
    calendar: Calendar,
    keep_trying: bool = False,
) -> OutreachState:
    """The protocol's state after these contacts.

    ``keep_trying`` is for clocks where attempts go on after the third (TCM: "two documented timely
    failed attempts still count; keep trying").
    """
    protocol = pack.get("outreach.next_attempt")
    wanted, gap = int(protocol.param("attempts")), protocol.n
    run = run_of_attempts(contacts)
    failed = [c for c in run if c.outcome.is_failed_attempt]
    letters = [c for c in run if c.outcome is Outcome.LETTER_SENT]
    if not failed:
        return OutreachState(0, wanted, Step.ATTEMPT)
    last_at = failed[-1].at
    if len(failed) < wanted or keep_trying:
        day, at = next_attempt(last_at, deadline=deadline, zone=zone, calendar=calendar, gap_days=gap)
        return OutreachState(len(failed), wanted, Step.ATTEMPT, last_at, day, at)
    if not letters:
        letter = compute(pack.get("outreach.letter"), last_at.astimezone(zone).date(), calendar=calendar)
        day = letter.target_on or last_at.astimezone(zone).date()
        return OutreachState(len(failed), wanted, Step.LETTER, last_at, day)
    sent_on = letters[-1].at.astimezone(zone).date()
    close = compute(pack.get("outreach.close"), sent_on, calendar=calendar)
    return OutreachState(len(failed), wanted, Step.SIGN_OFF, letters[-1].at, close.target_on or sent_on)


OFFICE_GAP = 3  # business days: "will send, chase in 3 business days"


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
) -> NextTry:
    """What follows when a contact ends with ``outcome`` now, after ``attempts`` earlier failed ones.

    The same arithmetic :func:`state` applies once the contact is recorded, so the screen can show
    it before the key is pressed.
    """
    if outcome.is_reached or outcome is Outcome.REFUSED:
        return NextTry(None, None, "settles it")
    if outcome is Outcome.OFFICE_REACHED:
        day = calendar.add_working_days(now.astimezone(zone).date(), OFFICE_GAP)
        if deadline is not None and day > deadline:
            day = max(now.astimezone(zone).date(), deadline)
        return NextTry(day, None, f"chase in {OFFICE_GAP} business days")
    if not outcome.is_failed_attempt:
        day = calendar.add_working_days(now.astimezone(zone).date(), OFFICE_GAP)
        return NextTry(day, None, "look again")
    protocol = pack.get("outreach.next_attempt")
    wanted = int(protocol.param("attempts"))
    if attempts + 1 < wanted or keep_trying:
        day, at = next_attempt(now, deadline=deadline, zone=zone, calendar=calendar, gap_days=protocol.n)
        return NextTry(day, at, f"try {attempts + 2}")
    letter = compute(pack.get("outreach.letter"), now.astimezone(zone).date(), calendar=calendar)
    return NextTry(letter.target_on, None, "letter")
