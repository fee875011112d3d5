"""The huddle sheet: the visits of a day and of the next working day, with only what the team needs.

Minimum necessary (45 CFR 164.502(b)): no phone, no address, no note, no service, no diagnosis. Visits that
a referral leads to are at other offices; the team does not see them, so they are only counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carecoord_tui.domain.authorization import outside_window
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.date_words import format_day, format_time
from carecoord_tui.domain.day_papers import PaperPerson, short_name
from carecoord_tui.domain.eligibility_rows import VisitState
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.vocabulary import AuthorizationStatus, InterpreterMode, Kind

_GRANTED = (AuthorizationStatus.APPROVED, AuthorizationStatus.PARTIAL, AuthorizationStatus.MODIFIED)
_MISSING = {
    Kind.AUTHORIZATION: "authorization step due",
    Kind.GOOD_FAITH: "good-faith estimate",
    Kind.REFERRAL: "referral step due",
    Kind.TRANSITION: "hospital discharge step due",
}
"""Open work that this visit waits for; eligibility and the visit itself have words of their own."""


@dataclass(frozen=True, slots=True)
class VisitAuthorization:
    """An authorization that was asked for this visit."""

    status: AuthorizationStatus
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HuddleVisit:
    """What the sheet is made of. ``starts_at`` is aware; ``checked_on`` the day eligibility was asked."""

    person: PaperPerson
    starts_at: datetime
    clinician: str
    modality: str  # where or how: "video", "main street office"
    is_confirmed: bool
    language: str
    interpreter_needed: bool
    interpreter_mode: InterpreterMode | None
    interpreter_confirmed: bool
    eligibility: VisitState
    checked_on: date | None
    authorizations: tuple[VisitAuthorization, ...] = ()
    authorization_needed: bool = False  # the payer said so
    blocked_by: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HuddleLine:
    """One visit on the sheet."""

    time: str
    patient: str
    clinician: str
    modality: str
    interpreter: str
    eligibility: str
    authorization: str
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HuddleDay:
    """The visits of one day by the hour; ``elsewhere`` counts those at other offices."""

    on: date
    lines: tuple[HuddleLine, ...]
    elsewhere: int = 0


def huddle_days(day: date, calendar: Calendar) -> tuple[date, date]:
    """The day and the next working day."""
    return day, calendar.next_working_day(day)


def huddle_line(visit: HuddleVisit, moment: Moment) -> HuddleLine:
    """What the team needs of a visit, in words."""
    local = visit.starts_at.astimezone(moment.zone)
    return HuddleLine(
        time=format_time(local.time()),
        patient=short_name(visit.person, moment.today),
        clinician=visit.clinician or "not named",
        modality=visit.modality,
        interpreter=_interpreter(visit),
        eligibility=_eligibility(visit, moment.today),
        authorization=_authorization(visit, local.date()),
        missing=", ".join(_missing(visit, local.date())) or "nothing",
    )


def _interpreter(visit: HuddleVisit) -> str:
    if not visit.interpreter_needed:
        return ""
    mode = visit.interpreter_mode.label if visit.interpreter_mode else ""
    return ", ".join(word for word in (visit.language or "language not recorded", mode) if word)


def _eligibility(visit: HuddleVisit, today: date) -> str:
    words = "active" if visit.eligibility is VisitState.FRESH else visit.eligibility.label
    return f"{words}, {format_day(visit.checked_on, today)}" if visit.checked_on else words


def _authorization(visit: HuddleVisit, on: date) -> str:
    """``none asked for``; of several the words of each, once."""
    if not visit.authorizations:
        return "needed, not asked for" if visit.authorization_needed else "none asked for"
    return ", ".join(dict.fromkeys(_one_authorization(one, on) for one in visit.authorizations))


def _one_authorization(one: VisitAuthorization, on: date) -> str:
    if one.status in _GRANTED and outside_window(on, one.valid_from, one.valid_to):
        return f"{one.status.label}, not for this day"
    return one.status.label


def _missing(visit: HuddleVisit, on: date) -> Iterator[str]:
    if not visit.is_confirmed:
        yield "visit not confirmed"
    if visit.interpreter_needed and not visit.interpreter_confirmed:
        yield "interpreter not confirmed"
    if visit.eligibility is not VisitState.FRESH:
        yield "eligibility"
    if _lacks_authorization(visit, on):
        yield "authorization"
    yield from (words for kind, words in _MISSING.items() if kind in visit.blocked_by)


def _lacks_authorization(visit: HuddleVisit, on: date) -> bool:
    """True when one is needed or asked for, and none is granted for the day."""
    if not visit.authorizations:
        return visit.authorization_needed
    return not any(
        one.status in _GRANTED and not outside_window(on, one.valid_from, one.valid_to)
        for one in visit.authorizations
    )


def huddle(
    visits: Sequence[HuddleVisit], days: Sequence[date], elsewhere: Sequence[datetime], moment: Moment
) -> tuple[HuddleDay, ...]:
    """The sheet day by day; a day without visits stays, so that it is not taken for forgotten."""
    ordered = sorted(visits, key=lambda one: (one.starts_at, one.person.id))
    return tuple(
        HuddleDay(
            on=on,
            lines=tuple(
                huddle_line(one, moment)
                for one in ordered
                if one.starts_at.astimezone(moment.zone).date() == on
            ),
            elsewhere=sum(at.astimezone(moment.zone).date() == on for at in elsewhere),
        )
        for on in days
    )
