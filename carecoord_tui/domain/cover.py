"""A day off: which open items fall into it, and what becomes of each: before, cover or hold.

Marks are proposals of the program; what the coordinator decides stands in their place. A mark belongs to one
absence: from the day back on it means nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.date_words import due_label, format_day, format_full_day, format_time
from carecoord_tui.domain.day_papers import (
    PaperPerson,
    Record,
    full_name,
    is_withheld,
    title_on_paper,
    waiting_on_paper,
    why_on_paper,
)
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.ranking import ALWAYS_SHOWN, Moment, Ranked
from carecoord_tui.domain.release import notices
from carecoord_tui.domain.vocabulary import Basis, CoverMark, Kind
from carecoord_tui.domain.work import ItemRef, WorkItem

MAX_DAYS = 60
CONFIRM_RULE = "appointment.confirm"
"""A visit that nobody confirmed is soon after the absence, if not in it; it can be confirmed now."""
OPEN_FIRST = "Open the patient page before any call."
"""For somebody with safe-contact instructions: what they say stays in the program."""


class AwayError(ValueError):
    """Days that are no absence; the sentence says what to type."""


@dataclass(frozen=True, slots=True)
class Away:
    """An absence: ``off`` is the first day off, ``back`` the first day at work again, both local."""

    off: date
    back: date

    def __post_init__(self) -> None:
        if self.back <= self.off:
            raise AwayError(
                f"The day back, {format_full_day(self.back)}, is not after the first day off,"
                f" {format_full_day(self.off)}."
            )
        if (self.back - self.off).days > MAX_DAYS:
            raise AwayError(f"A handoff is for at most {MAX_DAYS} days: give a nearer day back.")

    def covers(self, day: date | None) -> bool:
        """True for a day of the absence."""
        return day is not None and self.off <= day < self.back


def next_away(today: date, calendar: Calendar) -> Away:
    """The next working day off, back on the one after it."""
    off = calendar.next_working_day(today)
    return Away(off, calendar.next_working_day(off))


def last_day(item: WorkItem, moment: Moment) -> date | None:
    """The legal or payer's last day; of an hour clock the local day on which it ends."""
    return last_local_day(item.legal_on, item.legal_at, moment.zone)


def last_local_day(legal_on: date | None, legal_at: datetime | None, zone: ZoneInfo) -> date | None:
    """As :func:`last_day`, of the two stored values; ``legal_at`` is aware."""
    return legal_at.astimezone(zone).date() if legal_at is not None else legal_on


def why_not_held(basis: Basis, last: date | None, away: Away, today: date) -> str:
    """Why an item cannot wait for the day back; empty where it can. ``last`` is its last day.

    A lapsed last day is lost for good, and a safety call waits for a clinician, never for a day.
    """
    if basis is Basis.SAFETY:
        return "a clinician has not accepted this safety call"
    if last is None or last >= away.back:
        return ""
    day, back = format_day(last, today), format_day(away.back, today)
    return f"its last day, {day}, falls before the day back, {back}"


def not_held(item: WorkItem, away: Away, moment: Moment) -> str:
    """As :func:`why_not_held`, of an open item."""
    return why_not_held(item.basis, last_day(item, moment), away, moment.today)


def hold_warning(item: WorkItem, away: Away, today: date) -> str:
    """What a held item lets pass although nothing lapses: an own promise, a visit; empty without one."""
    promised = item.target_on if item.basis is Basis.PROMISE else None
    confirming = item.target_on if item.rule_id == CONFIRM_RULE else None
    for what, day in (
        ("promised day", promised),
        ("visit", item.visit_on),
        ("day to confirm the visit", confirming),
    ):
        if day is not None and today <= day < away.back:
            return f"its {what}, {format_day(day, today)}, is before the day back"
    return ""


def concerns(ranked: Ranked, away: Away, moment: Moment) -> bool:
    """True for an item due before the day back, and for every pressing one (lanes 0 to 3)."""
    item = ranked.item
    days = (item.target_on, last_day(item, moment))
    return ranked.lane in ALWAYS_SHOWN or any(day is not None and day < away.back for day in days)


