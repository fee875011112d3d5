"""The referral packet: tick what goes, enter makes the PDF, t the text for a portal, s records it as sent."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.documents.release import GONE, MadePdf, make_pdf, make_text
from carecoord_tui.documents.unprintable import screen_words
from carecoord_tui.domain.names import display
from carecoord_tui.domain.packet import (
    PART2_WARNING,
    SENSITIVE_WARNING,
    PacketData,
    PacketLine,
    default_choice,
    lines,
)
from carecoord_tui.screens.history_form import HistoryForm
from carecoord_tui.screens.packet_sent import SentSheet
from carecoord_tui.screens.packet_text import PortalTextSheet
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.history_items import remove_history_item
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.packet import read_packet
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import ALARM, DIM, WAITING, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

SHEET_SHARE = 0.9  # of the terminal's lines, as sheet.tcss has it
RULE_AND_MARGIN = 2  # the sheet's rule, the blank line above the list
LEAST_LINES = 4
DIGITS = "123456789"
COLUMNS = (
    Column("digit", width=1, style="dim"),
    Column("tick", width=3, style="accent"),
    Column("text", min_width=24, grow=2),
    Column("detail", min_width=14, max_width=30, grow=1, style="dim", priority=60),
    Column("care", width=9, style="alarm", priority=90),
)


class ConsentSheet(Sheet[bool]):
    """The second key before a substance-use record goes out (42 CFR Part 2)."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "packet.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", id="consent.yes", show=False),
        Binding("n", "cancel", "No", id="consent.no", show=False),
    ]

    def __init__(self, record: str) -> None:
        super().__init__()
        self.record = record

    def heading(self) -> str:
        """The warning, word for word."""
        return PART2_WARNING

    def hint(self) -> str:
        """The keys."""
        return "y consent is checked: tick it · n leave it out"

    def compose_body(self) -> ComposeResult:
        """Which record."""
        yield Static(styled(self.record), id="consent-record")

    def action_yes(self) -> None:
        """Tick it."""
        self.dismiss(True)


