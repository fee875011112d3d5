"""What the form of an incoming call offers and holds, read into an entry or into problems at their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from carecoord_tui.domain.dates import DateError, When, quote, read_time
from carecoord_tui.domain.identifiers import IdentifierError, parse_phone
from carecoord_tui.domain.rows import RelatedRow
from carecoord_tui.domain.vocabulary import Disposition
from carecoord_tui.store.actions.incoming_calls import NO_ANSWER, NO_REASON, NOTHING_DONE, CallEntry
from carecoord_tui.widgets.choice import Option
from carecoord_tui.widgets.patient_rows import Name

PATIENT, ANOTHER = "patient", "another"
READ_OUT, NOT_READ, NO = "read", "not_read", "no"
SAFETY = (
    Option("y", "yes, read out", READ_OUT),
    Option("c", "yes, could not read it", NOT_READ),
    Option("n", "no", NO),
)
DISPOSITIONS = tuple(
    Option(key, done.label, done.value)
    for key, done in (
        ("9", Disposition.TOLD_911),
        ("h", Disposition.HANDED_TO_CLINICIAN),
        ("m", Disposition.MESSAGE_TAKEN),
        ("a", Disposition.ANSWERED),
        ("b", Disposition.BOOKED_AS_SAID),
        ("t", Disposition.TELEHEALTH),
    )
)
MUST_BE_SAID = {
    "caller": "Say who is calling.",
    "call-reason": NO_REASON,
    "safety": NO_ANSWER,
    "done": NOTHING_DONE,
}
"""By the line that may not be left open, what to say."""
_RELATED_KEYS = "123456789"


def caller_options(related: Sequence[RelatedRow], name: Name, *, can_be_patient: bool) -> tuple[Option, ...]:
    """Who may be calling: the patient unless they died, the people around them, somebody else."""
    patient = (Option("p", "the patient", PATIENT),) if can_be_patient else ()
    people = tuple(
        Option(key, ", ".join(filter(None, (name(one.name), one.relationship))), str(one.id))
        for key, one in zip(_RELATED_KEYS, related, strict=False)
    )
    return (*patient, *people, Option("o", "another", ANOTHER))


def read_call(
    texts: Mapping[str, str], *, call_back: When | None, today: date, zone: ZoneInfo
) -> tuple[CallEntry, dict[str, str]]:
    """The entry, and by the control's id what is wrong; the entry is good when nothing is.

    ``texts`` are the fields of the sheet by id, hidden ones left out. Times are the practice's.
    """
    caller, safety, done = texts["caller"], texts["safety"], texts["done"]
    problems = {name: words for name, words in MUST_BE_SAID.items() if not texts[name]}
    entry = CallEntry(
        reason=texts["call-reason"],
        is_safety=safety != NO if safety else None,
        disposition=Disposition(done) if done else None,
        by_patient=caller == PATIENT,
        related_id=int(caller) if caller.isdigit() else None,
        caller=texts.get("caller-name", ""),
        relationship=texts.get("caller-relationship", ""),
        script_read=safety == READ_OUT,
        location=texts.get("location", ""),
        handed_to=texts.get("handed-to", ""),
        handed_at=_handed_at(texts.get("handed-at", ""), today, zone, problems),
        clinician_said=texts.get("clinician-said", ""),
        callback_number=_phone(texts["callback"], problems),
        call_back=call_back,
        minutes=_minutes(texts["minutes"], problems),
        note=texts["call-note"],
    )
    return entry, problems


def _handed_at(text: str, today: date, zone: ZoneInfo, problems: dict[str, str]) -> datetime | None:
    if not text:
        return None
    try:
        at = _time(text)
    except DateError as error:
        problems["handed-at"] = str(error)
        return None
    return datetime.combine(today, at, tzinfo=zone)


def _time(text: str) -> time:
    at = read_time(text)
    if at is None:
        raise DateError(f"{quote(text)} is not understood as a time: type 8:04am or 14:30.")
    return at


def _phone(text: str, problems: dict[str, str]) -> str:
    try:
        return parse_phone(text) if text else ""
    except IdentifierError as error:
        problems["callback"] = str(error)
        return ""


def _minutes(text: str, problems: dict[str, str]) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        problems["minutes"] = "The minutes are a whole number, such as 5."
        return None
    return int(text)
