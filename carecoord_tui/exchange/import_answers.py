"""``carecoord import eligibility|authorizations|denials``: a payer's file onto the caseload, undoable.

The file is read to its end first; a file that is refused writes nothing. Then one transaction finds people,
plans and requests and writes what is new. A person or request that cannot be told for certain is reported,
and what the practice has already is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session

from carecoord_tui.domain.payer_answers import (
    AuthorizationAnswer,
    MemberAnswer,
    Party,
    Problem,
    Reject,
    Where,
)
from carecoord_tui.domain.payer_claims import ClaimAnswer, ClaimStatusAnswer
from carecoord_tui.exchange.answer_drafts import (
    CheckDraft,
    DecisionDraft,
    DenialDraft,
    Draft,
    check_draft,
    decision_draft,
    remittance_draft,
    status_draft,
)
from carecoord_tui.exchange.answer_file import kind_of
from carecoord_tui.exchange.answer_people import Found, People
from carecoord_tui.exchange.answer_report import AnswerImportReport, AnswerKind, AnswerLine, Fate
from carecoord_tui.exchange.fhir_values import text
from carecoord_tui.exchange.import_steps import COMPARING, LOOKING, READING, SAVING, PhaseProgress, Steps
from carecoord_tui.exchange.pas import PasResponse, read_pas
from carecoord_tui.exchange.patient_match import NoMatch
from carecoord_tui.exchange.x12.authorization import read_authorizations
from carecoord_tui.exchange.x12.claims import read_claims
from carecoord_tui.exchange.x12.eligibility import read_eligibility
from carecoord_tui.exchange.x12.envelope import Walk
from carecoord_tui.exchange.x12.reading import AnswerReader, TransactionEnd, TransactionStart
from carecoord_tui.exchange.x12.segments import Progress
from carecoord_tui.exchange.x12.values import Values
from carecoord_tui.store import importing_answers as store
from carecoord_tui.store import reimporting
from carecoord_tui.store.importing_answers import StoredRequest
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession

__all__ = ["AnswerImportReport", "AnswerKind", "Fate", "import_answers"]

_READERS: dict[AnswerKind, Callable[[Path, Progress], AnswerReader[Any]]] = {
    AnswerKind.ELIGIBILITY: read_eligibility,
    AnswerKind.AUTHORIZATIONS: read_authorizations,
    AnswerKind.DENIALS: read_claims,
}
_TRANSACTIONS = {
    AnswerKind.ELIGIBILITY: frozenset(("271",)),
    AnswerKind.AUTHORIZATIONS: frozenset(("278",)),
    AnswerKind.DENIALS: frozenset(("277", "835")),
}
_LABELS = {
    AnswerKind.ELIGIBILITY: "import of eligibility answers",
    AnswerKind.AUTHORIZATIONS: "import of authorization decisions",
    AnswerKind.DENIALS: "import of denials",
}
_DAY_ELEMENTS = {"BHT": 4, "BPR": 16}
"""Where a transaction says its own day: when it was made, or when it was paid."""

_SAID_EVERY = 200


def import_answers(
    practice: Practice,
    path: Path | str,
    kind: AnswerKind,
    *,
    dry_run: bool = False,
    progress: PhaseProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> AnswerImportReport:
    """Bring a payer's file in: X12 271; X12 278 response or Da Vinci PAS; X12 835 or 277.

    Args:
        practice: an open practice; only a dry run may be made on a read-only one.
        path: the file.
        kind: what it is about.
        dry_run: work everything out and write nothing.
        progress: called at the start of each phase and now and then within it.
        cancelled: asked at the same moments; True stops the import.

    Raises:
        AnswerFileError: the file cannot be used.
        OSError: it cannot be read.
        ImportCancelled: ``cancelled`` said so.
        Refused, StoreError: something cannot be written.
        In all cases the practice is as it was.
    """
    steps = Steps(progress, cancelled)
    reading = _Reading(Path(path), kind, practice.today())
    if kind is AnswerKind.AUTHORIZATIONS and kind_of(reading.path) == "JSON":
        reading.take_pas(read_pas(reading.path))
    else:
        reading.take_x12(steps)
    job = _Job(practice, reading, steps)
    if dry_run:
        with practice.read() as connection, Session(connection) as session:
            job.compare(session)
    else:
        with practice.change(_LABELS[kind]) as session:
            job.compare(session)
            job.save(session)
    return AnswerImportReport(
        path=reading.path,
        kind=kind,
        dry_run=dry_run,
        passed=reading.passed,
        answers=tuple(sorted((*reading.lines, *job.lines), key=lambda one: one.where.segment)),
        left_out=tuple(job.left_out),
        problems=tuple(reading.problems),
        problem_count=reading.problem_count,
    )


# --- reading ---------------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """The file, read: what its answers would write, and those that say nothing to write."""

    path: Path
    kind: AnswerKind
    today: date
    drafts: list[Draft] = field(default_factory=list)
    lines: list[AnswerLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    passed: int = 0

    def take_x12(self, steps: Steps) -> None:
        """Read to the end twice: for the days of the transactions, which may stand anywhere, and for all."""
        days = dict(_days(self.path, _TRANSACTIONS[self.kind], steps.of(LOOKING)))
        reader = _READERS[self.kind](self.path, steps.of(READING))
        for found in reader:
            if isinstance(found, TransactionEnd):
                self._reject(found.rejects)
            elif not isinstance(found, TransactionStart):
                self._take(found, days)
        self.problems, self.problem_count = reader.facts.problems, reader.facts.problem_count

    def take_pas(self, response: PasResponse) -> None:
        """A PAS response; ``ClaimResponse.created`` is its day."""
        made = [
            one.get("created")
            for one in response.resources
            if one.get("resourceType") == "ClaimResponse" and one.get("use") == "preauthorization"
        ]
        days = {number: day for number, one in enumerate(made, 1) if (day := _iso_day(text(one)))}
        for answer in response.answers:
            self._take(answer, days)
            self.problems += answer.problems
        self.problem_count = len(self.problems)

    def _take(self, answer: Any, days: Mapping[int, date]) -> None:
        # A payment may be dated ahead; nothing that is recorded has happened after today.
        on = min(days.get(answer.transaction, self.today), self.today)
        draft: Draft | None = None
        match answer:
            case MemberAnswer() if answer.lines or answer.rejects:  # else only named for a dependent
                draft = check_draft(answer, on)
            case AuthorizationAnswer():
                draft = decision_draft(answer, on)
                if draft is None:
                    reason = "not answered" if answer.rejects else "nothing was decided: ask the payer"
                    self._not_taken(answer.patient, answer.where, reason)
                    return
            case ClaimAnswer() if answer.is_denied:
                draft = remittance_draft(answer, on)
            case ClaimStatusAnswer():
                draft = status_draft(answer, on)
        if draft is None:
            self.passed += 1
        else:
            self.drafts.append(replace(draft, day=days.get(answer.transaction)))

    def _not_taken(self, person: Party, where: Where, reason: str) -> None:
        self.lines.append(AnswerLine(person.name, where, "", Fate.NOT_TAKEN, reason))

    def _reject(self, rejects: tuple[Reject, ...]) -> None:
        for one in rejects:
            reason = f"the request as a whole was not answered, reason {one.reason or 'not stated'}"
            self._not_taken(Party(), one.where, reason)


def _days(path: Path, kinds: frozenset[str], progress: Progress) -> Iterator[tuple[int, date]]:
    walk, values = Walk(path, kinds, progress), Values()
    for segment in walk:
        element = _DAY_ELEMENTS.get(segment.id)
        if element is not None and (day := values.day(segment, element, "date")) is not None:
            yield walk.index, day


def _iso_day(written: str) -> date | None:
    try:
        return date.fromisoformat(written[:10])
    except ValueError:  # a year or month alone, which FHIR allows: no day
        return None


# --- comparing and writing -------------------------------------------------------------------------------


class _NotTaken(ValueError):
    """An answer that is for a person to look at; the text repeats no value."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """An answer with its person: what is to be written, and the key it is known by afterwards."""

    key: str
    body: CheckDraft | DecisionDraft | DenialDraft


class _Job:
    """One import from the drafts to what became of them."""

    def __init__(self, practice: Practice, reading: _Reading, steps: Steps) -> None:
        self._practice, self._reading, self._steps = practice, reading, steps
        self._placed: list[_Placed] = []
        self._keys: set[str] = set()
        self._requests: set[int] = set()
        self._claims: set[tuple[int, str]] = set()
        self.lines: list[AnswerLine] = []
        self.left_out: list[str] = []

    def compare(self, session: Session) -> None:
        """Decide what becomes of every answer; reads only."""
        people = People(reimporting.known_people(session.connection()), store.read_plans(session))
        drafts = self._reading.drafts
        for done, draft in enumerate(drafts):
            if done % _SAID_EVERY == 0:
                self._steps.at(COMPARING, done, len(drafts))
            fate, reason = Fate.NEW, ""
            try:
                placed = self._place(session, draft, people.find(draft.asked))
            except (NoMatch, _NotTaken) as error:
                fate, reason = Fate.NOT_TAKEN, str(error)
            else:
                if placed is None:
                    fate = Fate.UNCHANGED
                else:
                    self._placed.append(placed)
                    self.left_out += draft.left_out
            self.lines.append(AnswerLine(draft.asked.person.name, draft.where, draft.words, fate, reason))

    def save(self, session: AuditedSession) -> None:
        """Write what :meth:`compare` found new. Raises Refused."""
        for done, placed in enumerate(self._placed):
            if done % _SAID_EVERY == 0:
                self._steps.at(SAVING, done, len(self._placed))
            match placed.body:
                case CheckDraft(entry):
                    store.write_check(session, self._practice, placed.key, entry)
                case DecisionDraft(decision):
                    store.write_decision(session, self._practice, placed.key, decision)
                case DenialDraft(denial):
                    store.write_denial(session, placed.key, denial)

    def _place(self, session: Session, draft: Draft, found: Found) -> _Placed | None:
        """What is to be written for this person; None where it is on file already."""
        key = _key(draft, found.patient_id)
        if key in self._keys or store.is_known(session, _source(draft), key):
            return None
        match draft.body:
            case CheckDraft(entry):
                if found.plan_id is None:
                    raise _NotTaken("no one plan on file to record it on: add the plan, or its member id")
                entry = replace(entry, patient_id=found.patient_id, coverage_id=found.plan_id)
                placed = _Placed(key, CheckDraft(entry))
            case DecisionDraft():
                placed = _Placed(key, self._decide(session, draft.body, found))
            case DenialDraft(denial, numbers):
                claims = {(found.patient_id, number) for number in numbers if number}
                if claims & self._claims or store.has_denial(session, found.patient_id, numbers):
                    return None
                self._claims |= claims
                denial = replace(denial, patient_id=found.patient_id, coverage_id=found.plan_id)
                placed = _Placed(key, DenialDraft(denial, numbers))
        self._keys.add(key)
        return placed

    def _decide(self, session: Session, draft: DecisionDraft, found: Found) -> DecisionDraft:
        request = _request(draft, store.read_requests(session, found.patient_id))
        if request.id in self._requests:
            raise _NotTaken("the file answers this request twice: record the later answer by hand")
        decision = replace(draft.decision, authorization_id=request.id)
        if refusal := store.decision_refusal(session, self._practice, decision):
            raise _NotTaken(refusal)
        self._requests.add(request.id)
        return replace(draft, decision=decision)


def _request(draft: DecisionDraft, requests: list[StoredRequest]) -> StoredRequest:
    """The open request that is answered: by reference or number, else the only one for the same code."""
    names = {_folded(name) for name in draft.names}
    named = [one for one in requests if {_folded(one.reference), _folded(one.number)} & names - {""}]
    if len(named) == 1:
        return named[0]
    codes = {_folded(code) for code in draft.codes}
    alike = named or [one for one in requests if codes & {_folded(c) for c in (one.code, *one.item_codes)}]
    if len(alike) > 1:
        raise _NotTaken(f"{len(alike)} open authorizations of this person fit: record it by hand")
    if not alike:
        raise _NotTaken("no open authorization of this person has its reference, number or code")
    return alike[0]


def _source(draft: Draft) -> str:
    match draft.body:
        case CheckDraft():
            return store.CHECKS
        case DecisionDraft():
            return store.DECISIONS
    return store.DENIALS


def _key(draft: Draft, patient_id: int) -> str:
    """What an answer says, apart from where it stands in the file and from the day it is imported.

    Days that were taken from the day of the import do not count, so that the same file is known tomorrow.
    """
    match draft.body:
        case CheckDraft(entry):
            figures = tuple(replace(one, trace="") for one in entry.benefits)
            asked_on = None if entry.as_of == entry.checked_on else entry.as_of
            said: object = replace(entry, benefits=figures, checked_on=None, as_of=asked_on)
        case DecisionDraft(decision, names):
            items = tuple(replace(one, trace="") for one in decision.items)
            said = (names, replace(decision, items=items, on=date.min))
        case DenialDraft(denial):
            said = replace(denial, trace="", notice_on=date.min)
    return store.fingerprint(patient_id, draft.day, said)


def _folded(name: str) -> str:
    return name.strip().casefold()
