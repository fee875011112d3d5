"""Calls to who is waited for: when the next one is, and that no office is a contact with the patient."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Channel, Kind, Outcome, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.chase import chase
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.actions.items import place
from carecoord_tui.store.actions.payer_calls import log_payer_call
from carecoord_tui.store.actions.waiting_calls import Answer, log_waiting_call
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.patients import read_rows
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.tables import Contact, FollowUp
from carecoord_tui.widgets.person_facts import page_heading
from tests.store.caseload import TODAY, add_one_of_each, add_people

TUESDAY, THURSDAY = date(2026, 12, 1), date(2026, 12, 3)


def waiting_item(practice: Practice, legal_on: date | None) -> ItemRef:
    """A follow-up that waits for a clinic, with somebody else's last day."""
    (patient_id,) = add_people(practice, 1)
    with practice.change("follow-up") as session:
        record = FollowUp(patient_id=patient_id, title="Ask", due_on=TODAY, legal_on=legal_on)
        session.add(record)
    ((record_id, rule_id),) = practice.execute(
        "SELECT record_id, rule_id FROM ledger WHERE kind = 'follow_up'"
    )
    ref = ItemRef(Kind.FOLLOW_UP, record_id, rule_id, patient_id)
    with practice.change("waits") as session:
        place(session, practice, ref, When(TODAY), waiting_on=Waiting("Clinic", WaitingOn.OFFICE))
    return ref


@pytest.mark.parametrize(
    ("answer", "last", "asked"),
    [
        (Answer.NO_ANSWER, None, TUESDAY),
        (Answer.NO_ANSWER, TODAY, TODAY),
        (Answer.MESSAGE, TODAY, TODAY),
        (Answer.PROMISED, None, THURSDAY),
        (Answer.PROMISED, TUESDAY, TUESDAY),
        (Answer.PROMISED, THURSDAY, THURSDAY),
        (Answer.PROMISED, date(2026, 11, 27), THURSDAY),  # a last day that is past binds nobody
    ],
)
def test_the_next_call_is_never_after_a_last_day_that_is_ahead(
    practice: Practice, answer: Answer, last: date | None, asked: date
) -> None:
    ref = waiting_item(practice, last)
    assert log_waiting_call(practice, [ref], answer) == (asked,)
    assert practice.execute("SELECT until_on FROM moved_date") == [(asked.isoformat(),)]


# --- last contact ----------------------------------------------------------------------------------------


def last_contact(practice: Practice, patient_id: int) -> datetime | None:
    """As every screen has it, which must agree."""
    (line,) = read_rows(practice.execute, [patient_id])
    person = read_person(practice.execute, patient_id)
    assert person is not None
    assert person.last_contact_at == line.last_contact_at
    words = page_heading(person, 1, practice.moment(), str).plain
    assert ("never contacted" in words) == (person.last_contact_at is None)
    return person.last_contact_at


def item(practice: Practice, kind: Kind) -> ItemRef:
    found = practice.execute(
        "SELECT record_id, rule_id, patient_id FROM ledger WHERE kind = ? AND patient_id = 1", [kind]
    )
    return ItemRef(kind, *found[0])


@pytest.mark.parametrize(
    "outcome", [Outcome.OFFICE_REACHED, Outcome.CALLBACK, Outcome.OFFICE_NO_ANSWER, Outcome.OFFICE_MESSAGE]
)
def test_a_call_to_a_payer_or_an_office_is_no_contact_with_the_patient(
    practice: Practice, outcome: Outcome
) -> None:
    (first,) = add_people(practice, 1)
    add_one_of_each(practice, first)
    until = When(TUESDAY) if outcome is Outcome.CALLBACK else None
    log_payer_call(practice, 1, [item(practice, Kind.DENIAL)], outcome, until=until, note="Line 3.")
    chase(practice, [item(practice, Kind.REFERRAL)], outcome, until=until)
    assert last_contact(practice, first) is None
    log_contact(practice, patient_id=first, outcome=Outcome.NO_ANSWER)
    at = last_contact(practice, first)
    assert at is not None
    log_payer_call(practice, 1, [item(practice, Kind.DENIAL)], outcome)
    assert last_contact(practice, first) == at


def test_an_office_that_calls_back_was_reached_and_its_log_says_so(practice: Practice) -> None:
    (first,) = add_people(practice, 1)
    add_one_of_each(practice, first)
    log_payer_call(practice, 1, [item(practice, Kind.DENIAL)], Outcome.CALLBACK, note="Line 3.")
    assert practice.execute("SELECT outcome, note FROM contact") == [
        ("office_reached", "They call back. Line 3.")
    ]


def test_a_patient_who_calls_back_was_contacted(practice: Practice) -> None:
    (first,) = add_people(practice, 1)
    log_contact(practice, patient_id=first, outcome=Outcome.CALLBACK, next_try=When(TUESDAY, time(14)))
    assert last_contact(practice, first) is not None


def test_a_call_of_a_payer_on_record_under_a_patients_outcome_is_none_with_the_patient(
    practice: Practice,
) -> None:
    """Versions before kept "they call back" of a payer so."""
    (first,) = add_people(practice, 1)
    with practice.change("old") as session:
        session.add(
            Contact(
                patient_id=first,
                at=practice.clock.now(),
                outcome=Outcome.CALLBACK,
                channel=Channel.PHONE,
                payer_id=1,
            )
        )
    assert last_contact(practice, first) is None
