"""What every work screen has: header, body, footer, a subject for the verbs, and reloading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer

from carecoord_tui.commands import Scope, footer_commands, key_label
from carecoord_tui.domain.dates import format_day, format_full_day
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.rows import TodayView
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.small_terminal import NeedsRoom, TooSmall
from carecoord_tui.store.queries.insurance_lanes import count_due
from carecoord_tui.store.queries.referral_views import count_open
from carecoord_tui.store.queries.today import Execute, read_today
from carecoord_tui.widgets.bars import FooterBar, HeaderBar, HeaderParts

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp

TABS = (
    ("1", "today", "Today"),
    ("2", "patients", "Patients"),
    ("3", "referrals", "Referrals"),
    ("4", "insurance", "Insurance"),
)


def counts_of(view: TodayView, open_referrals: int, due_insurance: int) -> dict[str, str]:
    """The same numbers beside the tabs on every screen."""
    return {
        "today": str(view.past_due + view.due_today),
        "patients": str(view.active_patients),
        "referrals": str(open_referrals),
        "insurance": str(due_insurance),
    }


def read_counts(execute: Execute, view: TodayView) -> dict[str, str]:
    """The numbers beside the tabs, those of other screens read now."""
    return counts_of(view, count_open(execute), count_due(execute, view.moment.today))


@dataclass(frozen=True, slots=True)
class Subject:
    """What a verb works on: the marked rows, else the highlighted one; and whose they are."""

    items: tuple[Ranked, ...] = ()
    patient_id: int | None = None
    patient_name: str = ""
    several: bool = False  # marked people, of whom some may have no item

    @property
    def first(self) -> Ranked | None:
        """The item in question; None on a patient without one."""
        return self.items[0] if self.items else None

    @property
    def refs(self) -> list[ItemRef]:
        """Keys of the items."""
        return [ranked.item.ref for ranked in self.items]


UNDO_OFFER = "u undoes it"
"""How a message ends that says what was done: it then names the person, and undo need not ask."""


class WorkScreen(NeedsRoom, Screen[None]):
    """Header, body, footer. Subclasses give ``compose_body``, ``subject`` and ``reload``."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.ITEM, Scope.LIST)
    name_in_header = ""

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def __init__(self) -> None:
        super().__init__()
        self._dirty = False
        self._missed_resize: events.Resize | None = None
        self._saying = False
        self._offered: int | None = None  # the change that the message offers to take back
        self._just_offered: int | None = None  # ... and that stood there until the last key
        self._minute: Timer | None = None

    def compose(self) -> ComposeResult:
        """Header, body, footer, and the notice for a terminal that is too small."""
        yield HeaderBar(id="header")
        yield from self.compose_body()
        yield FooterBar(id="footer")
        yield TooSmall()

    def compose_body(self) -> ComposeResult:
        """The widgets between header and footer."""
        raise NotImplementedError

    def subject(self) -> Subject:
        """What a verb pressed now would work on."""
        raise NotImplementedError

    def reload(self) -> None:
        """Query again and repaint, keeping cursor and order."""
        raise NotImplementedError

    # --- life ----------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """First read and first paint."""
        self._dirty = False
        self.reload()
        self.show_header()
        self.show_keys()
        self._wait_for_minute()

    def catch_up(self) -> None:
        """After the lock: take the size the terminal was given meanwhile."""
        missed, self._missed_resize = self._missed_resize, None
        if missed is not None:
            self.post_message(missed)

    def on_screen_resume(self) -> None:
        """Reload what changed while hidden; Textual may send this twice."""
        if self._dirty and self.is_mounted and not self.app.is_locked:
            self._dirty = False
            self.reload()
            self.show_header()

    def data_changed(self) -> None:
        """Something was committed: reload now when in sight, also under a sheet, else when shown."""
        if self.is_mounted and self.is_current and not self.app.is_locked:
            self.reload()
            self.call_after_refresh(self._show_header_later)
        else:
            self._dirty = True

    def _show_header_later(self) -> None:
        """The counts follow what changed: they take longer than the list."""
        if self.is_mounted and not self.app.is_locked:
            self.show_header()

    # --- bars ----------------------------------------------------------------------------------

    def show_header(self) -> None:
        """Screens with their counts, who is working, the practice's date and time."""
        if self.app.is_locked:
            return
        reader = self.app.reader
        local = reader.moment().local
        counts = self.counts()
        tabs = [(key, title, counts.get(name, "")) for key, name, title in TABS]
        current = next((title for _, name, title in TABS if name == self.name_in_header), "")
        wide = self.size.width >= 100
        day = format_full_day(local.date()) if wide else format_day(local.date())
        warning = "READ ONLY, CLOCK SET" if getattr(reader, "is_read_only", False) else ""
        user = reader.user.name if wide else ""
        self.query_one(HeaderBar).show_screens(
            HeaderParts(tabs, current, user, day, f"{local:%H:%M}", warning)
        )

    def counts(self) -> dict[str, str]:
        """Counts beside the tabs: what is due, active people, open referrals, insurance that is due.

        Reading the day costs more than a list, so they are kept until something changes or a day begins.
        """
        reader = self.app.reader
        today = reader.today()
        kept = self.app.kept_counts
        if kept is None or kept[0] != today:
            limit, known = reader.settings.people_shown, self.app.known_items
            view = read_today(reader.execute, reader.moment(), limit=limit, known=known)
            kept = self.app.kept_counts = (today, read_counts(reader.execute, view))
        return kept[1]

    def _wait_for_minute(self) -> None:
        now = datetime.now().astimezone()
        ahead = (now + timedelta(minutes=1)).replace(second=0, microsecond=200_000)
        self._minute = self.set_timer((ahead - now).total_seconds(), self._new_minute)

    def _new_minute(self) -> None:
        if self.is_current and not self.app.is_locked:
            self.show_header()
        self._wait_for_minute()

    def show_keys(self) -> None:
        """The footer's keys."""
        self._saying = False
        keys = [
            (key_label(self.app.keys_of(command).split(",")[0]), command.title)
            for command in footer_commands((*self.SCOPES, Scope.EVERYWHERE))
        ]
        self.query_one(FooterBar).show_keys(keys, self.footer_note(), first=self.marked_words())

    def footer_note(self) -> str:
        """The footer's right part."""
        return ""

    def marked_words(self) -> str:
        """``3 marked``: what the next verb works on, where rows can be marked; else empty."""
        return ""

    def say(self, text: str, *, alarm: bool = False) -> None:
        """A message until the next key; one that offers undo says whose change it takes back."""
        self._offered = None
        practice = self.app.practice
        if practice is not None and text.endswith(UNDO_OFFER):
            from carecoord_tui.screens.undoing import name_offer

            text, self._offered = name_offer(self.app, practice, text)
        self.show_message(text, alarm=alarm)
        self._saying = True

    def show_message(self, text: str, *, alarm: bool) -> None:
        """Draw a message."""
        self.query_one(FooterBar).show_message(text, alarm=alarm)

    def just_offered(self, change_id: int) -> bool:
        """True while everybody sees what undo takes back: the message of this change stood until the key."""
        return self._just_offered == change_id

    @property
    def is_saying(self) -> bool:
        """True while the footer holds a message."""
        return self._saying

    async def on_event(self, event: events.Event) -> None:
        """The next key takes a message away; while locked nothing is drawn anew: nothing can be read."""
        if isinstance(event, events.Resize) and self.app.is_locked:
            self._missed_resize = event
            return
        if isinstance(event, events.Key) and self.is_current:
            self._just_offered = self._offered if self._saying else None
            if self._saying:
                self.show_keys()
        await super().on_event(event)

    def forget_order(self) -> None:
        """A list whose order stands still lets it go; others are in fresh order each time."""

    def action_rank_again(self) -> None:
        """Take the rows in fresh order; the cursor stays on its record."""
        self.forget_order()
        self.reload()
        self.say("Ranked anew.")

    def on_footer_bar_clicked(self) -> None:
        """Help by mouse."""
        self.app.action_help()

    def action_back(self) -> None:
        """Go back to the screen below; the first one stays."""
        if len(self.app.screen_stack) > 2:
            self.dismiss(None)
