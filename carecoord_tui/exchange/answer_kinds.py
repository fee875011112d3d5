"""What a payer's file is, told by what stands in it and never by its name."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from carecoord_tui.exchange.answer_file import BOM, AnswerFileError, kind_of
from carecoord_tui.exchange.answer_report import AnswerKind
from carecoord_tui.exchange.x12.envelope import kind_words
from carecoord_tui.exchange.x12.segments import Progress, Segment, SegmentReader

TRANSACTIONS: dict[AnswerKind, frozenset[str]] = {
    AnswerKind.ELIGIBILITY: frozenset(("271",)),
    AnswerKind.AUTHORIZATIONS: frozenset(("278",)),
    AnswerKind.DENIALS: frozenset(("277", "835")),
}
_KIND_OF = {number: kind for kind, numbers in TRANSACTIONS.items() for number in numbers}
_WANTED = "271, 278, 277 or 835"
_HEAD = 512
_ENVELOPE_SEGMENTS = 200
"""Segments before the first transaction: ISA and GS, seldom a TA1 or two."""

_LOOKS = re.compile(
    rb"ISA(?:[^\w\s,;\"']|(?P<isa>[,;])\d\d(?P=isa))"  # a table may begin with ISA, and a comma
    rb"|GS(?P<gs>[^\w\s\"'])[A-Z]{2}(?P=gs)"
    rb"|ST(?P<st>[^\w\s\"'])\d{3}(?P=st)"
    rb"|BHT(?P<bht>[^\w\s\"'])\d{4}(?P=bht)"
    rb"|\[?\s*\{"
)


def looks_like_answers(path: Path) -> bool:
    """True for X12, also where its beginning is cut off, and for JSON; False for what cannot be read."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:  # the import that follows says what is wrong with it
        return False
    return _LOOKS.match(head.removeprefix(BOM).lstrip()) is not None


def answer_kind(path: Path, progress: Progress | None = None) -> AnswerKind:
    """What the first transaction of a file is about; FHIR JSON decides authorizations.

    Raises:
        AnswerFileError: neither X12 nor JSON, damaged before its first transaction, or of another kind.
        OSError: it cannot be read.
    """
    found = kind_of(path)
    if found == "JSON":
        return AnswerKind.AUTHORIZATIONS
    if found not in ("X12", ""):
        raise AnswerFileError(path, f"It is {found}, not X12; ask for the X12 file.")
    last: Segment | None = None
    for segment in islice(SegmentReader(path, progress), _ENVELOPE_SEGMENTS):
        last = segment
        if segment.id in ("ST", "TA1"):
            return _kind_of(path, segment)
    where = last.where if last is not None else None
    raise AnswerFileError(path, f"No transaction (ST) begins here: it holds no {_WANTED}.", where)


def _kind_of(path: Path, segment: Segment) -> AnswerKind:
    code = segment.text(1) if segment.id == "ST" else segment.id
    kind = _KIND_OF.get(code)
    if kind is not None:
        return kind
    raise AnswerFileError(path, f"This is {kind_words(code)}; {_WANTED} can be imported.", segment.where)
