"""``carecoord import eligibility|authorizations|denials``: a payer's file onto the caseload, undoable.

The file is read once, to its end; one that is refused writes nothing. Then people, plans and requests are
found, which may be looked at and put right, and one transaction finds them again and writes what is new. A
person or request that cannot be told for certain is reported, and what the practice has already is left as it
is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlmodel import Session

from carecoord_tui.exchange.answer_drafts import CheckDraft, DecisionDraft, DenialDraft, Draft
from carecoord_tui.exchange.answer_effects import check_effects, decision_effects, denial_effects
from carecoord_tui.exchange.answer_people import Candidate, Found, People
from carecoord_tui.exchange.answer_reading import read_answers
from carecoord_tui.exchange.answer_report import AnswerImportReport, AnswerKind, AnswerLine, Fate
from carecoord_tui.exchange.import_steps import COMPARING, SAVING, PhaseProgress, Steps
from carecoord_tui.exchange.patient_match import NoMatch
from carecoord_tui.store import importing_answers as store
from carecoord_tui.store import reimporting
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.importing_answers import IncomingDenial, StoredRequest
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession

__all__ = ["AnswerImport", "AnswerImportReport", "AnswerKind", "Fate", "import_answers"]

_LABELS = {
    AnswerKind.ELIGIBILITY: "import of eligibility answers",
    AnswerKind.AUTHORIZATIONS: "import of authorization decisions",
    AnswerKind.DENIALS: "import of denials",
}
_SOURCES = {
    AnswerKind.ELIGIBILITY: store.CHECKS,
    AnswerKind.AUTHORIZATIONS: store.DECISIONS,
    AnswerKind.DENIALS: store.DENIALS,
}
_SAID_EVERY = 50


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
    found = AnswerImport(practice, path, kind, progress=progress, cancelled=cancelled)
    act = found.compare if dry_run else found.write
    return act(progress=progress, cancelled=cancelled)


class AnswerImport:
    """A payer's file that was read: compare it, let the user put it right, write it. It is not read again.

    What the user chose counts in every later step: ``choose`` says who an answer is about.
    """

    def __init__(
        self,
        practice: Practice,
        path: Path | str,
        kind: AnswerKind,
        *,
        progress: PhaseProgress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """Read the file. Raises as :func:`import_answers` does."""
        self._practice = practice
        self._reading = read_answers(Path(path), kind, practice.today(), Steps(progress, cancelled))
        self._chosen: dict[int, int] = {}
        self._comparison: _Comparison | None = None
        self._shown_new: frozenset[int] | None = None

    def compare(
        self, *, progress: PhaseProgress | None = None, cancelled: Callable[[], bool] | None = None
    ) -> AnswerImportReport:
        """What becomes of every answer; reads only. Raises ImportCancelled and StoreError."""
        with self._practice.read() as connection, Session(connection) as session:
            self._comparison = _Comparison(self._practice, session, self._reading.kind)
            lines, _ = self._decided(self._comparison, session, Steps(progress, cancelled))
        self._shown_new = frozenset(line.number for line in lines if line.fate is Fate.NEW)
        return self._report(lines, dry_run=True)

    def choose(self, number: int, patient_id: int | None) -> AnswerLine:
        """Say who an answer is about, None for nobody after all; returns what becomes of it now.

        Only for one that a comparison could not tell. Raises StoreError.
        """
        if self._comparison is None or self._shown_new is None:
            raise ValueError("an answer can be put right only after it was compared")
        self._chosen.pop(number, None)
        if patient_id is not None:
            self._chosen[number] = patient_id
        with self._practice.read() as connection, Session(connection) as session:
            self._comparison.forget(number)
            line, _ = self._comparison.decide(session, number, self._reading.drafts[number], patient_id)
        is_new = frozenset((number,)) if line.fate is Fate.NEW else frozenset()
        self._shown_new = (self._shown_new - {number}) | is_new
        return line

    def write(
        self,
        *,
        left_out: Collection[int] = (),
        progress: PhaseProgress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> AnswerImportReport:
        """Write what is new, in one undoable change; after a comparison only what it showed as new.

        ``left_out`` are numbers of answers the user does not want. Raises as :func:`import_answers` does.
        """
        steps = Steps(progress, cancelled)
        with self._practice.change(_LABELS[self._reading.kind]) as session:
            comparison = _Comparison(self._practice, session, self._reading.kind)
            lines, placed = self._decided(comparison, session, steps)
            wanted = set(placed) if self._shown_new is None else set(placed) & self._shown_new
            wanted -= set(left_out)
            numbers = sorted(wanted)
            for done in range(0, len(numbers), _SAID_EVERY):
                steps.at(SAVING, done, len(numbers))
                portion = [placed[number] for number in numbers[done : done + _SAID_EVERY]]
                _write(session, self._practice, portion)
            steps.at(SAVING, len(numbers), len(numbers))
        kept = [
            replace(line, fate=Fate.LEFT_OUT) if line.fate is Fate.NEW and line.number not in wanted else line
            for line in lines
        ]
        return self._report(kept, dry_run=False)

    def _decided(
        self, comparison: _Comparison, session: Session, steps: Steps
    ) -> tuple[list[AnswerLine], dict[int, _Placed]]:
        drafts = self._reading.drafts
        lines: list[AnswerLine] = []
        placed: dict[int, _Placed] = {}
        for number, draft in enumerate(drafts):
            if number % _SAID_EVERY == 0:
                steps.at(COMPARING, number, len(drafts))
            line, found = comparison.decide(session, number, draft, self._chosen.get(number))
            lines.append(line)
            if found is not None:
                placed[number] = found
        return lines, placed

    def _report(self, lines: list[AnswerLine], *, dry_run: bool) -> AnswerImportReport:
        reading = self._reading
        return AnswerImportReport(
            path=reading.path,
            kind=reading.kind,
            dry_run=dry_run,
            passed=reading.passed,
            answers=tuple(sorted((*reading.lines, *lines), key=lambda one: one.where.segment)),
            left_out=tuple(words for line in lines if line.fate is Fate.NEW for words in line.left_out),
            problems=tuple(reading.problems),
            problem_count=reading.problem_count,
        )


# --- comparing -------------------------------------------------------------------------------------------


class _NotTaken(ValueError):
    """An answer that is for a person to look at; the text repeats no value."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """An answer with its person: what is to be written, the key it is known by, and what that does."""

    key: str
    patient_id: int
    body: CheckDraft | DecisionDraft | DenialDraft
    does: tuple[str, ...]
    claims: frozenset[tuple[int, str]] = frozenset()


class _Comparison:
    """What becomes of answers, one after the other; reads only.

    What the practice had when it began and what the file has said since count alike: the same answer twice is
    one answer.
    """

    def __init__(self, practice: Practice, session: Session, kind: AnswerKind) -> None:
        self._practice = practice
        self._people = People(reimporting.known_people(session.connection()), store.read_plans(session))
        self._keys = store.read_known(session, _SOURCES[kind])
        self._on_file = store.read_denied_claims(session) if kind is AnswerKind.DENIALS else {}
        self._claims: set[tuple[int, str]] = set()
        self._requests: set[int] = set()
        self._placed: dict[int, tuple[str, frozenset[tuple[int, str]], int | None]] = {}

    def forget(self, number: int) -> None:
        """Take an answer back, to decide it anew."""
        if (known := self._placed.pop(number, None)) is not None:
            key, claims, request = known
            self._keys.discard(key)
            self._claims -= claims
            self._requests.discard(request or 0)

    def decide(
        self, session: Session, number: int, draft: Draft, chosen: int | None
    ) -> tuple[AnswerLine, _Placed | None]:
        """What becomes of one answer; ``chosen`` is the person the user named."""
        asked = draft.asked
        fate, reason, placed = Fate.NEW, "", None
        candidates: tuple[Candidate, ...] = ()
        found: Found | None = None
        try:
            found = self._people.find(asked) if chosen is None else self._people.take(chosen, asked)
            placed = self._place(session, draft, found)
            fate = Fate.UNCHANGED if placed is None else Fate.NEW
        except NoMatch as error:
            fate, reason = Fate.NOT_TAKEN, str(error)
            candidates = self._people.candidates(asked)
        except (_NotTaken, Refused) as error:
            fate, reason = Fate.NOT_TAKEN, str(error)
        if chosen is not None:
            candidates = self._people.candidates(asked)
        if placed is not None:
            self._remember(number, placed)
        line = AnswerLine(
            asked.person.name,
            draft.where,
            draft.words,
            fate,
            reason,
            number=number,
            member_id=asked.member_id,
            born_on=asked.born_on,
            through=asked.through,
            patient="" if found is None else self._people.name_of(found.patient_id),
            said=draft.said,
            does=() if placed is None else placed.does,
            left_out=draft.left_out,
            candidates=candidates,
            is_chosen=chosen is not None,
            is_conflict=draft.is_conflict,
        )
        return line, placed

    def _remember(self, number: int, placed: _Placed) -> None:
        request = None
        if isinstance(placed.body, DecisionDraft):
            request = placed.body.decision.authorization_id
            self._requests.add(request)
        self._keys.add(placed.key)
        self._claims |= placed.claims
        self._placed[number] = (placed.key, placed.claims, request)

    def _place(self, session: Session, draft: Draft, found: Found) -> _Placed | None:
        """What is to be written for this person; None where it is on file already."""
        key = _key(draft, found.patient_id)
        if key in self._keys:
            return None
        match draft.body:
            case CheckDraft(entry):
                if found.plan_id is None:
                    raise _NotTaken("no one plan on file to record it on: add the plan, or its member id")
                entry = replace(entry, patient_id=found.patient_id, coverage_id=found.plan_id)
                return _Placed(key, found.patient_id, CheckDraft(entry), check_effects(entry))
            case DecisionDraft():
                return self._decision(session, key, draft.body, found)
            case DenialDraft(denial, numbers):
                claims = frozenset((found.patient_id, number) for number in numbers if number)
                if claims & self._claims or any(self._is_on_file(one, denial.notice_on) for one in claims):
                    return None
                denial = replace(denial, patient_id=found.patient_id, coverage_id=found.plan_id)
                body = DenialDraft(denial, numbers)
                return _Placed(key, found.patient_id, body, denial_effects(denial), claims)

    def _is_on_file(self, claim: tuple[int, str], notice_on: date) -> bool:
        return notice_on <= self._on_file.get(claim, date.min)

    def _decision(self, session: Session, key: str, draft: DecisionDraft, found: Found) -> _Placed:
        request = _request(draft, store.read_requests(session, found.patient_id))
        if request.id in self._requests:
            raise _NotTaken("the file answers this request twice: record the later answer by hand")
        decision = replace(draft.decision, authorization_id=request.id)
        plan = store.plan_decision(session, self._practice, decision)
        body = replace(draft, decision=decision)
        return _Placed(key, found.patient_id, body, decision_effects(plan, decision))


def _write(session: AuditedSession, practice: Practice, portion: Sequence[_Placed]) -> None:
    denials: list[tuple[str, IncomingDenial]] = []
    for placed in portion:
        match placed.body:
            case CheckDraft(entry):
                store.write_check(session, practice, placed.key, entry)
            case DecisionDraft(decision):
                store.write_decision(session, practice, placed.key, decision)
            case DenialDraft(denial):
                denials.append((placed.key, denial))
    store.write_denials(session, denials)


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
