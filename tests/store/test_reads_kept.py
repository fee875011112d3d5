"""What reads keep and leave out to be fast: they find the same as the plain ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from carecoord_tui.domain.insurance_rows import LANES, InsuranceLane
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.store.actions.patients import PatientEntry, add_patient
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries import today
from carecoord_tui.store.queries.insurance import list_keys, list_there
from carecoord_tui.store.queries.today import Known, read_today
from carecoord_tui.store.tables import Appointment, Authorization, BillingCase, Coverage, Denial, Payer

MONDAY = date(2026, 11, 30)


@pytest.fixture
def people(practice: Practice) -> list[int]:
    """Two people with a record in every lane each."""
    ids = [add_patient(practice, PatientEntry(family_name=name, given_name="A")) for name in ("Chen", "Diaz")]
    with practice.change("insurance") as session:
        payer = Payer(name="Humana", payer_class=PayerClass.MEDICARE_ADVANTAGE)
        session.add(payer)
        session.flush()
        for one in ids:
            plan = Coverage(patient_id=one, payer_id=payer.id, plan_name="Gold", member_id="1")
            session.add(plan)
            session.flush()
            for day in (1, 2):
                at = datetime(2026, 12, day, 15, tzinfo=UTC)
                session.add(Appointment(patient_id=one, starts_at=at, booked_on=MONDAY))
            session.add_all(
                [
                    Authorization(
                        patient_id=one,
                        coverage_id=plan.id,
                        service="MRI",
                        opened_on=MONDAY - timedelta(days=one),
                    ),
                    Denial(patient_id=one, coverage_id=plan.id, service="Rehab", notice_on=MONDAY),
                    BillingCase(patient_id=one, title="Lab bill", opened_on=MONDAY),
                ]
            )
    return ids


@pytest.mark.parametrize("text", ["", "chen", "mri", "humana", "nobody"])
@pytest.mark.parametrize("lane", [None, *LANES])
@pytest.mark.usefixtures("people")
def test_what_is_there_is_what_would_be_listed(
    practice: Practice, lane: InsuranceLane | None, text: str
) -> None:
    listed = [key for keys in list_keys(practice.execute, lane, text=text).values() for key in keys]
    assert list_there(practice.execute, lane, text=text) == set(listed)
    assert len(listed) == len(set(listed))
    assert listed or text == "nobody" or lane is not None


def test_the_day_is_made_of_changed_rows_only(
    practice: Practice, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    plain = today._item
    monkeypatch.setattr(today, "_item", lambda row: made.append(row) or plain(row))
    known: Known = {}
    moment = practice.moment()
    first = read_today(practice.execute, moment, known=known)
    assert {row[4] for row in made} == set(people)
    made.clear()
    assert read_today(practice.execute, moment, known=known) == first == read_today(practice.execute, moment)
    assert len(made) == len(known)  # the plain read made them all, the one that knows them none
    made.clear()
    with practice.change("service") as session:
        record = session.get(Authorization, 1)
        assert record is not None
        record.service = "CT"
    read_today(practice.execute, moment, known=known)
    assert made
    assert {(row[1], row[4]) for row in made} == {("authorization", people[0])}


def test_what_is_not_due_any_more_is_not_kept(practice: Practice, people: list[int]) -> None:
    known: Known = {}
    read_today(practice.execute, practice.moment(), known=known)
    with practice.change("gone") as session:
        record = session.get(Authorization, 1)
        assert record is not None
        session.delete(record)
    read_today(practice.execute, practice.moment(), known=known)
    assert not [row for row in known if (row[1], row[4]) == ("authorization", people[0])]