class PacketSheet(Sheet[None]):
    """Stays open after a paper was made. ``data`` is None when the referral is gone."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "packet.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Tick", id="packet.tick", show=False),
        *(Binding(digit, f"tick_number({digit})", "Tick", show=False) for digit in DIGITS),
        Binding("x", "pdf", "PDF", id="packet.pdf", show=False),
        Binding("t", "portal", "Portal text", id="packet.text", show=False),
        Binding("s", "sent", "Sent", id="packet.sent", show=False),
        Binding("a", "add_line", "Add a line", id="packet.add", show=False),
        Binding("e", "edit_line", "Edit the line", id="packet.edit", show=False),
        Binding("D", "remove_line", "Remove the line", id="packet.remove", show=False),
    ]

    def __init__(self, practice: Practice, referral_id: int) -> None:
        super().__init__()
        self.practice, self.referral_id = practice, referral_id
        self.data = read_packet(practice.execute, referral_id, practice.today())
        self.lines: tuple[PacketLine, ...] = lines(self.data) if self.data else ()
        self.chosen: set[str] = set(default_choice(self.data)) if self.data else set()

    def heading(self) -> str:
        """What goes where, about whom."""
        if self.data is None:
            return GONE
        patient, office = self.data.patient, self.data.office
        name = self.app.shown_name(display(patient.family_name, patient.given_name, patient.suffix))
        return (
            f"Packet: {self.data.referral.specialty} · {name} · to {office.name if office else 'no office'}"
        )

    def hint(self) -> str:
        """The keys."""
        return "enter PDF · t text · s sent · space 1-9 tick · a add e edit D remove · esc"

    def compose_body(self) -> ComposeResult:
        """What they want, what is missing, the lines, what was made."""
        yield Static(self._about(), id="packet-about")
        yield RecordList(
            COLUMNS, self._rows(), show_header=False, empty_text="Nothing to send.", id="packet-lines"
        )
        made = Static("", id="packet-made", markup=False)
        made.display = False
        yield made

    def _about(self) -> Content:
        """What to know before it is made, a line each."""
        data = self.data
        if data is None:
            return Content("")
        told: list[Content] = []
        if data.patient.confidential_channel:
            told.append(styled("Confidential channel: permitted numbers only, no address.", WAITING))
        if data.office is not None and data.office.wants:
            told.append(styled(f"They want: {data.office.wants}", DIM))
        if data.referral.sent_on is not None:
            how = f" by {data.referral.sent_how}" if data.referral.sent_how else ""
            told.append(styled(f"Sent once{how}; {data.referral.stage.label}.", DIM))
        if not self.practice.settings.callback_number:
            told.append(styled("No number to call back: carecoord settings callback_number NUMBER", WAITING))
        return Content("\n").join(told)

    def on_mount(self) -> None:
        """Fit after every layout: messages come, wrap and go."""
        self.screen_layout_refresh_signal.subscribe(self, lambda _: self._fit())

    def _fit(self) -> None:
        """The list gives way to what stands around it, so that the keys are always in sight."""
        listing = self.query_one(RecordList)
        others = [one for one in self.query("#sheet > *") if one.display and one is not listing]
        taken = sum(one.outer_size.height + one.styles.margin.height for one in others)
        room = int(self.size.height * SHEET_SHARE) - taken - RULE_AND_MARGIN
        height = max(LEAST_LINES, min(listing.row_count, room))
        if listing.outer_size.height != height:
            listing.styles.height = height

    # --- lines -------------------------------------------------------------------------------

    def _rows(self) -> list[Row]:
        rows: list[Row] = []
        group = ""
        for number, line in enumerate(self.lines):
            if line.group != group:
                group = line.group
                rows.append(Row(f"group:{group}", (group,), kind="header"))
            digit = DIGITS[number] if number < len(DIGITS) else ""
            tick = "[x]" if line.key in self.chosen else "[ ]"
            care = "Part 2" if line.is_part2 else "sensitive" if line.is_sensitive else ""
            rows.append(Row(line.key, (digit, tick, line.text, line.detail, care)))
        return rows

    def _reload(self) -> None:
        """Read again: here or elsewhere something changed. What stood ticked stays so, within limits."""
        was = {line.key: line for line in self.lines}
        self.data = read_packet(self.practice.execute, self.referral_id, self.practice.today())
        self.lines = lines(self.data) if self.data else ()
        self.chosen &= {line.key for line in self.lines}
        for line in self.lines:
            if line.key not in was:
                self.chosen |= {line.key} if line.by_default else set()
            elif _is_limited_since(was[line.key], line):
                self.chosen.discard(line.key)  # it was ticked as something else
        self.query_one(RecordList).set_source(self._rows())
        self.query_one("#packet-about", Static).update(self._about())
        self.show_heading()

    def action_tick(self) -> None:
        """Tick or untick the highlighted line."""
        self._toggle(self._highlighted())

    def action_tick_number(self, number: int) -> None:
        """Tick or untick by the digit before the line."""
        line = self.lines[number - 1] if number <= len(self.lines) else None
        if line is not None:
            self.query_one(RecordList).move_to(line.key)
        self._toggle(line)

    def on_record_list_marks_changed(self, event: RecordList.MarksChanged) -> None:
        """The mouse in the gutter ticks."""
        event.stop()
        for line in self.lines:
            if line.key in event.marks:
                event.record_list.clear_marks()
                self._toggle(line)

    def _highlighted(self) -> PacketLine | None:
        cursor = self.query_one(RecordList).cursor_id
        return next((line for line in self.lines if line.key == cursor), None)

    def _toggle(self, line: PacketLine | None) -> None:
        self.problem("")
        if line is None:
            return
        if line.key in self.chosen:
            self._set(line, ticked=False)
        elif line.is_part2:
            self.app.push_screen(ConsentSheet(line.text), lambda yes: self._set(line, ticked=bool(yes)))
        else:
            self._set(line, ticked=True)

    def _set(self, line: PacketLine, *, ticked: bool) -> None:
        if ticked:
            self.chosen.add(line.key)
        else:
            self.chosen.discard(line.key)
        self.query_one(RecordList).set_source(self._rows())
        if ticked and line.is_sensitive:
            self.problem(SENSITIVE_WARNING)

    # --- papers ------------------------------------------------------------------------------

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        """Enter makes the PDF."""
        event.stop()
        self.action_pdf()

    def action_pdf(self) -> None:
        """Make the PDF of what is ticked."""
        data = self._present()
        if data is None:
            return
        made: list[MadePdf] = []
        if self.attempt(lambda: made.append(make_pdf(self.practice, data, frozenset(self.chosen)))):
            self._show_made(made[0])
        else:
            self._reload()  # what the lines show may be why

    def _present(self) -> PacketData | None:
        self.problem("" if self.data is not None else GONE)
        return self.data

    def _show_made(self, made: MadePdf) -> None:
        pages = f"{made.pages} page{'' if made.pages == 1 else 's'}"
        told = [
            styled(f"PDF, {pages}: {made.path}"),
            styled("It is not encrypted: delete it once it is sent. s records that.", DIM),
        ]
        if made.unprintable:
            told.append(styled(screen_words(made.unprintable), ALARM))
        line = self.query_one("#packet-made", Static)
        line.update(Content("\n").join(told))
        line.display = True

    def action_portal(self) -> None:
        """Make the text for a portal, copy it and show it."""
        data = self._present()
        if data is None:
            return
        text: list[str] = []
        if self.attempt(lambda: text.append(make_text(self.practice, data, frozenset(self.chosen)))):
            self.app.push_screen(PortalTextSheet(text[0]))
        else:
            self._reload()

    @work
    async def action_sent(self) -> None:
        """Record it as sent; that ends the work here."""
        if self._present() is not None and await self.app.push_screen_wait(
            SentSheet(self.practice, self.referral_id)
        ):
            self.dismiss(None)

    # --- history -----------------------------------------------------------------------------

    @work
    async def action_add_line(self) -> None:
        """A new line of the history."""
        data = self._present()
        if data is not None and await self.app.push_screen_wait(HistoryForm(self.practice, data.patient.id)):
            self._reload()

    @work
    async def action_edit_line(self) -> None:
        """Change the highlighted line of the history."""
        number, data = self._history_number(), self._present()
        if data is None or number is None:
            return
        if await self.app.push_screen_wait(HistoryForm(self.practice, data.patient.id, item_id=number)):
            self._reload()

    def action_remove_line(self) -> None:
        """Take the highlighted line out of the history."""
        number = self._history_number()
        if number is not None and self.attempt(lambda: remove_history_item(self.practice, number)):
            self._reload()
            self.app.say("Removed from the history.  u undoes it")

    def _history_number(self) -> int | None:
        """The highlighted history line's number, or a word about why there is none."""
        line = self._highlighted()
        kind, _, number = line.key.partition(":") if line is not None else ("", "", "")
        if kind != "history":
            self.problem("That is no line of the history: move to one, or a adds one.")
            return None
        return int(number)


def _is_limited_since(was: PacketLine, line: PacketLine) -> bool:
    return (line.is_part2 and not was.is_part2) or (line.is_sensitive and not was.is_sensitive)


SCREEN = PacketSheet
