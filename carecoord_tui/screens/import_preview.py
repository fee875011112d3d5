"""An import's report, laid out for the eye: what was understood first, then what needs a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.style import Style
from rich.table import Table
from rich.text import Text

from carecoord_tui.exchange.import_report import (
    BY_NAME_TITLE,
    ImportCounts,
    ImportReport,
    LeftOutColumn,
    MappedColumn,
    UsedDateOrder,
    grouped,
    handed_back_words,
)
from carecoord_tui.exchange.patient_columns import label
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.widgets.safe_text import plain

LISTED = 20
"""Entries shown of a long list; the rejects file has all."""
DIM = Style(dim=True)
_ASKED = "--date-order"
_DOUBTFUL = "Doubtful, held back; w asks who they are"
_DOUBTFUL_LEFT = "Doubtful, not taken"
_ODD = "Odd rows, held back; a takes them as they stand"
NAME_FIELDS = ("full_name", "family_name", "given_name", "preferred_name", "middle_name")

Namer = Callable[[str], str]
"""How a patient's name may be shown: masked in privacy mode."""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the preview. ``role`` is ``""``, ``alarm`` or ``waiting``."""

    title: str
    body: Table
    role: str = ""


def counts_line(counts: ImportCounts, *, is_done: bool) -> str:
    """The result in one line, without what is zero."""
    parts = [
        (counts.created, "added" if is_done else "new"),
        (counts.updated, "updated" if is_done else "to update"),
        (counts.unchanged, "unchanged"),
        (counts.conflicts, "with conflicts"),
        (counts.odd, "held back as odd"),
        (counts.doubtful, "doubtful"),
        (counts.left_out, "left out"),
        (counts.refused, "refused"),
    ]
    words = " · ".join(f"{number:,} {word}" for number, word in parts if number)
    rows = f"{counts.rows:,} row{'' if counts.rows == 1 else 's'}"
    then = "are" if is_done else "will be"
    found = f"{counts.by_name:,} found by name and birth date. " if counts.by_name else ""
    people = f"{counts.active:,} of its people {then} in the caseload."
    return f"{rows}: {words or 'nothing to import'}. {found}{people}"


def sections(report: ImportReport, shown_name: Namer) -> Iterator[Section]:
    """The parts of the report that have something to say; when it is done, only what is left to look at."""
    if report.dry_run:
        yield Section("Understood", lines(understood(report.notes, report.date_orders)))
        yield Section("Columns", columns_grid(report.columns, label, shown_name))
        if report.left_out:
            yield Section("Left out", left_out(report.left_out))
        if report.first_rows:
            yield Section("First rows", _first_rows(report, shown_name))
    yield from listed(
        _DOUBTFUL if report.dry_run else _DOUBTFUL_LEFT, _doubtful(report, shown_name), "waiting"
    )
    yield from not_taken(report.rejected, report.odd)
    if report.dry_run:
        yield from listed(BY_NAME_TITLE, _by_name(report, shown_name), "")
    yield from listed("Conflicts, left as they are", _conflicts(report, shown_name), "waiting")
    yield from listed("Possible duplicates, not merged", _duplicates(report, shown_name), "waiting")
    notes = [(note.line, note.column, note.reason) for note in grouped(report.warnings)]
    yield from listed("Notes on rows", notes, "")


def understood(notes: Sequence[str], orders: Sequence[UsedDateOrder]) -> list[str]:
    """What was detected. Where a person was asked, the option of the command line is their answer."""
    found = [note.replace(_ASKED, "your answer") for note in notes]
    return found + [one.reason for one in orders if one.reason and one.source != _ASKED]


