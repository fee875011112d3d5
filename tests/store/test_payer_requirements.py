"""What a payer said a visit needs, through the store: owed, settled, undone, and proven by the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from carecoord_tui.domain.settle import choices
from carecoord_tui.domain.vocabulary import EligibilityResult, Kind, ReferralStage
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import ledger, undo
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.eligibility import CheckEntry, record_check
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment, Referral
from tests.store.caseload import TODAY, add_people

VISIT_AT = datetime(2026, 12, 9, 15, tzinfo=UTC)


@pytest.fixture
def visit(practice: Practice) -> Iterator[int]:
    """A visit on Wed 9 Dec; whatever a test does, a rebuilt ledger is equal."""
    add_people(practice, 1)
    with practice.change("visit") as session:
        record = Appointment(patient_id=1, title="MRI", starts_at=VISIT_AT, booked_on=TODAY)
        session.add(record)
        session.flush()
        number = record.id or 0
    yield number
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
    assert report.is_equal and not report.missing


def answered(practice: Practice, visit: int, **answers: bool | None) -> None:
    entry = CheckEntry(patient_id=1, result=EligibilityResult.ACTIVE, appointment_id=visit, **answers)
    record_check(practice, entry)


def owed(practice: Practice, visit: int) -> dict[str, str]:
    return dict(
        practice.execute(
            "SELECT rule_id, target_on FROM ledger WHERE kind = 'eligibility' AND record_id = ?", [visit]
        )
    )


def press(practice: Practice, visit: int, rule_id: str, key: str, text: str = "") -> None:
    (choice,) = [one for one in choices(Kind.ELIGIBILITY, rule_id) if one.key == key]
    settle(practice, [ItemRef(Kind.ELIGIBILITY, visit, rule_id, 1)], choice, text=text)


def test_an_authorization_that_is_opened_takes_the_question_over(practice: Practice, visit: int) -> None:
    answered(practice, visit, authorization_needed=True)
    assert owed(practice, visit) == {"auth.required": (TODAY + timedelta(days=1)).isoformat()}
    press(practice, visit, "auth.required", "x")
    assert owed(practice, visit) == {}
    assert practice.execute(
        "SELECT a.appointment_id, a.service, a.service_on, a.coverage_id, l.rule_id FROM authorization a"
        " JOIN ledger l ON l.kind = 'authorization' AND l.record_id = a.id",
        [],
    ) == [(visit, "MRI", "2026-12-09", 1, "auth.needed")]
    undo.undo(practice)
    assert "auth.required" in owed(practice, visit)


def test_a_submission_starts_the_payers_clock_at_once(practice: Practice, visit: int) -> None:
    answered(practice, visit, authorization_needed=True)
    press(practice, visit, "auth.required", "s")
    assert practice.execute("SELECT status, submitted_at IS NOT NULL FROM authorization", []) == [
        ("submitted", 1)
    ]
    assert owed(practice, visit) == {}


@pytest.mark.parametrize(
    ("answer", "rule_id", "words"),
    [
        ("authorization_needed", "auth.required", "No authorization needed: Jan at Humana, ref 4711"),
        ("referral_needed", "referral.required", "No referral needed: Jan at Humana, ref 4711"),
    ],
)
def test_who_said_that_it_is_not_needed_is_kept_with_the_reference(
    practice: Practice, visit: int, answer: str, rule_id: str, words: str
) -> None:
    answered(practice, visit, **{answer: True})
    with pytest.raises(Refused, match="a word or two"):
        press(practice, visit, rule_id, "n")
    press(practice, visit, rule_id, "n", "Jan at Humana,  ref 4711")
    assert owed(practice, visit) == {}
    assert practice.execute("SELECT text, about_kind, about_id FROM note", []) == [
        (words, "eligibility", visit)
    ]
    undo.undo(practice)
    assert rule_id in owed(practice, visit)


def test_a_referral_is_linked_and_one_must_be_on_file(practice: Practice, visit: int) -> None:
    answered(practice, visit, referral_needed=True)
    with pytest.raises(Refused, match="No open referral is on file"):
        press(practice, visit, "referral.required", "x")
    with practice.change("referral") as session:
        session.add(
            Referral(
                patient_id=1,
                specialty="radiology",
                stage=ReferralStage.SENT,
                stage_on=TODAY,
                ordered_on=TODAY,
                sent_on=TODAY,
            )
        )
    press(practice, visit, "referral.required", "x")
    assert owed(practice, visit) == {}
    assert practice.execute("SELECT referral_id FROM appointment", []) == [(1,)]


def test_one_given_up_before_it_was_submitted_is_not_asked_for_again(practice: Practice, visit: int) -> None:
    answered(practice, visit, authorization_needed=True)
    press(practice, visit, "auth.required", "x")
    (cancel,) = [one for one in choices(Kind.AUTHORIZATION, "auth.needed") if one.key == "n"]
    settle(practice, [ItemRef(Kind.AUTHORIZATION, 1, "auth.needed", 1)], cancel)
    assert practice.execute("SELECT status FROM authorization", []) == [("cancelled",)]
    assert owed(practice, visit) == {}


def test_a_visit_that_is_cancelled_or_moved_far_owes_nothing_of_it(practice: Practice, visit: int) -> None:
    answered(practice, visit, authorization_needed=True)
    with practice.change("moved") as session:
        session.get_one(Appointment, visit).starts_at = VISIT_AT + timedelta(days=60)
    assert "auth.required" not in owed(practice, visit)
    assert date.fromisoformat(owed(practice, visit)["eligibility.before_visit"]) > TODAY
