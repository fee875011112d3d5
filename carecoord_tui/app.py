"""The Textual app: screens, global keys, theme, lock. No queries of its own.

Start: the first frame is painted before the store is imported. A :class:`FirstLook` shows Today,
the whole :class:`Practice` follows from a thread; a verb pressed meanwhile waits for it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from carecoord_tui import garbage, themes, viewer
from carecoord_tui.commands import COMMANDS, Command, Scope, bindings
from carecoord_tui.key_gate import KeyGate
from carecoord_tui.paths import PracticePaths
from carecoord_tui.widgets.safe_text import typeable

if TYPE_CHECKING:
    from datetime import date

    from textual.widgets import Input, TextArea

    from carecoord_tui.domain.cover import Away
    from carecoord_tui.domain.rows import PatientListRow, PersonView
    from carecoord_tui.domain.work import ItemRef
    from carecoord_tui.screens.base import WorkScreen
    from carecoord_tui.store.dialect import ChangeWatcher
    from carecoord_tui.store.first_look import FirstLook
    from carecoord_tui.store.opening import Unlocked
    from carecoord_tui.store.practice import Practice
    from carecoord_tui.store.queries.today import Known

IDLE_CHECK_SECONDS = 30.0
WATCH_SECONDS = 1.0
PASTE_LIMIT = 20_000
WORKING = frozenset(
    {
        *("load", "backup", "import", "answers", "log", "log-again", "export", "settings", "papers", "open"),
        *("warm-up", "audit", "undecided"),
    }
)
"""Workers that need the key to their end; one that waits for an answer of the user does not keep it."""


NEEDS_A_PRACTICE = frozenset(
    {
        "jump", "incoming_call", "lock", "go", "directory", "undo", "redo", "quick_add", "new_patient",
        "import_file", "command_palette", "privacy", "help", "back", "papers", "snippets",
        "waiting_list", "decide", "export", "settings",
    }
)  # fmt: skip


def make_screen(name: str, **arguments: object) -> Screen[object]:
    """A screen by name, imported when first needed."""
    module = import_module(f"carecoord_tui.screens.{name}")
    made: Screen[object] = module.SCREEN(**arguments)
    return made


class CarecoordApp(App[None]):
    """One practice in one terminal."""

    TITLE = "carecoord"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.EVERYWHERE)]
    SCREENS: ClassVar[dict[str, Callable[[], Screen[object]]]] = {  # these keep cursor, order and marks
        "today": partial(make_screen, "today"),
        "patients": partial(make_screen, "patients"),
        "referrals": partial(make_screen, "referrals"),
        "insurance": partial(make_screen, "insurance"),
    }

    def __init__(
        self,
        paths: PracticePaths,
        *,
        now: str | None = None,
        opening: Future[Unlocked] | None = None,
        theme_name: str = "",
        keymap: dict[str, str] | None = None,
        message: str = "",
    ) -> None:
        super().__init__()
        self.paths = paths
        self.now_option = now
        self.privacy = False
        self.is_locked = False
        self.unlocked: Unlocked | None = None
        self.practice: Practice | None = None
        self._opening = opening
        self._practice_ready = asyncio.Event()
        self._not_locked = asyncio.Event()
        self._not_locked.set()
        self._last_key = time.monotonic()
        self._gate = KeyGate(self, super().on_event)
        self.kept_counts: tuple[date, dict[str, str]] | None = None
        self.away_days: Away | None = None  # the days off as typed in this session
        self.known_items: Known = {}
        self._watcher: ChangeWatcher | None = None
        self._start_message = message
        themes.register_themes(self)
        self.theme = theme_name or themes.CARECOORD_DARK.name
        self._keymap_given = keymap or {}
        self.set_keymap(self._keymap_given)

    # --- start -------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Open what there is: the first run, the unlock prompt, or the practice itself."""
        if self._opening is not None:
            self.push_screen(make_screen("unlock", opening=self._opening))
        elif self.paths.exists:
            self.push_screen(make_screen("unlock"))
        else:
            self.push_screen(make_screen("first_run"))
        self.set_interval(IDLE_CHECK_SECONDS, self._lock_when_idle)
        viewer.clean(self.paths.root)

    def on_unmount(self) -> None:
        """However it ends, no copy of a document stays behind."""
        viewer.clean(self.paths.root)

    def begin(self, unlocked: Unlocked) -> None:
        """Show Today of an unlocked practice; the whole store loads behind it."""
        self.unlocked = unlocked
        self._practice_ready.clear()
        if unlocked.look is not None:
            self._show_today()
        self._load()

    def _show_today(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen("today")
        if self._start_message:
            self.call_after_refresh(self.say, self._start_message)

    @work(thread=True, exclusive=True, group="load")
    def _load(self) -> None:
        from carecoord_tui.store.errors import StoreError

        if self.unlocked is None:
            return
        try:
            with garbage.importing():
                practice = self.unlocked.open()
        except StoreError as error:
            self.call_from_thread(self.exit, return_code=1, message=Text(str(error)))
            return
        self.call_from_thread(self._loaded, practice)

    def _loaded(self, practice: Practice) -> None:
        self.practice = practice
        practice.listeners.append(self.publish)
        self._practice_ready.set()
        if self.unlocked is not None and self.unlocked.look is not None:
            self.unlocked.look.close()
        else:
            self._show_today()
        self._watch(practice)
        self.set_interval(WATCH_SECONDS, self._look_for_changes)
        self._backup_once_a_day()
        for screen in self.work_screens():
            if screen.is_mounted:
                screen.show_header()

    def _watch(self, practice: Practice) -> None:
        """Notice another window's changes: an idle connection is asked once a second."""
        from carecoord_tui.store.dialect import ChangeWatcher
        from carecoord_tui.store.engine import raw_connection

        watcher = ChangeWatcher(raw_connection(practice.paths.database, practice.data_key, read_only=True))
        practice.listeners.append(watcher.seen)
        self._watcher = watcher

    def _stop_watching(self, practice: Practice) -> None:
        if self._watcher is not None:
            practice.listeners.remove(self._watcher.seen)
            self._watcher.close()
            self._watcher = None

    def _look_for_changes(self) -> None:
        garbage.look_at_rest(time.monotonic() - self._last_key)
        if self._watcher is None or self.is_locked or not self._watcher.changed():
            return
        from carecoord_tui.store.errors import StoreError

        try:
            if self.practice is not None:
                self.practice.reload_settings()
        except StoreError as error:
            self.say(str(error), alarm=True)
        self.publish()

    @work(thread=True, group="backup")
    def _backup_once_a_day(self) -> None:
        from carecoord_tui.store.daily_backup import backup_when_due
        from carecoord_tui.store.errors import StoreError

        practice = self.practice
        if practice is None or practice.is_read_only or practice.settings.is_demo:
            return
        try:
            backup_when_due(practice)
        except StoreError as error:
            self.call_from_thread(self.say, f"Today's backup failed: {error}", alarm=True)
        self.call_from_thread(self.publish)

    async def full_practice(self) -> Practice:
        """The whole store, as soon as it is loaded and the screen is not locked.

        A verb that waited never opens its sheet above the lock, nor closes the lock in its sheet's place.
        """
        await self._practice_ready.wait()
        await self._not_locked.wait()
        if self.practice is None:
            raise RuntimeError("the practice was closed while it was waited for")
        return self.practice

    @property
    def reader(self) -> Practice | FirstLook:
        """What screens read through: the first look, then the practice."""
        if self.practice is not None:
            return self.practice
        if self.unlocked is None or self.unlocked.look is None:
            raise RuntimeError("nothing is open yet")
        return self.unlocked.look

    def work_screens(self) -> list[WorkScreen]:
        """The screens with a header and a subject, the one in front last.

        Told by their ``SCOPES``: importing their class here would cost the first frame.
        """
        return [screen for screen in self.screen_stack if hasattr(screen, "SCOPES")]  # type: ignore[misc]

    # --- what screens ask for -----------------------------------------------------------------

    def say(self, text: str, *, alarm: bool = False) -> None:
        """A result or refusal in the footer of the screen in front, until the next key."""
        for screen in self.work_screens()[-1:]:
            screen.say(text, alarm=alarm)

    def attempt(self, act: Callable[[], object]) -> bool:
        """Carry out a verb; a refusal or a store error is said, and nothing has changed."""
        from carecoord_tui.store.actions.base import Refused
        from carecoord_tui.store.errors import StoreError

        try:
            act()
        except (Refused, StoreError) as error:
            self.say(str(error), alarm=True)
            return False
        return True

    def publish(self) -> None:
        """The data changed: the visible screen reloads now, hidden ones when shown; from any thread."""
        if threading.get_ident() != self._thread_id:  # an import commits in its own thread
            self.call_from_thread(self.publish)
            return
        self.kept_counts = None
        for screen in self.work_screens():
            screen.data_changed()
        if self.practice is not None and self.practice.anchor_problem:
            self.say(self.practice.anchor_problem, alarm=True)

    def keys_of(self, command: Command) -> str:
        """The keys of a command as the user has set them."""
        return self._keymap_given.get(command.id, command.keys)

    def shown_name(self, name: str) -> str:
        """A name as it may be shown: masked in privacy mode."""
        if not self.privacy:
            return name
        from carecoord_tui.domain.names import mask

        return mask(name)

    def shown_value(self, text: str) -> str:
        """A number, an ID, an address or a birth date as it may be drawn: masked in privacy mode."""
        if not self.privacy:
            return text
        from carecoord_tui.domain.masking import masked_text

        return masked_text(text)

    def shown_person(self, person: PersonView) -> PersonView:
        """A person as they may be drawn: without numbers, dates and IDs in privacy mode. For no form."""
        if not self.privacy:
            return person
        from carecoord_tui.domain.masking import masked_person

        return masked_person(person)

    def shown_line(self, line: PatientListRow) -> PatientListRow:
        """A line of a list of people as it may be drawn."""
        if not self.privacy:
            return line
        from carecoord_tui.domain.masking import masked_line

        return masked_line(line)

    def open_patient(self, patient_id: int, item: ItemRef | None = None) -> None:
        """The patient page, at an item."""
        self.push_screen(make_screen("patient_page", patient_id=patient_id, item=item))

    # --- global keys ---------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing but leaving works while the screen is locked or nothing is open."""
        if action in NEEDS_A_PRACTICE:
            return not self.is_locked and self.unlocked is not None
        return super().check_action(action, parameters)

    def action_go(self, name: str) -> None:
        """A peer screen: Today or Patients."""
        screen = self.get_screen(name)
        if screen in self.work_screens()[-1:]:
            return
        if any(screen.is_modal for screen in self.screen_stack):
            self.say("A form is parked below: esc goes back to it first.", alarm=True)
            return
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if screen is not self.screen:
            screen.data_changed()
            self.switch_screen(name)

    def action_directory(self) -> None:
        """The provider directory, above what is open."""
        if type(self.screen).__name__ != "DirectoryScreen":
            self.push_screen(make_screen("directory"))

    def action_waiting_list(self) -> None:
        """Who is waited for, above what is open."""
        if type(self.screen).__name__ != "WaitingScreen":
            self.push_screen(make_screen("waiting_list"))

    def action_decide(self) -> None:
        """What is due below the day's people, above what is open."""
        if type(self.screen).__name__ != "DecideScreen":
            self.push_screen(make_screen("decide"))

    def action_jump(self) -> None:
        """Jump to any patient; a form below stays as it is."""
        if type(self.screen).__name__ != "JumpSheet":
            self.push_screen(make_screen("jump"))

    async def action_incoming_call(self) -> None:
        """Log a call that comes in; a form below stays as it is."""
        if type(self.screen).__name__ == "IncomingCallSheet":
            return
        practice = await self.full_practice()
        self.push_screen(make_screen("incoming_call", practice=practice))

    def action_privacy(self) -> None:
        """Mask or show names, numbers and birth dates."""
        self.privacy = not self.privacy
        self.publish()
        for screen in self.screen_stack:
            if hasattr(screen, "show_heading"):
                screen.show_heading()
        self.say(f"Names, numbers and birth dates are {'masked' if self.privacy else 'shown'}.")

    def action_lock(self) -> None:
        """Blank the screen until the passphrase is typed; forms stay parked beneath."""
        if self.work_screens() and not self.is_locked:
            self.is_locked = True
            self._not_locked.clear()
            self._lock(self.unlocked)
            viewer.clean(self.paths.root)

    def _lock(self, unlocked: Unlocked | None) -> None:
        if unlocked is None:
            raise RuntimeError("nothing is open that could be locked")
        from carecoord_tui.store.keyfile import lock_mark

        self.push_screen(make_screen("unlock", lock_mark=lock_mark(unlocked.data_key)))
        self._drop_key()

    def _drop_key(self) -> None:
        """Forget the key of a locked practice, as soon as nothing works on it any more.

        An import or a backup that is under way is finished first; the idle check looks again.
        """
        practice, unlocked = self.practice, self.unlocked
        if practice is None or unlocked is None or practice.is_sealed or not self.is_locked:
            return
        if any(worker.is_running and worker.group in WORKING for worker in self.workers):
            return
        self._stop_watching(practice)
        practice.seal()
        self.known_items.clear()
        self.unlocked = unlocked.without_key()

    def unlock_screen(self, data_key: bytes) -> None:
        """The passphrase was right: go on where the screen was locked. Raises StoreError, still locked."""
        practice, unlocked = self.practice, self.unlocked
        if practice is not None and unlocked is not None and practice.is_sealed:
            practice.unseal(data_key)
            try:
                self._watch(practice)
            except BaseException:
                practice.seal()
                raise
            self.unlocked = unlocked.with_key(data_key)
        self.is_locked = False
        self._last_key = time.monotonic()
        self.pop_screen()
        self._not_locked.set()
        for screen in self.work_screens():
            screen.catch_up()
        self.publish()

    def _lock_when_idle(self) -> None:
        if self.is_locked:
            self._drop_key()
        if self.practice is None or self.is_locked:
            return
        minutes = self.practice.settings.idle_lock_minutes
        if time.monotonic() - self._last_key > minutes * 60:
            self.action_lock()

    async def on_event(self, event: events.Event) -> None:
        """Any key or mouse act keeps the idle lock away."""
        if isinstance(event, events.Key | events.MouseDown | events.MouseScrollDown | events.MouseScrollUp):
            self._last_key = time.monotonic()
        if isinstance(event, events.Paste) and not event.is_forwarded:
            limit = getattr(self.screen, "paste_limit", PASTE_LIMIT)
            event.text = typeable(event.text[:limit])
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._gate.pass_on(event)
        else:
            await super().on_event(event)
            self._gate.done(event)

    async def action_undo(self) -> None:
        """Take back the newest change; ask only when it was another patient's."""
        practice = await self.full_practice()
        from carecoord_tui.screens.undoing import undo_newest

        undo_newest(self, practice)

    async def action_redo(self) -> None:
        """Bring back what undo took back."""
        practice = await self.full_practice()
        from carecoord_tui.screens.undoing import redo_newest

        redo_newest(self, practice)

    def patient_in_front(self) -> int | None:
        """Whom the work screen in front is about."""
        work_screens = self.work_screens()
        return work_screens[-1].subject().patient_id if work_screens else None

    def action_quick_add(self) -> None:
        """One line makes a follow-up."""
        self.push_screen(make_screen("quick_add", patient_id=self.patient_in_front()))

    def action_new_patient(self) -> None:
        """Add a patient by hand."""
        self.push_screen(make_screen("patient_form"))

    def action_import_file(self) -> None:
        """Bring a spreadsheet in."""
        self.push_screen(make_screen("import_screen"))

    async def action_papers(self) -> None:
        """The papers of the day."""
        practice = await self.full_practice()
        self.push_screen(make_screen("papers", practice=practice, away=self.away_days))

    async def action_snippets(self) -> None:
        """Short words that become whole texts."""
        practice = await self.full_practice()
        self.push_screen(make_screen("snippets", practice=practice))

    async def action_settings(self) -> None:
        """What the practice decides once, and how the program looks."""
        practice = await self.full_practice()
        self.push_screen(make_screen("settings_sheet", practice=practice))

    async def action_export(self) -> None:
        """Everything, or the person in front, as files."""
        practice = await self.full_practice()
        subject = self.work_screens()[-1].subject() if self.work_screens() else None
        self.push_screen(
            make_screen(
                "export_sheet",
                practice=practice,
                patient_id=subject.patient_id if subject else None,
                patient_name=subject.patient_name if subject else "",
            )
        )

    def on_input_changed(self, event: Input.Changed) -> None:
        """A snippet's word may just have been completed; by name, since its module is not needed to start."""
        if ";" in event.value:
            self._expand_in(event.input)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """As in a field of one line."""
        if ";" in event.text_area.text:
            self._expand_in(event.text_area)

    def _expand_in(self, field: Input | TextArea) -> None:
        from carecoord_tui.screens.expanding import expand_in

        expand_in(self, field)

    def action_help(self) -> None:
        """Every key of the screen in front."""
        scopes: Iterable[Scope] = (Scope.EVERYWHERE,)
        if self.screen in self.work_screens():
            scopes = (*self.work_screens()[-1].SCOPES, Scope.EVERYWHERE)
        self.push_screen(make_screen("help", scopes=tuple(scopes)))

    def action_back(self) -> None:
        """``esc`` is bound once, here; what it clears or closes is the screen's own."""
        for screen in self.work_screens()[-1:]:
            if screen is self.screen:
                screen.action_back()

    async def action_quit(self) -> None:
        """Leave; every change is committed already. Only a form with something typed in it is asked about."""
        drafts = (getattr(screen, "has_draft", None) for screen in self.screen_stack)
        if not self.is_locked and any(has_draft() for has_draft in drafts if has_draft is not None):
            self.push_screen(
                make_screen("confirm", question="A form is open and not saved. Leave without it?"),
                lambda yes: self._leave() if yes else None,
            )
            return
        self._leave()

    def _leave(self) -> None:
        if self.practice is not None:
            self.practice.close()
        self.exit()

    def _fatal_error(self) -> None:
        """End after an unexpected error without printing values: Textual's own report would show
        local variables, and those are patients.
        """
        from carecoord_tui.crash import keep_report

        where = keep_report(self.paths.root, self._exception)
        self._exit_renderables.append(
            Text(f"carecoord met an error and closed; what was saved is safe. The report is in {where}.\n")
        )
        self._close_messages_no_wait()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every command that makes sense here, and the themes."""
        scopes = {Scope.EVERYWHERE, *getattr(screen, "SCOPES", ())}
        for command in COMMANDS:
            if command.in_palette and command.scope in scopes:
                yield SystemCommand(
                    command.palette or command.title.capitalize(),
                    command.help,
                    lambda c=command: self._run_command(c.action),
                )
        yield SystemCommand("Theme", "Choose light, dark or another theme.", self.action_change_theme)

    async def _run_command(self, action: str) -> None:
        """The screen's own action of that name, else the app's."""
        if not await self.run_action(action, self.screen):
            await self.run_action(action, self)
