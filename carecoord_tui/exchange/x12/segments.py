"""X12 as a stream of segments: separators from the file itself, every segment with its place.

Memory is bounded by the longest segment. Line ends and blanks around segments, lines wrapped inside one, a
byte order mark and several interchanges in a file are all read; see decision 0009.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.payer_answers import Where
from carecoord_tui.exchange.answer_file import BOM, AnswerFileError

Progress = Callable[[int, int], None]
"""Called with (bytes read, bytes in all)."""

MAX_SEGMENT = 32 * 1024
MAX_TEXT = 400
ISA_ELEMENTS = 16

_CHUNK = 64 * 1024
_BLANK = b" \t\r\n\v\f\x1a\0"  # between interchanges; ^Z and NUL are what old systems pad a file with
_HEADER = 512  # more than any ISA, also one that is not padded to its fixed width
_FIRST_WITH_REPEATS = "00402"  # from this version on ISA11 is the repetition separator
_WRAP = str.maketrans("", "", "\r\n")


class Separators(NamedTuple):
    """The characters that this interchange uses. ``repetition`` is empty where the version has none."""

    element: str
    component: str
    terminator: str
    repetition: str


class Segment(NamedTuple):
    """One segment. Elements are asked for by their number in the standard: EB01 is ``text(1)``."""

    number: int
    position: int
    id: str
    elements: tuple[str, ...]
    separators: Separators

    def text(self, index: int) -> str:
        """An element without surrounding blanks; empty where it is not there."""
        return self.elements[index].strip() if index < len(self.elements) else ""

    def words(self, index: int) -> str:
        """An element that people read, made safe to store and show."""
        return clean_text(self.text(index), MAX_TEXT)

    def parts(self, index: int) -> tuple[str, ...]:
        """The components of an element; none where it is empty."""
        text = self.text(index)
        return tuple(part.strip() for part in text.split(self.separators.component)) if text else ()

    def repeats(self, index: int) -> tuple[str, ...]:
        """The repetitions of an element; none where it is empty."""
        text = self.text(index)
        if not text:
            return ()
        if not self.separators.repetition:
            return (text,)
        return tuple(part.strip() for part in text.split(self.separators.repetition))

    @property
    def where(self) -> Where:
        """Its place, for a record that is kept."""
        return Where(self.id, self.number, self.position)


class SegmentReader:
    """The segments of a file, once. After reading, ``encoding``, ``has_bom`` and ``isa_offset`` are known."""

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self.path = path
        self.encoding = "utf-8"
        self.has_bom = False
        self.isa_offset = 0
        self._progress = progress
        self._number = 0

    def __iter__(self) -> Iterator[Segment]:
        """Read on.

        Raises:
            AnswerFileError: no ISA, separators that clash, a segment without end, a file cut in a segment.
            OSError: the file cannot be read.
        """
        with self.path.open("rb") as stream:
            window = _Window(stream, self.path.stat().st_size, self._progress)
            self.has_bom = window.skip(BOM)
            while window.skip_blanks():
                if not self._number:
                    self.isa_offset = window.position - (len(BOM) if self.has_bom else 0)
                yield from self._interchange(window)

    def _interchange(self, window: _Window) -> Iterator[Segment]:
        """The segments from one ISA to its IEA, or to the end of the file."""
        separators = self._separators(window)
        terminator = separators.terminator.encode("ascii")
        control = ""
        while True:
            position = window.position
            raw, is_ended = window.until(terminator)
            if raw is None:
                raise self._error(position, f"no segment ends within {MAX_SEGMENT:,} bytes; not X12.")
            segment = self._segment(raw, position, separators)
            if not segment.id:
                if is_ended:
                    continue  # two terminators in a row
                return
            if segment.id == "ISA":
                control = segment.text(13)
            if not is_ended and (segment.id, segment.text(2)) != ("IEA", control):
                raise AnswerFileError(
                    self.path, "The file ends inside this segment; ask for it again.", segment.where
                )
            yield segment
            if segment.id == "IEA":
                while window.skip(terminator):
                    pass
                return

    def _segment(self, raw: bytes, position: int, separators: Separators) -> Segment:
        body = raw.lstrip(_BLANK)
        text = self._decoded(body)
        if "\n" in text or "\r" in text:
            text = text.translate(_WRAP)
        elements = tuple(text.split(separators.element)) if text.strip() else ("",)
        identifier = elements[0].strip()
        if identifier:
            self._number += 1
        place = position + len(raw) - len(body)
        if len(identifier) > 3 or not (identifier.isalnum() or not identifier) or not identifier.isascii():
            raise self._error(place, "not the name of a segment; the file is damaged.")
        return Segment(self._number, place, identifier, elements, separators)

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.encoding = "cp1252"  # what senders use that are not on ASCII or UTF-8
            return raw.decode("cp1252", "replace")

    def _separators(self, window: _Window) -> Separators:
        """From the ISA ahead: the sixteenth element separator is followed by the two others."""
        header = window.ahead(_HEADER).decode("latin-1")
        position = window.position
        self._refuse_no_isa(header, position)
        element = header[3]
        fields = header.split(element, ISA_ELEMENTS)
        if len(fields) <= ISA_ELEMENTS or len(fields[-1]) < 2 or "\n" in "".join(fields[:-1]):
            raise self._isa_error(position, f"it has no {ISA_ELEMENTS} elements; the file is damaged.")
        component, terminator = fields[-1][0], fields[-1][1]
        repetition = fields[11] if fields[12] >= _FIRST_WITH_REPEATS else ""
        if len(repetition) != 1 or repetition.isalnum() or repetition.isspace():
            repetition = ""  # the U of version 4010, sent on by many in 5010
        found = Separators(element, component, terminator, repetition)
        self._refuse_clash(found, position)
        return found

    def _refuse_no_isa(self, header: str, position: int) -> None:
        if header.startswith("ISA") and len(header) > 3:
            return
        if self._number:
            raise AnswerFileError(
                self.path,
                f"Text after the end of the interchange at byte {position:,}; the file is damaged.",
                Where("IEA", self._number, position),
            )
        inside = header.startswith(("GS", "ST", "BHT", "HL", "BPR"))
        what = "It begins inside an X12 file" if inside else "It is not X12"
        raise AnswerFileError(self.path, f"{what}: no ISA segment at its start; ask for the whole file.")

    def _refuse_clash(self, found: Separators, position: int) -> None:
        used = [char for char in found if char]
        if any(ord(char) > 126 for char in used):
            raise self._isa_error(position, "a separator is no plain ASCII character; the file is damaged.")
        if any(char.isalnum() or char == " " for char in used):
            raise self._isa_error(position, "a letter, digit or blank stands where a separator belongs.")
        if len(set(used)) < len(used):
            raise self._isa_error(
                position, "one character stands for two separators; nothing can be told apart."
            )

    def _isa_error(self, position: int, reason: str) -> AnswerFileError:
        return AnswerFileError(self.path, reason, Where("ISA", self._number + 1, position))

    def _error(self, position: int, reason: str) -> AnswerFileError:
        """What stands where a name belongs may be about a person: it is not quoted."""
        return AnswerFileError(self.path, reason, Where("?", max(self._number, 1), position))


class _Window:
    """The part of the file that is held in memory."""

    def __init__(self, stream: BinaryIO, size: int, progress: Progress | None) -> None:
        self._stream, self._size, self._progress = stream, size, progress
        self._data, self._at, self._base = b"", 0, 0

    @property
    def position(self) -> int:
        """Bytes before what comes next."""
        return self._base + self._at

    def _more(self) -> bool:
        chunk = self._stream.read(_CHUNK)
        self._base += self._at
        self._data, self._at = self._data[self._at :] + chunk, 0
        if self._progress is not None:
            self._progress(self._base + len(self._data), self._size)
        return bool(chunk)

    def ahead(self, count: int) -> bytes:
        """The next bytes, which stay where they are; fewer at the end of the file."""
        while len(self._data) - self._at < count and self._more():
            pass
        return self._data[self._at : self._at + count]

    def skip(self, mark: bytes) -> bool:
        """Step over ``mark`` if it comes next."""
        found = self.ahead(len(mark)) == mark
        self._at += len(mark) if found else 0
        return found

    def skip_blanks(self) -> bool:
        """Step over blanks; False at the end of the file."""
        while True:
            rest = self._data[self._at :].lstrip(_BLANK)
            self._at = len(self._data) - len(rest)
            if rest or not self._more():
                return bool(rest)

    def until(self, terminator: bytes) -> tuple[bytes | None, bool]:
        """What comes before the next terminator, and whether there was one; None when it is too long."""
        searched = self._at
        while (end := self._data.find(terminator, searched)) < 0:
            held = len(self._data) - self._at
            if held > MAX_SEGMENT:
                return None, False
            if not self._more():
                raw, self._at = self._data[self._at :], len(self._data)
                return raw, False
            searched = held
        raw, self._at = self._data[self._at : end], end + 1
        return (None, False) if len(raw) > MAX_SEGMENT else (raw, True)
