"""The list of referrals as read: views, order, filter, lines, one in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from carecoord_tui.domain.referral_ageing import stalled_days, views_of
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.referral_rows import LOOP_ORDER, View
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    Kind,
    ReferralStage,
    ReferralType,
    Urgency,
)
from carecoord_tui.store.actions.documents import attach
from carecoord_tui.store.actions.patients import PatientEntry, add_patient
from carecoord_tui.store.actions.referral_steps import take_step
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.referral_detail import read_referral
from carecoord_tui.store.queries.referral_views import Days, count_open, count_views
from carecoord_tui.store.queries.referrals import list_ids, read_refs, read_rows
from carecoord_tui.store.tables import Authorization, Provider, Referral

S = ReferralStage
TODAY = date(2026, 11, 30)


def days_of(practice: Practice) -> Days:
    return Days(practice.today(), stalled_days(practice.context))


def flat(groups: dict[ReferralStage, list[int]]) -> list[int]:
    return [one for ids in groups.values() for one in ids]


def add(practice: Practice, patient_id: int, stage: ReferralStage = S.SENT, **changes: object) -> int:
    with practice.change("referral") as session:
        values = {
            "specialty": "cardiology",
            "stage_on": date(2026, 11, 20),
            "ordered_on": date(2026, 11, 19),
            "sent_on": None if stage is S.DRAFT else date(2026, 11, 20),
            **changes,
        }
        record = Referral(patient_id=patient_id, stage=stage, **values)
        session.add(record)
        session.flush()
        assert record.id is not None
        return record.id


def authorize(practice: Practice, referral_id: int, patient_id: int, **values: object) -> None:
    with practice.change("authorization") as session:
        session.add(
            Authorization(
                patient_id=patient_id,
                referral_id=referral_id,
                service="MRI",
                opened_on=date(2026, 11, 1),
                **{"status": AuthorizationStatus.APPROVED, **values},
            )
        )


@pytest.fixture
def chen(practice: Practice) -> int:
    return add_patient(practice, PatientEntry(family_name="Chen", given_name="Wei", mrn="MRN-77"))


def random_referrals(practice: Practice, patient_id: int, random: Random, count: int) -> Iterator[int]:
    def day(least: int, most: int) -> date:
        return TODAY + timedelta(days=random.randint(least, most))

    for _ in range(count):
        number = add(
            practice,
            patient_id,
            random.choice(list(S)),
            stage_on=day(-12, 0),
            ordered_on=day(-30, -13),
            visit_on=random.choice([None, day(-3, 10)]),
            urgency=random.choice(list(Urgency)),
            service_type=random.choice(list(ReferralType)),
            needs_authorization=random.choice([None, True, True, False]),
        )
        for _ in range(random.randint(0, 2)):
            until = random.choice([None, day(-2, 8)])
            status = random.choice(list(AuthorizationStatus))
            authorize(practice, number, patient_id, valid_to=until, status=status)
        yield number


def test_sql_and_domain_agree_on_every_view(practice: Practice, chen: int) -> None:
    """The statement that lists a view and the rule that explains it never part."""
    numbers = list(random_referrals(practice, chen, Random(5), 150))
    days = days_of(practice)
    lines = {line.id: line for line in read_rows(practice.execute, numbers, practice.today())}
    told = {number: views_of(lines[number], practice.context, practice.today()) for number in numbers}
    counts = count_views(practice.execute, days)
    for view in View:
        wanted = {number for number in numbers if view in told[number]}
        assert set(flat(list_ids(practice.execute, view, days))) == wanted
        assert counts[view] == len(wanted)
        assert 0 < len(wanted) < len(numbers)
    assert count_open(practice.execute) == counts[View.ALL]


def test_the_order_is_the_loop_then_the_oldest(practice: Practice, chen: int) -> None:
    seen = add(practice, chen, S.SEEN, visit_on=date(2026, 11, 20))
    young = add(practice, chen, S.SENT, stage_on=date(2026, 11, 28))
    old = add(practice, chen, S.SENT, stage_on=date(2026, 11, 2))
    draft = add(practice, chen, S.DRAFT)
    lost = add(practice, chen, S.NO_SHOW)
    ended = [add(practice, chen, S.CLOSED, stage_on=date(2026, 10, day)) for day in (1, 9)]
    days = days_of(practice)
    assert flat(list_ids(practice.execute, View.ALL, days)) == [draft, old, young, lost, seen]
    every = list_ids(practice.execute, View.ALL, days, ended=True)
    assert flat(every) == [draft, old, young, lost, seen, *reversed(ended)]
    assert list(every) == [stage for stage in LOOP_ORDER if stage in every]
    assert flat(list_ids(practice.execute, View.NO_DATE, days, ended=True)) == [old, young]


def test_the_filter_looks_at_patient_specialty_office_diagnosis_and_reference(
    practice: Practice, chen: int
) -> None:
    other = add_patient(
        practice, PatientEntry(family_name="Nuñez", given_name="Eva", birth_date=date(1961, 3, 14))
    )
    with practice.change("office") as session:
        office = Provider(name="Lakeside Heart", organization="Mercy O'Neil", specialty="cardiology")
        session.add(office)
        session.flush()
        office_id = office.id
    one = add(practice, chen, provider_id=office_id, diagnoses="E11.9, I10", office_reference="RX_77")
    two = add(practice, other, S.SEEN, specialty="physical therapy", diagnoses="M54.50")
    for text, found in {
        "chen": [one],
        "nunez": [two],
        "NUÑ": [two],
        "mrn-77": [one],
        "3/14/1961": [two],
        "14 mar 1961": [two],
        "cardio": [one],
        "ther": [two],
        "lakes mercy": [one],
        "oneil": [one],
        "chen card": [one],
        "chen phys": [],
        "e11.9": [one],
        "E119": [one],
        "i10": [one],
        "11": [],
        "rx_77": [one],
        "rx%77": [],
        "--": [],
        "' OR 1=1": [],
        "  ": [one, two],
    }.items():
        assert flat(list_ids(practice.execute, View.ALL, days_of(practice), text=text)) == found, text


def test_a_line_says_what_is_next_and_whose_turn_it_is(practice: Practice, chen: int) -> None:
    number = add(practice, chen, S.SENT, needs_authorization=True, interpreter_needed=True)
    (line,) = read_rows(practice.execute, [number, 999], TODAY)
    assert (line.patient_name, line.specialty, line.office) == ("Chen, Wei", "cardiology", "")
    assert (line.next_title, line.next_on) == ("Confirm receipt: cardiology", date(2026, 11, 24))
    assert line.touched_on == date(2026, 11, 20)
    assert (line.needs_authorization, line.has_approval, line.approval_covers) == (True, False, False)
    assert line.interpreter_needed
    assert not line.transport_needed
    authorize(practice, number, chen, valid_to=date(2026, 11, 29))
    (line,) = read_rows(practice.execute, [number], TODAY)
    assert (line.has_approval, line.approval_covers) == (True, False)
    (ref,) = read_refs(practice.execute, [number, 999])
    assert (ref.kind, ref.record_id, ref.patient_id) == (Kind.REFERRAL, number, chen)
    take_step(practice, number, Step(to=S.WITHDRAWN, reason="entered twice"))
    (line,) = read_rows(practice.execute, [number], TODAY)
    assert (line.stage, line.next_title, line.next_on) == (S.WITHDRAWN, "", None)
    assert read_refs(practice.execute, [number]) == []


def test_one_referral_in_full(practice: Practice, chen: int, tmp_path: Path) -> None:
    with practice.change("office") as session:
        office = Provider(name="Heart Center", referral_phone="+15550100171", npi="1234567893")
        session.add(office)
        session.flush()
        office_id = office.id
    first = add(practice, chen, S.REDIRECTED, provider_id=office_id)
    number = add(practice, chen, redirected_from_id=first, question="What next?", ordered_by="Dr. Hale")
    take_step(practice, number, Step(to=S.SCHEDULED, visit_on=date(2026, 12, 9)))
    authorize(practice, number, chen, number="A-1", valid_to=date(2026, 12, 31))
    report = tmp_path / "report.txt"
    report.write_text("Normal.")
    attach(practice, chen, report, referral_id=number)
    found = read_referral(practice.execute, number)
    assert found is not None
    assert (found.patient_name, found.mrn, found.question) == ("Chen, Wei", "MRN-77", "What next?")
    assert (found.stage, found.visit_on, found.office, found.office_name) == (
        S.SCHEDULED, date(2026, 12, 9), None, "",
    )  # fmt: skip
    assert [(one.stage, one.from_stage, one.who, one.visit_on) for one in found.stamps] == [
        (S.SCHEDULED, S.SENT, "Dana Reyes", date(2026, 12, 9))
    ]
    assert found.redirected_from is not None
    assert (found.redirected_from.id, found.redirected_from.office) == (first, "Heart Center")
    assert [(one.number, one.valid_to) for one in found.authorizations] == [("A-1", date(2026, 12, 31))]
    assert found.document_count == 1
    before = read_referral(practice.execute, first)
    assert before is not None
    assert before.office is not None
    assert (before.office.npi, before.office.referral_phone) == ("1234567893", "+15550100171")
    assert [one.id for one in before.redirected_to] == [number]
    assert before.redirected_from is None
    assert read_referral(practice.execute, 999) is None
