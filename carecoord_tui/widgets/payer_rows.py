"""Lines of the payer directory, and the highlighted payer in full below them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property

from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.payer_rows import FROM_CONTRACT, NOT_ENTERED, Clock, PayerRow
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.text_block import TextBlock

PAYER_COLUMNS = (
    Column("name", "Payer", min_width=20, max_width=36, grow=2, style="strong"),
    Column("class", "Class", width=15, priority=90),
    Column("phone", "Authorizations", width=17, priority=80, style="dim"),
    Column("filing", "Filing", width=11, align="right", priority=60),
    Column("limits", "Contract", width=8, align="right", priority=70),
    Column("active", "Active", width=6, align="right", priority=50, style="dim"),
)


class PayerDirectoryRows:
    """Payers as a row source, painted by window."""

    def __init__(self, payers: Sequence[PayerRow]) -> None:
        """``payers`` in the order to show."""
        self._payers = payers

    def __len__(self) -> int:
        return len(self._payers)

    def __getitem__(self, window: slice, /) -> list[Row]:
        return [payer_row(one) for one in self._payers[window]]

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {one.id: place for place, one in enumerate(self._payers)}

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where a payer stands in the list."""
        return self._places.get(record_id)

    def header_at(self, index: int, /) -> int | None:
        """There are no headings."""
        return None


def class_words(payer_class: PayerClass) -> str:
    """The class as the screen says it; "class not known" where nobody entered one."""
    return "class not known" if payer_class is PayerClass.UNKNOWN else payer_class.label


def payer_row(one: PayerRow) -> Row:
    """One line of the directory."""
    days = one.timely_filing_days
    cells = (
        one.name,
        class_words(one.payer_class),
        format_phone(one.authorization_phone or one.phone),
        Text(NOT_ENTERED, style="dim") if days is None else f"{days} days",
        f"{len(one.limits)} set" if one.limits else Text("-", style="dim"),
        f"{one.active_coverages:,}" if one.active_coverages else "",
    )
    return Row(one.id, cells)


class PayerLines(TextBlock):
    """The highlighted payer: numbers to call, timely filing, the clocks that run and who sets them."""

    DEFAULT_CSS = "PayerLines { height: 1fr; width: 1fr; }"
    margin_text = " "

    def clear(self) -> None:
        """Nothing is highlighted."""
        self.show_content(Content(""))

    def show(self, one: PayerRow, clocks: Sequence[Clock], filing: Clock | None) -> None:
        """Draw this payer."""
        self.show_content(Content("\n").join(payer_lines(one, clocks, filing)))


def payer_lines(one: PayerRow, clocks: Sequence[Clock], filing: Clock | None) -> list[Content]:
    """What a call or a deadline needs, the most needed first; empty facts take no line."""
    active = f"{one.active_coverages:,} active coverage{'' if one.active_coverages == 1 else 's'}"
    words = f" · {class_words(one.payer_class)} · {active}"
    lines = [Content.assemble(styled(one.name, STRONG), styled(words, DIM)), styled(phones_words(one))]
    lines.append(_filing(filing))
    exceptions_first = sorted(clocks, key=lambda clock: not clock.from_contract)
    lines += [clock_line(clock) for clock in exceptions_first]
    if not clocks:
        lines.append(styled("No clock of law is known for this class: ask the payer, read its letters.", DIM))
    lines += [styled(text, DIM) for text in (one.portal, one.note) if text]
    return lines


def phones_words(one: PayerRow) -> str:
    """``authorizations (555) 010-0134 · (555) 010-0130 · fax (555) 010-0135``."""
    numbers = (
        ("authorizations ", one.authorization_phone),
        ("", one.phone),
        ("fax ", one.fax),
        ("appeal fax ", one.appeal_fax),
    )
    found = [f"{label}{format_phone(number)}" for label, number in numbers if number]
    return " · ".join(found) or "no phone on file"


def _filing(filing: Clock | None) -> Content:
    label = styled("Timely filing: ", DIM)
    if filing is None:
        return Content.assemble(label, styled(NOT_ENTERED, WAITING))
    return Content.assemble(label, _amount_and_source(filing))


def clock_line(clock: Clock) -> Content:
    """``Payer's decision, standard: 7 calendar days · pa.federal.standard · CMS-0057-F``."""
    line = Content.assemble(styled(f"{clock.title}: ", DIM), _amount_and_source(clock))
    return line if clock.runs else line + styled(" · another rule runs for this class", WAITING)


def _amount_and_source(clock: Clock) -> Content:
    if not clock.from_contract:
        return Content.assemble(
            styled(clock.amount, STRONG), styled(f" · {clock.rule_id} · {clock.source}", DIM)
        )
    said = f" {FROM_CONTRACT}" + (f" ({clock.source})" if clock.source else "")
    instead = f", not the rule's {clock.instead_of}" if clock.instead_of else ""
    return Content.assemble(
        styled(clock.amount, STRONG), styled(f"{said}{instead}", WAITING), styled(f" · {clock.rule_id}", DIM)
    )
