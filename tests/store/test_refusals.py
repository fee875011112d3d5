"""What verbs refuse in words, and that nothing has changed then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import FollowUpKind, Kind, Outcome, Priority
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.actions.follow_ups import add_follow_up, add_note, edit_follow_up
from carecoord_tui.store.actions.items import complete, drop
from carecoord_tui.store.actions.patients import PatientEntry, add_patient, edit_patient
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import FollowUp
from tests.store.caseload import add_people

DUE = When(date(2026, 12, 1))
MINE = ItemRef(Kind.FOLLOW_UP, 1, "followup.due", 1)
NOBODY = 999


@pytest.fixture
def practice(practice: Practice) -> Practice:
    """Two people; the first has a follow-up."""
    add_people(practice, 2)
    add_follow_up(practice, patient_id=1, title="call", due=DUE)
    return practice


def _edit(practice: Practice, recurrence: str) -> None:
    edit_follow_up(
        practice,
        1,
        title="call",
        due=DUE,
        kind=FollowUpKind.CALL,
        priority=Priority.NORMAL,
        recurrence=recurrence,
    )


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (lambda p: log_contact(p, patient_id=NOBODY, outcome=Outcome.NO_ANSWER), "no longer there"),
        (lambda p: log_contact(p, patient_id=NOBODY, outcome=Outcome.REACHED_PATIENT), "no longer there"),
        (
            lambda p: log_contact(p, patient_id=2, outcome=Outcome.REACHED_PATIENT, about=MINE),
            "items of one person only",
        ),
        (
            lambda p: log_contact(p, patient_id=2, outcome=Outcome.REACHED_PATIENT, settles=[MINE]),
            "items of one person only",
        ),
        (lambda p: log_contact(p, patient_id=1, outcome=Outcome.NO_ANSWER, minutes=-1), "less than zero"),
        (lambda p: add_note(p, patient_id=NOBODY, text="x"), "no longer there"),
        (
            lambda p: add_follow_up(p, patient_id=1, title="x", due=DUE, recurrence="FREQ=HOURLY"),
            "not one this program can follow",
        ),
        (lambda p: _edit(p, "every blue moon"), "not one this program can follow"),
        (lambda p: add_patient(p, PatientEntry(family_name="Lee", mrn="M1")), "MRN M1 belongs to another"),
    ],
)
def test_refused_in_words_and_nothing_changed(
    practice: Practice, verb: Callable[[Practice], object], words: str
) -> None:
    before = practice.execute("SELECT count(*) FROM audit_event")
    with pytest.raises(Refused, match=words):
        verb(practice)
    assert practice.execute("SELECT count(*) FROM audit_event") == before


@pytest.mark.parametrize("verb", [complete, drop])
def test_a_follow_up_closed_in_another_window_is_not_closed_again(
    practice: Practice, verb: Callable[[Practice, list[ItemRef]], None]
) -> None:
    complete(practice, [MINE])
    with pytest.raises(Refused, match="already closed"):
        verb(practice, [MINE])
    assert practice.execute("SELECT status FROM follow_up") == [("done",)]


def test_a_recurrence_that_cannot_be_followed_says_what_to_do(practice: Practice) -> None:
    with practice.change("written by an older version", kind="system") as session:
        session.get_one(FollowUp, 1).recurrence = "FREQ=HOURLY"
    with pytest.raises(Refused, match=r"can follow\. Edit the follow-up's recurrence first\."):
        complete(practice, [MINE])
    assert practice.execute("SELECT status FROM follow_up") == [("open",)]


def test_many_may_be_without_an_mrn(practice: Practice) -> None:
    first = add_patient(practice, PatientEntry(family_name="Lee", mrn=""))
    second = add_patient(practice, PatientEntry(family_name="Lee", mrn="M9"))
    edit_patient(practice, second, PatientEntry(family_name="Lee", mrn=""))
    sql = "SELECT mrn FROM patient WHERE id IN (?, ?)"
    assert practice.execute(sql, [first, second]) == [(None,), (None,)]


def test_a_new_date_of_a_tried_follow_up_dates_its_next_try(practice: Practice) -> None:
    (person,) = add_people(practice, 1)
    number = add_follow_up(
        practice, patient_id=person, title="Call", due=When(date(2026, 11, 30), None), kind=FollowUpKind.CALL
    )
    ref = ItemRef(Kind.FOLLOW_UP, number, "followup.due", person)
    log_contact(practice, patient_id=person, outcome=Outcome.NO_ANSWER, about=ref)
    edit_follow_up(
        practice,
        number,
        title="Call",
        due=When(date(2026, 12, 9), None),
        kind=FollowUpKind.CALL,
        priority=Priority.NORMAL,
        recurrence="",
    )
    dated = "SELECT target_on FROM ledger WHERE kind = 'follow_up' AND record_id = ?"
    assert practice.execute(dated, [number]) == [("2026-12-09",)]
