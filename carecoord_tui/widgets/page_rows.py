"""Rows of the patient page about what is kept on file: referrals, documents, history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from rich.text import Text

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.document_rows import DocumentRow
from carecoord_tui.domain.documents import size_words
from carecoord_tui.domain.packet import HistoryRow
from carecoord_tui.domain.referral_ageing import Age
from carecoord_tui.domain.referral_rows import ReferralListRow
from carecoord_tui.domain.vocabulary import Urgency
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row

REFERRAL_COLUMNS = (
    Column("specialty", "Specialty", min_width=14, max_width=24, style="strong"),
    Column("stage", "Stage", width=21),
    Column("age", "Age", width=12, priority=90),
    Column("office", "Office", min_width=14, max_width=28, priority=70, style="dim"),
    Column("next", "Next", min_width=16, grow=2, priority=60),
)
DOCUMENT_COLUMNS = (
    Column("received", "Received", width=15, style="dim"),
    Column("title", "Title", min_width=18, grow=2, style="strong"),
    Column("kind", "Kind", width=16, priority=70),
    Column("about", "Referral", min_width=10, max_width=18, priority=50, style="dim"),
    Column("size", "Size", width=9, align="right", priority=30, style="dim"),
    Column("reviewed", "Reviewed", width=13, priority=90),
)
HISTORY_COLUMNS = (
    Column("kind", "Kind", width=10, style="dim"),
    Column("text", "What", min_width=20, grow=2, style="strong"),
    Column("code", "Code", width=8, priority=80),
    Column("since", "Since", width=15, priority=60, style="dim"),
    Column("care", "", min_width=10, max_width=24, priority=90),
)


def referral_rows(
    lines: Sequence[ReferralListRow], age_of: Callable[[ReferralListRow], Age | None], today: date
) -> list[Row]:
    """Open ones, then the ended ones under their heading."""
    rows: list[Row] = []
    was_open = True
    for line in lines:
        if was_open and not line.stage.is_open:
            rows.append(Row("ended", ("ENDED",), kind="header"))
            was_open = False
        rows.append(_referral_row(line, age_of(line), today))
    return rows


def _referral_row(line: ReferralListRow, age: Age | None, today: date) -> Row:
    specialty = Text(line.specialty)
    if line.urgency is not Urgency.ROUTINE:
        specialty.append(f" {line.urgency.label}", style="alarm")
    is_late = age is not None and age.is_over
    next_words = line.next_title
    if line.next_on is not None:
        next_words = f"{format_day(line.next_on, today)}  {next_words}"
    since = format_day(line.stage_on, today)
    return Row(
        line.id,
        (
            specialty,
            line.stage.label,
            Text(since if age is None else age.words, style="alarm" if is_late else "dim"),
            line.office or "no office yet",
            next_words,
        ),
        style="" if line.stage.is_open else "dim",
    )


def document_row(line: DocumentRow, today: date) -> Row:
    """One document; one that nobody reviewed says so when it is a report."""
    reviewed = (
        Text(format_day(line.reviewed_on, today), style="dim")
        if line.reviewed_on is not None
        else Text("not reviewed", style="waiting")
    )
    cells = (
        format_day(line.received_on, today),
        line.title,
        line.kind.label,
        line.about,
        size_words(line.size),
        reviewed,
    )
    return Row(line.id, cells)


def document_words(line: DocumentRow) -> str:
    """What the columns of a narrow terminal leave out."""
    words = [
        line.file_name,
        size_words(line.size),
        f"reviewed by {line.reviewed_by}" if line.reviewed_by else "",
        "Part 2 record: check consent before release" if line.is_part2 else "",
        "sensitive: state law may limit release" if line.is_sensitive else "",
        line.note,
    ]
    return " · ".join(filter(None, words))


def history_row(line: HistoryRow, today: date) -> Row:
    """One line of the history: what is over is dim, what is released with care is said."""
    care = Text()
    for is_so, word, style in (
        (not line.is_active, "past", "dim"),
        (line.is_part2, "Part 2", "alarm"),
        (line.is_sensitive, "sensitive", "waiting"),
    ):
        if is_so:
            care.append(f"{' ' if care else ''}{word}", style=style)
    since = format_day(line.noted_on, today) if line.noted_on else ""
    cells = (line.kind.label, line.text, line.code, since, care)
    return Row(line.id, cells, style="" if line.is_active else "dim")
