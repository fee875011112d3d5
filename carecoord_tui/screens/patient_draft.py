"""What is typed in the patient form, read into the entries the store takes.

Texts go by field name. Only fields that differ from how the form was opened are read: a number an
import brought in an odd form does not block a change of something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, time

from carecoord_tui.domain.dates import (
    DateError,
    DateOrder,
    age_on,
    format_birth,
    format_time,
    parse_birth_date,
    read_time,
)
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import (
    IdentifierError,
    format_phone,
    normalize_mbi,
    normalize_zip,
    parse_phone,
)
from carecoord_tui.domain.rows import PersonView, PhoneRow
from carecoord_tui.domain.vocabulary import InterpreterMode, PayerClass, Risk, Sex
from carecoord_tui.store.actions.patients import CoverageEntry, PatientEntry, PhoneEntry
from carecoord_tui.widgets.person_facts import member_id_words

PHONES = 3
YES = "yes"
PLAIN = {  # text fields and the longest text the store keeps
    "family_name": 120, "given_name": 120, "middle_name": 120, "suffix": 40, "preferred_name": 120,
    "language": 60, "address_line": 200, "city": 100, "state": 60, "primary_provider": 120,
    "safe_contact": 400, "payer_name": 160, "plan_name": 160, "group_number": 80,
}  # fmt: skip
COVERAGE_FIELDS = ("payer_name", "payer_class", "plan_name", "member_id", "group_number")
ENTRY_FIELDS = tuple(one.name for one in fields(PatientEntry))
PHONE_PARTS = ("number", "label", "permitted")
VOICEMAIL_WORDS = {None: "", True: YES, False: "no"}


def phone_field(place: int, part: str) -> str:
    """The id of one control of a phone line."""
    return f"phone{place}_{part}"


def entry_of(person: PersonView) -> PatientEntry:
    """A person as the store holds them now, unmasked."""
    return PatientEntry(
        **{name: getattr(person, name) for name in ENTRY_FIELDS if name != "mrn"},
        mrn=person.mrn or None,
    )


def texts_of(person: PersonView | None) -> dict[str, str]:
    """What the form shows for a person; for None, an empty form with its defaults."""
    entry = PatientEntry(family_name="") if person is None else entry_of(person)
    texts = {name: getattr(entry, name) for name in PLAIN if hasattr(entry, name)}
    texts |= {
        "birth_date": format_birth(entry.birth_date) if entry.birth_date else "",
        "sex": entry.sex.value,
        "mrn": entry.mrn or "",
        "risk": entry.risk.value,
        "email": entry.email,
        "postal_code": entry.postal_code,
        "interpreter_needed": YES if entry.interpreter_needed else "",
        "interpreter_mode": entry.interpreter_mode.value if entry.interpreter_mode else "",
        "call_from": format_time(entry.call_from) if entry.call_from else "",
        "call_until": format_time(entry.call_until) if entry.call_until else "",
        "detailed_voicemail": VOICEMAIL_WORDS[entry.detailed_voicemail],
        "confidential_channel": YES if entry.confidential_channel else "",
    }
    phones = person.phones if person else ()
    for place in range(PHONES):
        phone = phones[place] if place < len(phones) else None
        texts[phone_field(place, "number")] = format_phone(phone.number) if phone else ""
        texts[phone_field(place, "label")] = phone.label if phone else "mobile"
        texts[phone_field(place, "permitted")] = YES if phone and phone.is_permitted else ""
    plan = next((c for c in person.coverages if c.status != "cancelled"), None) if person else None
    texts |= {
        "payer_name": plan.payer_name if plan else "",
        "payer_class": (plan.payer_class if plan else PayerClass.UNKNOWN).value,
        "plan_name": plan.plan_name if plan else "",
        "member_id": member_id_words(plan.member_id, plan.payer_class) if plan else "",
        "group_number": plan.group_number if plan else "",
    }
    return texts


@dataclass(slots=True)
class Draft:
    """A form that was read: ready to save when ``problems`` is empty, each by the id of its control."""

    entry: PatientEntry
    phones: list[PhoneEntry] | None = None  # None: not touched
    coverage: CoverageEntry | None = None  # None: not touched
    problems: dict[str, str] = field(default_factory=dict)


def read_draft(
    texts: Mapping[str, str],
    start: Mapping[str, str],
    person: PersonView | None,
    *,
    today: date,
    order: DateOrder,
) -> Draft:
    """Read what differs from ``start`` on top of the person as the store has them now."""
    changed = {name for name, text in texts.items() if text != start.get(name, "")}
    draft = Draft(PatientEntry(family_name="") if person is None else entry_of(person))
    values: dict[str, object] = {}
    for name in sorted(changed & set(PLAIN) - set(COVERAGE_FIELDS)):
        values[name] = clean_text(texts[name], PLAIN[name])
    for name, read in _readers(today, order).items():
        if name in changed:
            try:
                values[name] = read(texts[name])
            except (DateError, IdentifierError) as error:
                draft.problems[name] = str(error)
    draft.entry = replace(draft.entry, **values)  # type: ignore[arg-type]
    if not draft.entry.family_name:
        draft.problems["family_name"] = "A patient needs a family name."
    _check_hours(draft)
    _read_phones(draft, texts, changed, person.phones if person else ())
    if changed & set(COVERAGE_FIELDS):
        _read_coverage(draft, texts, changed)
    places = {name: place for place, name in enumerate(texts)}
    draft.problems = dict(sorted(draft.problems.items(), key=lambda one: places.get(one[0], 0)))
    return draft


def _readers(today: date, order: DateOrder) -> dict[str, Callable[[str], object]]:
    return {
        "birth_date": lambda text: parse_birth_date(text, today=today, order=order) if text else None,
        "sex": Sex,
        "risk": Risk,
        "mrn": lambda text: clean_text(text, 64) or None,
        "email": _email,
        "postal_code": _postal_code,
        "interpreter_needed": bool,
        "interpreter_mode": lambda text: InterpreterMode(text) if text else None,
        "confidential_channel": bool,
        "call_from": _hour,
        "call_until": _hour,
        "detailed_voicemail": lambda text: {"": None, YES: True}.get(text, False),
    }


def _email(text: str) -> str:
    if text and "@" not in text:
        raise IdentifierError("An email address has an @, such as name@example.org.")
    return clean_text(text, 200)


def _postal_code(text: str) -> str:
    """A ZIP is checked; a code with letters is another country's and stays as typed."""
    is_zip = text and not any(char.isalpha() for char in text)
    return normalize_zip(text) if is_zip else clean_text(text, 20)


