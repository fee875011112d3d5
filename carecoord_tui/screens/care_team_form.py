"""Somebody who cares for the patient: from the directory, or by name."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from carecoord_tui.domain.identifiers import IdentifierError, format_phone, parse_phone
from carecoord_tui.domain.provider_rows import ProviderRow
from carecoord_tui.domain.rows import CareTeamRow
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput, FormSheet
from carecoord_tui.store.actions.care_team import NAME_LIMIT, MemberEntry, put_care_team_member
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.providers import read_provider, search_providers
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.type_ahead import Suggestion, TypeAhead

NUMBERS = ("phone", "fax")
OFFERED = 12


class CareTeamSheet(FormSheet[bool]):
    """Add or change a member. Taken from the directory, specialty and numbers come along."""

    def __init__(
        self, practice: Practice, patient_id: int, patient_name: str, member: CareTeamRow | None = None
    ) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self.member = member

    def heading(self) -> str:
        """Whose care team."""
        patient = self.app.shown_name(self.patient_name)
        return (
            f"Care team of {patient}" if self.member is None else f"{self.member.name}, cares for {patient}"
        )

    def hint(self) -> str:
        """The keys."""
        return "enter take, next · tab down next · up back · ctrl+s save · esc leave"

    def compose_body(self) -> ComposeResult:
        """Who, as what, how to reach them."""
        one = self.member or CareTeamRow(id=0, name="")
        chosen = Suggestion(one.provider_id, one.name) if one.provider_id is not None else None
        yield Field(
            "Who",
            TypeAhead(
                self._offices,
                value=one.name,
                chosen=chosen,
                placeholder="a name; the directory is offered",
                max_length=NAME_LIMIT,
                takes_first=False,
                id="who",
            ),
        )
        yield Field("Role", FormInput(one.role, placeholder="e.g. cardiologist, pharmacy", id="role"))
        yield Field("Phone", FormInput(format_phone(one.phone), id="phone"))
        yield Field("Fax", FormInput(format_phone(one.fax), id="fax"))
        if self.member is not None:
            yield Field("Still cares", ChoiceRow(YES_NO, value="yes" if one.is_active else "", id="active"))
        yield Field("Note", FormInput(one.note, id="note", prose=True))

    def texts(self) -> dict[str, str]:
        """Every field, the name too."""
        return {**super().texts(), "who": self.query_one("#who", TypeAhead).value.strip()}

    def _offices(self, text: str) -> Sequence[Suggestion]:
        if not text.strip():
            return []
        found = search_providers(self.practice.execute, text, limit=OFFERED)
        return [Suggestion(one.id, one.name, _office_words(one)) for one in found]

    @on(TypeAhead.Chosen, "#who")
    def _taken(self, event: TypeAhead.Chosen) -> None:
        """What the directory knows fills what is still empty; another office's numbers replace it."""
        office = read_provider(self.practice.execute, int(str(event.suggestion.key)))
        if office is not None:
            role = self.query_one("#role", FormInput)
            role.value = role.value or office.specialty
            self.query_one("#phone", FormInput).value = format_phone(office.phone)
            self.query_one("#fax", FormInput).value = format_phone(office.fax)
        self.problem("")
        self.focus_next()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        """Say at once what was understood."""
        if not self.is_mounted or event.input.id not in NUMBERS:
            return
        self.problem("")
        field = self.field_of(event.input.id)
        field.show_problem("")
        try:
            number = parse_phone(event.value) if event.value.strip() else ""
        except IdentifierError:
            number = ""  # half typed; saving says what is wrong
        field.show_note(f"= {format_phone(number)}" if number else "")

    async def action_save(self) -> None:
        """Check and save."""
        texts, who = self.texts(), self.query_one("#who", TypeAhead)
        problems = {} if texts["who"] else {"who": "Say who it is: a name."}
        numbers = {name: self._number(name, texts[name], problems) for name in NUMBERS}
        if self.show_problems(problems):
            return
        entry = MemberEntry(
            name=texts["who"],
            role=texts["role"],
            note=texts["note"],
            provider_id=int(str(who.chosen.key)) if who.chosen is not None else None,
            is_active=bool(texts.get("active", "yes")),
            **numbers,
        )
        member_id = self.member.id if self.member else None
        if self.attempt(
            lambda: put_care_team_member(
                self.practice,
                self.patient_id,
                entry,
                member_id=member_id,
                version=self.member.version if self.member else None,
            )
        ):
            self.dismiss(True)
            self.app.say("Saved.  u undoes it")

    def _number(self, name: str, typed: str, problems: dict[str, str]) -> str:
        """A number that was not touched stays as it is stored."""
        if self.member is not None and typed == self._start[name]:
            return str(getattr(self.member, name))
        try:
            return parse_phone(typed) if typed else ""
        except IdentifierError as error:
            problems[name] = str(error)
            return ""


def _office_words(office: ProviderRow) -> str:
    return " · ".join(word for word in (office.specialty, office.organization) if word)


SCREEN = CareTeamSheet
