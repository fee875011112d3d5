"""Files in which payers answer: what a file is by its first bytes, and the one error a user sees."""

from __future__ import annotations

from pathlib import Path

from carecoord_tui.domain.payer_answers import Where
from carecoord_tui.exchange.tabular import MAX_FILE_BYTES, shown

BOM = b"\xef\xbb\xbf"
_HEAD = 4096
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"ISA", "X12"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<", "XML"),
    (b"PK", "a workbook or zip file"),
    (b"%PDF", "a PDF"),
    (b"MSH", "an HL7 v2 message"),
    (b"UNA", "an EDIFACT file"),
    (b"UNB", "an EDIFACT file"),
)


class AnswerFileError(Exception):
    """The file cannot be read as a payer's answer. ``str()`` is one sentence for the user.

    It names the file and, where there is one, the place; it quotes codes of the envelope, never what
    stands about a person, so that it may be logged.
    """

    def __init__(self, path: Path, reason: str, where: Where | None = None) -> None:
        self.path, self.reason, self.where = path, reason, where
        place = shown(path.name or str(path))
        if where is not None:
            place += f", {where}"
            if where.segment:
                place += f" at byte {where.position:,}"
        super().__init__(f"{place}: {reason}")


def kind_of(path: Path) -> str:
    """``X12``, ``JSON``, or words for what else the file looks like; empty where it looks like nothing.

    Raises:
        AnswerFileError: it is empty, or larger than is read.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        most = MAX_FILE_BYTES // (1 << 20)
        raise AnswerFileError(
            path, f"{size // (1 << 20):,} MB, at most {most} are read; ask for smaller files."
        )
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    start = head.removeprefix(BOM).lstrip()
    if not start.strip(b"\0"):
        raise AnswerFileError(path, "The file is empty.")
    if b"\0" in head:
        return "a binary or UTF-16 file"
    return next((words for sign, words in _SIGNS if start.startswith(sign)), "")
