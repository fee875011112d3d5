"""One call to somebody who is waited for, about any items: answered, promised, nobody there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import Outcome
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused, active_move, ledger_row
from carecoord_tui.store.actions.call_log import (
    NAME_LIMIT,
    NOTE_LIMIT,
    REFERENCE_LIMIT,
    check_minutes,
    log_call,
    shared_out,
)
from carecoord_tui.store.actions.chase import NOBODY_DAYS, PROMISE_DAYS
from carecoord_tui.store.actions.items import place, place_promised, waited_for
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession

ANSWERED = "they answered"


class Answer(StrEnum):
    """How such a call ends."""

    ANSWERED = "answered"
    PROMISED = "promised again"
    NO_ANSWER = "no answer"
    MESSAGE = "left a message"

    @property
    def outcome(self) -> Outcome:
        """As the contact log has it."""
        return _OUTCOMES[self]


_OUTCOMES = {
    Answer.ANSWERED: Outcome.OFFICE_REACHED,
    Answer.PROMISED: Outcome.OFFICE_REACHED,
    Answer.NO_ANSWER: Outcome.OFFICE_NO_ANSWER,
    Answer.MESSAGE: Outcome.OFFICE_MESSAGE,
}


def log_waiting_call(
    practice: Practice,
    refs: Sequence[ItemRef],
    answer: Answer,
    *,
    promised: When | None = None,
    spoke_with: str = "",
    reference: str = "",
    minutes: int | None = None,
    note: str = "",
) -> tuple[date, ...]:
    """Log one call about these items, a contact for each patient, and date each item; all in one change.

    Answered: nobody is waited for any more and the items are the coordinator's today. Promised again: they
    wait until the ``promised`` day and are asked about the working day after; without a day in
    ``PROMISE_DAYS`` working days. Nobody reached: they wait on, what was promised stays on record, and the
    next call is ``NOBODY_DAYS`` working days on. No item moves past its last day while that is ahead.
    ``minutes`` is the length of the call, shared out over the patients.

    Returns the days of the next steps, each once, the earliest first. Raises Refused when nothing is chosen,
    when an item waits for nobody or for another party, and for a promise that is past or too late.
    """
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        raise Refused("Nothing is ticked to ask about: press its digit.")
    if promised is not None and answer is not Answer.PROMISED:
        raise Refused("They named a day: press p for promised again, or clear the day.")
    check_minutes(minutes)
    count = f", {len(wanted)} items" if len(wanted) > 1 else ""
    with practice.change(f"call, waiting: {answer.value}{count}") as session:
        parties = [_party_of(session, ref) for ref in wanted]
        if not all(party.is_same_party(parties[0]) for party in parties):
            raise Refused("One call is to one party: items that wait for another are chosen.")
        words: dict[str, Any] = {
            "payer_id": parties[0].payer_id,
            "spoke_with": clean_text(spoke_with, NAME_LIMIT),
            "reference": clean_text(reference, REFERENCE_LIMIT),
            "note": clean_text(note, NOTE_LIMIT),
        }
        _log(session, practice, wanted, answer.outcome, minutes, words)
        days = {
            _next_step(session, practice, ref, answer, party, promised)
            for ref, party in zip(wanted, parties, strict=True)
        }
    return tuple(sorted(days))


def _party_of(session: AuditedSession, ref: ItemRef) -> Waiting:
    record = active_move(session, ref)
    waiting = waited_for(record) if record is not None else None
    if waiting is None:
        raise Refused("Nobody is waited for on one of these any more; the list was out of date.")
    return waiting


def _log(
    session: AuditedSession,
    practice: Practice,
    refs: Sequence[ItemRef],
    outcome: Outcome,
    minutes: int | None,
    words: dict[str, Any],
) -> None:
    """A contact for each patient, about the first of their items; one instant for all: it was one call."""
    firsts: dict[int, ItemRef] = {}
    for ref in refs:
        firsts.setdefault(ref.patient_id, ref)
    at = practice.clock.now()
    for ref, share in zip(firsts.values(), shared_out(minutes, len(firsts)), strict=True):
        log_call(session, practice, ref, outcome, at=at, minutes=share, **words)


def _next_step(
    session: AuditedSession,
    practice: Practice,
    ref: ItemRef,
    answer: Answer,
    party: Waiting,
    promised: When | None,
) -> date:
    """Date one item after the call; returns the day."""
    today = practice.today()
    if answer is Answer.ANSWERED:
        place(session, practice, ref, When(today), reason=ANSWERED)
        return today
    if promised is not None:
        return place_promised(session, practice, ref, party, promised)
    days = PROMISE_DAYS if answer is Answer.PROMISED else NOBODY_DAYS
    day = practice.context.calendar.add_working_days(today, days)
    row = ledger_row(session, ref)
    if row is not None and row["legal_on"] is not None and row["legal_on"] >= today:
        day = min(day, row["legal_on"])
    kept = party.promising(None) if answer is Answer.PROMISED else party
    place(session, practice, ref, When(day), waiting_on=kept)
    return day
