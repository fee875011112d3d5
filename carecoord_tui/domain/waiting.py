"""Who owes the next step of an item, what they said, and when they are asked again.

Pure. Days are practice-local. ``until_on`` of a moved date is the day to ask again (the chase date);
``promised_on`` is what they said, and comes before it. On the chase date the item stands on Today again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.calling_hours import closed_words, hours_words, own_or_usual
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.vocabulary import WaitingOn

WHO_LIMIT = 120
OF_A_PERSON = frozenset({WaitingOn.PATIENT, WaitingOn.FAMILY})
"""Kinds that are another party for every patient."""
CALLED_FOR_SEVERAL = frozenset({WaitingOn.PAYER, WaitingOn.OFFICE, WaitingOn.CLINICIAN, WaitingOn.OTHER})
"""Kinds of which one call may settle items of several patients."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who is waited for. ``who`` is the name on the row; a number says which payer or office it is."""

    who: str
    kind: WaitingOn = WaitingOn.OTHER
    payer_id: int | None = None
    provider_id: int | None = None
    promised_on: date | None = None  # the day they named

    def is_same_party(self, other: Waiting) -> bool:
        """True for the same payer, the same office, else the same name; a bare name is of any kind."""
        mine, theirs = (self.payer_id, self.provider_id), (other.payer_id, other.provider_id)
        if (None, None) not in (mine, theirs):
            return mine == theirs
        kinds = {self.kind, other.kind}
        return fold(self.who) == fold(other.who) and (len(kinds) == 1 or WaitingOn.OTHER in kinds)

    def promising(self, day: date | None) -> Waiting:
        """The same party, with the day it named now."""
        return replace(self, promised_on=day)


def chase_day(promised_on: date, calendar: Calendar, today: date, last_day: date | None = None) -> date:
    """The working day after the promised one; never past ``last_day`` while that is ahead, never past."""
    day = calendar.next_working_day(promised_on)
    if last_day is not None and last_day >= today:
        day = min(day, last_day)
    return max(day, today)


PartyKey = tuple[str, int, str]
"""What a heading stands for: kind of party, its number, and its folded name where it has no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingParty:
    """A heading of the list: one party, or one patient when grouped so, with the keys of its items."""

    key: PartyKey
    name: str
    kind: WaitingOn | None  # None: grouped by patient, or an event and nobody
    keys: tuple[str, ...]
    past: int  # of them past promise
    payer_id: int | None = None
    provider_id: int | None = None
    patient_id: int | None = None
    phone: str = ""
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's

    def closed(self, moment: Moment) -> str:
        """``closed, opens 8am their time (11am here)``; empty while they take calls, or said no hours."""
        hours = (self.call_from, self.call_until)
        if self.patient_id is not None:
            hours = own_or_usual(hours, (moment.call_from, moment.call_until))
        return closed_words(*hours, self.time_zone, moment.local, moment.zone.key)

    def reached_by(self, moment: Moment) -> tuple[str, ...]:
        """``(555) 010-0199``, ``calls 8am to 5pm CT`` or that they are closed: what is on file of both."""
        return tuple(filter(None, (self._number, self.closed(moment) or self._hours)))

    @property
    def _number(self) -> str:
        return format_phone(self.phone) if self.phone else ""

    @property
    def _hours(self) -> str:
        words = hours_words(self.call_from, self.call_until, self.time_zone)
        return f"calls {words}" if words else ""

    def facts(self, moment: Moment) -> tuple[str, ...]:
        """What stands beside the name: ``(555) 010-0199``, ``4 items``, ``2 past promise``, their hours.

        That they are closed comes right after the number.
        """
        closed, count = self.closed(moment), len(self.keys)
        items = "1 item" if count == 1 else f"{count:,} items"
        past = f"{self.past:,} past promise" if self.past else ""
        hours = "" if closed else self._hours
        return tuple(filter(None, (self._number, closed, items, past, hours)))

    @property
    def title(self) -> str:
        """``Humana, payer``; the kind is left out where it is the name, or nobody's."""
        if self.kind in (None, WaitingOn.OTHER) or self.name == self.kind.label:
            return self.name
        return f"{self.name}, {self.kind.label}"


@dataclass(frozen=True, slots=True)
class WaitingFacts:
    """What a row of the list says beside the item: since when, promised when, when to ask again."""

    since_on: date | None
    promised_on: date | None
    chase_on: date

    def is_past(self, today: date) -> bool:
        """True when the day they named, else the day to ask again, has gone by."""
        return (self.promised_on or self.chase_on) < today
