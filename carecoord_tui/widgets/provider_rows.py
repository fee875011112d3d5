"""Lines of the provider directory, and the highlighted office in full below them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from functools import cached_property

from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.provider_rows import NetworkRow, ProviderRow, ProviderStats, RatedProvider
from carecoord_tui.domain.provider_stats import FEW, history_words
from carecoord_tui.domain.provider_words import wait_words
from carecoord_tui.domain.vocabulary import NetworkStatus
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.text_block import TextBlock

PROVIDER_COLUMNS = (
    Column("name", "Office", min_width=21, max_width=34, grow=2, style="strong"),
    Column("specialty", "Specialty", min_width=13, max_width=20, priority=85),
    Column("phone", "Phone", width=17, priority=40, style="dim"),
    Column("plans", "Plans", width=5, align="right", priority=80),
    Column("says", "They say", width=8, align="right", priority=75, style="dim"),
    Column("days", "Days (n)", width=9, align="right", priority=95),
    Column("report", "Reports", width=9, align="right", priority=90),
    Column("open", "Open", width=4, align="right", priority=50, style="dim"),
)
NO_LONGER = "NO LONGER OFFERED"
HEADING = "no longer offered"  # the heading's own id; offices have numbers


class DirectoryRows:
    """Offices as a row source, painted by window; those no longer offered under a heading at the end."""

    def __init__(self, offices: Sequence[RatedProvider]) -> None:
        """``offices`` in the order to show, those no longer offered last."""
        self._offices: list[RatedProvider | None] = [*offices]
        first = next((n for n, one in enumerate(offices) if not one.provider.is_active), None)
        if first is not None:
            self._offices.insert(first, None)

    def __len__(self) -> int:
        return len(self._offices)

    def __getitem__(self, window: slice, /) -> list[Row]:
        return [_heading() if one is None else provider_row(one) for one in self._offices[window]]

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {(HEADING if one is None else one.provider.id): n for n, one in enumerate(self._offices)}

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where an office stands in the list."""
        return self._places.get(record_id)

    def header_at(self, index: int, /) -> int | None:
        """The heading's place for those below it."""
        place = self._places.get(HEADING)
        return place if place is not None and index >= place else None


def _heading() -> Row:
    return Row(HEADING, (NO_LONGER,), kind="header")


def provider_row(one: RatedProvider) -> Row:
    """One line of the directory."""
    office, stats = one.provider, one.stats
    cells = (
        office.name,
        office.specialty,
        format_phone(office.referral_phone or office.phone),
        f"{one.plans_in} in" if one.plans_in else Text("-", style="dim"),
        wait_words(office.usual_wait_days),
        _days(stats),
        _reports(stats),
        str(stats.open) if stats.open else "",
    )
    return Row(office.id, cells, style="" if office.is_active else "dim")


def _days(stats: ProviderStats) -> Text:
    """``9 (11)``: the median with its n."""
    if stats.median_days is None:
        return Text("-", style="dim")
    return Text.assemble(f"{stats.median_days:g}", (f" ({stats.timed})", "dim"))


def _reports(stats: ProviderStats) -> Text:
    """``83% (12)``; below ten cases the count, ``3 of 4``."""
    if not stats.seen:
        return Text("-", style="dim")
    if stats.seen < FEW:
        return Text(f"{stats.reported} of {stats.seen}")
    return Text.assemble(f"{round(100 * stats.reported / stats.seen)}%", (f" ({stats.seen})", "dim"))


# --- one office in full ----------------------------------------------------------------------------------


class OfficeLines(TextBlock):
    """The highlighted office: numbers to call, history, what they want, plans."""

    DEFAULT_CSS = "OfficeLines { height: 1fr; width: 1fr; }"
    margin_text = " "

    def clear(self) -> None:
        """Nothing is highlighted."""
        self.show_content(Content(""))

    def show(self, one: RatedProvider, networks: Sequence[NetworkRow], today: date) -> None:
        """Draw this office."""
        self.show_content(Content("\n").join(office_lines(one, networks, today)))


def office_lines(one: RatedProvider, networks: Sequence[NetworkRow], today: date) -> list[Content]:
    """What a call or a choice needs, the most needed first; empty facts take no line."""
    office = one.provider
    known = [part for part in (office.specialty, office.organization) if part and part != office.name]
    if office.npi:
        known.append(f"NPI {office.npi}")
    head = Content.assemble(styled(office.name, STRONG), styled("".join(f" · {part}" for part in known), DIM))
    if not office.is_active:
        head += styled("  no longer offered", ALARM)
    lines = [head, styled(phones_words(office)), styled(history_words(one.stats))]
    if office.wants:
        lines.append(Content.assemble(styled("They want: ", DIM), styled(office.wants)))
    lines.append(_plans(networks, today))
    lines += [styled(text, DIM) for text in (office.address, office.note) if text]
    return lines


def phones_words(office: ProviderRow) -> str:
    """``referrals (555) 010-0134 x2 · fax (555) 010-0135``: the main number where it is another one."""
    is_extension = bool(office.phone) and office.referral_phone.startswith(f"{office.phone};ext=")
    main = "" if is_extension else office.phone
    numbers = (("referrals ", office.referral_phone), ("", main), ("fax ", office.fax))
    found = [f"{label}{format_phone(number)}" for label, number in numbers if number]
    return " · ".join(found) or "no phone on file"


def _plans(networks: Sequence[NetworkRow], today: date) -> Content:
    """Plans by status, with the days they were asked; those nobody asked are counted."""
    parts: list[Content] = []
    for status, label, style in (
        (NetworkStatus.IN_NETWORK, "In network: ", DIM),
        (NetworkStatus.OUT_OF_NETWORK, "Out of network: ", WAITING),
    ):
        named = [row for row in networks if row.status is status]
        if named:
            parts.append(Content.assemble(styled(label, style), styled(asked_words(named, today))))
    unknown = sum(row.status is NetworkStatus.UNKNOWN for row in networks)
    if unknown or not parts:
        words = f"{unknown} not asked" if parts else "Plans: nobody asked yet"
        parts.append(styled(words, DIM))
    return Content(" · ").join(parts)


def asked_words(rows: Sequence[NetworkRow], today: date) -> str:
    """``Humana, State Medicaid, asked Thu 12 Nov; Aetna, asked Mon 2 Nov``: the newest answer first."""
    by_day: dict[date | None, list[str]] = {}
    for row in rows:
        by_day.setdefault(row.checked_on, []).append(row.payer_name)
    newest_first = sorted(by_day.items(), key=lambda one: one[0] or date.min, reverse=True)
    return "; ".join(
        ", ".join([*names, f"asked {format_day(day, today)}"] if day else names)
        for day, names in newest_first
    )
