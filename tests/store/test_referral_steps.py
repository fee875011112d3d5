"""Steps of a referral on a real practice: stamps, usual facts, undo, never an open one without an item."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random

import pytest

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.settle import choices
from carecoord_tui.domain.vocabulary import Kind, Outcome, ReferralStage, ReferralType, Urgency
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import audit, ledger, undo
from carecoord_tui.store.actions import chase as chasing
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.actions.patients import PatientEntry, add_patient
from carecoord_tui.store.actions.referral_steps import NOT_ATTACHED, take_step
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.offices import read_offices
from carecoord_tui.store.tables import Provider, Referral
from tests.store.test_undo import assert_sound

S = ReferralStage
TODAY = date(2026, 11, 30)


def add(practice: Practice, stage: ReferralStage = S.SENT, **changes: object) -> int:
    """A referral of a new patient to the Heart Center."""
    patient_id = add_patient(practice, PatientEntry(family_name="Chen", given_name="Wei"))
    with practice.change("referral") as session:
        office = Provider(name="Heart Center", specialty="cardiology", phone="+15550100170")
        session.add(office)
        session.flush()
        values = {
            "specialty": "cardiology",
            "stage_on": date(2026, 11, 10),
            "ordered_on": date(2026, 11, 9),
            "sent_on": None if stage is S.DRAFT else date(2026, 11, 10),
            **changes,
        }
        record = Referral(patient_id=patient_id, provider_id=office.id, stage=stage, **values)
        session.add(record)
        session.flush()
        assert record.id is not None
        return record.id


def one(practice: Practice, columns: str, referral_id: int, table: str = "referral") -> tuple[object, ...]:
    key = "id" if table == "referral" else "referral_id"
    sql = f"SELECT {columns} FROM {table} WHERE {key} = ? ORDER BY id DESC"  # noqa: S608
    return practice.execute(sql, [referral_id])[0]


def item_of(practice: Practice, referral_id: int) -> ItemRef:
    ((rule_id, patient_id),) = practice.execute(
        "SELECT rule_id, patient_id FROM ledger WHERE kind = 'referral' AND record_id = ?", [referral_id]
    )
    return ItemRef(Kind.REFERRAL, referral_id, rule_id, patient_id)


def test_a_step_is_stamped_with_who_when_and_where_from(practice: Practice) -> None:
    number = add(practice)
    step = Step(to=S.SCHEDULED, visit_on=date(2026, 12, 9))
    take_step(practice, number, step, visit_time=time(10, 20))
    assert one(practice, "stage, stage_on, visit_on, visit_time", number) == (
        "scheduled", "2026-11-30", "2026-12-09", "10:20:00.000000",
    )  # fmt: skip
    assert one(practice, "stage, from_stage, who, visit_on", number, "referral_stage") == (
        "scheduled", "sent", "Dana Reyes", "2026-12-09",
    )  # fmt: skip
    assert item_of(practice, number).rule_id == "appointment.outcome"
    assert_sound(practice)


def test_what_nobody_said_is_what_is_usual(practice: Practice) -> None:
    number = add(practice, S.SEEN, visit_on=date(2026, 11, 20), ordered_by="Dr. Hale")
    take_step(practice, number, Step(to=S.REPORT_RECEIVED))
    take_step(practice, number, Step(to=S.REVIEWED))
    take_step(practice, number, Step(to=S.CLOSED))
    assert one(practice, "stage, report_source, reviewed_by, informed_by", number) == (
        "closed", NOT_ATTACHED, "Dr. Hale", "Dana Reyes",
    )  # fmt: skip
    assert not practice.execute("SELECT 1 FROM ledger WHERE kind = 'referral'")


def test_a_review_without_a_known_clinician_is_refused_and_changes_nothing(practice: Practice) -> None:
    number = add(practice, S.REPORT_RECEIVED, report_received_on=date(2026, 11, 20))
    before = practice.execute("SELECT count(*) FROM audit_event")
    with pytest.raises(Refused, match="who did it"):
        take_step(practice, number, Step(to=S.REVIEWED))
    assert practice.execute("SELECT count(*) FROM audit_event") == before


def test_every_step_is_undone_and_redone_exactly(practice: Practice) -> None:
    number = add(practice)
    take_step(practice, number, Step(to=S.REJECTED, reason="not taking new patients"))
    rejected = one(practice, "stage, stage_on, stage_reason, sent_on", number)
    assert rejected[2] == "not taking new patients"
    undo.undo(practice)
    assert one(practice, "stage, stage_on, stage_reason, sent_on", number) == (
        "sent", "2026-11-10", "", "2026-11-10",
    )  # fmt: skip
    assert item_of(practice, number).rule_id == "referral.acknowledge"
    undo.redo(practice)
    assert one(practice, "stage, stage_on, stage_reason, sent_on", number) == rejected
    assert_sound(practice)


def test_a_moved_date_does_not_outlive_its_stage(practice: Practice) -> None:
    number = add(practice, S.SCHEDULED, visit_on=date(2026, 11, 20))
    move(practice, [item_of(practice, number)], When(date(2026, 12, 15)))
    take_step(practice, number, Step(to=S.NO_SHOW))
    take_step(practice, number, Step(to=S.SCHEDULED, visit_on=date(2026, 12, 2)))
    assert practice.execute("SELECT target_on FROM ledger WHERE kind = 'referral'") == [("2026-12-03",)]
    assert not practice.execute("SELECT 1 FROM moved_date")


def test_a_call_to_the_office_waits_for_it_three_working_days(practice: Practice) -> None:
    number = add(practice)
    ref = item_of(practice, number)
    log_contact(practice, patient_id=ref.patient_id, outcome=Outcome.OFFICE_REACHED, about=ref)
    assert practice.execute("SELECT target_on, waiting_on FROM ledger WHERE kind = 'referral'") == [
        ("2026-12-03", "Heart Center")
    ]
    assert one(practice, "touched_on", number) == ("2026-11-30",)


def test_one_call_settles_many_patients_in_one_undoable_change(practice: Practice) -> None:
    numbers = [add(practice, S.SEEN, visit_on=date(2026, 11, 2)) for _ in range(3)]
    refs = [item_of(practice, number) for number in numbers]
    days = chasing.chase(practice, refs, note="reports are dictated")
    assert days == (date(2026, 12, 3),)
    rows = practice.execute("SELECT target_on, waiting_on FROM ledger WHERE kind = 'referral'")
    assert rows == [("2026-12-03", "Heart Center")] * 3
    assert practice.execute("SELECT count(*), count(DISTINCT patient_id) FROM contact") == [(3, 3)]
    undo.undo(practice)
    assert practice.execute("SELECT count(*) FROM contact") == [(0,)]
    assert_sound(practice)


def test_nobody_answered_promises_nothing(practice: Practice) -> None:
    ref = item_of(practice, add(practice))
    chasing.chase(practice, [ref], Outcome.OFFICE_NO_ANSWER)
    assert practice.execute("SELECT target_on, waiting_on FROM ledger WHERE kind = 'referral'") == [
        ("2026-12-01", "")
    ]


def test_an_office_is_not_asked_about_what_it_does_not_owe(practice: Practice) -> None:
    owes, done = add(practice), add(practice, S.REPORT_RECEIVED, report_received_on=date(2026, 11, 20))
    with pytest.raises(Refused, match="wait for it"):
        chasing.chase(practice, [item_of(practice, owes), item_of(practice, done)])
    assert practice.execute("SELECT count(*) FROM contact") == [(0,)]
    with pytest.raises(Refused, match="not how a call"):
        chasing.chase(practice, [item_of(practice, owes)], Outcome.REACHED_PATIENT)


def random_step(random: Random) -> Step:
    """Any stage, with facts that may be missing or out of order."""

    def maybe(value: str) -> str:
        return value if random.random() < 0.85 else ""

    return Step(
        to=random.choice(list(S)),
        on=None if random.random() < 0.6 else TODAY - timedelta(days=random.randint(-2, 25)),
        visit_on=TODAY + timedelta(days=random.randint(-20, 30)) if random.random() < 0.9 else None,
        reason=maybe("cost"),
        who=maybe("Dr. Hale"),
        report=maybe("portal"),
    )


def wander(practice: Practice, referrals: int, steps: int, seed: int) -> tuple[int, int]:
    """Random steps on many referrals; after each the referral owes exactly one item, or is ended."""
    random = Random(seed)
    numbers = [
        add(
            practice,
            S.DRAFT,
            urgency=random.choice(list(Urgency)),
            service_type=random.choice(list(ReferralType)),
        )
        for _ in range(referrals)
    ]
    taken = refused = 0
    for _ in range(steps):
        number = random.choice(numbers)
        try:
            if random.random() < 0.07:
                undo.undo(practice)
            else:
                take_step(practice, number, random_step(random))
            taken += 1
        except Refused as error:
            assert str(error)
            refused += 1
        stages = practice.execute(
            "SELECT r.stage, count(l.id) FROM referral r LEFT JOIN ledger l"
            " ON l.kind = 'referral' AND l.record_id = r.id WHERE r.id = ?",
            [number],
        )
        for stage, items in stages:
            assert stage is None or items == int(ReferralStage(stage).is_open), (stage, items)
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
        assert report.is_equal
        assert not report.missing
        assert audit.verify(connection, practice.audit_key()).broken_at is None
    return taken, refused


def test_a_random_walk_never_leaves_an_open_referral_without_a_next_action(practice: Practice) -> None:
    taken, refused = wander(practice, referrals=12, steps=150, seed=3)
    assert taken > 20
    assert refused > 20


@pytest.mark.slow
def test_a_long_random_walk_over_thousands_of_referrals(practice: Practice) -> None:
    taken, refused = wander(practice, referrals=2_000, steps=10_000, seed=7)
    assert taken > 1_000
    assert refused > 1_000


def test_a_reason_is_not_the_person_who_made_the_move(practice: Practice) -> None:
    number = add(practice)
    ref = item_of(practice, number)
    rejected = next(c for c in choices(Kind.REFERRAL, ref.rule_id, S.SENT) if c.key == "r")
    settle(practice, [ref], rejected, text="not taking new patients")
    assert one(practice, "who, note", number, "referral_stage") == ("Dana Reyes", "not taking new patients")
    reported = add(practice, S.REPORT_RECEIVED, report_received_on=date(2026, 11, 20))
    ref = item_of(practice, reported)
    reviewed = next(c for c in choices(Kind.REFERRAL, ref.rule_id, S.REPORT_RECEIVED) if c.key == "x")
    settle(practice, [ref], reviewed, text="Dr. Lee")
    assert one(practice, "who, note", reported, "referral_stage") == ("Dr. Lee", "")


def test_calls_to_the_office_are_no_tries_to_reach_the_patient(practice: Practice) -> None:
    number = add(practice, S.SEEN, visit_on=date(2026, 11, 20), ordered_by="Dr. Hale")
    for _ in range(3):
        chasing.chase(practice, [item_of(practice, number)], Outcome.OFFICE_NO_ANSWER)
    take_step(practice, number, Step(to=S.REPORT_RECEIVED))
    take_step(practice, number, Step(to=S.REVIEWED))
    assert practice.execute("SELECT title, progress FROM ledger WHERE kind = 'referral'") == [
        ("Tell patient: cardiology result", "")
    ]
    assert practice.execute("SELECT last_contact_at FROM patient") == [(None,)]


def test_a_step_recorded_today_is_a_touch_of_today(practice: Practice) -> None:
    number = add(practice)
    move(practice, [item_of(practice, number)], When(date(2026, 12, 15)))
    take_step(practice, number, Step(to=S.SEEN, on=date(2026, 11, 16)))
    assert one(practice, "stage_on, touched_on", number) == ("2026-11-16", "2026-11-30")
    assert_sound(practice)


def test_supplies_that_came_are_nothing_an_office_owes(practice: Practice) -> None:
    add(practice, S.SEEN, visit_on=date(2026, 11, 2), service_type=ReferralType.EQUIPMENT)
    assert read_offices(practice.execute) == []
    waiting = add(practice)
    (office,) = read_offices(practice.execute)
    assert office.referral_ids == (waiting,)
