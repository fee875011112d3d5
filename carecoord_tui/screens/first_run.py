"""The first run: who works here, where, and with which passphrase. Then a practice is made.

The steps after it are screens of their own: ``recovery`` shows the recovery code, ``start_choice`` asks
what to begin with.
"""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import ComposeResult, RenderResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from carecoord_tui.clock import clock_from, zone_named
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.paths import refuse_unsafe
from carecoord_tui.screens.setup import SetupScreen
from carecoord_tui.store.errors import StoreError
from carecoord_tui.time_zones import find_zone, system_zone
from carecoord_tui.widgets.safe_text import safe_text

if TYPE_CHECKING:
    from carecoord_tui.paths import PracticePaths
    from carecoord_tui.store.opening import Unlocked

MIN_PASSPHRASE = 8  # keyfile.MIN_PASSPHRASE, which is not imported for the first frame
_NAME_LENGTH = 120
CLINICAL_QUESTION = "Are you clinical staff? Press y or n."


@dataclass(frozen=True, slots=True)
class Answers:
    """The form, checked."""

    name: str
    role: str
    is_clinical: bool
    zone: str
    passphrase: str


class Incomplete(ValueError):
    """A field that has to be looked at again; the text says why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


class YesNo(Widget, can_focus=True):
    """Yes or no by one key; None until somebody has said which."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "say(True)", "Yes", id="yesno.yes", show=False),
        Binding("n", "say(False)", "No", id="yesno.no", show=False),
        Binding("space,left,right", "turn", "Other", id="yesno.turn", show=False),
        Binding("enter", "next", "Next", id="yesno.next", show=False),
    ]

    value: bool | None = None

    class Answered(Message):
        """Yes or no was said."""

    class Skipped(Message):
        """``enter`` came before an answer."""

    def render(self) -> RenderResult:
        """Both words, the chosen one standing out."""
        styles = {True: ("bold", "dim"), False: ("dim", "bold"), None: ("", "")}[self.value]
        return Content.assemble(("yes", styles[0]), "   ", ("no", styles[1]))

    def action_say(self, value: bool) -> None:
        """Answer."""
        self.value = value
        self.refresh()
        self.post_message(self.Answered())

    def action_turn(self) -> None:
        """The other answer."""
        self.action_say(not self.value)

    def action_next(self) -> None:
        """On to the next field, once this one is answered."""
        if self.value is None:
            self.post_message(self.Skipped())
        else:
            self.screen.focus_next()

    def on_click(self, event: events.Click) -> None:
        """The word under the mouse."""
        self.action_say(event.get_content_offset_capture(self).x < len("yes  "))