def _hour(text: str) -> time | None:
    if not text:
        return None
    found = read_time(text)
    if found is None:
        raise DateError("A time is typed as 9am or 14:30.")
    return found


def _check_hours(draft: Draft) -> None:
    start, end = draft.entry.call_from, draft.entry.call_until
    if start is not None and end is not None and start >= end:
        draft.problems.setdefault("call_until", "This is not after the hour calls may begin.")


def _read_phones(
    draft: Draft, texts: Mapping[str, str], changed: set[str], known: Sequence[PhoneRow]
) -> None:
    """Lines of the form in order; numbers beyond them and notes stay as they are."""
    controls = {phone_field(place, part) for place in range(PHONES) for part in PHONE_PARTS}
    phones = [_kept(phone) for phone in known]
    if changed & controls:
        lines = [_read_phone(draft, texts, place, changed, known) for place in range(PHONES)]
        phones = draft.phones = [line for line in lines if line is not None] + phones[PHONES:]
    touched = bool(changed & controls) or "confidential_channel" in changed
    asked = draft.entry.confidential_channel and touched and not draft.problems and phones
    if asked and not draft.entry.safe_contact and not any(phone.is_permitted for phone in phones):
        draft.problems[phone_field(0, "number")] = (
            "Say which number may be used, or write the safe-contact instructions."
        )


def _kept(phone: PhoneRow) -> PhoneEntry:
    return PhoneEntry(
        number=phone.number, label=phone.label, is_permitted=phone.is_permitted, note=phone.note
    )


def _read_phone(
    draft: Draft, texts: Mapping[str, str], place: int, changed: set[str], known: Sequence[PhoneRow]
) -> PhoneEntry | None:
    name = phone_field(place, "number")
    typed = texts[name]
    if not typed:
        return None
    number, note = "", ""
    if place < len(known):
        number, note = known[place].number, known[place].note
    if name in changed:
        try:
            number = parse_phone(typed)
        except IdentifierError as error:
            draft.problems[name] = str(error)
            return None
    return PhoneEntry(
        number=number,
        label=texts[phone_field(place, "label")] or "other",
        is_permitted=bool(texts[phone_field(place, "permitted")]),
        note=note,
    )


def _read_coverage(draft: Draft, texts: Mapping[str, str], changed: set[str]) -> None:
    values = {
        name: clean_text(texts[name], PLAIN[name]) for name in ("payer_name", "plan_name", "group_number")
    }
    payer_class = PayerClass(texts["payer_class"] or PayerClass.UNKNOWN.value)
    member_id = clean_text(texts["member_id"], 80)
    if payer_class is PayerClass.SELF_PAY and not values["payer_name"]:
        values["payer_name"] = payer_class.label
    if not values["payer_name"] and (member_id or values["plan_name"] or values["group_number"]):
        draft.problems["payer_name"] = "Whose plan is this? Type the payer's name."
    if payer_class is PayerClass.MEDICARE and member_id:
        try:
            member_id = normalize_mbi(member_id)
        except IdentifierError as error:
            if changed & {"member_id", "payer_class"}:
                draft.problems["member_id"] = str(error)
    draft.coverage = CoverageEntry(payer_class=payer_class, member_id=member_id, **values)


def echoes(texts: Mapping[str, str], *, today: date, order: DateOrder) -> dict[str, str]:
    """What typed texts were understood as, for the fields where reading them is more than copying."""
    found: dict[str, str] = {}
    readers: dict[str, Callable[[str], str]] = {
        "birth_date": lambda text: _birth_words(parse_birth_date(text, today=today, order=order), today),
        "call_from": lambda text: f"= {format_time(at)}" if (at := read_time(text)) else "",
        "call_until": lambda text: f"= {format_time(at)}" if (at := read_time(text)) else "",
        "postal_code": lambda text: f"= {_postal_code(text)}",
        **{
            phone_field(place, "number"): lambda text: f"= {format_phone(parse_phone(text))}"
            for place in range(PHONES)
        },
    }
    if texts.get("payer_class") == PayerClass.MEDICARE.value:
        readers["member_id"] = lambda text: f"= {member_id_words(normalize_mbi(text), PayerClass.MEDICARE)}"
    for name, read in readers.items():
        if not texts.get(name):
            continue
        try:
            found[name] = read(texts[name])
        except (DateError, IdentifierError):
            continue  # half typed; saving says what is wrong
    return found


def _birth_words(birth: date, today: date) -> str:
    return f"= {format_birth(birth)}, {age_on(birth, today)}"
