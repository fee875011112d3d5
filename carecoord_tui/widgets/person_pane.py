"""The person beside the list: what a call needs, why now, last contacts, what else is open.

``PersonPane`` stands at the right from 100 columns on; ``PersonLines`` keeps the two most needed
lines at the bottom of a narrow terminal. Both are fed frozen rows and know no store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rich.style import Style
from textual.content import Content

from carecoord_tui.domain.calling_hours import closed_words, hours_words, own_or_usual, zone_label
from carecoord_tui.domain.dates import age_on, format_birth, format_day
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.release import DO_NOT_CONFIRM, contact_only, may_leave, minor_words
from carecoord_tui.domain.rows import ContactRow, PersonView
from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.widgets.columns import fit
from carecoord_tui.widgets.safe_text import default_glyphs, safe_text, shown_text
from carecoord_tui.widgets.text_block import TextBlock

STRONG, DIM, ALARM, WAITING = "bold", "$text-muted", "$text-error", "$text-warning"
Name = Callable[[str], str]
OPEN_SHOWN = 8
STOPPED = "Outreach and visits stopped."
PANE_WIDTH = 40


def styled(text: str, style: str = "") -> Content:
    """Data as text: control characters made harmless, never markup."""
    return Content.styled(shown_text(text), style) if style else Content(shown_text(text))


def heading(person: PersonView, today: date, name: Name) -> Content:
    """``Alvarez, Rosa   71 F   14 Mar 1955``."""
    parts = [styled(name(person.name), STRONG)]
    if person.is_masked:
        parts.append(Content(f"   {person.sex.letter}"))
    elif person.birth_date is not None:
        parts.append(Content(f"   {age_on(person.birth_date, today)} {person.sex.letter}"))
        parts.append(styled(f"   {format_birth(person.birth_date)}", DIM))
    elif person.sex.letter != "-":
        parts.append(Content(f"   {person.sex.letter}"))
    return Content("").join(parts)


def status_words(person: PersonView, today: date, open_items: int = 0) -> str:
    """Why a person is not simply active; empty when they are. What is open after a death is the estate's."""
    if person.status is PatientStatus.DECEASED:
        died = f" {format_day(person.deceased_on, today)}" if person.deceased_on else ""
        teller = _teller(person.deceased_told_by or person.status_note)
        told = f" (told by {teller})" if teller else ""
        estate = f" Open for estate: {open_items}." if open_items else ""
        return f"Died{died}{told}. {STOPPED}{estate}"
    if person.status is PatientStatus.ON_HOLD:
        until = f" until {format_day(person.hold_until, today)}" if person.hold_until else ""
        return f"On hold{until}"
    if person.status is PatientStatus.DISCHARGED:
        return "Discharged from the caseload"
    return ""


def _teller(words: str) -> str:
    """Who told of a death, without what the banner says itself: typed by hand, both are often there."""
    kept = re.split(re.escape(STOPPED.rstrip(".")), words, maxsplit=1, flags=re.IGNORECASE)[0]
    return re.sub(r"^told by\s+", "", kept.strip(), flags=re.IGNORECASE).rstrip(" .;,")


def phone_words(person: PersonView, moment: Moment | None = None) -> str:
    """The number to call, with the hours and the language: ``(555) 010-0134 mobile, until 5pm · Spanish``.

    While they take no calls at the ``moment`` that stands in the place of the hours.
    """
    parts = []
    if person.phones:
        first = person.phones[0]
        parts.append(f"{format_phone(first.number)} {first.label}")
    else:
        parts.append("no phone on file")
    if moment is not None and (closed := _closed(person, moment)):
        parts.append(closed)
    elif hours := hours_words(person.call_from, person.call_until, person.time_zone):
        parts.append(hours)
    elif person.time_zone:
        parts.append(zone_label(person.time_zone))
    text = ", ".join(parts)
    return f"{text} · {person.language}" if person.language else text


def _closed(person: PersonView, moment: Moment) -> str:
    hours = own_or_usual((person.call_from, person.call_until), (moment.call_from, moment.call_until))
    return closed_words(*hours, person.time_zone, moment.local, moment.zone.key)


def limits(person: PersonView) -> list[str]:
    """What binds a contact with this person, each a few words."""
    found = []
    if person.confidential_channel:
        found.append(contact_only([phone.number for phone in may_leave(person).phones]))
    if person.safe_contact:
        found.append(f"Safe contact: {person.safe_contact}")
    is_discreet = person.confidential_channel or bool(person.safe_contact)
    if is_discreet and DO_NOT_CONFIRM.rstrip(".").lower() not in person.safe_contact.lower():
        found.append(DO_NOT_CONFIRM)
    if person.minor_consent:
        found.append(minor_words(person.minor_consent))
    if person.interpreter_needed:
        found.append("interpreter")
    if person.detailed_voicemail is False:
        found.append("no detailed voicemail")
    return found


