"""Measures of insurance as lines of text, the same on the screen and on the command line."""

from __future__ import annotations

from collections.abc import Iterator

from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.insurance_measures import InsuranceMeasures
from carecoord_tui.domain.measure_words import (
    BLANK,
    HEADS,
    INDENT,
    Line,
    Role,
    cells_of,
    share_lines,
    table_row,
    wrapped,
)
from carecoord_tui.domain.measures import SMALL


def insurance_lines(measures: InsuranceMeasures) -> list[Line]:
    """Every measure with its numerator, its denominator and what was left out."""
    return [
        *_about(measures),
        BLANK,
        *_turnaround(measures),
        *(line for share in measures.shares for line in (BLANK, *share_lines(share))),
    ]


def _about(measures: InsuranceMeasures) -> Iterator[Line]:
    period = measures.period
    yield Line(
        f"Decided, denied or visited {format_full_day(period.first)} to {format_full_day(period.last)}"
    )
    said = f"As of {format_full_day(measures.as_of)}. Below {SMALL} only counts are shown, no percentages."
    yield Line(said, Role.DIM)


def _turnaround(measures: InsuranceMeasures) -> Iterator[Line]:
    days = measures.turnaround
    yield Line("Authorizations: calendar days from submission to decision", Role.TITLE)
    yield Line(table_row("", HEADS), Role.DIM)
    yield Line(table_row(f"{INDENT}standard", cells_of(days.standard)))
    yield Line(table_row(f"{INDENT}expedited", cells_of(days.expedited)))
    if days.undated:
        yield from wrapped(f"{days.undated:,} decided, the submission is not recorded: in neither line.")
