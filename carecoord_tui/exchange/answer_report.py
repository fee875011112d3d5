"""What the import of a payer's file found and did: counts for scripts, the words for the person at work.

The texts name people. They are for the screen of who imports the file and must not be logged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from carecoord_tui.domain.payer_answers import Problem, Where
from carecoord_tui.exchange.answer_people import Candidate
from carecoord_tui.exchange.import_report import LISTED, listing
from carecoord_tui.exchange.tabular import shown


class AnswerKind(StrEnum):
    """What a payer's file is about; the value is the word of the command."""

    ELIGIBILITY = "eligibility"
    AUTHORIZATIONS = "authorizations"
    DENIALS = "denials"


class Fate(StrEnum):
    """What becomes of one answer."""

    NEW = "new"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left out"
    NOT_TAKEN = "not taken"


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer: its person as the file names them, its place, what it says and what becomes of it.

    ``number`` is its own among the answers that can be written, -1 for one that says nothing to write.
    ``said`` is all the file says of it, line by line with the place of each; ``does`` what is written;
    ``left_out`` the figures that are not taken. ``candidates`` are the people to choose from, and
    ``is_chosen`` tells that the user did. ``through`` names the subscriber of a dependent.
    """

    name: str
    where: Where
    words: str
    fate: Fate
    reason: str = ""
    number: int = -1
    member_id: str = ""
    born_on: date | None = None
    through: str = ""
    patient: str = ""
    said: str = ""
    does: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    is_chosen: bool = False
    is_conflict: bool = False

    @property
    def is_open(self) -> bool:
        """True where nobody was taken and the user can say who it is."""
        return self.fate is Fate.NOT_TAKEN and bool(self.candidates)

    def __str__(self) -> str:
        tail = f": {self.reason}" if self.reason else ""
        parts = (self.name, self.words, self.fate.value)
        return f"{', '.join(part for part in parts if part)}{tail} ({self.where})"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerImportReport:
    """What :func:`import_answers` found and did; with ``dry_run`` what it would do.

    Every answer is counted once: new, unchanged, left out, not taken, or ``passed`` where it holds nothing
    that this import writes, such as a claim that was paid.
    """

    path: Path
    kind: AnswerKind
    dry_run: bool
    passed: int
    answers: tuple[AnswerLine, ...]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]
    problem_count: int

    def count(self, fate: Fate) -> int:
        """How many answers ended so."""
        return sum(one.fate is fate for one in self.answers)

    def to_json(self) -> dict[str, object]:
        """Counts, and each answer with its place, for ``--json``."""
        return {
            "kind": self.kind.value,
            "dry_run": self.dry_run,
            "answers": len(self.answers) + self.passed,
            "new": self.count(Fate.NEW),
            "unchanged": self.count(Fate.UNCHANGED),
            "not_taken": self.count(Fate.NOT_TAKEN),
            "passed": self.passed,
            "each": [
                {
                    "name": one.name,
                    "where": str(one.where),
                    "says": one.words,
                    "outcome": one.fate.value,
                    "reason": one.reason,
                }
                for one in self.answers
            ],
            "left_out": list(self.left_out),
            "problems": [str(problem) for problem in self.problems],
            "problem_count": self.problem_count,
        }

    def lines(self, *, listed: int = LISTED) -> list[str]:
        """The whole report as plain lines; of long lists the first ``listed`` and how many follow."""
        return [*self._lines(listed)]

    def _lines(self, listed: int) -> Iterator[str]:
        yield shown(self.path.name)
        heads = {
            Fate.NEW: "To be written" if self.dry_run else "Written",
            Fate.UNCHANGED: "On file already",
            Fate.LEFT_OUT: "Left out",
            Fate.NOT_TAKEN: "Not taken",
        }
        for fate, head in heads.items():
            yield from listing(head, [str(one) for one in self.answers if one.fate is fate], listed)
        yield from listing("Figures not taken", list(self.left_out), listed)
        yield from listing("To look at in the file", [str(one) for one in self.problems], listed)
        yield self.sentence()

    def passed_words(self) -> str:
        """``40 not denied``: how many answers hold nothing to write; empty for none."""
        if not self.passed:
            return ""
        what = "not denied" if self.kind is AnswerKind.DENIALS else "with nothing to write"
        return f"{self.passed:,} {what}"

    def sentence(self) -> str:
        """The result in one line, without what is zero."""
        parts = [
            (self.count(Fate.NEW), "to write" if self.dry_run else "written"),
            (self.count(Fate.UNCHANGED), "unchanged"),
            (self.count(Fate.LEFT_OUT), "left out"),
            (self.count(Fate.NOT_TAKEN), "not taken"),
        ]
        total = len(self.answers) + self.passed
        words = [f"{number:,} {word}" for number, word in parts if number]
        found = " · ".join(filter(None, (*words, self.passed_words())))
        return f"{total:,} answer{'' if total == 1 else 's'}: {found or 'nothing to import'}."
