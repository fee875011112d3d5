"""The fields of a document: its file, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.document_rows import DocumentRow
from carecoord_tui.domain.documents import TITLE_LIMIT, likely_kind, title_from
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import DocumentKind
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.path_input import PathInput, typed_path

KINDS = tuple(Option(key, kind.label, kind.value) for key, kind in zip("rloticfe", DocumentKind, strict=True))


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """What the fields say."""

    path: Path
    title: str
    kind: DocumentKind
    received_on: date | None
    is_part2: bool
    is_sensitive: bool


class DocumentFields(Vertical):
    """The path comes first; title and kind follow its name until they are touched.

    A report that closes a step of its referral (``is_report``) has no choice of kind.
    """

    DEFAULT_CSS = """
    DocumentFields { height: auto; }
    DocumentFields DateInput > Input { width: 24; }
    """

    def __init__(self, practice: Practice, *, of_referral: bool, is_report: bool) -> None:
        super().__init__(classes="mode attach edit")
        self._practice, self._of_referral, self._is_report = practice, of_referral, is_report
        self._followed_title = ""
        self._followed_kind: str | None = None

    def compose(self) -> ComposeResult:
        """File, title, kind, day, what limits its release."""
        path = PathInput(id="file")
        path.placeholder = "drop the file here, or e.g. ~/Downloads/report.pdf"
        yield Field("File", path)
        title = FormInput(id="title")
        title.max_length = TITLE_LIMIT
        yield Field("Title", title)
        yield Field("Kind", ChoiceRow(KINDS, id="kind"))
        yield Field(
            "Received",
            DateInput(
                today=self._practice.today(),
                order=self._practice.settings.date_order,
                is_business_day=self._practice.context.calendar.is_working_day,
                proposal=When(self._practice.today()),
                allow_past=True,
                id="received",
            ),
        )
        yield Field("Part 2 record", ChoiceRow(YES_NO, value="", id="part2"))
        yield Field("Sensitive", ChoiceRow(YES_NO, value="", id="sensitive"))

    def _field(self, place: int) -> Field:
        return list(self.query(Field))[place]

    def start(self, row: DocumentRow | None = None) -> None:
        """Empty fields for a new file, or what is said of ``row``; the first one gets the focus."""
        file, title, kind, received = (self._field(place) for place in range(4))
        file.display = received.display = row is None
        kind.display = row is not None or not self._is_report
        self._followed_title = ""
        self._followed_kind = self._usual_kind("")
        self.query_one("#file", PathInput).value = ""
        self.query_one("#title", Input).value = row.title if row else ""
        self.query_one("#kind", ChoiceRow).value = row.kind if row else self._followed_kind
        self.query_one(DateInput).clear()
        self.query_one("#part2", ChoiceRow).value = "yes" if row and row.is_part2 else ""
        self.query_one("#sensitive", ChoiceRow).value = "yes" if row and row.is_sensitive else ""
        first = title.query_one(Input) if row else file.query_one(PathInput)
        first.cursor_position = len(first.value)
        first.focus()

    def _usual_kind(self, name: str) -> DocumentKind:
        return DocumentKind.REPORT if self._is_report else likely_kind(name, of_referral=self._of_referral)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Title and kind follow the file's name until somebody touches them."""
        if event.input.id != "file":
            return
        name = typed_path(event.value).name
        title, kind = self.query_one("#title", Input), self.query_one("#kind", ChoiceRow)
        if title.value == self._followed_title:
            title.value = self._followed_title = title_from(name)
        if kind.value == self._followed_kind:
            kind.value = self._followed_kind = self._usual_kind(name)

    def problem(self) -> str:
        """Why the fields cannot be taken; empty when they can."""
        if self._field(0).display and not self.query_one("#file", PathInput).value.strip():
            return "Type the name of the file, or drop it here: tab completes."
        return self.query_one(DateInput).problem

    def entry(self) -> DocumentEntry:
        """What the fields say: title and day only when somebody said them, not when they are proposed."""
        day, title = self.query_one(DateInput), self.query_one("#title", Input).value
        received = day.value if day.text else None
        return DocumentEntry(
            path=self.query_one("#file", PathInput).path,
            title="" if title == self._followed_title else clean_text(title, TITLE_LIMIT),
            kind=DocumentKind(self.query_one("#kind", ChoiceRow).value or DocumentKind.OTHER),
            received_on=received.on if received else None,
            is_part2=bool(self.query_one("#part2", ChoiceRow).value),
            is_sensitive=bool(self.query_one("#sensitive", ChoiceRow).value),
        )
