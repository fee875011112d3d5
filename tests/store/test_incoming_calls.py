"""Incoming calls as stored: when a call may have been handed over and accepted, what contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.incoming import RULE, awaits_an_answer
from carecoord_tui.domain.vocabulary import Disposition, Kind
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.handoff import happened_at, settle_handoff
from carecoord_tui.store.actions.incoming_calls import CallEntry, log_incoming_call
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Patient
from tests.conftest import ZONE

MESSAGE = CallEntry(reason="a form to sign", is_safety=False, disposition=Disposition.MESSAGE_TAKEN)
SAFETY = CallEntry(
    reason="chest pain",
    is_safety=True,
    disposition=Disposition.HANDED_TO_CLINICIAN,
    handed_to="Dr. Lin",
)


@pytest.fixture
def patient_id(practice: Practice) -> int:
    with practice.change("patient") as session:
        patient = Patient(family_name="Ito", given_name="Ken")
        session.add(patient)
        session.flush()
        number = patient.id
    assert number is not None
    return number


def calls(practice: Practice) -> list[tuple[object, ...]]:
    return practice.execute("SELECT handed_at, accepted_by, accepted_at FROM incoming_call", [])


@pytest.mark.parametrize("before", [timedelta(0), timedelta(minutes=20), timedelta(hours=8)])
def test_a_call_may_be_logged_after_it_was_handed_over(
    practice: Practice, patient_id: int, before: timedelta
) -> None:
    at = practice.clock.now() - before
    log_incoming_call(
        practice, patient_id, replace(SAFETY, handed_at=at + timedelta(seconds=5) * bool(before))
    )
    assert len(calls(practice)) == 1


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(hours=-8, minutes=-1), "more than 8 hours before the call"),
        (timedelta(hours=-12), "with am or pm"),
        (timedelta(minutes=2), "cannot be later than now"),
    ],
)
def test_a_hand_over_long_before_the_call_or_ahead_is_one_sentence(
    practice: Practice, patient_id: int, off: timedelta, words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        log_incoming_call(practice, patient_id, replace(SAFETY, handed_at=practice.clock.now() + off))
    assert str(refused.value).count(". ") == 0
    assert calls(practice) == []


def test_told_to_call_911_contradicts_the_answer_no(practice: Practice, patient_id: int) -> None:
    told = replace(MESSAGE, disposition=Disposition.TOLD_911)
    with pytest.raises(Refused, match="in danger: answer the question"):
        log_incoming_call(practice, patient_id, told)
    assert calls(practice) == []
    log_incoming_call(practice, patient_id, replace(told, is_safety=True))
    assert len(calls(practice)) == 1


def test_accepted_in_the_minute_of_the_call_but_not_in_the_one_before(practice: Practice) -> None:
    now = practice.clock.now().astimezone(ZONE)
    called = (now - timedelta(minutes=10)).replace(second=40)
    typed = When(called.date(), called.time().replace(second=0, microsecond=0))
    at = happened_at(practice, typed, since=called.astimezone(UTC))
    assert at == called.replace(second=0, microsecond=0)
    minute_before = (called - timedelta(minutes=1)).time().replace(second=0, microsecond=0)
    with pytest.raises(Refused, match="before the call"):
        happened_at(practice, When(called.date(), minute_before), since=called.astimezone(UTC))


def test_accepted_between_the_hand_over_and_the_logging_of_the_call(
    practice: Practice, patient_id: int
) -> None:
    now = practice.clock.now()
    handed = (now - timedelta(minutes=30)).replace(second=0, microsecond=0)
    number = log_incoming_call(practice, patient_id, replace(SAFETY, handed_at=handed))
    ref = ItemRef(Kind.HANDOFF, number, RULE, patient_id)

    def accept(at: datetime) -> None:
        local = at.astimezone(ZONE)
        with practice.change("accepted") as session:
            settle_handoff(session, practice, ref, "accepted", When(local.date(), local.time()), "")

    with pytest.raises(Refused, match="before the call"):
        accept(handed - timedelta(minutes=1))
    accept(handed)
    ((_, by, accepted_at),) = calls(practice)
    assert (by, datetime.fromisoformat(str(accepted_at))) == ("Dr. Lin", handed)


def test_who_waits_for_an_answer() -> None:
    waits = {one for one in Disposition if awaits_an_answer(one, is_safety=False)}
    assert waits == {Disposition.MESSAGE_TAKEN, Disposition.HANDED_TO_CLINICIAN}
    assert not any(awaits_an_answer(one, is_safety=True) for one in Disposition)
