"""What is typed in the form of a visit, read into the entry the store takes; and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from carecoord_tui.domain.appointment import STATUS_WORDS, next_statuses
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import DateError, DateOrder, format_day, parse_birth_date
from carecoord_tui.domain.good_faith import estimate_due
from carecoord_tui.domain.interpreter import NOT_TOLD, Age, Companion
from carecoord_tui.domain.rulepack import RuleError
from carecoord_tui.domain.visit_rows import VisitRow
from carecoord_tui.domain.vocabulary import AppointmentStatus, InterpreterMode
from carecoord_tui.screens.form_sheet import YES_NO
from carecoord_tui.screens.insurance_fields import YES
from carecoord_tui.store.actions.appointments import AppointmentEntry
from carecoord_tui.widgets.choice import Option

_S = AppointmentStatus
_KEYS = {_S.BOOKED: "b", _S.PROPOSED: "p", _S.FULFILLED: "k", _S.NOSHOW: "n", _S.CANCELLED: "c"}
MODES = (
    Option("p", InterpreterMode.IN_PERSON.label, InterpreterMode.IN_PERSON.value),
    Option("v", InterpreterMode.VIDEO.label, InterpreterMode.VIDEO.value),
    Option("t", "telephone", InterpreterMode.PHONE.value),
    Option("0", "not decided", ""),
)
NO = "no"
QUALIFIED = (Option("y", "yes", YES), Option("n", "no", NO), Option("u", "not asked", ""))
ASKED = YES_NO
_MOST_YEARS = 130


def status_options(status: AppointmentStatus | None) -> tuple[Option, ...]:
    """What the visit is now, and what it may become."""
    ahead = (() if status is None else (status,)) + next_statuses(status)
    return tuple(Option(_KEYS[one], STATUS_WORDS[one], one.value) for one in ahead)


def first_texts(
    record: VisitRow | None, *, interpreter_needed: bool, mode: InterpreterMode | None, specialty: str
) -> dict[str, str]:
    """What the fields hold at first: the visit on file, else what the patient needs."""
    if record is None:
        return {
            "title": f"{specialty[:1].upper()}{specialty[1:]} visit" if specialty else "",
            "minutes": "30",
            "location": "",
            "interpreter": YES if interpreter_needed else "",
            "mode": mode.value if mode else "",
            "interpreter-name": "",
            "qualified": "",
            "note": "",
        }
    return {
        "title": record.title,
        "minutes": str(record.minutes),
        "location": record.location,
        "interpreter": YES if record.interpreter_needed else "",
        "mode": record.interpreter_mode.value if record.interpreter_mode else "",
        "interpreter-name": record.interpreter_name,
        "qualified": {None: "", True: YES, False: NO}[record.interpreter_qualified],
        "note": record.note,
    }


@dataclass(slots=True)
class Draft:
    """A form that was read: an entry when ``problems``, each by the id of its control, is empty."""

    entry: AppointmentEntry | None = None
    problems: dict[str, str] = field(default_factory=dict)


def read_draft(
    texts: Mapping[str, str],
    *,
    starts_at: datetime | None,
    booked_on: date | None,
    provider_id: int | None,
    referral_id: int | None,
) -> Draft:
    """Read every field; dates were read by their own controls."""
    draft = Draft()
    minutes = texts["minutes"]
    if not (minutes.isascii() and minutes.isdecimal() and 0 < len(minutes) < 5):
        draft.problems["minutes"] = "Minutes are a whole number: type 30 for half an hour."
    if texts["provider"] and provider_id is None:
        draft.problems["provider"] = (
            "No office of that name is in the directory: take one from the list, or write it under Where."
        )
    if draft.problems or starts_at is None:
        return draft
    mode, qualified = texts["mode"], texts["qualified"]
    draft.entry = AppointmentEntry(
        starts_at=starts_at,
        title=texts["title"],
        status=AppointmentStatus(texts["status"]),
        minutes=int(minutes),
        provider_id=provider_id,
        referral_id=referral_id,
        location=texts["location"],
        booked_on=booked_on,
        interpreter_needed=bool(texts["interpreter"]),
        interpreter_mode=InterpreterMode(mode) if mode else None,
        interpreter_name=texts["interpreter-name"],
        interpreter_qualified={YES: True, NO: False}.get(qualified),
        note=texts["note"],
    )
    return draft


def read_age(text: str, *, today: date, order: DateOrder) -> Age:
    """``13`` or a birth date; nothing typed is nothing told. Raises DateError for anything else."""
    if not text:
        return NOT_TOLD
    if text.isascii() and text.isdecimal() and len(text) <= 3:
        if int(text) > _MOST_YEARS:
            raise DateError(f"Nobody is {text} years old: check the age.")
        return Age(years=int(text))
    return Age(born=parse_birth_date(text, today=today, order=order))


def companion_words(one: Companion, today: date) -> str:
    """``daughter, 13``: beside a name that is offered."""
    age = Age(born=one.birth_date).in_years(today)
    return ", ".join(filter(None, (one.relationship, "" if age is None else str(age))))


def estimate_words(context: Context, *, booked_on: date, visit_on: date, today: date) -> str:
    """By when a self-pay patient must have the good-faith estimate; empty where no clock can start."""
    try:
        due = estimate_due(context, booked_on=booked_on, service_on=visit_on)
    except RuleError:
        return ""
    if due.legal_on is None:
        return f"Self-pay. {due.why}"
    return f"Self-pay: good-faith estimate due {format_day(due.legal_on, today)}. {due.why}"