def coverage_words(person: PersonView, today: date) -> str:
    """``Humana Gold Plus · Medicare Adv. · checked 27 Nov``; unknown is said."""
    plan = next((c for c in person.coverages if c.status != "cancelled"), None)
    if plan is None:
        return "no coverage on file"
    words = [plan.plan_name or plan.payer_name, plan.payer_class.label]
    if plan.last_checked_on:
        result = "" if plan.last_result == "active" else f", {plan.last_result}"
        words.append(f"checked {_short(plan.last_checked_on, today)}{result}")
    else:
        words.append("never checked")
    return " · ".join(words)


def _short(day: date, today: date) -> str:
    return format_day(day, today).split(" ", 1)[1]


def contact_words(contact: ContactRow, zone: ZoneInfo, today: date, name: Name) -> str:
    """``25 Nov  left minimal message``."""
    day = contact.at.astimezone(zone).date()
    who = f", {name(contact.spoke_with)}" if contact.spoke_with else ""
    return f"{_short(day, today)}  {contact.outcome.label}{who}"


def last_touch(at: datetime | None, moment: Moment) -> str:
    """The day of the last contact with the patient or their family; ``never contacted``."""
    if at is None:
        return "never contacted"
    return f"last contact {format_day(at.astimezone(moment.zone).date(), moment.today)}"


class PersonPane(TextBlock):
    """The side pane; a rule at its left sets it off."""

    DEFAULT_CSS = """
    PersonPane {
        width: 40;
        height: 1fr;
        & > .person-pane--rule { color: $border-blurred; }
    }
    """
    COMPONENT_CLASSES = frozenset({"person-pane--rule"})
    margin_text = "| "

    def margin_style(self) -> Style:
        """The rule's colour."""
        return self.get_component_rich_style("person-pane--rule", partial=True)

    def clear(self) -> None:
        """Nobody is highlighted."""
        self.show_content(Content(""))

    def show(
        self, person: PersonView, items: Sequence[Ranked], focus: Ranked | None, moment: Moment, name: Name
    ) -> None:
        """Draw this person; ``focus`` is the highlighted item."""
        today = moment.today
        lines = [heading(person, today, name)]
        if status := status_words(person, today, len(items)):
            lines.append(styled(status, ALARM))
        lines.append(styled(phone_words(person, moment)))
        lines.extend(styled(f"! {text}", WAITING) for text in limits(person))
        lines.append(styled(coverage_words(person, today), DIM))
        if focus is not None:
            lines += [Content(""), styled("Why now", DIM), *_why(focus)]
        if person.contacts:
            lines += [Content(""), styled("Last contacts", DIM)]
            lines += [styled(contact_words(c, moment.zone, today, name)) for c in person.contacts[:3]]
        others = [r for r in items if focus is None or r.item_id != focus.item_id]
        if others:
            lines += [Content(""), styled("Also open" if focus else "Open", DIM)]
            lines += [_open_line(r, today) for r in others[:OPEN_SHOWN]]
            if len(others) > OPEN_SHOWN:
                lines.append(styled(f"and {len(others) - OPEN_SHOWN} more", DIM))
        self.show_content(Content("\n").join(lines))


def _why(focus: Ranked) -> list[Content]:
    item = focus.item
    cited = ", ".join(part for part in (item.rule_id, item.citation) if part)
    return [styled(item.why), styled(f"({cited})", DIM)]


def _open_line(row: Ranked, today: date) -> Content:
    style = ALARM if row.days_late and row.item.basis.value != "check_in" else ""
    title = fit(safe_text(row.title), PANE_WIDTH - 15, "left", default_glyphs()).rstrip()
    return Content.assemble(styled(format_day(row.item.target_on, today).ljust(11), style or DIM), title)


class PersonLines(TextBlock):
    """Two lines for a narrow terminal: phone, hours, language, limits; then last contact and coverage."""

    DEFAULT_CSS = """
    PersonLines { height: 2; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    margin_text = " "

    def clear(self) -> None:
        """Nobody is highlighted."""
        self.show_content(Content(""))

    def show(self, person: PersonView, moment: Moment, name: Name) -> None:
        """Draw this person."""
        today = moment.today
        bound = [styled(f"! {text}  ", WAITING) for text in limits(person)]
        status = status_words(person, today)
        first = [styled(name(person.name), STRONG), Content("  "), styled(phone_words(person, moment))]
        second = [styled(status, ALARM), Content("  ")] if status else []
        if _closed(person, moment):  # these words need the room of the first line
            second += bound
        else:
            first += [Content("  "), *bound]
        last = next((one for one in person.contacts if not one.outcome.is_of_office), None)
        if last is not None:
            second.append(styled(f"last: {contact_words(last, moment.zone, today, name)}"))
        else:  # nobody yet, or so many calls to offices ago that only the day is known here
            second.append(styled(last_touch(person.last_contact_at, moment)))
        second.append(styled(f" · {coverage_words(person, today)}", DIM))
        self.show_content(Content("\n").join([Content("").join(first), Content("").join(second)]))
