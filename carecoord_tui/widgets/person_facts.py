"""The top of the patient page and its facts: who this is, what binds a contact, coverage, phones, address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from textwrap import wrap

from textual.content import Content

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.identifiers import IdentifierError, format_mbi, format_phone, normalize_mbi
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.rows import CoverageRow, PersonView
from carecoord_tui.domain.vocabulary import PatientStatus, PayerClass
from carecoord_tui.widgets.person_pane import (
    ALARM,
    DIM,
    WAITING,
    heading,
    last_touch,
    limits,
    phone_words,
    status_words,
    styled,
)
from carecoord_tui.widgets.safe_text import safe_text

Name = Callable[[str], str]
LABEL_WIDTH = 12
BINDING = ("CONTACT ONLY", "Safe contact", "Do not confirm", "Patient consented")
"""How the words begin that bind a contact, before those that help one."""


def page_heading(person: PersonView, open_items: int, moment: Moment, name: Name) -> Content:
    """Name line, then alerts, then what a call needs."""
    today = moment.today
    first = [heading(person, today, name)]
    if person.mrn:
        first.append(styled(f"   MRN {person.mrn}", DIM))
    first.append(styled(f"   {person.risk.label} risk", DIM))
    lines = [Content("").join(first), *alert_lines(person, open_items, today)]
    call = [styled(phone_words(person, moment))]
    call.append(styled(f" · {last_touch(person.last_contact_at, moment)}", DIM))
    lines.append(Content("").join(call))
    return Content("\n").join(lines)


def alert_lines(person: PersonView, open_items: int, today: date) -> list[Content]:
    """What must be seen before anything is done: the status, what binds a contact, what helps one."""
    lines = []
    status = _status(person, open_items, today)
    if status:
        lines.append(styled(f"! {status}", ALARM))
    bound = limits(person)
    binding = [text for text in bound if text.startswith(BINDING)]
    lines.extend(styled(f"! {text}", ALARM) for text in binding)
    words = [f"! {text}" for text in bound if text not in binding]
    if words:
        lines.append(styled("   ".join(words), WAITING))
    return lines


def _status(person: PersonView, open_items: int, today: date) -> str:
    words = status_words(person, today, open_items)
    if person.status in (PatientStatus.ON_HOLD, PatientStatus.DISCHARGED) and person.status_note:
        return f"{words}: {person.status_note}"
    return words


def fact_lines(person: PersonView, today: date, width: int) -> Content:
    """Coverage, phones that may be used, address, who treats: labels dim, long facts on several lines."""
    room = max(width - LABEL_WIDTH, LABEL_WIDTH)
    lines = []
    for label, text in _facts(person, today):
        for place, piece in enumerate(wrap(safe_text(text), room) or [""]):
            words = "" if place else label
            lines.append(Content.assemble(styled(words.ljust(LABEL_WIDTH), DIM), styled(piece)))
    return Content("\n").join(lines)


def _facts(person: PersonView, today: date) -> Iterator[tuple[str, str]]:
    plans = [plan for plan in person.coverages if plan.status != "cancelled"]
    for place, plan in enumerate(plans):
        yield "" if place else "Coverage", _plan(plan, today)
    if not plans:
        yield "Coverage", "none on file"
    for place, phone in enumerate(person.phones):
        note = f" · {phone.note}" if phone.note else ""
        yield "" if place else "Phone", f"{format_phone(phone.number)} {phone.label}{note}"
    if person.confidential_channel:
        yield "Address", "not shown: confidential channel"
    else:
        place_words = f"{person.state} {person.postal_code}".strip()
        address = ", ".join(part for part in (person.address_line, person.city, place_words) if part)
        yield "Address", address or "none on file"
        if person.email:
            yield "Email", person.email
    if person.primary_provider:
        yield "Provider", person.primary_provider
    if person.check_in_on is not None and person.status is PatientStatus.ACTIVE:
        yield "Check-in", f"{format_day(person.check_in_on, today)}, when nothing else is open"


def _plan(plan: CoverageRow, today: date) -> str:
    words = [plan.payer_name, plan.plan_name, plan.payer_class.label]
    if plan.payer_class is PayerClass.UNKNOWN:
        words[-1] = "class not known"
    if plan.member_id:
        words.append(f"ID {member_id_words(plan.member_id, plan.payer_class)}")
    if plan.group_number:
        words.append(f"group {plan.group_number}")
    if plan.last_checked_on is None:
        words.append("never checked")
    else:
        words.append(f"{plan.last_result}, checked {format_day(plan.last_checked_on, today)}")
    return " · ".join(dict.fromkeys(word for word in words if word))


def member_id_words(member_id: str, payer_class: PayerClass) -> str:
    """A member ID as on the card: a Medicare number with its dashes, any other as it is."""
    if payer_class is not PayerClass.MEDICARE:
        return member_id
    try:
        return format_mbi(normalize_mbi(member_id))
    except IdentifierError:
        return member_id
