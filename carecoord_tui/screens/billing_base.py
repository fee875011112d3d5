"""What the billing forms share: fields of money, percent, days and counts that echo what was understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.dates import DateError, add_months, format_full_day, parse_when
from carecoord_tui.domain.money import MoneyError, Percent, format_money, parse_money, parse_percent
from carecoord_tui.domain.release import minor_words
from carecoord_tui.screens.form_sheet import Field, FormInput, FormSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_minor_consent
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.safe_text import safe_text

NEW = "new"
_DIGITS = "123456789"
_HAS_YEAR = re.compile(r"[0-9]{4}|/[0-9]+/|^\+|^in ")


class Reads(Enum):
    """How a field is understood."""

    MONEY = "money"
    PERCENT = "percent"
    PAST = "past"  # a day; without a year the last one of that date
    AHEAD = "ahead"  # a day; without a year the next one of that date
    COUNT = "count"


Value = Decimal | Percent | date | int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the fields mean: None where they are blank or wrong, and what is wrong by the field's id."""

    values: dict[str, Value]
    problems: dict[str, str]

    def money(self, name: str) -> Decimal | None:
        """Dollars."""
        value = self.values.get(name)
        return value if isinstance(value, Decimal) else None

    def percent(self, name: str) -> Decimal | None:
        """A percentage, 30 for 30 %."""
        value = self.values.get(name)
        return value.share * 100 if isinstance(value, Percent) else None

    def day(self, name: str) -> date | None:
        """A practice-local day."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def count(self, name: str) -> int | None:
        """A whole number."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None


class LiveChoice(ChoiceRow):
    """A choice that also tells when it is stepped, so that what hangs on it is drawn at once."""

    def _step(self, by: int) -> None:
        super()._step(by)
        if self.value is not None:
            self.post_message(self.Chosen(self, self.value))


