"""Which field each column of a file holds: shown with examples, changed by enter, read anew on leaving."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from carecoord_tui.exchange.import_kinds import ImportKind
from carecoord_tui.exchange.logs.plan import LogLook
from carecoord_tui.screens.import_masking import masked_look
from carecoord_tui.screens.import_preview import NAME_FIELDS, Namer
from carecoord_tui.screens.small_terminal import NeedsRoom, TooSmall
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp

FIELD_COLUMNS = (
    Column("field", "Field", min_width=14, max_width=26, grow=1, style="strong"),
    Column("column", "Column of the file", min_width=16, max_width=30, grow=1),
    Column("sample", "For example", min_width=16, grow=2),
)
CHOICE_COLUMNS = (
    Column("column", "Column of the file", min_width=18, max_width=34, grow=1, style="strong"),
    Column("sample", "For example", min_width=16, grow=2),
    Column("used", "Used for", min_width=10, max_width=24, grow=1, style="dim"),
)
_NONE = "none"
_FIELDS_HINT = "enter another column · ^s read the file so · ^t it is another list · esc back"
_CHOICE_HINT = "enter take this column · esc back"


class ColumnsSaid(NamedTuple):
    """Field -> index of its column, None when it was left as it was; or the wish for another kind of list."""

    mapping: dict[str, int] | None = None
    wants_next_kind: bool = False


class ImportColumns(NeedsRoom, ModalScreen[ColumnsSaid]):
    """The fields of a kind with their columns. Nothing is read here."""

    CSS_PATH = "import_columns.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "take", "Read so", id="columns.take", show=False),
        Binding("ctrl+t", "next_kind", "It is another list", id="columns.next_kind", show=False),
        Binding("escape", "cancel", "Back", id="columns.back", show=False),
    ]

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def __init__(self, kind: ImportKind, look: LogLook, *, at: str = "") -> None:
        super().__init__()
        self._kind, self._look, self._at = kind, look, at
        self._mapping = dict(look.mapping)
        self._field = ""

    def compose(self) -> ComposeResult:
        """Heading, what is missing, the fields, the columns to choose from, keys."""
        yield Static(Content(f"Columns of {safe_text(self._look.path.name)}"), id="heading")
        yield Static("", id="said", markup=False)
        yield RecordList(FIELD_COLUMNS, empty_text="", id="fields")
        yield RecordList(CHOICE_COLUMNS, empty_text="", id="choices")
        yield Static("", id="hint", markup=False)
        yield TooSmall()

    def on_mount(self) -> None:
        """The fields, the missing ones first."""
        self._show_fields(self._at or next(iter(self._kind.missing(self._mapping)), ""))

    def _show_fields(self, at: Hashable) -> None:
        self.set_class(False, "-choosing")
        self._field = ""
        missing = self._kind.missing(self._mapping)
        listing = self.query_one("#fields", RecordList)
        listing.set_source(field_rows(self._kind, self._drawn, self._mapping, self.app.shown_name))
        listing.move_to(at)
        labels = " and ".join(self._kind.columns.label(one) for one in missing)
        emptied = self._kind.columns.emptied(self._look.headers, self._mapping)
        said = f"Say which column holds the {labels}." if missing else f"It is read as a {self._kind.words}."
        self._say(" ".join((said, *emptied)))
        self.query_one("#hint", Static).update(_FIELDS_HINT)
        self.set_focus(listing)

    @property
    def _drawn(self) -> LogLook:
        """The file as it may be drawn."""
        return masked_look(self._look) if self.app.privacy else self._look

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(Content(safe_text(text)))

    @on(RecordList.Chosen, "#fields")
    def _choose(self, event: RecordList.Chosen) -> None:
        """The columns to choose from, for one field."""
        self._field = str(event.record_id)
        self.set_class(True, "-choosing")
        listing = self.query_one("#choices", RecordList)
        listing.set_source(self._choices())
        listing.move_to(self._mapping.get(self._field, _NONE))
        self._say(f"Which column holds the {self._kind.columns.label(self._field)}?")
        self.query_one("#hint", Static).update(_CHOICE_HINT)
        self.set_focus(listing)

    def _choices(self) -> list[Row]:
        label, user = self._kind.columns.label, {index: one for one, index in self._mapping.items()}
        rows = [Row(_NONE, ("none of them", "", ""))]
        for index, header in enumerate(self._look.headers):
            used = user.get(index, "")
            sample = _sample(self._drawn, index, used, self.app.shown_name)
            rows.append(Row(index, (header, sample, label(used) if used else "")))
        return rows

    @on(RecordList.Chosen, "#choices")
    def _chosen(self, event: RecordList.Chosen) -> None:
        """Take the column; the field that had it loses it."""
        field, index = self._field, event.record_id
        self._mapping.pop(field, None)
        if isinstance(index, int):
            self._mapping = {one: taken for one, taken in self._mapping.items() if taken != index}
            self._mapping[field] = index
        self._show_fields(field)

    def action_take(self) -> None:
        """Have the file read with these columns."""
        if self._field:
            return
        missing = self._kind.missing(self._mapping)
        if missing:
            self._show_fields(missing[0])
        else:
            self.dismiss(ColumnsSaid(self._mapping))

    def action_next_kind(self) -> None:
        """Read the file as the next kind of list."""
        self.dismiss(ColumnsSaid(wants_next_kind=True))

    def action_cancel(self) -> None:
        """From the columns back to the fields; from there away, without a change."""
        if self._field:
            self._show_fields(self._field)
        else:
            self.dismiss(ColumnsSaid())


def field_rows(kind: ImportKind, look: LogLook, mapping: dict[str, int], shown_name: Namer) -> list[Row]:
    """Each field with its column and a value of it: what must be there and is not, what is read, the rest."""
    missing = kind.missing(mapping)
    label = kind.columns.label
    rows = [Row(one, (label(one), Text("which column?", "alarm"), "")) for one in missing]
    read = sorted(mapping.items(), key=lambda one: one[1])
    for one, index in read:
        rows.append(Row(one, (label(one), look.headers[index], _sample(look, index, one, shown_name))))
    free = [one for one in kind.columns.fields if one not in mapping and one not in missing]
    return rows + [Row(one, (label(one), "none", ""), style="dim") for one in free]


def _sample(look: LogLook, index: int, field: str, shown_name: Namer) -> str:
    """The first value of a column; masked where it is a name."""
    value = next((row[index] for row in look.samples if row[index]), "")
    return shown_name(value) if field in NAME_FIELDS and value else value


SCREEN = ImportColumns
