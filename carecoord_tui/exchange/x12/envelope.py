"""The envelopes of an X12 file (ISA, GS, ST): order, counts and control numbers, and the right kind.

What breaks the order, or a file that stops before its end, is refused with its place. Counts and control
numbers that do not agree are said and read on: payers' own samples have them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carecoord_tui.domain.payer_answers import Problem, Where
from carecoord_tui.exchange.answer_file import AnswerFileError, kind_of
from carecoord_tui.exchange.x12.segments import Progress, Segment, SegmentReader, Separators

MAX_PROBLEMS = 200
"""So many are kept word for word; of the rest only the number."""

KINDS = {
    "270": "an eligibility request, not the payer's answer",
    "271": "an eligibility answer",
    "276": "a claim status request, not the payer's answer",
    "277": "a claim status answer",
    "278": "an authorization request or answer",
    "820": "a premium payment",
    "824": "an acknowledgment",
    "834": "an enrollment file",
    "835": "a remittance",
    "837": "a claim",
    "997": "an acknowledgment",
    "999": "an acknowledgment",
    "TA1": "an acknowledgment",
}
_COUNT = re.compile(r"[0-9]{1,10}")
_KIND = re.compile(r"[0-9A-Z]{3}")
_COMMANDS = {"271": "eligibility", "277": "denials", "278": "authorizations", "835": "denials"}


def kind_words(kind: str) -> str:
    """``an 834 (an enrollment file)``; what cannot be the code of a transaction is not repeated."""
    if not _KIND.fullmatch(kind):
        return "no transaction of X12"
    article = "an" if kind.startswith("8") else "a"
    return f"{article} {kind} ({KINDS[kind]})" if kind in KINDS else f"{article} {kind}"


@dataclass(frozen=True, slots=True)
class Transaction:
    """The frame of one ST to SE."""

    index: int  # counted from 1 over the file
    kind: str
    control: str
    stated_segments: str
    segments: int
    is_control_ok: bool
    where: Where

    @property
    def is_count_ok(self) -> bool:
        """Whether SE01 says what is there."""
        return _COUNT.fullmatch(self.stated_segments) is not None and (
            int(self.stated_segments) == self.segments
        )


@dataclass
class FileFacts:
    """What the envelopes of a file say; complete once it was read to its end."""

    separators: Separators | None = None
    version: str = ""
    usage: str = ""
    segments: int = 0
    controls: list[str] = field(default_factory=list)
    interchange_ends: int = 0
    groups: list[tuple[str, str]] = field(default_factory=list)  # GS01, GS08
    is_control_ok: bool = True
    encoding: str = "utf-8"
    has_bom: bool = False
    isa_offset: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def note(self, problem: Problem) -> None:
        """Keep a problem, or only count it when there are many."""
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)


class Walk:
    """The segments from each ST to its SE, both included; ``transaction`` is set when the SE comes."""

    def __init__(self, path: Path, wanted: frozenset[str], progress: Progress | None = None) -> None:
        self.path = path
        self.facts = FileFacts()
        self.index = 0
        self.transaction: Transaction | None = None
        self._wanted = wanted
        self._reader = SegmentReader(path, progress)
        self._interchange: Segment | None = None
        self._group: Segment | None = None
        self._start: Segment | None = None
        self._group_transactions = self._groups = 0
        self._steps: Mapping[str, Callable[[Segment], None]] = {
            "ISA": self._isa,
            "GS": self._gs,
            "ST": self._st,
            "SE": self._se,
            "GE": self._ge,
            "IEA": self._iea,
        }

    def __iter__(self) -> Iterator[Segment]:
        """Read on.

        Raises:
            AnswerFileError: another kind of file, envelopes out of order, or an end that is missing.
        """
        found = kind_of(self.path)
        if found not in ("X12", ""):
            raise AnswerFileError(self.path, f"It is {found}, not X12; ask for the X12 file.")
        last: Segment | None = None
        for segment in self._reader:
            last = segment
            self.facts.segments += 1
            step = self._steps.get(segment.id)
            if step is not None:
                step(segment)
            elif self._start is None:
                self._outside(segment)
            if self._start is not None or segment.id == "SE":
                yield segment
            if segment.id == "SE":
                self._start = None
        self._finish(last)

    # --- one method a segment of the envelope -----------------------------------------------------------

    def _isa(self, segment: Segment) -> None:
        if self._interchange is not None:
            raise self._error(segment, "A new ISA before the IEA of the one before; a part is missing.")
        self._interchange, self._groups = segment, 0
        facts = self.facts
        if facts.separators is None:
            facts.separators, facts.version, facts.usage = (
                segment.separators,
                segment.text(12),
                segment.text(15),
            )
        facts.controls.append(segment.text(13))

    def _gs(self, segment: Segment) -> None:
        if self._group is not None or self._interchange is None:
            raise self._error(segment, "A group begins where none can; the file is damaged.")
        self._group, self._group_transactions = segment, 0
        self._groups += 1
        if (found := (segment.text(1), segment.text(8))) not in self.facts.groups:
            self.facts.groups.append(found)

    def _st(self, segment: Segment) -> None:
        if self._start is not None:
            raise self._error(segment, "A new ST before the SE of the one before; a part is missing.")
        if self._group is None:
            raise self._error(segment, "An ST without its GS; the file is damaged.")
        self._refuse_other_kind(segment)
        self.index += 1
        self._group_transactions += 1
        self._start, self.transaction = segment, None

    def _se(self, segment: Segment) -> None:
        if self._start is None:
            raise self._error(segment, "An SE without its ST; the file is damaged.")
        found = Transaction(
            index=self.index,
            kind=self._start.text(1),
            control=self._start.text(2),
            stated_segments=segment.text(1),
            segments=segment.number - self._start.number + 1,
            is_control_ok=segment.text(2) == self._start.text(2),
            where=self._start.where,
        )
        self.transaction = found
        if not found.is_count_ok:
            is_number = _COUNT.fullmatch(found.stated_segments) is not None
            stated = found.stated_segments if is_number else "no number of"
            self._note(
                segment, f"it says {stated} segments, {found.segments} are there; some may be missing."
            )
        if not found.is_control_ok:
            self._note(segment, "its control number is not that of its ST.")

    def _ge(self, segment: Segment) -> None:
        if self._group is None or self._start is not None:
            raise self._error(segment, "A group ends before its last transaction does; a part is missing.")
        if segment.text(1) != str(self._group_transactions):
            self._note(segment, f"it does not say {self._group_transactions} transactions, as are there.")
        if segment.text(2) != self._group.text(6):
            self._note(segment, "its control number is not that of its GS.")
        self._group = None

    def _iea(self, segment: Segment) -> None:
        if self._interchange is None or self._group is not None:
            raise self._error(segment, "The interchange ends before its last group does; a part is missing.")
        if segment.text(1) != str(self._groups):
            self._note(segment, f"it does not say {self._groups} groups, as are there.")
        if segment.text(2) != self._interchange.text(13):
            self.facts.is_control_ok = False
            self._note(segment, "its control number is not that of its ISA.")
        self._interchange = None
        self.facts.interchange_ends += 1

    # --- refusals ---------------------------------------------------------------------------------------

    def _outside(self, segment: Segment) -> None:
        if segment.id == "TA1":
            raise self._error(segment, f"This is {KINDS['TA1']}, not a payer's answer.")
        raise self._error(segment, "A segment outside any transaction; the file is damaged.")

    def _refuse_other_kind(self, segment: Segment) -> None:
        kind = segment.text(1)
        if kind in self._wanted:
            return
        other = _COMMANDS.get(kind)
        hint = f"use `carecoord import {other}`." if other else f"this command reads {_either(self._wanted)}."
        raise self._error(segment, f"This is {kind_words(kind)}; {hint}")

    def _finish(self, last: Segment | None) -> None:
        facts, reader = self.facts, self._reader
        facts.encoding, facts.has_bom, facts.isa_offset = reader.encoding, reader.has_bom, reader.isa_offset
        if last is None:
            raise AnswerFileError(self.path, "The file holds no segment.")
        for open_part, end in ((self._start, "SE"), (self._group, "GE"), (self._interchange, "IEA")):
            if open_part is not None:
                raise self._error(last, f"The file ends here without its {end}; ask for the whole file.")
        if not self.index:
            raise self._error(last, f"The file holds no {_either(self._wanted)}.")

    def _note(self, segment: Segment, text: str) -> None:
        self.facts.note(Problem(segment.where, text))

    def _error(self, segment: Segment, reason: str) -> AnswerFileError:
        return AnswerFileError(self.path, reason, segment.where)


def _either(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))
