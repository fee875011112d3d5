"""Every step that may follow an authorization's status, one key each; its units, items and denial."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from carecoord_tui.domain.authorization_choices import Situation, moves
from carecoord_tui.domain.settle import Choice
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.authorization_words import standing_lines
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.settle import SettleSheet
from carecoord_tui.store.actions.authorizations import renew
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.authorizations import AuthorizationDetail, read_authorization
from carecoord_tui.widgets.safe_text import safe_text

_NOTHING_FOLLOWS = "Nothing follows any more: the later authorization goes on."


def situation_of(record: AuthorizationDetail) -> Situation:
    """What the moves depend on."""
    return Situation(
        status=record.status,
        is_renewed=record.renewed_by_id is not None,
        is_extended=record.extended_on is not None,
        has_denied_part=bool(record.facts.denied_items),
        has_denial=record.denial_id is not None and not record.facts.awaits_letter,
    )


class AuthorizationSteps(SettleSheet):
    """True when something was recorded. ``following`` is the form that then takes over, if one does."""

    def __init__(self, practice: Practice, record: AuthorizationDetail, patient_name: str) -> None:
        self.record, self.patient_name = record, patient_name
        self.following: Screen[object] | None = None
        super().__init__(
            practice,
            Subject((), record.patient_id, patient_name),
            offered=moves(situation_of(record)),
            refs=[_ref(practice, record)],
        )

    def heading(self) -> str:
        """Which authorization, and whose."""
        return f"{self.record.service} · {self.app.shown_name(self.patient_name)}"

    def compose_standing(self) -> ComposeResult:
        """How it stands now."""
        lines = standing_lines(self.record, self.practice.context, self.practice.clock.now())
        if not self.choices:
            lines.append(_NOTHING_FOLLOWS)
        yield Static(Content("\n".join(safe_text(line) for line in lines)), id="standing", markup=False)

    def recorded(self, choice: Choice) -> None:
        """The letter that came has its own form."""
        if choice.act == "auth:letter":
            self._follow_with_denial()

    def _open_form(self, choice: Choice) -> None:
        what = choice.act.partition(":")[2]
        if what == "renewal":
            self._renew()
        elif what == "denial":
            self._follow_with_denial()
            self.dismiss(True)
        elif what == "uses":
            from carecoord_tui.screens.authorization_uses import UsesSheet

            uses = UsesSheet(self.practice, self.record.patient_id, self.patient_name, self.record.id)
            self.app.push_screen(uses, self._form_closed)
        else:
            from carecoord_tui.screens.authorization_items import ItemsSheet

            items = ItemsSheet(self.practice, self.record.patient_id, self.patient_name, self.record.id)
            self.app.push_screen(items, self._form_closed)

    def _renew(self) -> None:
        """The new request, prefilled and linked, opens for what is different this time."""
        from carecoord_tui.screens.authorization_form import AuthorizationForm

        made: list[int] = []
        if self.attempt(lambda: made.append(renew(self.practice, self.record.id))):
            self.following = AuthorizationForm(
                self.practice, self.record.patient_id, self.patient_name, authorization_id=made[0]
            )
            self.dismiss(True)
            self.app.say("Renewal started, to be submitted next.  u undoes it")

    def _follow_with_denial(self) -> None:
        from carecoord_tui.screens.denial_form import DenialForm

        now = read_authorization(self.practice.execute, self.record.id)
        if now is not None and now.denial_id is not None:
            self.following = DenialForm(
                self.practice, now.patient_id, self.patient_name, denial_id=now.denial_id
            )


def _ref(practice: Practice, record: AuthorizationDetail) -> ItemRef:
    """The open item of this authorization, so that a date given to it is found; none is owed when closed."""
    rows = practice.execute(
        "SELECT rule_id FROM ledger WHERE kind = 'authorization' AND record_id = ?", [record.id]
    )
    rule_id = rows[0][0] if rows else ""
    return ItemRef(Kind.AUTHORIZATION, record.id, rule_id, record.patient_id)


SCREEN = AuthorizationSteps
