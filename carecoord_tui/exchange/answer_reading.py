"""A payer's file read once, to its end: what its answers would write, with all that it says of each.

What is kept is what can be written and what must be looked at; a claim that was paid is only counted, so that
memory follows the denials of a remittance, not its size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from carecoord_tui.domain.payer_answer_words import answer_lines, reject_lines
from carecoord_tui.domain.payer_answers import AuthorizationAnswer, MemberAnswer, Party, Problem, Reject
from carecoord_tui.domain.payer_claims import ClaimAnswer, ClaimStatusAnswer
from carecoord_tui.exchange.answer_drafts import (
    Draft,
    check_draft,
    decision_draft,
    remittance_draft,
    status_draft,
)
from carecoord_tui.exchange.answer_file import kind_of
from carecoord_tui.exchange.answer_report import AnswerKind, AnswerLine, Fate
from carecoord_tui.exchange.fhir_values import text
from carecoord_tui.exchange.import_steps import READING, Steps
from carecoord_tui.exchange.pas import CLAIM_RESPONSE, PasResponse, read_pas
from carecoord_tui.exchange.x12.authorization import read_authorizations
from carecoord_tui.exchange.x12.claims import read_claims
from carecoord_tui.exchange.x12.eligibility import read_eligibility
from carecoord_tui.exchange.x12.reading import AnswerReader, TransactionEnd, TransactionStart
from carecoord_tui.exchange.x12.segments import Progress

_READERS: dict[AnswerKind, Callable[[Path, Progress], AnswerReader[Any]]] = {
    AnswerKind.ELIGIBILITY: read_eligibility,
    AnswerKind.AUTHORIZATIONS: read_authorizations,
    AnswerKind.DENIALS: read_claims,
}


@dataclass(slots=True)
class AnswerReading:
    """The file, read: ``drafts`` would be written, ``lines`` say nothing to write, ``passed`` are the rest.

    ``today`` is practice-local: nothing that is recorded has happened after it.
    """

    path: Path
    kind: AnswerKind
    today: date
    drafts: list[Draft] = field(default_factory=list)
    lines: list[AnswerLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    passed: int = 0
    _undated: list[Any] = field(default_factory=list)

    def take_x12(self, steps: Steps) -> None:
        """Read X12. An answer that comes before the day of its transaction waits for the end of that."""
        reader = _READERS[self.kind](self.path, steps.of(READING))
        number = 0
        for found in reader:
            if isinstance(found, TransactionStart):
                number += 1
            elif isinstance(found, TransactionEnd):
                for answer in self._undated:
                    self._take(answer, reader.days.get(number))
                self._undated.clear()
                self._reject(found.rejects)
            elif number in reader.days:
                self._take(found, reader.days[number])
            else:
                self._undated.append(found)
        self.problems, self.problem_count = reader.facts.problems, reader.facts.problem_count

    def take_pas(self, response: PasResponse) -> None:
        """A PAS response; ``ClaimResponse.created`` is its day. Those for payment are numbered too."""
        made = [one.get("created") for one in response.resources if one.get("resourceType") == CLAIM_RESPONSE]
        days = {number: day for number, one in enumerate(made, 1) if (day := _iso_day(text(one)))}
        for answer in response.answers:
            self._take(answer, days.get(answer.transaction))
            self.problems += answer.problems
        self.problem_count = len(self.problems)

    def _take(self, answer: Any, day: date | None) -> None:
        on = min(day or self.today, self.today)  # a payment may be dated ahead
        draft: Draft | None = None
        match answer:
            case MemberAnswer() if answer.lines or answer.rejects:  # else only named for a dependent
                draft = check_draft(answer, on)
            case AuthorizationAnswer():
                draft = decision_draft(answer, on)
                if draft is None:
                    self._not_decided(answer)
                    return
            case ClaimAnswer() if answer.is_denied:
                draft = remittance_draft(answer, on)
            case ClaimStatusAnswer():
                draft = status_draft(answer, on)
        if draft is None:
            self.passed += 1
        else:
            self.drafts.append(replace(draft, day=day, said="\n".join(answer_lines(answer))))

    def _not_decided(self, answer: AuthorizationAnswer) -> None:
        reason = "not answered" if answer.rejects else "nothing was decided: ask the payer"
        self._not_taken(answer.patient, answer.where, reason, "\n".join(answer_lines(answer)), answer.born_on)

    def _reject(self, rejects: tuple[Reject, ...]) -> None:
        for one, words in zip(rejects, reject_lines(rejects), strict=True):
            reason = f"the request as a whole was not answered, reason {one.reason or 'not stated'}"
            self._not_taken(Party(), one.where, reason, words)

    def _not_taken(
        self, person: Party, where: Any, reason: str, said: str, born_on: date | None = None
    ) -> None:
        self.lines.append(
            AnswerLine(
                person.name,
                where,
                "",
                Fate.NOT_TAKEN,
                reason,
                member_id=person.id,
                born_on=born_on,
                said=said,
            )
        )


def read_answers(path: Path, kind: AnswerKind, today: date, steps: Steps) -> AnswerReading:
    """Read a payer's file to its end.

    Raises:
        AnswerFileError: it cannot be used, with the place.
        OSError: it cannot be read.
        ImportCancelled: the user stopped it.
    """
    reading = AnswerReading(path, kind, today)
    if kind is AnswerKind.AUTHORIZATIONS and kind_of(path) == "JSON":
        reading.take_pas(read_pas(path))
    else:
        reading.take_x12(steps)
    return reading


def _iso_day(written: str) -> date | None:
    try:
        return date.fromisoformat(written[:10])
    except ValueError:  # a year or month alone, which FHIR allows: no day
        return None
