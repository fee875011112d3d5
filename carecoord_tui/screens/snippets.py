"""Snippets: short words that become whole texts in any note, and the templates a note may begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widgets import Label, Static, TextArea

from carecoord_tui.domain.snippets import BLANK, FIELDS, SnippetText
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput, FormSheet
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.snippets import put_snippet, remove_snippet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.snippets import read_snippets
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

COLUMNS = (
    Column("type", width=10, style="accent"),
    Column("what", min_width=22, max_width=34, grow=1),
    Column("kind", width=8, style="dim"),
    Column("becomes", min_width=20, grow=3),
)


LINES = 12


def snippet_rows(snippets: Sequence[SnippetText]) -> list[Row]:
    """One line a snippet; line breaks are shown as a bar."""
    return [
        Row(
            one.word,
            (
                f";{one.word}",
                one.title,
                "template" if one.is_template else "",
                " | ".join(one.text.splitlines()),
            ),
        )
        for one in snippets
    ]


def show_all(listing: RecordList, snippets: Sequence[SnippetText]) -> None:
    """List them in as many lines as they need and the sheet has."""
    listing.styles.height = max(1, min(len(snippets), LINES))
    listing.set_source(snippet_rows(snippets))


class SnippetsSheet(Sheet[None]):
    """``enter`` changes a snippet, ``P`` adds one, ``delete`` takes one's own out."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "snippets.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "new", "New", id="snippets.new", show=False),
        Binding("delete,D", "remove", "Remove", id="snippets.remove", show=False),
        Binding("u", "undo", "Undo", id="snippets.undo", show=False),
    ]

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self.practice = practice
        self._snippets: dict[str, SnippetText] = {}

    def heading(self) -> str:
        """What these are."""
        return "Snippets: type the word and a space in any note"

    def hint(self) -> str:
        """The keys."""
        return "enter change · P new · D remove your own · u undo · esc back"

    def compose_body(self) -> ComposeResult:
        """The list."""
        yield RecordList(COLUMNS, empty_text="No snippet yet: P makes one.", show_header=False, id="list")

    def on_mount(self) -> None:
        """Read them; keys go to the list."""
        super().on_mount()
        self._reload()
        self.query_one(RecordList).focus()

    def _reload(self) -> None:
        found = read_snippets(self.practice.execute)
        self._snippets = dict(sorted(found.items()))
        show_all(self.query_one(RecordList), list(self._snippets.values()))

    def _highlighted(self) -> SnippetText | None:
        word = self.query_one(RecordList).cursor_id
        return self._snippets.get(str(word))

    def on_record_list_chosen(self) -> None:
        """Change the highlighted one; one of the program becomes one's own."""
        self._open(self._highlighted())

    def action_new(self) -> None:
        """A new one."""
        self._open(None)

    def _open(self, one: SnippetText | None) -> None:
        self.app.push_screen(SnippetForm(self.practice, one), lambda word: self._kept(word))

    def _kept(self, word: str | None) -> None:
        self._reload()
        if word:
            self.query_one(RecordList).move_to(word)

    def action_remove(self) -> None:
        """Take one's own out; undo brings it back."""
        one = self._highlighted()
        if one is not None and self.attempt(lambda: remove_snippet(self.practice, one)):
            self._reload()
            self.problem("")

    async def action_undo(self) -> None:
        """The newest change, as everywhere."""
        await self.app.action_undo()
        self._reload()


class SnippetForm(FormSheet[str]):
    """The word, what it is for, its text."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "snippets.tcss"]

    def __init__(self, practice: Practice, one: SnippetText | None) -> None:
        super().__init__()
        self.practice, self.one = practice, one

    def heading(self) -> str:
        """Which one."""
        return f"Snippet ;{self.one.word}" if self.one else "New snippet"

    def hint(self) -> str:
        """The keys."""
        return "tab next field · ctrl+s save · esc leave"

    def compose_body(self) -> ComposeResult:
        """The fields, and what may stand in braces."""
        one = self.one
        fields = " ".join(f"{{{name}}}" for name in FIELDS)
        yield Field("Short word", FormInput(one.word if one else "", id="word"))
        yield Field("What it is", FormInput(one.title if one else "", id="title"))
        yield Field("Begin notes with", ChoiceRow(YES_NO, value=self._is_template(), id="template"))
        yield Label("Text")
        yield TextArea(one.text if one else "", id="snippet-text", show_line_numbers=False)
        yield Static(f"Filled in: {fields} · to fill by hand: {BLANK}", classes="dim", markup=False)

    def _is_template(self) -> str:
        return "yes" if self.one is not None and self.one.is_template else ""

    def texts(self) -> dict[str, str]:
        """The text area's too."""
        return super().texts() | {"text": self.query_one(TextArea).text}

    async def action_save(self) -> None:
        """Keep it."""
        texts = self.texts()
        word = texts["word"].removeprefix(";").lower()
        if self.attempt(
            lambda: put_snippet(
                self.practice,
                word=word,
                title=texts["title"],
                text=texts["text"],
                is_template=bool(texts["template"]),
                was=self.one if self.one is not None and self.one.id is not None else None,
            )
        ):
            self.dismiss(word)


class TemplateSheet(Sheet[SnippetText]):
    """What a note may begin with."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "snippets.tcss"]

    def __init__(self, templates: Sequence[SnippetText]) -> None:
        super().__init__()
        self._templates = {one.word: one for one in templates}

    def heading(self) -> str:
        """What to choose."""
        return "Begin the note with"

    def hint(self) -> str:
        """The keys."""
        return "enter takes it · esc back"

    def compose_body(self) -> ComposeResult:
        """The templates."""
        yield RecordList(COLUMNS, show_header=False, id="list")

    def on_mount(self) -> None:
        """Show them; keys go to the list."""
        super().on_mount()
        show_all(self.query_one(RecordList), list(self._templates.values()))
        self.query_one(RecordList).focus()

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        """Take it."""
        self.dismiss(self._templates.get(str(event.record_id)))


SCREEN = SnippetsSheet