def proposed_mark(item: WorkItem, away: Away, moment: Moment) -> CoverMark:
    """What becomes of an item.

    ``before``: it is due before the absence, or it can be done now and its legal day, or the day to confirm a
    visit, falls into it.
    ``cover``: somebody must be there: a visit, a promised time, a last day that waits for somebody else or
    that is the payer's. ``hold``: an own date that can wait for the day back; a check-in always can. Never
    where :func:`why_not_held` forbids it.
    """
    last = last_day(item, moment)
    waits = CoverMark.COVER if last is not None and last < away.back else CoverMark.HOLD
    if item.basis is Basis.CHECK_IN:
        return waits
    if item.target_on < away.off:
        return CoverMark.BEFORE
    if item.basis is Basis.SAFETY:
        return CoverMark.COVER
    if item.waiting_on:
        return waits
    if item.basis is Basis.PROMISE:
        return CoverMark.COVER
    if item.basis is Basis.LEGAL or (item.rule_id == CONFIRM_RULE and away.covers(item.target_on)):
        return CoverMark.BEFORE
    if away.covers(item.visit_on):
        return CoverMark.COVER if item.kind is Kind.APPOINTMENT else CoverMark.BEFORE
    return waits


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom a cover calls about an item: an office or payer, else the patient. ``phone`` as stored."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverRow:
    """An item of the absence with its mark. ``is_own``: the coordinator decided it.

    ``alarm``: what holding it lets pass. ``was_held``: it was marked hold before its last day or the days off
    changed so that it cannot be any more; it stands under the proposal again.
    """

    ranked: Ranked
    mark: CoverMark
    proposed: CoverMark
    person: PaperPerson
    callee: Callee | None
    alarm: str = ""
    was_held: bool = False

    @property
    def ref(self) -> ItemRef:
        """The item's key."""
        return self.ranked.item.ref

    @property
    def is_own(self) -> bool:
        """True where the proposal was overridden."""
        return self.mark is not self.proposed


def cover_rows(
    items: Iterable[Ranked],
    away: Away,
    moment: Moment,
    *,
    people: Mapping[int, PaperPerson],
    marks: Mapping[ItemRef, CoverMark],
    callees: Mapping[ItemRef, Callee],
) -> tuple[CoverRow, ...]:
    """Every item of the absence: what is done before first, then covered, then held; each by its rank."""
    found = []
    for ranked in sorted(items, key=lambda one: one.sort_key):
        person = people.get(ranked.person.id)
        if person is None:
            continue
        ref = ranked.item.ref
        proposed = proposed_mark(ranked.item, away, moment)
        mark = marks.get(ref, proposed)
        refusal = not_held(ranked.item, away, moment) if mark is CoverMark.HOLD else ""
        if refusal:
            alarm = f"It was marked hold, but {refusal}."
        else:
            warning = hold_warning(ranked.item, away, moment.today) if mark is CoverMark.HOLD else ""
            alarm = f"Held, and {warning}." if warning else ""
        found.append(
            CoverRow(
                ranked=ranked,
                mark=proposed if refusal else mark,
                proposed=proposed,
                person=person,
                callee=callees.get(ref),
                alarm=alarm,
                was_held=bool(refusal),
            )
        )
    order = list(CoverMark)
    return tuple(sorted(found, key=lambda row: order.index(row.mark)))


# --- on paper --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffLine:
    """One item of the handoff sheet."""

    when: str
    who: str
    what: str
    why: str
    last_day: str
    call: str
    waiting_on: str
    alarm: str


@dataclass(frozen=True, slots=True)
class HandoffSection:
    """All items of one mark."""

    mark: CoverMark
    lines: tuple[HandoffLine, ...]


def handoff(
    rows: Iterable[CoverRow], withheld: Collection[Record], moment: Moment
) -> tuple[HandoffSection, ...]:
    """The sheet: each mark with its items, also a mark that has none."""
    every = list(rows)
    return tuple(
        HandoffSection(mark, tuple(_line(row, withheld, moment) for row in every if row.mark is mark))
        for mark in CoverMark
    )


def _line(row: CoverRow, withheld: Collection[Record], moment: Moment) -> HandoffLine:
    ranked, item = row.ranked, row.ranked.item
    when = due_label(item.target_on, moment.today, ranked.days_late)
    if item.target_at is not None:
        when += f" {format_time(item.target_at.astimezone(moment.zone).time())}"
    last = last_day(item, moment)
    return HandoffLine(
        when=when,
        who=full_name(row.person),
        what=title_on_paper(ranked, row.person, withheld),
        why=why_on_paper(ranked, row.person, withheld),
        last_day=format_day(last, moment.today) if last is not None else "",
        call=call_words(row, is_withheld=is_withheld(ranked, row.person, withheld)),
        waiting_on=waiting_on_paper(ranked, row.person, withheld),
        alarm=row.alarm,
    )


def call_words(row: CoverRow, *, is_withheld: bool = False) -> str:
    """Whom to call and at which number; an office or payer is called whatever the person's channel is.

    ``is_withheld``: which office it is would tell what may not be described.
    """
    person = row.person
    if row.callee is not None and is_withheld:
        return "an office: see the record"
    if row.callee is not None:
        return " ".join(word for word in (row.callee.name, format_phone(row.callee.phone)) if word)
    told = list(
        notices(
            person.phones,
            is_confidential=person.is_confidential,
            asks_discretion=person.asks_discretion,
            minor_consent=person.minor_consent,
        )
    )
    if person.asks_discretion:
        return " ".join([*told, OPEN_FIRST])
    if person.is_confidential:
        return " ".join(told)
    number = format_phone(person.phones[0]) if person.phones else "no number on file"
    return " ".join([f"patient, {number}" + ("." if told else ""), *told])