def grid(*, fixed: Sequence[int] = (), ratios: Sequence[int] = (1,)) -> Table:
    """Columns of fixed width, then columns that share the rest."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for width in fixed:
        table.add_column(width=width, no_wrap=True, overflow="ellipsis")
    for ratio in ratios:
        table.add_column(ratio=ratio)
    return table


def lines(texts: Iterable[str]) -> Table:
    """One text below the other."""
    table = grid()
    for text in texts:
        table.add_row(wrapped(text))
    return table


def wrapped(text: str, style: Style | str = "") -> Text:
    """Untrusted text that may take several lines."""
    made = plain(text)
    made.no_wrap = False
    made.stylize(style)
    return made


def columns_grid(columns: Iterable[MappedColumn], label_of: Callable[[str], str], shown_name: Namer) -> Table:
    """Each column with the field it is read as and its first value."""
    table = grid(fixed=(24, 18))
    for column in columns:
        example = shown_name(column.example) if column.field in NAME_FIELDS else column.example
        table.add_row(plain(column.header), Text(label_of(column.field)), plain(example))
    return table


def left_out(columns: Iterable[LeftOutColumn]) -> Table:
    """Each reason once, with all its columns."""
    headers: dict[str, list[str]] = {}
    for left in columns:
        headers.setdefault(left.reason, []).append(left.header or "(no header)")
    table = grid(ratios=(1, 1))
    for reason, names in headers.items():
        table.add_row(wrapped(", ".join(names), DIM), wrapped(reason, DIM))
    return table


def _first_rows(report: ImportReport, shown_name: Namer) -> Table:
    table = grid(fixed=(5, 26, 11, 12))
    for row in report.first_rows:
        table.add_row(
            Text(str(row.line), DIM, justify="right"),
            wrapped(shown_name(row.name), "bold"),
            Text(row.birth_date),
            plain(row.mrn),
            wrapped(row.next_step),
        )
    return table


def not_taken(rejected: Sequence[Rejected], odd: Sequence[Rejected]) -> Iterator[Section]:
    """Odd rows, refused ones and those left out on demand, with where and why."""
    yield from listed(_ODD, _places(odd), "waiting")
    yield from listed("Refused", _places([row for row in rejected if not row.is_left_out]), "alarm")
    yield from listed("Left out by your answer", _places([row for row in rejected if row.is_left_out]), "")


def _places(rows: Iterable[Rejected]) -> list[tuple[int, str, str]]:
    return [(row.line, row.column, row.reason) for row in rows]


def _conflicts(report: ImportReport, shown_name: Namer) -> list[tuple[int, str, str]]:
    return [
        (
            one.line,
            shown_name(one.name),
            f"{label(one.field)}: the file says {one.in_file}, the practice has {one.stored}",
        )
        for one in report.conflicts
    ]


def _doubtful(report: ImportReport, shown_name: Namer) -> list[tuple[int, str, str]]:
    return [(one.line, shown_name(one.name), one.reason) for one in report.doubtful]


def _by_name(report: ImportReport, shown_name: Namer) -> list[tuple[int, str, str]]:
    return [
        (one.line, shown_name(one.name), f"MRN {one.stored_mrn}" if one.stored_mrn else "no MRN on file")
        for one in report.by_name
    ]


def _duplicates(report: ImportReport, shown_name: Namer) -> list[tuple[int, str, str]]:
    found = []
    for pair in report.duplicates:
        where = "in the practice" if pair.first_line is None else f"line {pair.first_line}"
        reasons = ", ".join(pair.reasons)
        words = f"and {shown_name(pair.first)} ({where}): {reasons}"
        found.append((pair.second_line or 0, shown_name(pair.second), words))
    return found


def listed(title: str, entries: Sequence[tuple[int, str, str]], role: str) -> Iterator[Section]:
    """A titled list of (line, who or where, words), of which the first ones are shown."""
    if not entries:
        return
    table = grid(fixed=(5, 22))
    for line, who, words in entries[:LISTED]:
        table.add_row(Text(str(line or ""), DIM, justify="right"), plain(who), wrapped(words))
    if len(entries) > LISTED:
        table.add_row(Text(), Text(f"{len(entries) - LISTED:,} more", DIM), Text())
    yield Section(f"{title}: {len(entries):,}", table, role)


def result_lines(report: ImportReport) -> list[str]:
    """What happened and what to do next."""
    counts = report.counts
    found = [counts_line(counts, is_done=True)]
    if report.rejects_path is not None:
        found.append(handed_back_words(report.rejects_path))
    if counts.conflicts:
        found.append("Conflicts: the practice's values were kept; compare them below.")
    if pairs := counts.possible_duplicates:
        found.append(
            f"{pairs:,} possible duplicate{'' if pairs == 1 else 's'}, listed below: nobody was merged. "
            "To merge two records: enter, then ^k to one of them and m."
        )
    if counts.created:
        found.append(
            "Whoever brought no dated next step has a check-in, spread over the coming working days."
        )
    if counts.created or counts.updated:
        found.append("u takes the whole import back.")
    return found