class BillingForm(FormSheet[bool]):
    """Subclasses name how their fields read in ``READS``, and draw what follows from them in ``show``."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "billing.tcss"]
    READS: ClassVar[dict[str, Reads]] = {}

    about = ""

    def __init__(self, practice: Practice, patient_id: int, patient_name: str) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name

    def heading(self) -> str:
        """What this is, and for whom."""
        return f"{self.about}: {self.app.shown_name(self.patient_name)}"

    def first_words(self) -> str:
        """What a minor consented to alone goes to no parent, nor to whose plan pays."""
        consent = read_minor_consent(self.practice.execute, self.patient_id)
        return minor_words(consent) if consent else ""

    def on_mount(self) -> None:
        """Echo what the fields start with."""
        for name in self.READS:
            self._echo(name)
        self.show()

    def show(self) -> None:
        """Draw what follows from the fields; called after every key."""

    # --- fields ------------------------------------------------------------------------------

    def line(
        self, label: str, name: str, value: str = "", placeholder: str = "", *, prose: bool = False
    ) -> Field:
        """A field of text; narrow where it is read as a figure or a day."""
        control = FormInput(value, placeholder=placeholder, id=name, prose=prose)
        control.set_class(name in self.READS, "-figure")
        return Field(label, control)

    def pick(self, label: str, name: str, options: Sequence[Option], value: str | None = None) -> Field:
        """A field of options."""
        return Field(label, LiveChoice(options, value=value, id=name))

    def said(self, name: str) -> Static:
        """A block of text under the fields."""
        return Static("", id=name, classes="said", markup=False)

    def say(self, name: str, text: str | Content) -> None:
        """Put words into such a block; it takes no room while there are none."""
        block = self.query_one(f"#{name}", Static)
        block.update(Content(safe_text(text)) if isinstance(text, str) else text)
        block.display = bool(text)

    def compose_picker(self, label: str, names: Sequence[str], chosen: int | None, new: str) -> ComposeResult:
        """Which of the records on file is meant, or a new one; nothing where there is none."""
        if names:
            found = tuple(Option(_DIGITS[n], name, str(n)) for n, name in enumerate(names[: len(_DIGITS)]))
            value = NEW if chosen is None else str(chosen)
            yield self.pick(label, "record", (*found, Option("n", new, NEW)), value)

    @property
    def picked(self) -> int | None:
        """The place of the chosen record; None for a new one."""
        for choice in self.query("#record").results(LiveChoice):
            return None if choice.value in (None, NEW) else int(str(choice.value))
        return None

    def choice(self, name: str) -> str:
        """What is chosen; empty when nothing is."""
        return self.query_one(f"#{name}", ChoiceRow).value or ""

    def offer(self, name: str, options: Sequence[Option]) -> None:
        """Other options in a field of them; what was chosen goes when they differ."""
        choice = self.query_one(f"#{name}", ChoiceRow)
        if choice.options != tuple(options):
            choice.options, choice.value = tuple(options), None
            choice.refresh(layout=True)

    def fill(self, texts: dict[str, str]) -> None:
        """Put these texts into fields."""
        for name, text in texts.items():
            self.query_one(f"#{name}", Input).value = text

    def show_fields(self, **shown: bool) -> None:
        """Which fields there are at present."""
        for name, is_shown in shown.items():
            self.field_of(name).display = is_shown

    # --- reading -----------------------------------------------------------------------------

    def read(self, *names: str) -> Reading:
        """What these fields hold; all that read as something when none is named."""
        values: dict[str, Value] = {}
        problems: dict[str, str] = {}
        for name in names or self.READS:
            try:
                values[name] = self._value(name)
            except (MoneyError, DateError, ValueError) as error:
                values[name], problems[name] = None, str(error)
        return Reading(values, problems)

    def _value(self, name: str) -> Value:
        text = self.query_one(f"#{name}", Input).value.strip()
        match self.READS[name]:
            case _ if not text:
                return None
            case Reads.MONEY:
                return parse_money(text)
            case Reads.PERCENT:
                return parse_percent(text)
            case Reads.COUNT:
                return _count(text)
            case Reads.PAST:
                return self._day(text, is_past=True)
            case Reads.AHEAD:
                return self._day(text, is_past=False)

    def _day(self, text: str, *, is_past: bool) -> date:
        today = self.practice.today()
        day = parse_when(
            text,
            today=today,
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            allow_past=is_past,
        ).on
        rolled = is_past and day.year == today.year + 1 and any(char.isdigit() for char in text)
        return add_months(day, -12) if rolled and not _HAS_YEAR.search(text) else day

    def _echo(self, name: str) -> None:
        """What was understood stands beside the field; half a figure says nothing until it is saved."""
        reading = self.read(name)
        words = "not understood yet" if reading.problems else self.echoed(name, reading.values[name])
        self.field_of(name).show_note(words)

    def echoed(self, name: str, value: Value) -> str:
        """What a field was understood as; empty for a blank one."""
        if isinstance(value, Decimal):
            return f"= {format_money(value)}"
        if isinstance(value, Percent):
            return f"= {value.echo}"
        return f"= {format_full_day(value)}" if isinstance(value, date) else ""

    # --- keys --------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        if not self.is_mounted or not name:
            return
        self.problem("")
        self.field_of(name).show_problem("")
        if name in self.READS:
            self._echo(name)
        self.show()

    @on(ChoiceRow.Chosen)
    def _taken(self, event: ChoiceRow.Chosen) -> None:
        self.problem("")
        self.field_of(event.control.id or "").show_problem("")
        self.show()

    def on_key(self, event: events.Key) -> None:
        """Space steps a choice, and what hangs on it follows."""
        super().on_key(event)
        if event.key == "space" and isinstance(self.focused, ChoiceRow):
            self.show()

    def finish(self, words: str) -> None:
        """Saved: leave, and say so in the footer."""
        self.dismiss(True)
        self.app.say(safe_text(f"{words}  u undoes it"))


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise ValueError("The number is not understood: type it in digits, such as 4.")
    return int(text)
