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
_INDENT = "  "
_HEADS = ("n", "median", "p90", "longest")
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
        *(line for share in measures.shares for line in (BLANK, *_share(share))),
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


def _share(share: Share) -> Iterator[Line]:
    yield Line(f"{share.title}  {share.result:>{WIDTH - len(share.title) - 2}}", Role.TITLE)
    width = len(f"{share.denominator:,}")
    yield Line(f"{_INDENT}{share.numerator:>{width},}  {share.numerator_words}")
    yield Line(f"{_INDENT}{share.denominator:>{width},}  {share.denominator_words}")
    beside = "; ".join(f"{one.count:,} {one.words}" for one in share.apart if one.count)
    if beside:
        yield from _wrapped(f"Apart: {beside}")
    if share.source:
        yield from _wrapped(f"Source: {share.source}")


def _wrapped(text: str) -> Iterator[Line]:
    for part in wrap(text, WIDTH - len(_INDENT)):
        yield Line(_INDENT + part, Role.DIM)


def _cells(days: Spread) -> list[str]:
    """Number, median, p90, longest; a median of two middle values may be a half."""
    if not days.n or days.median is None:
        return [str(days.n), NONE, NONE, NONE]
    return [f"{days.n:,}", f"{days.median:g}", f"{days.p90:,}", f"{days.longest:,}"]


def _waits(measures: ReferralMeasures) -> Iterator[Line]:
    yield Line("Days from order to visit, by urgency", Role.TITLE)
    yield Line(_row("", _HEADS), Role.DIM)
    undated = 0
    for one in measures.waits:
        undated += one.undated
        if one.seen.n or one.unseen.n:
            yield Line(_row(f"{_INDENT}{one.urgency.label}, seen", _cells(one.seen)))
            yield Line(_row(f"{_INDENT}{one.urgency.label}, not yet: so far", _cells(one.unseen)))
    if undated:
        yield from _wrapped(f"{undated:,} seen, the day is not recorded: in neither line.")


def _row(label: str, cells: Sequence[str]) -> str:
    return label.ljust(_LABEL) + "".join(cell.rjust(_CELL) for cell in cells)


def _open_ages(measures: ReferralMeasures) -> Iterator[Line]:
    yield Line("Open now: days since the order, by stage, whenever ordered", Role.TITLE)
    if not measures.open_ages:
        yield Line(f"{_INDENT}No referral is open.", Role.DIM)
        return
    yield Line(_row("", _HEADS), Role.DIM)
    for one in measures.open_ages:
        yield Line(_row(f"{_INDENT}{one.stage.label}", _cells(one.ages)))
