"""A line of a person's history: what, since when, and with what care it may leave."""

from __future__ import annotations

from datetime import date

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from carecoord_tui.domain.dates import DateError, format_full_day, parse_when
from carecoord_tui.domain.vocabulary import HistoryKind
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput, FormSheet
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.history_items import (
    HistoryEntry,
    add_history_item,
    edit_history_item,
    read_code,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.history_items import read_history_item
from carecoord_tui.widgets.choice import ChoiceRow, Option

KINDS = tuple(
    Option(key, kind.label, kind.value)
    for key, kind in zip(
        "cmapro",
        (
            HistoryKind.CONDITION,
            HistoryKind.MEDICATION,
            HistoryKind.ALLERGY,
            HistoryKind.PROCEDURE,
            HistoryKind.RESULT,
            HistoryKind.OTHER,
        ),
        strict=True,
    )
)


class HistoryForm(FormSheet[bool]):
    """Add a line, or change the one of ``item_id``; True when it was saved."""

    def __init__(self, practice: Practice, patient_id: int, *, item_id: int | None = None) -> None:
        super().__init__()
        self.practice, self.patient_id, self.item_id = practice, patient_id, item_id
        self.item = None if item_id is None else read_history_item(practice.execute, item_id)

    def heading(self) -> str:
        """What psychotherapy notes may not become (``domain.md``, Privacy)."""
        what = "New line of the history" if self.item_id is None else "Line of the history"
        return f"{what} · do not store psychotherapy notes here"

    def compose_body(self) -> ComposeResult:
        """The fields."""
        one = self.item
        since = format_full_day(one.noted_on) if one and one.noted_on else ""
        yield Field(
            "Kind",
            ChoiceRow(KINDS, value=(one.kind if one else HistoryKind.CONDITION).value, id="kind"),
        )
        words = one.text if one else ""
        yield Field("Text", FormInput(words, placeholder="e.g. heart failure", id="text", prose=True))
        yield Field("Code", FormInput(one.code if one else "", placeholder="e.g. I50.9", id="code"))
        yield Field("Since", FormInput(since, placeholder="empty: not recorded", id="since"))
        for name, label, is_so in (
            ("active", "Active", one is None or one.is_active),
            ("part2", "Part 2 record", one is not None and one.is_part2),
            ("sensitive", "Sensitive", one is not None and one.is_sensitive),
        ):
            yield Field(label, ChoiceRow(YES_NO, value="yes" if is_so else "", id=name))

    @on(Input.Changed, "#since")
    def _since_changed(self, event: Input.Changed) -> None:
        """Echo the day as understood."""
        if not self.is_mounted:
            return
        field = self.field_of("since")
        field.show_problem("")
        try:
            day = self._since(event.value)
        except DateError:
            field.show_note("")  # half typed; saving says what is wrong
        else:
            field.show_note(f"= {format_full_day(day)}" if day else "")

    def _since(self, text: str) -> date | None:
        if not text.strip():
            return None
        return parse_when(
            text,
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            allow_past=True,
        ).on

    async def action_save(self) -> None:
        """Check and save."""
        texts = self.texts()
        kind = HistoryKind(texts["kind"])
        problems: dict[str, str] = {}
        code, since = "", None
        if not texts["text"]:
            problems["text"] = "A line of the history needs its words, for example: heart failure."
        try:
            code = read_code(kind, texts["code"])
        except Refused as error:
            problems["code"] = str(error)
        try:
            since = self._since(texts["since"])
        except DateError as error:
            problems["since"] = str(error)
        if self.show_problems(problems):
            return
        entry = HistoryEntry(
            kind=kind,
            text=texts["text"],
            code=code,
            noted_on=since,
            is_active=bool(texts["active"]),
            is_part2=bool(texts["part2"]),
            is_sensitive=bool(texts["sensitive"]),
            note=self.item.note if self.item else "",
        )
        if self.attempt(lambda: self._write(entry)):
            self.dismiss(True)
            self.app.say("Saved.  u undoes it")

    def _write(self, entry: HistoryEntry) -> None:
        if self.item_id is None:
            add_history_item(self.practice, self.patient_id, entry)
        else:
            edit_history_item(
                self.practice, self.item_id, entry, version=self.item.version if self.item else 0
            )


SCREEN = HistoryForm
