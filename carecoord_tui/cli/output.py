"""What commands write: plain lines, JSON, notes on stderr, a progress bar. No escape code comes from data."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Iterable, Sequence
from types import TracebackType

from carecoord_tui.domain.folding import clean_text

_LINE_LIMIT = 4000
_BAR_CELLS = 24
_BAR_SECONDS = 0.1
_CLEAR_LINE = "\r\x1b[K"


def prepare_streams() -> None:
    """Let no character that the terminal's encoding lacks stop a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """A command's result on stdout; ``text`` is ours or was cleaned. ASCII where that is all there is."""
    if not text.isascii() and not (sys.stdout.encoding or "").lower().startswith("utf"):
        from carecoord_tui.widgets.safe_text import to_ascii

        text = to_ascii(text)
    print(text)


def note(text: str) -> None:
    """One sentence beside the result, on stderr; whatever it quotes loses its control characters."""
    print(f"carecoord: {clean_text(text, _LINE_LIMIT)}", file=sys.stderr)


def carries_out(*, as_json: bool) -> bool:
    """Whether what is printed leaves the program: JSON, which is for other programs, a pipe, a file.

    Reading one's own list in a terminal is no export, as looking at the screen is none.
    """
    return as_json or not sys.stdout.isatty()


def write_json(value: object) -> None:
    """JSON on stdout. ASCII only, so that no text in it can act on a terminal."""
    print(json.dumps(value, indent=2))


def write_rows(rows: Iterable[Sequence[str]], *, most: int = 40) -> None:
    """Lines of cells in columns as wide as their widest cell, at ``most`` so many cells of the terminal.

    Longer text stays whole and pushes its own line only; the last cell is never padded.
    """
    table = [tuple(row) for row in rows]
    columns = len(table[0]) if table else 0
    widths = [
        max((width for row in table if (width := cell_width(row[index])) <= most), default=0)
        for index in range(columns)
    ]
    for row in table:
        cells = [pad(cell, width) for cell, width in zip(row[:-1], widths, strict=False)]
        say("  ".join([*cells, row[-1]]).rstrip())


def cell_width(text: str) -> int:
    """How many terminal cells ``text`` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def pad(text: str, width: int) -> str:
    """``text`` with blanks up to ``width`` cells; longer text stays whole."""
    return text + " " * (width - cell_width(text))


class ProgressBar:
    """A bar on stderr while something long runs; nothing at all where stderr is not a terminal."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._is_shown = sys.stderr.isatty()
        self._next = 0.0
        self._is_drawn = False

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_drawn:
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()

    def count(self, done: int, total: int) -> None:
        """So many of so many; a total of 0 is not known and shows no share."""
        self.share(done / total if total else 0.0)

    def share(self, share: float, step: str = "") -> None:
        """The share done, 0 to 1, and what is being done."""
        now = time.monotonic()
        if not self._is_shown or now < self._next:
            return
        self._next = now + _BAR_SECONDS
        self._is_drawn = True
        full = round(min(max(share, 0.0), 1.0) * _BAR_CELLS)
        bar = "#" * full + "-" * (_BAR_CELLS - full)
        tail = f"  {clean_text(step, 40)}" if step else ""
        sys.stderr.write(f"{_CLEAR_LINE}{self._label}  {bar}  {share:4.0%}{tail}")
        sys.stderr.flush()
