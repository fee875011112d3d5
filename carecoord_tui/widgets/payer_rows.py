"""Lines of the payer directory, and the highlighted payer in full below them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.dates import format_day, format_time
from carecoord_tui.domain.eligibility_rows import LoggedCall
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.payer_rows import FROM_CONTRACT, NOT_ENTERED, Clock, PayerRow, filing_words
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.text_block import TextBlock

PAYER_COLUMNS = (
    Column("name", "Payer", min_width=20, max_width=36, grow=2, style="strong"),
    Column("class", "Class", width=13, priority=90),
    Column("phone", "Authorizations", width=14, priority=80, style="dim"),
    Column("filing", "Filing", width=11, align="right", priority=75),
    Column("limits", "Contract", width=8, align="right", priority=70),
    Column("active", "Active", width=6, align="right", priority=50, style="dim"),
)


class PayerDirectoryRows:
    """Payers as a row source, painted by window."""

    def __init__(self, payers: Sequence[PayerRow], filing: Callable[[PayerRow], Clock | None]) -> None:
        """``payers`` in the order to show; ``filing`` says what timely filing is for one."""
        self._payers, self._filing = payers, filing

    def __len__(self) -> int:
        return len(self._payers)

    def __getitem__(self, window: slice, /) -> list[Row]:
        return [payer_row(one, self._filing(one)) for one in self._payers[window]]

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


def payer_row(one: PayerRow, filing: Clock | None) -> Row:
    """One line of the directory."""
    is_asked = one.payer_class is not PayerClass.SELF_PAY  # nobody is, where the patient pays
    cells = (
        one.name,
        class_words(one.payer_class),
        format_phone(one.authorization_phone or one.phone) if is_asked else "",
        Text(filing_words(filing) if is_asked else "-", style="dim" if filing is None else ""),
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

    def show(
        self, one: PayerRow, clocks: Sequence[Clock], filing: Clock | None, calls: Sequence[Content] = ()
    ) -> None:
        """Draw this payer; ``calls`` are the lines of its last calls."""
        self.show_content(Content("\n").join(payer_lines(one, clocks, filing, calls)))


def payer_lines(
    one: PayerRow, clocks: Sequence[Clock], filing: Clock | None, calls: Sequence[Content] = ()
) -> list[Content]:
    """What a call or a deadline needs, the most needed first; empty facts take no line."""
    active = f"{one.active_coverages:,} active coverage{'' if one.active_coverages == 1 else 's'}"
    words = f" · {class_words(one.payer_class)} · {active}"
    lines = [Content.assemble(styled(one.name, STRONG), styled(words, DIM)), styled(phones_words(one))]
    lines.append(_filing(filing))
    lines += calls[:1]
    exceptions_first = sorted(clocks, key=lambda clock: not clock.from_contract)
    lines += [clock_line(clock) for clock in exceptions_first]
    if not clocks:
        lines.append(styled("No clock of law is known for this class: ask the payer, read its letters.", DIM))
    lines += [styled(text, DIM) for text in (one.portal, one.note) if text]
    return [*lines, *calls[1:]]


def call_line(call: LoggedCall, today: date, zone: ZoneInfo, *, name: str = "Call") -> Content:
    """``Call Mon 30 Nov 8:04: office or payer reached · ref. H-991 · 22 min · about 5``: one logged call."""
    local = call.at.astimezone(zone)
    parts = (
        call.outcome.label,
        f"spoke with {call.spoke_with}" if call.spoke_with else "",
        f"ref. {call.reference}" if call.reference else "",
        "" if call.minutes is None else f"{call.minutes} min",
        f"about {call.about}" if call.about > 1 else "",
        call.made_by,
        call.note,
    )
    words = " · ".join(part for part in parts if part)
    when = f"{name} {format_day(local.date(), today)} {format_time(local.time())}: "
    return Content.assemble(styled(when, DIM), styled(words))


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
    instead = "".join(f" · {words}" for words in (clock.instead_of, clock.against_law) if words)
    return Content.assemble(
        styled(clock.amount, STRONG), styled(f"{said}{instead}", WAITING), styled(f" · {clock.rule_id}", DIM)
    )
