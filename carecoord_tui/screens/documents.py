"""Documents of a referral or a patient: attach, open, mark reviewed, export, detach."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui import viewer
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.document_rows import DocumentRow
from carecoord_tui.domain.documents import MediaType, size_words
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import DocumentKind, ReferralStage
from carecoord_tui.screens.document_fields import DocumentFields
from carecoord_tui.screens.document_text import TextSheet
from carecoord_tui.screens.form_sheet import Field, FormInput
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions import documents as actions
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.documents import NAME_LIMIT, NeedsReviewer
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.documents import read_content, read_documents
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.path_input import PathInput
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

MAX_LINES = 6
LINES_BESIDE_FIELDS = 3  # 24 lines hold the fields and these
NAMES_SHOWN = 8
COLUMNS = (
    Column("received", "Received", width=10, style="dim"),
    Column("title", "Title", min_width=16, grow=3),
    Column("kind", "Kind", width=16, priority=60),
    Column("about", "Referral", min_width=10, max_width=16, priority=30, style="dim"),
    Column("file", "File", width=13, align="right", priority=40, style="dim"),
    Column("reviewed", "Reviewed", width=10, priority=90),
    Column("by", "By", min_width=14, max_width=24, priority=20, style="dim"),
)


class Mode(StrEnum):
    """What the sheet is asking for; also the name of what it shows."""

    LIST = "list"
    ATTACH = "attach"
    EDIT = "edit"
    REVIEWER = "reviewer"
    EXPORT = "export"


_KEYS = {
    Mode.LIST: "a attach · enter open · r reviewed · e edit · x export · D detach · esc back",
    Mode.ATTACH: "enter attach · tab complete the name · down more fields · esc back",
    Mode.EDIT: "enter save · down up fields · esc back",
    Mode.REVIEWER: "enter record the review · esc back",
    Mode.EXPORT: "enter write the copy · tab complete the name · esc back",
}


class DocumentsSheet(Sheet[bool]):
    """A list with its verbs; ``advance`` attaches the report of the referral at once and is done.

    Dismissed with True when something was attached, changed or detached.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "documents.tcss"]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "attach", "Attach", id="documents.attach", show=False),
        Binding("o", "open", "Open", id="documents.open", show=False),
        Binding("r", "review", "Reviewed", id="documents.review", show=False),
        Binding("e", "edit", "Edit", id="documents.edit", show=False),
        Binding("x", "export", "Export", id="documents.export", show=False),
        Binding("D,delete", "detach", "Detach", id="documents.detach", show=False),
        Binding("down", "step(1)", "Next field", show=False),
        Binding("up", "step(-1)", "Previous field", show=False),
        Binding("ctrl+s", "save", "Save", id="documents.save", show=False),
    ]

    def __init__(
        self,
        practice: Practice,
        patient_id: int,
        patient_name: str,
        referral_id: int | None,
        *,
        advance: bool = False,
    ) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self.referral_id, self.advance = referral_id, advance
        self.mode = Mode.LIST
        self._is_changed = False
        self._rows: dict[int, DocumentRow] = {}
        self._edited: DocumentRow | None = None  # as the fields were filled from it

    def heading(self) -> str:
        """Whose documents."""
        name = self.app.shown_name(self.patient_name)
        if self.referral_id is None:
            return f"Documents: {name}"
        found = self.practice.execute("SELECT specialty FROM referral WHERE id = ?", [self.referral_id])
        specialty = f"{found[0][0]} referral".strip() if found else "referral"
        return f"{'Report received' if self.advance else 'Documents'}: {specialty} · {name}"

    def hint(self) -> str:
        """The keys of the mode."""
        return _KEYS[self.mode]

    def compose_body(self) -> ComposeResult:
        """The list, what was done, the fields of each mode."""
        columns = [column for column in COLUMNS if column.key != "about" or self.referral_id is None]
        yield RecordList(columns, empty_text="No documents yet: a attaches one.", id="documents")
        yield Static("", id="documents-said", markup=False)
        yield DocumentFields(self.practice, of_referral=self.referral_id is not None, is_report=self.advance)
        reviewer = Field("Reviewed by", FormInput(placeholder="the clinician's name", id="reviewer"))
        reviewer.add_class("mode", "reviewer")
        yield reviewer
        target = Field("Copy to", PathInput(id="target"))
        target.add_class("mode", "export")
        yield target

    def on_mount(self) -> None:
        """The list, or the path at once."""
        self._show_rows()
        if self.advance:
            self.query_one(RecordList).display = False
            self.action_attach()
        else:
            self._show(Mode.LIST)

    # --- what is shown -----------------------------------------------------------------------------

    def _show(self, mode: Mode) -> None:
        self.mode = mode
        for known in Mode:
            self.set_class(known is mode, f"-{known}")
        self.query_one("#sheet-hint", Static).update(self.hint())
        self.problem("")
        self._fit_list()
        if mode is Mode.LIST:
            self.query_one(RecordList).focus()
        else:
            self._say("")
        self._start = self.texts()

    def _say(self, text: str) -> None:
        line = self.query_one("#documents-said", Static)
        line.update(Content(safe_text(text)))
        line.display = bool(text)

    def show_heading(self) -> None:
        """Names and titles, masked or shown since."""
        super().show_heading()
        self._show_rows()

    def _show_rows(self, at: int | None = None) -> None:
        found = read_documents(self.practice.execute, self.patient_id, self.referral_id)
        self._rows = {row.id: row for row in found}
        listing = self.query_one(RecordList)
        listing.set_source([self._line(row) for row in found])
        self._fit_list()
        if at is not None:
            listing.move_to(at)

    def _fit_list(self) -> None:
        most = LINES_BESIDE_FIELDS if self.mode in (Mode.ATTACH, Mode.EDIT) else MAX_LINES
        listing = self.query_one(RecordList)
        listing.styles.height = min(most, max(1, listing.row_count)) + 1

    def _line(self, row: DocumentRow) -> Row:
        today = self.practice.today()
        limits = "Part 2: " if row.is_part2 else "sensitive: " if row.is_sensitive else ""
        title = row.kind.label if self.app.privacy else row.title  # a file's name may be a person's
        reviewed = format_day(row.reviewed_on, today) if row.reviewed_on else ""
        if not reviewed and row.kind in (DocumentKind.REPORT, DocumentKind.RESULT):
            reviewed = "not yet"
        cells = (
            format_day(row.received_on, today),
            f"{limits}{title}",
            row.kind.label,
            *((row.about,) if self.referral_id is None else ()),
            f"{row.media_type.short} {size_words(row.size)}",
            reviewed,
            row.reviewed_by,
        )
        return Row(row.id, cells)

    def _row(self) -> DocumentRow | None:
        """The highlighted document, or a word about why there is none."""
        at = self.query_one(RecordList).cursor_id
        row = self._rows.get(at) if isinstance(at, int) else None
        if row is None:
            self.problem("There is no document here yet: a attaches one.")
        return row

    # --- keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The letters are verbs on the list only."""
        if action in ("attach", "open", "review", "edit", "export", "detach"):
            return self.mode is Mode.LIST
        if action in ("step", "save"):
            return self.mode is not Mode.LIST
        return super().check_action(action, parameters)

    def action_cancel(self) -> None:
        """Back to the list; from the list, out."""
        if self.mode is Mode.LIST or self.advance:
            self.dismiss(self._is_changed or None)
        else:
            self._show(Mode.LIST)

    def action_step(self, by: int) -> None:
        """The field before or after."""
        if by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_attach(self) -> None:
        """Ask for a file."""
        self._show(Mode.ATTACH)
        self.query_one(DocumentFields).start()

    def action_edit(self) -> None:
        """Change what is said about the document."""
        if (row := self._row()) is not None:
            self._edited = row
            self._show(Mode.EDIT)
            self.query_one(DocumentFields).start(row)

    def action_export(self) -> None:
        """Ask where a copy goes."""
        if (row := self._row()) is not None:
            self._show(Mode.EXPORT)
            target = self.query_one("#target", PathInput)
            target.value = f"~/{row.neutral_name}"
            target.cursor_position = len(target.value)
            target.focus()

    @on(RecordList.Chosen)
    def action_open(self) -> None:
        """Read it: text here, anything else in the system's viewer."""
        if (row := self._row()) is not None:
            self._open(row)

    def action_review(self) -> None:
        """A clinician has read it."""
        if (row := self._row()) is not None:
            self._review(row, "")

    def action_detach(self) -> None:
        """Take it off."""
        if (row := self._row()) is None:
            return
        self.problem("")
        if self.attempt(partial(actions.detach, self.practice, row.id)):
            self._done("Detached: esc back, then u brings it back.", at=None)

    @on(Input.Submitted)
    @on(ChoiceRow.Submitted)
    @on(DateInput.Submitted)
    def action_save(self) -> None:
        """Enter in any field: carry the mode out."""
        self.problem("")
        if self.mode is Mode.ATTACH:
            self._attach_file()
        elif (row := self._row()) is None:
            return
        elif self.mode is Mode.EDIT:
            self._edit(self._edited or row)
        elif self.mode is Mode.EXPORT:
            self._export(row)
        elif self.mode is Mode.REVIEWER:
            who = clean_text(self.query_one("#reviewer", Input).value, NAME_LIMIT)
            self._review(row, who)

    def on_input_changed(self) -> None:
        """What was wrong with the text before no longer holds."""
        if self.mode is not Mode.LIST:
            self.problem("")

    def on_path_input_candidates(self, message: PathInput.Candidates) -> None:
        """What ``tab`` found."""
        names = message.names
        more = f"   and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        self._say("   ".join(names[:NAMES_SHOWN]) + more)

    # --- acts --------------------------------------------------------------------------------------

    def _done(self, text: str, at: int | None) -> None:
        self._is_changed = True
        self._show_rows(at)
        self._show(Mode.LIST)
        self._say(text)

    def _attach_file(self) -> None:
        fields = self.query_one(DocumentFields)
        if problem := fields.problem():
            self.problem(problem)
            return
        entry = fields.entry()
        is_awaited = self.advance or self._is_awaited(entry.kind)
        made: list[int] = []
        if not self.attempt(
            lambda: made.append(
                actions.attach(
                    self.practice,
                    self.patient_id,
                    entry.path,
                    referral_id=self.referral_id,
                    kind=entry.kind,
                    title=entry.title,
                    received_on=entry.received_on,
                    is_part2=entry.is_part2,
                    is_sensitive=entry.is_sensitive,
                    advance=is_awaited,
                )
            )
        ):
            return
        received = "Report attached and received; the clinician's review is next.  u undoes it"
        if self.advance:
            self.dismiss(True)
            self.app.say(received)
        else:
            self._done(received if is_awaited else "Attached.", at=made[0])

    def _is_awaited(self, kind: DocumentKind) -> bool:
        """True for the report of a referral that waits for nothing else: attaching it is receiving it."""
        if self.referral_id is None or kind is not DocumentKind.REPORT:
            return False
        rows = self.practice.execute("SELECT stage FROM referral WHERE id = ?", [self.referral_id])
        return any(row[0] == ReferralStage.SEEN for row in rows)

    def _edit(self, row: DocumentRow) -> None:
        entry = self.query_one(DocumentFields).entry()
        if self.attempt(
            lambda: actions.edit_document(
                self.practice,
                row.id,
                version=row.version,
                title=entry.title,
                kind=entry.kind,
                is_part2=entry.is_part2,
                is_sensitive=entry.is_sensitive,
            )
        ):
            self._done("Changed.", at=row.id)
        else:
            self._show_rows(row.id)  # what the list shows may be why

    def _review(self, row: DocumentRow, who: str) -> None:
        """Record it; the name is asked for only when nobody knows the clinician."""
        try:
            went_on = actions.mark_reviewed(self.practice, row.id, who)
        except NeedsReviewer as error:
            if self.mode is Mode.REVIEWER:
                self.problem(str(error))
                return
            self._show(Mode.REVIEWER)
            self.query_one("#reviewer", Input).focus()
        except (Refused, StoreError) as error:
            self.problem(str(error))
        else:
            referral = " The referral is reviewed too: tell the patient next." if went_on else ""
            self._done(f"Reviewed.{referral}", at=row.id)

    def _export(self, row: DocumentRow) -> None:
        written: list[str] = []
        target = self.query_one("#target", PathInput).path
        if self.attempt(lambda: written.append(str(actions.export_copy(self.practice, row.id, target)))):
            self._show(Mode.LIST)
            self._say(f"Written for you alone: {written[0]}. Remove it when you are done.")

    @work(exclusive=True, group="open")
    async def _open(self, row: DocumentRow) -> None:
        """Logged before it is shown. The viewer is started in a thread: it may hold that up for a second."""
        self.problem("")
        root = self.practice.paths.root
        try:
            launch = None if row.media_type is MediaType.TEXT else viewer.system_launcher()
            content = read_content(self.practice.execute, row.sha256)
            self.practice.record_event("document opened", patient_id=row.patient_id)
            if launch is None:
                title = row.kind.label if self.app.privacy else row.title
                self.app.push_screen(TextSheet(title, content.decode("utf-8-sig")))
                return
            await asyncio.to_thread(viewer.open_copy, root, row.neutral_name, content, launch)
        except StoreError as error:
            self.problem(str(error))
            return
        if self.app.is_locked:  # meanwhile
            viewer.clean(root)
            return
        self.app.set_timer(viewer.KEPT_SECONDS + 1, partial(viewer.clean_old, root))
        self._say("Opened in the system's viewer. The copy goes when you lock or leave, or in 15 minutes.")


SCREEN = DocumentsSheet
