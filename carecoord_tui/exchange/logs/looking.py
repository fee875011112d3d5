"""A table before its rows are judged: its headers, which field each column holds, the first rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from carecoord_tui.exchange.columns import ColumnError, FieldSet, column_letters, fold_header
from carecoord_tui.exchange.logs.plan import LogLook
from carecoord_tui.exchange.rejects import HEADERS
from carecoord_tui.exchange.spreadsheet import Table
from carecoord_tui.exchange.tabular import TableError, cell_text, shown

SAMPLES = 8


def _nothing(fields: Mapping[str, int]) -> tuple[str, ...]:
    return ()


def look_at(
    table: Table,
    kind: str,
    known: FieldSet,
    *,
    overrides: Mapping[str, str] | None = None,
    missing: Callable[[Mapping[str, int]], tuple[str, ...]] = _nothing,
) -> LogLook:
    """What a table holds, read as this kind; no row is judged.

    Args:
        table: the opened file.
        kind: name of the kind, part of the signature.
        known: the fields of the kind.
        overrides: field -> header, from ``columns.parse_overrides``.
        missing: the fields that must be mapped and are not.

    Raises:
        TableError: the columns are not clear.
    """
    try:
        columns = known.map_columns(table.headers, overrides, same_content=table.same_content)
    except ColumnError as error:
        raise TableError(table.path, str(error), line=table.header_line) from error
    width = len(table.headers)
    samples = tuple(
        tuple(shown(cell_text(cell)) for cell in row.cells[:width]) + ("",) * (width - len(row.cells))
        for row in islice(table.rows(), SAMPLES)
    )
    return LogLook(
        path=table.path,
        sheet=table.sheet,
        headers=tuple(
            shown(header) or f"column {column_letters(index)}" for index, header in enumerate(table.headers)
        ),
        mapping=dict(columns.fields),
        missing=missing(columns.fields),
        samples=samples,
        notes=table.notes,
        signature=signature(kind, table.headers),
        of_rejects=of_rejects(table.headers),
    )


def of_rejects(headers: Sequence[str]) -> int:
    """How many columns in front are those of a rejects file; 0 for any other."""
    found = [fold_header(header) for header in headers[: len(HEADERS)]]
    return len(HEADERS) if found == [fold_header(header) for header in HEADERS] else 0


def signature(kind: str, headers: Sequence[str]) -> str:
    """Equal for files of one kind with the same headers: what a saved mapping is recognised by.

    A rejects file has that of its source.
    """
    folded = "|".join(map(fold_header, headers[of_rejects(headers) :]))
    return hashlib.sha256(f"{kind}|{folded}".encode()).hexdigest()
