"""Every referral as a row for the measures, with all that they look at; 20,000 in good time."""

from __future__ import annotations

import time
from datetime import date, timedelta

from carecoord_tui.domain.measures import ReferralRow, measure_referrals
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.measures import read_referral_rows
from carecoord_tui.store.tables import Referral
from tests.store.caseload import TODAY, add_people

MANY = 20_000
SECONDS = 5.0  # far above what it takes; a statement a row, or a walk that squares, is far above this


def test_rows_hold_what_was_stored(practice: Practice) -> None:
    (patient_id,) = add_people(practice, 1)
    days = [date(2026, 6, 1) + timedelta(days=n) for n in range(7)]
    with practice.change("two referrals") as session:
        first = Referral(
            patient_id=patient_id, specialty="Cardiology", stage=ReferralStage.REDIRECTED,
            stage_on=days[0], ordered_on=days[0],
        )  # fmt: skip
        session.add(first)
        session.flush()
        second = Referral(
            patient_id=patient_id, specialty="Cardiology", stage=ReferralStage.CLOSED, stage_on=days[6],
            ordered_on=days[1], sent_on=days[2], visit_on=days[3], report_received_on=days[4],
            reviewed_on=days[5], patient_informed_on=days[6], urgency=Urgency.STAT,
            service_type=ReferralType.IMAGING, redirected_from_id=first.id,
        )  # fmt: skip
        session.add(second)
        session.flush()
        ids = first.id, second.id
    assert sorted(read_referral_rows(practice.execute), key=lambda row: row.id) == [
        ReferralRow(
            id=ids[0] or 0, patient_id=patient_id, ordered_on=days[0], stage=ReferralStage.REDIRECTED
        ),
        ReferralRow(
            id=ids[1] or 0, patient_id=patient_id, ordered_on=days[1], stage=ReferralStage.CLOSED,
            urgency=Urgency.STAT, service_type=ReferralType.IMAGING, sent_on=days[2], visit_on=days[3],
            report_received_on=days[4], reviewed_on=days[5], patient_informed_on=days[6],
            redirected_from=ids[0],
        ),
    ]  # fmt: skip


def test_an_empty_practice_has_no_rows(practice: Practice) -> None:
    assert read_referral_rows(practice.execute) == []


def test_twenty_thousand_are_read_and_measured_at_once(practice: Practice) -> None:
    people = add_people(practice, 3)
    many = [
        {
            "patient_id": people[number % 3], "specialty": "Cardiology", "stage": "sent",
            "stage_on": TODAY, "ordered_on": TODAY - timedelta(days=number % 300), "service_type": "consult",
            "urgency": "routine", "version": 1,
        }
        for number in range(MANY)
    ]  # fmt: skip
    with practice.change("many") as session:
        session.connection().execute(Referral.__table__.insert(), many)  # type: ignore[attr-defined]
    begun = time.perf_counter()
    measures = measure_referrals(read_referral_rows(practice.execute), today=TODAY)
    assert time.perf_counter() - begun < SECONDS
    assert (measures.scheduling.numerator, measures.scheduling.denominator) == (0, MANY)
    assert measures.cms50.denominator == 3
