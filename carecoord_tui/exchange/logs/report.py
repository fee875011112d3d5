"""A plan as plain lines for a terminal and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Iterator

from carecoord_tui.exchange.import_report import (
    LISTED,
    ODD_TITLE,
    found_lines,
    handed_back_words,
    listing,
    place,
)
from carecoord_tui.exchange.logs.kind import LogKind
from carecoord_tui.exchange.logs.plan import Candidate, LogCounts, LogPlan, RowFate, RowOutcome
from carecoord_tui.exchange.patient_match import ONLY_NAME
from carecoord_tui.exchange.tabular import shown

_FIRST = 5
_NOT_TAKEN = (RowFate.REJECTED, RowFate.LEFT_OUT, RowFate.ODD, RowFate.DOUBTFUL, RowFate.ASKED)


def lines(kind: LogKind, plan: LogPlan, *, listed: int = LISTED) -> list[str]:
    """The whole report; of long lists the first ``listed`` entries and how many follow."""
    return [*_found(kind, plan), *_problems(plan, listed), *_outcome(kind, plan)]


def counts_sentence(kind: LogKind, counts: LogCounts, *, is_done: bool) -> str:
    """The result in one line, without what is zero."""
    parts = [
        (counts.created, "added" if is_done else "new"),
        (counts.changed, "changed"),
        (counts.unchanged, "unchanged"),
        (counts.asked, "with a status to explain"),
        (counts.doubtful, "with a doubtful patient" + (", handed back" if is_done else "")),
        (counts.odd, "held back as odd"),
        (counts.left_out, "left out by your answer"),
        (counts.rejected, "refused"),
    ]
    words = " · ".join(f"{number:,} {word}" for number, word in parts if number)
    rows = f"{counts.rows:,} row{'' if counts.rows == 1 else 's'}"
    tail = f" {counts.kept:,} with values that stay as they are." if counts.kept else ""
    for number, noun in ((counts.new_payers, "payer"), (counts.new_offices, "office")):
        if number:
            tail += f" {number:,} new {noun}{'' if number == 1 else 's'} for the directory."
    return f"{rows}: {words or f'no {kind.noun_plural}'}.{tail}"


def to_json(plan: LogPlan) -> dict[str, object]:
    """The counts, the meaning of every status, and every row that was not taken."""
    counts: dict[str, object] = {name: getattr(plan.counts, name) for name in LogCounts.__slots__}
    statuses = [
        {"words": one.words, "rows": one.rows, "status": one.status.value if one.status else None}
        for one in plan.statuses
    ]
    problems = [
        {"line": row.line, "fate": row.fate.value, "column": row.column, "reason": row.reason}
        for row in plan.rows
        if row.fate in _NOT_TAKEN
    ]
    return {"kind": plan.kind, **counts, "statuses": statuses, "problems": problems}


def _found(kind: LogKind, plan: LogPlan) -> Iterator[str]:
    yield from found_lines(plan, kind.columns.label)
    if plan.statuses:
        yield "Statuses:"
    for one in plan.statuses:
        yield f"  {one.words} ({one.rows_text}) -> {one.meaning}"
    first = plan.of(RowFate.CREATED)[:_FIRST]
    if first:
        yield "First rows:"
    for row in first:
        yield f"  line {row.line}: {_who(row)}{row.words}"


def _problems(plan: LogPlan, listed: int) -> Iterator[str]:
    for title, fate in (
        (ODD_TITLE, RowFate.ODD),
        ("Refused rows", RowFate.REJECTED),
        ("Left out by your answer", RowFate.LEFT_OUT),
    ):
        rows = [place(row.line, row.column) + row.reason for row in plan.of(fate)]
        yield from listing(title, rows, listed)
    yield from listing(
        "Doubtful patients, not taken", list(map(_doubtful, plan.of(RowFate.DOUBTFUL))), listed
    )
    differences = [(row, one) for row in plan.rows for one in row.differences]
    for title, is_taken in (("Changes", True), ("Differences, left as they are", False)):
        texts = [
            f"line {row.line}, {_who(row)}{one.field}: the file says {one.in_file}, the practice has "
            f"{one.stored}"
            for row, one in differences
            if one.is_taken is is_taken
        ]
        yield from listing(title, texts, listed)
    yield from listing(
        "Notes on rows", [place(one.line, shown(one.column)) + one.reason for one in plan.warnings], listed
    )


def _outcome(kind: LogKind, plan: LogPlan) -> Iterator[str]:
    yield counts_sentence(kind, plan.counts, is_done=plan.is_written)
    if any(row.reason == ONLY_NAME for row in plan.of(RowFate.DOUBTFUL)):
        yield "Where only the name agrees, --accept-name-only takes the person it names."
    if plan.rejects_path is not None:
        yield handed_back_words(plan.rejects_path)
    if not plan.is_written:
        yield "This was a trial run; nothing was written."


def _doubtful(row: RowOutcome) -> str:
    may_be = "; ".join(map(_candidate, row.candidates))
    return f"line {row.line}, {_who(row)}{row.reason}. May be: {may_be}"


def _candidate(one: Candidate) -> str:
    parts = (shown(one.name), one.birth_date, f"MRN {shown(one.mrn)}" if one.mrn else "")
    return f"{', '.join(filter(None, parts))} ({', '.join(one.reasons)})"


def _who(row: RowOutcome) -> str:
    return f"{row.name}, " if row.name else ""
