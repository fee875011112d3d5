"""One typed line to a new follow-up: ``call Nguyen thu 2pm CGM assistance``.

The line is read the same way on every key press, so what the preview shows is what is saved. What can be
read two ways is reported in ``problems`` and never guessed. Text in double quotes is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any, Generic, TypeVar

from carecoord_tui.domain.dates import (
    DateError,
    DateOrder,
    When,
    format_full_day,
    format_time,
    quote,
    read_time,
    read_when,
)
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.patient_words import Found, PatientRef, find_named
from carecoord_tui.domain.quick_words import PREPOSITIONS, VERBS, title_of, words_of
from carecoord_tui.domain.vocabulary import FollowUpKind, Priority

__all__ = ["PatientRef", "QuickAdd", "Span", "SpanRole", "parse_quick_add"]

MAX_TEXT = 300
MAX_TITLE = 200
MAX_CANDIDATES = 9  # one digit key each
_MAX_DATE_WORDS = 8  # "on thu 3 dec 2026 at 2:30 pm"
_T = TypeVar("_T")
_KINDS = ", ".join(f"#{kind.value}" for kind in FollowUpKind)


class SpanRole(StrEnum):
    """What a piece of the line was read as; the preview colours by it."""

    VERB = "verb"
    PATIENT = "patient"
    DATE = "date"
    PRIORITY = "priority"
    KIND = "kind"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of the typed line."""

    start: int
    end: int
    role: SpanRole


@dataclass(frozen=True, slots=True)
class QuickAdd:
    """What a line was understood as. It may be saved when ``problems`` is empty."""

    title: str
    patient: PatientRef | None
    candidates: tuple[PatientRef, ...]  # to choose from when ``patient`` is None
    on: date | None  # None: no date typed, the caller proposes one and shows it
    at: time | None
    priority: Priority
    kind: FollowUpKind
    spans: tuple[Span, ...]
    problems: tuple[str, ...]

    @property
    def echo(self) -> str:
        """The reading in one line: ``Nguyen, Thi · Thu 3 Dec 2026, 2pm · call · Call: CGM assistance``."""
        when = format_full_day(self.on) if self.on is not None else "no date typed"
        if self.at is not None:
            when += f", {format_time(self.at)}"
        parts = [
            self.patient.display_name if self.patient is not None else "no patient",
            when,
            self.kind.label,
        ]
        if self.priority is not Priority.NORMAL:
            parts.append(f"{self.priority.label} priority")
        return " · ".join([*parts, self.title])


def parse_quick_add(
    text: str,
    *,
    today: date,
    find_patients: Callable[[str], Sequence[PatientRef]],
    order: DateOrder = DateOrder.MDY,
    is_business_day: Callable[[date], bool] | None = None,
    patient: PatientRef | None = None,
) -> QuickAdd:
    """Read a quick-add line. Never raises for what was typed: what is wrong stands in ``problems``.

    ``find_patients`` takes words as typed and returns the patients they find by prefix. ``patient`` is one
    already known (a patient page, or a pick from ``candidates``): only that name is taken out of the line.
    Grammar, in any order: a verb (``quick_words.VERBS``) as the first word that is nothing else, a patient
    (``@name`` to insist), a date and time, ``!``/``!high``/``!low``, ``#kind``.
    """
    line = _Line(text[:MAX_TEXT])
    line.read_marks()
    line.read_dates(
        lambda words: read_when(words, today=today, order=order, is_business_day=is_business_day),
        lambda word: bool(find_named([f"@{word}"], find_patients, after_verb=None)),
    )
    line.read_verb()
    found = line.read_patient(find_patients, patient)
    if line.when is not None and line.when.is_past(today):
        line.problems.append(f"{format_full_day(line.when.on)} is past: type today or a later day.")
    title = clean_text(title_of(line.verb, line.free_text()), MAX_TITLE)
    if not title:
        line.problems.append("Type what is to be done.")
    return QuickAdd(
        title=title,
        patient=found[0] if len(found) == 1 else None,
        candidates=tuple(found[:MAX_CANDIDATES]) if len(found) > 1 else (),
        on=line.when.on if line.when is not None else None,
        at=line.when.at if line.when is not None else line.at,
        priority=line.priority or Priority.NORMAL,
        kind=line.kind or (VERBS[line.verb].kind if line.verb else FollowUpKind.OTHER),
        spans=tuple(sorted(line.spans, key=lambda span: span.start)),
        problems=tuple(line.problems),
    )


