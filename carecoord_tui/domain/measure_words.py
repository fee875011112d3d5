"""Measures as lines of text, the same on the screen and on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap

from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.measures import SMALL, ReferralMeasures, Share, Spread

WIDTH = 76  # cells of a line: what a sheet leaves of 80 columns
_LABEL, _CELL = 26, 8
INDENT = "  "
HEADS = ("n", "median", "p90", "longest")
NONE = "-"


class Role(StrEnum):
    """How a line is drawn where there is more than one strength."""

    TITLE = "title"
    PLAIN = "plain"
    DIM = "dim"


@dataclass(frozen=True, slots=True)
class Line:
    """One line, at most ``WIDTH`` cells."""

    text: str
    role: Role = Role.PLAIN


BLANK = Line("")


def referral_lines(measures: ReferralMeasures) -> list[Line]:
    """Every measure with its numerator, its denominator and what was left out."""
    return [
        *_about(measures),
        *(line for share in measures.shares for line in (BLANK, *share_lines(share))),
        BLANK,
        *_waits(measures),
        BLANK,
        *_open_ages(measures),
    ]


def _about(measures: ReferralMeasures) -> Iterator[Line]:
    period = measures.period
    yield Line(f"Referrals ordered {format_full_day(period.first)} to {format_full_day(period.last)}")
    said = f"As of {format_full_day(measures.as_of)}. Below {SMALL} only counts are shown, no percentages."
    yield Line(said, Role.DIM)


def share_lines(share: Share) -> Iterator[Line]:
    """Title and result, then the two numbers, what stands apart and the source."""
    yield Line(f"{share.title}  {share.result:>{WIDTH - len(share.title) - 2}}", Role.TITLE)
    width = len(f"{share.denominator:,}")
    yield Line(f"{INDENT}{share.numerator:>{width},}  {share.numerator_words}")
    yield Line(f"{INDENT}{share.denominator:>{width},}  {share.denominator_words}")
    beside = "; ".join(f"{one.count:,} {one.words}" for one in share.apart if one.count)
    if beside:
        yield from wrapped(f"Apart: {beside}")
    if share.source:
        yield from wrapped(f"Source: {share.source}")


def wrapped(text: str) -> Iterator[Line]:
    """A remark under a measure, over as many lines as it takes."""
    for part in wrap(text, WIDTH - len(INDENT)):
        yield Line(INDENT + part, Role.DIM)


def cells_of(days: Spread) -> list[str]:
    """Number, median, p90, longest; a median of two middle values may be a half."""
    if not days.n or days.median is None:
        return [str(days.n), NONE, NONE, NONE]
    return [f"{days.n:,}", f"{days.median:g}", f"{days.p90:,}", f"{days.longest:,}"]


def _waits(measures: ReferralMeasures) -> Iterator[Line]:
    yield Line("Days from order to visit, by urgency", Role.TITLE)
    yield Line(table_row("", HEADS), Role.DIM)
    undated = 0
    for one in measures.waits:
        undated += one.undated
        if one.seen.n or one.unseen.n:
            yield Line(table_row(f"{INDENT}{one.urgency.label}, seen", cells_of(one.seen)))
            yield Line(table_row(f"{INDENT}{one.urgency.label}, not yet: so far", cells_of(one.unseen)))
    if undated:
        yield from wrapped(f"{undated:,} seen, the day is not recorded: in neither line.")


def table_row(label: str, cells: Sequence[str]) -> str:
    """One line of a table: a label, then the cells of a spread (or ``HEADS``)."""
    return label.ljust(_LABEL) + "".join(cell.rjust(_CELL) for cell in cells)


def _open_ages(measures: ReferralMeasures) -> Iterator[Line]:
    yield Line("Open now: days since the order, by stage, whenever ordered", Role.TITLE)
    if not measures.open_ages:
        yield Line(f"{INDENT}No referral is open.", Role.DIM)
        return
    yield Line(table_row("", HEADS), Role.DIM)
    for one in measures.open_ages:
        yield Line(table_row(f"{INDENT}{one.stage.label}", cells_of(one.ages)))
