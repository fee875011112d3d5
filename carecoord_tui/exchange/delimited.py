"""Reading comma, tab, semicolon and pipe separated text."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from carecoord_tui.exchange.encoding import Encoding, detect_encoding
from carecoord_tui.exchange.header_row import known_headers
from carecoord_tui.exchange.tabular import (
    HEADER_SEARCH_ROWS,
    MAX_FIELD_CHARS,
    PROGRESS_EVERY,
    KnownHeader,
    Progress,
    RawRow,
    TableError,
    check_width,
)

DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe"}
_SAMPLE_CHARS = 64 * 1024
_END = "\0"
"""Fed to the parser after the last line. The file holds no NUL, so a record that swallows it has an
open quotation mark."""


@dataclass(frozen=True, slots=True)
class DelimitedText:
    """A text table on disk, with what was detected about it."""

    path: Path
    encoding: Encoding
    delimiter: str
    first_line: int
    """1, or 2 when the first line only names the delimiter (``sep=;``)."""

    def records(self, progress: Progress | None = None) -> Iterator[RawRow]:
        """All non-blank records from the top, streaming.

        Raises:
            TableError: an open quotation mark, an oversized field or too many columns, with its line.
        """
        total = self.path.stat().st_size
        with self._open() as stream:
            records = self._parse(stream)
            for count, row in enumerate(records, 1):
                yield row
                if progress is not None and count % PROGRESS_EVERY == 0:
                    progress(min(stream.buffer.tell(), total), total)
        if progress is not None:
            progress(total, total)

    def _open(self) -> TextIO:
        # newline="" keeps the line ends inside quotes, and still splits at CR, LF and CRLF.
        return self.path.open(encoding=self.encoding.codec, errors=self.encoding.errors, newline="")

    def _parse(self, stream: TextIO) -> Iterator[RawRow]:
        lines = _Lines(stream)
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True)
        skip = self.first_line - 1
        line = 1
        try:
            for cells in reader:
                start, line = line, reader.line_num + 1
                if lines.ended:
                    if cells != [_END]:
                        raise self._open_quote(start)
                    return
                if lines.longest > MAX_FIELD_CHARS or line - start > 1:
                    lines.longest = 0
                    self._check_fields(cells, start)
                if start <= skip or not "".join(cells).strip():
                    continue
                row = RawRow(start, tuple(cells))
                check_width(self.path, row)
                yield row
        except csv.Error:
            # With a lenient dialect the parser's only complaint is a field beyond its own limit.
            raise self._too_long(line) from None

    def _check_fields(self, cells: list[str], line: int) -> None:
        for column, cell in enumerate(cells, 1):
            if len(cell) > MAX_FIELD_CHARS:
                raise self._too_long(line, column)

    def _too_long(self, line: int, column: int | None = None) -> TableError:
        return TableError(
            self.path,
            f'a cell is longer than {MAX_FIELD_CHARS:,} characters; is a quotation mark (") missing?',
            line=line,
            column=column,
        )

    def _open_quote(self, line: int) -> TableError:
        return TableError(
            self.path,
            'a quotation mark (") opens a cell here and is never closed; close or delete it',
            line=line,
        )


class _Lines:
    """Lines of a stream and then ``_END``; remembers the longest line seen."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self.longest = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            if len(line) > MAX_FIELD_CHARS:
                self.longest = len(line)
            yield line
        self.ended = True
        yield _END


def read_delimited(path: Path, is_known: KnownHeader) -> DelimitedText:
    """Detect encoding and delimiter of a text file.

    Raises:
        TableError: the file is binary, or damaged in its encoding.
    """
    encoding = detect_encoding(path)
    with path.open(encoding=encoding.codec, errors=encoding.errors, newline="") as stream:
        sample = stream.read(_SAMPLE_CHARS)
    first = sample.splitlines()[0].strip() if sample.strip() else ""
    if len(first) == 5 and first.lower().startswith("sep=") and first[4] in DELIMITERS:
        return DelimitedText(path, encoding, first[4], 2)
    if first.lower() == "sep=":  # "sep=<tab>", its tab stripped above
        return DelimitedText(path, encoding, "\t", 2)
    return DelimitedText(path, encoding, _best_delimiter(sample, is_known), 1)


def _best_delimiter(sample: str, is_known: KnownHeader) -> str:
    """The delimiter under which the sample shows most known headers, then the most even rows."""
    lines = sample.splitlines(keepends=True)
    if len(sample) == _SAMPLE_CHARS and len(lines) > 1:
        lines.pop()  # cut off in the middle
    # ``max`` keeps the first of equals: a one-column file is comma separated.
    return max(DELIMITERS, key=lambda delimiter: _fitness(lines, delimiter, is_known))


def _fitness(lines: list[str], delimiter: str, is_known: KnownHeader) -> tuple[int, float, int]:
    try:
        parsed = [
            cells
            for cells in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
            if "".join(cells).strip()
        ]
    except csv.Error:
        return (0, 0.0, 0)
    widths = Counter(len(cells) for cells in parsed if len(cells) > 1)
    if not widths:
        return (0, 0.0, 0)
    width, times = widths.most_common(1)[0]
    known = max(known_headers(cells, is_known) for cells in itertools.islice(parsed, HEADER_SEARCH_ROWS))
    return (known, times / len(parsed), width)
