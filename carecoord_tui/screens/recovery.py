"""The recovery code, shown once. It is typed back in part, or saved, before the work begins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from carecoord_tui.screens.setup import SetupScreen
from carecoord_tui.store import recovery_code
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.files import create_private, write_private

if TYPE_CHECKING:
    from carecoord_tui.store.opening import Unlocked

DEFAULT_FILE = "~/carecoord-recovery-code.txt"
_LAST_GROUP = "Its last group"
_FILE = "Save it as"
_PAPER_KEYS = "enter go on · F8 save it to a file instead"
_FILE_KEYS = "enter save · esc back to the paper"


class RecoveryScreen(SetupScreen):
    """Shows the code until it is confirmed. It hides while its last group is typed: paper must know it."""

    AUTO_FOCUS = "#answer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "to_file", "Save to a file", id="recovery.to_file", show=False, priority=True),
        Binding("escape", "to_paper", "Back", id="recovery.to_paper", show=False),
    ]

    def __init__(self, code: str, unlocked: Unlocked) -> None:
        super().__init__()
        self._code = code
        self._unlocked = unlocked
        self._is_saving = False

    def heading(self) -> str:
        """What to do."""
        return (
            "Recovery code\n\nWrite this down. It opens the practice when the passphrase is lost.\n"
            "It is not stored anywhere."
        )

    def hint(self) -> str:
        """The keys."""
        return _PAPER_KEYS

    def compose_step(self) -> ComposeResult:
        """The code and the proof that it was kept."""
        yield Static(Content(spaced(self._code)), id="code")
        with Horizontal(classes="field gap"):
            yield Label(_LAST_GROUP, classes="label", id="label", markup=False)
            yield Input(id="answer", select_on_focus=False)
        yield Static(
            "The code hides while you type, so read it from the paper. O and 0, I, L and 1 are the same.",
            classes="note", id="note", markup=False,
        )  # fmt: skip

    def on_input_changed(self, event: Input.Changed) -> None:
        """Hide the code while it is being typed back."""
        is_hidden = bool(event.value) and not self._is_saving
        shown = "".join("•" if char.isalnum() else char for char in self._code) if is_hidden else self._code
        self.query_one("#code", Static).update(Content(spaced(shown)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the group, or save the file."""
        event.stop()
        if self._is_saving:
            self._save(event.value.strip())
        elif self._is_last_group(event.value):
            self._go_on("")
        else:
            self.say("That is not the last group of the code; look at it again.", alarm=True)
            event.input.clear()

    def _is_last_group(self, typed: str) -> bool:
        known = self._code.rpartition("-")[0]
        return recovery_code.normalise(known + typed) == recovery_code.normalise(self._code)

    # --- the file ------------------------------------------------------------------------------

    def action_to_file(self) -> None:
        """Ask where to save it."""
        self._ask(saving=True, label=_FILE, value=DEFAULT_FILE)
        self.say("Keep the file away from this computer: on a stick, or printed and then deleted.")

    def action_to_paper(self) -> None:
        """Back to typing the last group."""
        if self._is_saving:
            self._ask(saving=False, label=_LAST_GROUP, value="")
            self.say("")

    def _ask(self, *, saving: bool, label: str, value: str) -> None:
        self._is_saving = saving
        self.query_one("#label", Label).update(label)
        self.query_one("#note").visible = not saving
        self.query_one("#hint", Static).update(_FILE_KEYS if saving else _PAPER_KEYS)
        answer = self.query_one("#answer", Input)
        answer.value = value
        answer.cursor_position = len(value)

    def _save(self, typed: str) -> None:
        if not typed:
            self.say("Type the name of a file, or press esc.", alarm=True)
            return
        path = Path(typed).expanduser().absolute()
        if path.is_relative_to(self.app.paths.root.absolute()):
            self.say("Not beside the practice: whoever takes the one would have the other.", alarm=True)
            return
        try:
            save_code(path, self._code)
        except FileExistsError:
            self.say(f"{path} is already there and was not overwritten; choose another name.", alarm=True)
        except (StoreError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.say(f"{path} cannot be written: {reason}.", alarm=True)
        else:
            self._go_on(f"The recovery code is in {path}; keep it away from this computer.")

    def _go_on(self, said: str) -> None:
        from carecoord_tui.screens.start_choice import StartChoiceScreen

        self.app.switch_screen(StartChoiceScreen(self._unlocked, said))


def spaced(code: str) -> str:
    """The code large and easy to copy: two rows of three groups, a blank between the signs."""
    groups = [" ".join(group) for group in code.split("-")]
    half = len(groups) // 2
    return f"{'     '.join(groups[:half])}\n\n{'     '.join(groups[half:])}"


def save_code(path: Path, code: str) -> None:
    """Write the code to a new file that only its owner can read.

    Raises ``FileExistsError`` rather than replace a file, and ``OSError`` when it cannot be written;
    then no file is left behind.
    """
    create_private(path)
    try:
        write_private(path, f"{code}{os.linesep}".encode("ascii"))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


SCREEN = RecoveryScreen
