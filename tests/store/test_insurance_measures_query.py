"""What the measures of insurance look at, after the steps that replaced it in the record."""

from __future__ import annotations

from datetime import UTC, date, datetime

from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.insurance_measures import AuthorizationRow, InsuranceMeasures, measure_insurance
from carecoord_tui.domain.measures import Spread
from carecoord_tui.domain.vocabulary import AuthorizationStatus, PayerClass
from carecoord_tui.store.actions.authorization_moves import advance
from carecoord_tui.store.actions.authorizations import (
    AuthorizationEntry,
    add_authorization,
    edit_authorization,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.insurance_measures import read_insurance_rows
from carecoord_tui.store.tables import Authorization, Coverage, Patient, Payer

S = AuthorizationStatus
TODAY = date(2026, 11, 30)
SENT_AT = datetime(2026, 11, 2, 16, 10, tzinfo=UTC)  # a Monday


def request(practice: Practice, payer_class: PayerClass, *steps: Step) -> int:
    """A request sent in on Mon 2 Nov at 11:10, with what the payer said since."""
    with practice.change("person") as session:
        payer, patient = Payer(name="Golden", payer_class=payer_class), Patient(family_name="Okafor")
        session.add_all([payer, patient])
        session.flush()
        assert payer.id is not None and patient.id is not None
        plan = Coverage(patient_id=patient.id, payer_id=payer.id)
        session.add(plan)
        session.flush()
        patient_id, coverage_id = patient.id, plan.id
    made = add_authorization(
        practice,
        patient_id,
        AuthorizationEntry(service="MRI", coverage_id=coverage_id),
        taken=[Step(to=S.SUBMITTED)],
        submitted_at=SENT_AT,
    )
    for step in steps:
        with practice.change("step") as session:
            advance(session, practice, made, step)
    return made


def measured(practice: Practice) -> tuple[AuthorizationRow, InsuranceMeasures]:
    rows = read_insurance_rows(practice.execute, practice.zone)
    (row,) = rows.authorizations
    return row, measure_insurance(rows, practice.context, today=TODAY)


def test_an_appeal_that_is_won_leaves_the_payers_decision_where_it_was(practice: Practice) -> None:
    request(
        practice,
        PayerClass.MEDICARE_ADVANTAGE,
        Step(to=S.DENIED, on=date(2026, 11, 4)),
        Step(to=S.APPROVED, on=date(2026, 11, 20)),
    )
    row, found = measured(practice)
    assert row.facts.decided_on == date(2026, 11, 20)
    assert row.decided_on == date(2026, 11, 4)
    assert found.turnaround.standard == Spread(1, 2, 2, 2)
    assert (found.inside_clock.numerator, found.inside_clock.denominator) == (1, 1)
    assert found.denial_rate.numerator == 1


def test_information_sent_on_starts_the_clock_anew_but_not_the_turnaround(practice: Practice) -> None:
    """Cal. H&S 1367.01(h) counts from the receipt of the information."""
    made = request(
        practice,
        PayerClass.CA_STATE,
        Step(to=S.PENDED, on=date(2026, 11, 4)),
        Step(to=S.SUBMITTED, on=date(2026, 11, 16)),
    )
    row, found = measured(practice)
    assert row.facts.submitted_at == datetime(2026, 11, 16, 5, tzinfo=UTC)
    assert row.submitted_at == SENT_AT
    assert found.turnaround.standard.n == 0, "it waits"
    with practice.change("answer") as session:
        advance(session, practice, made, Step(to=S.APPROVED, on=date(2026, 11, 17)))
    _, found = measured(practice)
    assert found.turnaround.standard == Spread(1, 15, 15, 15)


def test_a_pended_request_waits(practice: Practice) -> None:
    request(practice, PayerClass.MEDICARE_ADVANTAGE, Step(to=S.PENDED, on=date(2026, 11, 4)))
    _, found = measured(practice)
    assert found.denial_rate.denominator == found.turnaround.standard.n == 0
    assert [one.count for one in found.inside_clock.apart if one.key == "late_waiting"] == [1]


def test_a_submission_put_right_is_the_first_one_put_right(practice: Practice) -> None:
    made = request(practice, PayerClass.MEDICARE_ADVANTAGE)
    ((version,),) = practice.execute('SELECT version FROM "authorization"')
    right, entry = datetime(2026, 10, 30, 15, tzinfo=UTC), AuthorizationEntry(service="MRI")
    edit_authorization(practice, made, entry, version=version, submitted_before_at=right)
    with practice.read() as connection:
        kept = connection.execute(Authorization.__table__.select()).one()  # type: ignore[attr-defined]
    assert (kept.submitted_at, kept.first_submitted_at) == (right, right)