class FirstRunScreen(SetupScreen):
    """The form. ``enter`` goes from field to field and on the last one makes the practice."""

    AUTO_FOCUS = "#name-input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "demo", "Demo", id="first_run.demo", show=False),
        Binding("down", "app.focus_next", "Next", id="first_run.next", show=False),
        Binding("up", "app.focus_previous", "Previous", id="first_run.previous", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._is_busy = False

    def heading(self) -> str:
        """Where the practice will lie."""
        return safe_text(f"A new practice in {self.app.paths.root}")

    def hint(self) -> str:
        """The keys."""
        return "enter next, at the end create · F9 only look at a demo · ctrl+q quit"

    def compose_step(self) -> ComposeResult:
        """The fields."""
        yield _row("Your name", Input(id="name-input", max_length=_NAME_LENGTH), "as the audit shows it")
        yield _row(
            "Role", Input(id="role-input", max_length=_NAME_LENGTH, placeholder="care coordinator"), ""
        )
        yield _row("Clinical staff", YesNo(id="clinical-input"), "y or n")
        yield Static(
            "Clinical staff: your calls count as the contact after a hospital discharge.",
            classes="note", markup=False,
        )  # fmt: skip
        yield _row("Time zone", Input(system_zone(), id="zone-input"), "", gap=True)
        yield _row("Passphrase", Input(password=True, id="passphrase-input"), "", gap=True)
        yield _row("Once more", Input(password=True, id="again-input"), "")
        yield Static(
            "It encrypts everything, on this computer alone. Nobody can reset it; a recovery code follows.",
            classes="note", markup=False,
        )  # fmt: skip

    def on_mount(self) -> None:
        """Say at once when a practice cannot lie in this folder."""
        self._echo_zone()
        try:
            refuse_unsafe(self.app.paths.root)
        except StoreError as error:
            self.say(str(error), alarm=True)

    # --- echo ----------------------------------------------------------------------------------

    def on_yes_no_skipped(self) -> None:
        """The answer is asked for where it is missing."""
        self.say_at(self.query_one(YesNo), CLINICAL_QUESTION)

    def on_yes_no_answered(self) -> None:
        """What was wrong with a field is said until it changes."""
        self._forget_problem()

    def _forget_problem(self) -> None:
        if self.query_one("#problem").has_class("-at-field"):
            self.say("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Echo what the field was understood as."""
        self._forget_problem()
        if event.input.id == "zone-input":
            self._echo_zone()
        elif event.input.id in ("passphrase-input", "again-input"):
            first, second = self._value("passphrase"), self._value("again")
            self._echo("passphrase", strength_words(first) if first else "")
            is_same = first.startswith(second)
            self._echo(
                "again", "" if not second else "same" if first == second else "" if is_same else "differs"
            )

    def _echo_zone(self) -> None:
        try:
            name = find_zone(self._value("zone"))
        except ValueError:
            self._echo(
                "zone", "eastern, central, America/Boise …" if not self._value("zone") else "not known yet"
            )
            return
        self._echo("zone", f"= {name}, now {datetime.now(zone_named(name)):%H:%M}")

    def _echo(self, field: str, text: str) -> None:
        self.query_one(f"#{field}-input").parent.query_one(".echo", Static).update(Content(text))  # type: ignore[union-attr]

    def _value(self, field: str) -> str:
        return self.query_one(f"#{field}-input", Input).value

    # --- creating ------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The next field, or after the last one the practice."""
        event.stop()
        if event.input.id != "again-input":
            self.focus_next()
            return
        if self._is_busy:
            return
        try:
            answers = self._answers()
        except Incomplete as error:
            self.say_at(self.query_one(f"#{error.field}-input"), str(error))
            return
        self._is_busy = True
        self.say("Making the practice …")
        self._create(answers)

    def _answers(self) -> Answers:
        name = clean_text(self._value("name"), _NAME_LENGTH)
        if not name:
            raise Incomplete("name", "Type your name: the audit shows who did what.")
        is_clinical = self.query_one(YesNo).value
        if is_clinical is None:
            raise Incomplete("clinical", CLINICAL_QUESTION)
        try:
            zone = find_zone(self._value("zone"))
        except ValueError as error:
            raise Incomplete("zone", str(error)) from error
        passphrase = self._value("passphrase")
        if (short := MIN_PASSPHRASE - len(unicodedata.normalize("NFC", passphrase))) > 0:
            raise Incomplete(
                "passphrase", f"The passphrase needs at least {MIN_PASSPHRASE} characters: {short} more."
            )
        if passphrase != self._value("again"):
            raise Incomplete("again", "The two passphrases differ; type it once more.")
        return Answers(name, clean_text(self._value("role"), _NAME_LENGTH), is_clinical, zone, passphrase)

    @work
    async def _create(self, answers: Answers) -> None:
        from carecoord_tui.screens.recovery import RecoveryScreen

        try:
            code, unlocked = await asyncio.to_thread(_make, self.app.paths, answers, self.app.now_option)
        except (StoreError, ValueError) as error:
            self.say(str(error), alarm=True)
            return
        finally:
            self._is_busy = False
        for field in ("passphrase", "again"):
            self.query_one(f"#{field}-input", Input).clear()
        self.app.switch_screen(RecoveryScreen(code, unlocked))

    def action_demo(self) -> None:
        """Only look: nothing is made here, the form stays as it is until the demo opens."""
        from carecoord_tui.screens.start_choice import DemoScreen

        if not self._is_busy:
            self.app.push_screen(DemoScreen())


def _row(label: str, widget: Widget, echo: str, *, gap: bool = False) -> Horizontal:
    return Horizontal(
        Label(label, classes="label", markup=False),
        widget,
        Static(Content(echo), classes="echo"),
        classes="field gap" if gap else "field",
    )


def _make(paths: PracticePaths, answers: Answers, now: str | None) -> tuple[str, Unlocked]:
    """Make the practice and open it; runs in a thread. On any error nothing is left behind."""
    from carecoord_tui.store.creating import NewPractice, create_practice
    from carecoord_tui.store.opening import unlock

    clock = clock_from(now, os.environ, zone_named(answers.zone))
    wanted = NewPractice(
        user_name=answers.name, timezone=answers.zone, role=answers.role, is_clinical=answers.is_clinical
    )
    code = create_practice(paths, answers.passphrase, wanted, clock)
    return code, unlock(paths, answers.passphrase, now=now, environ=os.environ)


_KNOWN_TO_EVERYBODY = ("password", "passwort", "qwerty", "letmein", "welcome", "carecoord", "iloveyou")
_STRENGTHS = (
    (36, "easy to guess: longer is better"),
    (48, "fair: one more word makes it good"),
    (62, "good"),
)


def strength_words(passphrase: str) -> str:
    """How hard a passphrase is to guess, in words; a help, not a rule.

    Counted as characters that are not a repeat or a step from the one before (``aaaa``, ``1234``), each
    worth about 2.5 bits in running text and 4.5 among mixed signs. The words everybody tries count as one.
    """
    text = unicodedata.normalize("NFC", passphrase)
    if (missing := MIN_PASSPHRASE - len(text)) > 0:
        return f"{missing} more character{'s' if missing > 1 else ''}"
    for word in _KNOWN_TO_EVERYBODY:
        text = re.sub(word, word[0], text, flags=re.IGNORECASE)
    fresh = 1 + sum(abs(ord(after) - ord(before)) > 1 for before, after in pairwise(text))
    is_words = all(char.isalpha() or char.isspace() for char in text)
    bits = min(fresh, 2 * len(set(text))) * (2.5 if is_words else 4.5)
    return next((words for limit, words in _STRENGTHS if bits < limit), "strong")


SCREEN = FirstRunScreen
