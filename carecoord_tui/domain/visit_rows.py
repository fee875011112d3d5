"""Visits as lists and forms show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carecoord_tui.domain.authorization import outside_window
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.date_words import format_day, format_full_day, format_time
from carecoord_tui.domain.vocabulary import AppointmentStatus, InterpreterMode

_FAR_OFF = 270  # days: a day without a year that has just passed is read as next year's
_MONTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One visit in full. ``starts_at`` is aware."""

    id: int
    version: int
    patient_id: int
    title: str
    status: AppointmentStatus
    starts_at: datetime
    minutes: int
    provider_id: int | None
    office: str
    referral_id: int | None
    specialty: str  # of the referral it belongs to
    location: str
    booked_on: date
    confirmed_on: date | None
    interpreter_needed: bool
    interpreter_mode: InterpreterMode | None
    interpreter_name: str
    interpreter_qualified: bool | None
    interpreter_confirmed_on: date | None
    settled_on: date | None
    note: str

    @property
    def is_open(self) -> bool:
        """Booked, offered, or missed and neither rebooked nor let go."""
        if self.status in (AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED):
            return self.settled_on is None
        return self.status in (AppointmentStatus.BOOKED, AppointmentStatus.PROPOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days an authorization that was granted covers; ``is_linked``: it was asked for this visit."""

    service: str
    valid_from: date | None
    valid_to: date | None
    is_linked: bool


def day_words(day: date, today: date, calendar: Calendar) -> str:
    """What is odd about a visit's day, one sentence; empty when nothing is. It is said, not refused."""
    if (holiday := calendar.holiday(day)) is not None:
        return f"{format_full_day(day)} is a holiday: {holiday}."
    if day in calendar.closures:
        return f"The practice is closed on {format_full_day(day)}."
    if not calendar.is_business_day(day):
        return f"{format_full_day(day)} is on a weekend."
    if (day - today).days > _FAR_OFF:
        return f"{format_full_day(day)} is {(day - today).days // _MONTH} months away: check the year."
    return ""


def window_words(day: date, windows: Sequence[Window]) -> list[str]:
    """How a visit's day lies outside what the payer granted, a sentence each service.

    Nothing where another authorization of that service, such as its renewal, covers the day.
    """
    outside = {one: outside_window(day, one.valid_from, one.valid_to) for one in windows}
    covered = {one.service for one, words in outside.items() if not words}
    return [
        f"{'' if one.is_linked else 'If it is for '}{one.service}: {words[0].lower()}{words[1:]}."
        for one, words in outside.items()
        if words and one.service not in covered
    ]


def clash_words(title: str, at: datetime, today: date) -> str:
    """What the patient has at that time already; ``at`` is practice-local."""
    return f"This patient already has {title} then: {format_day(at.date(), today)}, {format_time(at.time())}."