@dataclass(frozen=True, slots=True)
class _Piece(Generic[_T]):
    """Words ``first`` to ``last`` (inclusive) and what they were read as."""

    first: int
    last: int
    value: _T


class _Line:
    """The line while it is read: each step takes its words and leaves the rest for the title."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words_of(text)
        self.free = [not word.quoted for word in self.words]
        self.title_words = [True] * len(self.words)
        self.spans: list[Span] = []
        self.problems: list[str] = []
        self.priority: Priority | None = None
        self.kind: FollowUpKind | None = None
        self.verb = ""
        self.when: When | None = None
        self.at: time | None = None
        self.day_or_name = ""

    def take(self, first: int, last: int, role: SpanRole) -> None:
        """Words ``first`` to ``last`` (inclusive) are read as ``role`` and leave the title."""
        for index in range(first, last + 1):
            self.free[index] = self.title_words[index] = False
        self.spans.append(Span(self.words[first].start, self.words[last].end, role))

    def piece(self, first: int, last: int) -> str:
        """The typed text of some words, without the punctuation around it."""
        return self.text[self.words[first].start : self.words[last].end].strip(",;.")

    def free_text(self) -> str:
        """What is left for the title."""
        kept = zip(self.words, self.title_words, strict=True)
        return " ".join(word.text for word, stays in kept if stays)

    def read_marks(self) -> None:
        """``!high`` and ``#kind``; each at most once."""
        for index, word in enumerate(self.words):
            if self.free[index] and word.text.startswith("!"):
                self._read_priority(index, word.text.rstrip(",;."))
            elif self.free[index] and word.text.startswith("#") and word.text[1:2].isalpha():
                self._read_kind(index, word.text[1:].rstrip(",;.").casefold())

    def _read_priority(self, index: int, mark: str) -> None:
        name = mark.lstrip("!").casefold() or "high"
        if name not in list(Priority):
            self._refuse(index, f"{quote(mark)} is not a priority: type !high or !low.")
        elif self.priority not in (None, Priority(name)):
            self._refuse(index, "Two priorities: keep one.")
        else:
            self.priority = Priority(name)
            self.take(index, index, SpanRole.PRIORITY)

    def _read_kind(self, index: int, name: str) -> None:
        if name not in list(FollowUpKind):
            self._refuse(index, f"{quote('#' + name)} is not a kind: type one of {_KINDS}.")
        elif self.kind not in (None, FollowUpKind(name)):
            self._refuse(index, "Two kinds: keep one.")
        else:
            self.kind = FollowUpKind(name)
            self.take(index, index, SpanRole.KIND)

    def _refuse(self, index: int, problem: str) -> None:
        self.take(index, index, SpanRole.PROBLEM)
        self.problems.append(problem)

    def read_verb(self) -> None:
        """A leading verb of the table; it is put back in front of the title."""
        first = next((index for index, stays in enumerate(self.title_words) if stays), None)
        if first is None or not self.free[first]:
            return
        verb = self.words[first].text.rstrip(":").casefold()
        if verb in VERBS:
            self.verb = verb
            self.take(first, first, SpanRole.VERB)

    def read_dates(self, read: Callable[[str], When | None], is_name: Callable[[str], bool]) -> None:
        """The one date, and a time that stands apart from it. ``is_name``: the word may name a patient."""
        dates: list[_Piece[When]] = []
        times: list[_Piece[time]] = []
        index = 0
        while index < len(self.words):
            index += self._read_at(index, read, dates) or self._read_at(index, read_time, times) or 1
        named = [piece for piece in dates if self._is_name(piece, is_name)]
        if len(dates) == len(named) == 1:
            self.day_or_name = self._piece_text(named[0])
        elif len(dates) - len(named) == 1:  # Sun, Mon and Thu are names as well
            dates = [piece for piece in dates if piece not in named]
        self._settle(dates, times)

    def _settle(self, dates: list[_Piece[When]], times: list[_Piece[time]]) -> None:
        pieces: list[_Piece[Any]] = [*dates, *times]
        if len(dates) > 1 or len(times) + sum(piece.value.at is not None for piece in dates) > 1:
            what = "dates" if len(dates) > 1 else "times"
            named = " and ".join(quote(self._piece_text(piece)) for piece in pieces)
            self.problems.append(f"Two {what}, {named}: keep one, or put text in quotes.")
            for piece in pieces:
                self.take(piece.first, piece.last, SpanRole.PROBLEM)
            return
        self.at = times[0].value if times else None
        if dates:
            self.when = When(dates[0].value.on, dates[0].value.at or self.at)
        elif times:
            self.problems.append(f"Which day at {format_time(times[0].value)}? Type a day with the time.")
        for piece in pieces:
            self._take_with_preposition(piece.first, piece.last, SpanRole.DATE)

    def _is_name(self, piece: _Piece[When], is_name: Callable[[str], bool]) -> bool:
        word = self._piece_text(piece)
        return piece.first == piece.last and word.isalpha() and is_name(word)

    def _piece_text(self, piece: _Piece[Any]) -> str:
        return self.piece(piece.first, piece.last)

    def _take_with_preposition(self, first: int, last: int, role: SpanRole) -> None:
        """Take the words and drop the preposition before them: ``forms for Cole`` -> ``forms``."""
        self.take(first, last, role)
        before = first - 1
        if before >= 0 and self.free[before] and self.words[before].text.casefold() in PREPOSITIONS:
            self.free[before] = self.title_words[before] = False

    def _windows(self, first: int) -> list[int]:
        """Last indices of the runs of free words from ``first``, longest first."""
        last = first
        while last < len(self.words) and self.free[last] and last < first + _MAX_DATE_WORDS:
            last += 1
        return list(range(last - 1, first - 1, -1))

    def _read_at(self, first: int, read: Callable[[str], _T | None], into: list[_Piece[_T]]) -> int:
        """Read the longest run of words from ``first``; how many words that took, 0 for none."""
        for last in self._windows(first):
            try:
                value = read(self.piece(first, last))
            except DateError as error:
                self.take(first, last, SpanRole.PROBLEM)
                self.problems.append(f"{error} In quotes it stays text.")
                return last - first + 1
            if value is not None:
                into.append(_Piece(first, last, value))
                return last - first + 1
        return 0

    def read_patient(
        self, find: Callable[[str], Sequence[PatientRef]], known: PatientRef | None
    ) -> list[PatientRef]:
        """The patient, or those to choose from; a problem unless it is exactly one."""
        words = [word.text if free else None for word, free in zip(self.words, self.free, strict=True)]
        after_verb = next((index for index, word in enumerate(words) if word is not None), None)
        runs = find_named(words, find, after_verb=after_verb if self.verb else None)
        if known is not None:
            self._take_named([run for run in runs if any(each.id == known.id for each in run.patients)][:1])
            return [known]
        patients = list({patient.id: patient for run in runs for patient in run.patients}.values())
        self._take_named(runs)
        if len(patients) != 1:
            self.problems.append(self._which_patient(runs, len(patients)))
        return patients

    def _take_named(self, runs: list[Found]) -> None:
        """A single run leaves the title; of several, the words stay until one is chosen."""
        for run in runs:
            if len(runs) == 1:
                self._take_with_preposition(run.first, run.last, SpanRole.PATIENT)
            else:
                self.spans.append(
                    Span(self.words[run.first].start, self.words[run.last].end, SpanRole.PATIENT)
                )

    def _which_patient(self, runs: list[Found], count: int) -> str:
        marked = next((word.text for word in self.words if word.text.startswith("@")), "")
        if not runs and self.day_or_name:
            word = self.day_or_name
            return f"Which patient? {quote(word)} is read as the day; type @{word} for a name."
        if not runs:
            return (
                f"Which patient? {quote(marked)} matches nobody." if marked else "Which patient? Type a name."
            )
        named = " and ".join(dict.fromkeys(quote(self.piece(run.first, run.last)) for run in runs))
        if len(runs) > 1:
            return f"Which patient? {named} are both names: choose, or put @ before the one meant."
        return f"Which patient? {count} match {named}: choose one."
