"""From a file to answers one by one: the segments of a transaction go to the collector of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from carecoord_tui.domain.payer_answers import Problem, Reject
from carecoord_tui.exchange.answer_file import AnswerFileError
from carecoord_tui.exchange.x12.envelope import FileFacts, Transaction, Walk
from carecoord_tui.exchange.x12.segments import Progress, Segment
from carecoord_tui.exchange.x12.values import Values

_DAY_ELEMENTS = {"BHT": 4, "BPR": 16}
"""Where a transaction says its own day: when it was made, or when it was paid."""

Found = TypeVar("Found", covariant=True)


class WrongContent(Exception):
    """A transaction of the right number that is no answer; the reader adds file and place."""

    def __init__(self, segment: Segment, reason: str) -> None:
        self.segment, self.reason = segment, reason
        super().__init__(reason)


class Collector(Protocol[Found]):
    """Makes answers out of the segments of one transaction."""

    @property
    def problems(self) -> list[Problem]:
        """Problems of the transaction itself; those of an answer stand in the answer."""

    @property
    def rejects(self) -> list[Reject]:
        """Where the payer did not answer the request as a whole; those of a person stand in the answer."""

    def feed(self, segment: Segment) -> Found | None:
        """Take a segment, ST and SE included; the answer that it completes, if any."""

    def last(self) -> Found | None:
        """The answer that was open at the end."""

    def summary(self) -> dict[str, Any]:
        """Facts of the whole transaction, under the keys of the JSON output."""


Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class TransactionStart:
    """Comes before the answers of a transaction."""

    kind: str


@dataclass(frozen=True, slots=True)
class TransactionEnd:
    """Comes after the answers of a transaction."""

    frame: Transaction
    summary: dict[str, Any]
    rejects: tuple[Reject, ...]  # those that concern nobody in particular: the request as a whole failed


class AnswerReader(Generic[Answer]):
    """Iterating gives each answer, those of a transaction between its start and its end.

    One answer is in memory at a time. ``facts`` is complete at the end, problems of all answers included.
    ``days`` holds the day of each transaction (counted from 1) from the segment on that says it, which the
    standard puts before the first answer.
    """

    def __init__(
        self,
        path: Path,
        collectors: Mapping[str, Callable[[int], Collector[Answer]]],
        progress: Progress | None = None,
    ) -> None:
        self._walk = Walk(path, frozenset(collectors), progress)
        self._collectors = collectors
        self.days: dict[int, date] = {}

    @property
    def facts(self) -> FileFacts:
        """What the envelopes say, and every problem so far."""
        return self._walk.facts

    def __iter__(self) -> Iterator[Answer | TransactionStart | TransactionEnd]:
        """Read on; see ``Walk`` for what is raised."""
        collector: Collector[Answer] | None = None
        for segment in self._walk:
            if segment.id == "ST":
                collector = self._collectors[segment.text(1)](self._walk.index)
                yield TransactionStart(segment.text(1))
            if collector is None:  # the walk begins every transaction with its ST
                continue
            self._note_day(segment)
            yield from self._answers(self._fed(collector, segment))
            if segment.id == "SE" and (frame := self._walk.transaction) is not None:
                yield from self._answers(collector.last())
                self._keep(collector.problems)
                yield TransactionEnd(frame, collector.summary(), tuple(collector.rejects))

    def answers(self) -> Iterator[Answer]:
        """The answers alone; see ``Walk`` for what is raised."""
        for found in self:
            if not isinstance(found, TransactionStart | TransactionEnd):
                yield found

    def _note_day(self, segment: Segment) -> None:
        element = _DAY_ELEMENTS.get(segment.id)
        # What is wrong with it is for the collector to say.
        if element is not None and (day := Values().day(segment, element, "date")) is not None:
            self.days[self._walk.index] = day

    def _fed(self, collector: Collector[Answer], segment: Segment) -> Answer | None:
        try:
            return collector.feed(segment)
        except WrongContent as error:
            raise AnswerFileError(self._walk.path, error.reason, error.segment.where) from error

    def _answers(self, answer: Answer | None) -> Iterator[Answer]:
        if answer is not None:
            self._keep(getattr(answer, "problems", ()))
            yield answer

    def _keep(self, problems: Any) -> None:
        for problem in problems:
            self.facts.note(problem)
