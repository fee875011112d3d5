"""How a patient may be reached: what binds everything that leaves the program, and when to call."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.release import contact_only, minor_words
from carecoord_tui.domain.rows import PhoneRow
from carecoord_tui.screens.calling_hours_fields import FIELDS, hours_echo, hours_texts, read_hours
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput, FormSheet
from carecoord_tui.store.actions.contact_rules import (
    NO_WAY_LEFT,
    TEXT_LIMIT,
    ContactRules,
    put_contact_rules,
    reveal_reason,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.person_pane import ALARM, styled

YES = "yes"
PERMITTED = (Option("y", "may be used", YES), Option("n", "not", ""))
VOICEMAIL = (Option("a", "agreed", YES), Option("n", "not agreed", "no"), Option("u", "not asked", ""))
_VOICEMAIL_OF = {YES: True, "no": False, "": None}
SEALED = "sealed: F4 shows it, and the look is logged"
MASKED = "Names are masked: somebody looks on. z shows them again, then F4."


def phone_control(phone: PhoneRow) -> str:
    """The id of the control of a number."""
    return f"phone-{phone.id}"


class ContactRulesSheet(FormSheet[bool]):
    """One sheet for all of it. The reason of the instructions stays sealed until ``F4``."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "contact_rules.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "reveal", "Show the reason", id="contact_rules.reveal", show=False)
    ]

    def __init__(self, practice: Practice, patient_id: int) -> None:
        super().__init__()
        self.practice, self.patient_id = practice, patient_id
        self.person = read_person(practice.execute, patient_id, contacts=0, unmasked=True)
        self._is_revealed = False

    def heading(self) -> str:
        """Whose rules."""
        return f"Contact rules of {self.app.shown_name(self.person.name) if self.person else 'nobody'}"

    def hint(self) -> str:
        """The keys."""
        return "tab down next · up back · F4 the sealed reason · ctrl+s save · esc leave"

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """What binds first, then when and how."""
        if (one := self.person) is None:
            return
        hours = hours_texts(one)
        with Vertical(id="form"):
            yield Field(
                "Confidential",
                ChoiceRow(YES_NO, value=YES if one.confidential_channel else "", id="confidential"),
            )
            for phone in one.phones:
                value = YES if phone.is_permitted else ""
                label = f"{phone.label} {format_phone(phone.number)[-4:]}"
                yield Field(f"  {label}", ChoiceRow(PERMITTED, value=value, id=phone_control(phone)))
            yield Static("", id="channel-words", markup=False)
            yield self._line("Safe contact", "safe_contact", one.safe_contact, "how to reach them safely")
            yield self._line("  reason", "reason", "", SEALED)
            yield self._line(
                "Minor consented", "minor_consent", one.minor_consent, "the service and the state rule"
            )
            yield Static("", id="minor-words", markup=False)
            for label, name, hint in FIELDS:
                yield Field(label, FormInput(hours[name], placeholder=hint, id=name))
            voicemail = next(k for k, agreed in _VOICEMAIL_OF.items() if agreed is one.detailed_voicemail)
            yield Field("Detailed voicemail", ChoiceRow(VOICEMAIL, value=voicemail, id="voicemail"))

    def _line(self, label: str, name: str, value: str, hint: str) -> Field:
        control = FormInput(value, placeholder=hint, id=name, prose=True)
        control.max_length = TEXT_LIMIT
        return Field(label, control)

    def on_mount(self) -> None:
        """What the rules say as they stand."""
        if self.person is None:
            self.problem("This patient is no longer there: adding them was undone.")
            return
        self._show_words()

    @on(Input.Changed)
    @on(ChoiceRow.Chosen)
    def _changed(self, event: Input.Changed | ChoiceRow.Chosen) -> None:
        """Say at once what was understood, and what will be said of it."""
        name = event.control.id
        if not self.is_mounted or name is None:
            return
        self.problem("")
        self.field_of(name).show_problem("")
        self._show_words()

    def on_descendant_blur(self) -> None:
        """An option may have been stepped to, which tells nobody."""
        if self.person is not None:
            self._show_words()

    def _show_words(self) -> None:
        texts, local = self.texts(), self.practice.moment().local
        for _, name, _ in FIELDS:
            self.field_of(name).show_note(hours_echo(name, texts[name], local))
        is_bound, phones = bool(texts["confidential"]), self.person.phones if self.person else ()
        for phone in phones:
            self.field_of(phone_control(phone)).display = is_bound
        numbers = [phone.number for phone in phones if texts[phone_control(phone)]]
        self._say("channel-words", contact_only(numbers) if is_bound else "")
        self._say("minor-words", minor_words(texts["minor_consent"]) if texts["minor_consent"] else "")

    def _say(self, name: str, words: str) -> None:
        line = self.query_one(f"#{name}", Static)
        line.update(styled(words, ALARM) if words else Content(""))
        line.display = bool(words)

    # --- the sealed reason -----------------------------------------------------------------------

    def action_reveal(self) -> None:
        """Show the reason in its field; the look is in the audit first."""
        if self._is_revealed or self.person is None:
            return
        if self.app.privacy:
            self.problem(MASKED)
            return
        found: list[str] = []
        if not self.attempt(lambda: found.append(reveal_reason(self.practice, self.patient_id))):
            return
        self._is_revealed = True
        field = self.query_one("#reason", FormInput)
        field.placeholder = "none was written"
        if not field.value:
            field.value = self._start["reason"] = found[0]
        else:
            self.field_of("reason").show_note(f"on file: {found[0]}" if found[0] else "none on file")

    # --- saving ----------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check and save in one change."""
        if (person := self.person) is None:
            return
        texts = self.texts()
        problems: dict[str, str] = {}
        hours = read_hours(texts, problems)
        permitted = frozenset(one.id for one in person.phones if texts[phone_control(one)])
        if texts["confidential"] and not permitted and not texts["safe_contact"]:
            problems = {"confidential": NO_WAY_LEFT, **problems}
        if self.show_problems(problems):
            return
        rules = ContactRules(
            confidential_channel=bool(texts["confidential"]),
            permitted=permitted,
            safe_contact=texts["safe_contact"],
            reason=texts["reason"] if texts["reason"] != self._start["reason"] else None,
            minor_consent=texts["minor_consent"],
            detailed_voicemail=_VOICEMAIL_OF[texts["voicemail"]],
            **hours,
        )
        if self.attempt(
            lambda: put_contact_rules(self.practice, self.patient_id, rules, version=person.version)
        ):
            self.dismiss(True)
            self.app.say("Saved.  u undoes it")


SCREEN = ContactRulesSheet
