"""The ledger: whatever the records hold, each open one is owed something, and a rebuild changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from carecoord_tui.clock import RunningClock
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AssistanceStatus,
    AuthorizationStatus,
    BillingStatus,
    CoverageStatus,
    DenialStatus,
    EligibilityResult,
    FollowUpKind,
    FollowUpStatus,
    Kind,
    Outcome,
    PatientStatus,
    PayerClass,
    Priority,
    ReferralStage,
    Risk,
    TrackKind,
    TrackStatus,
    TransitionComplexity,
    TransitionStatus,
    Urgency,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import bulk, facts, ledger
from carecoord_tui.store.actions.follow_ups import add_follow_up
from carecoord_tui.store.actions.items import complete, move
from carecoord_tui.store.engine import write_engine
from carecoord_tui.store.ledger import LEDGER
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.tables import (
    Appointment,
    AssistanceProgram,
    Authorization,
    AuthorizationItem,
    BillingCase,
    Closure,
    Contact,
    Coverage,
    Denial,
    DenialTrack,
    EligibilityCheck,
    FollowUp,
    GoodFaithEstimate,
    Installment,
    MovedDate,
    Patient,
    Payer,
    PayerLimit,
    PaymentPlan,
    Provider,
    Record,
    Referral,
    Transition,
)
from tests.store.caseload import TODAY, add_one_of_each, add_people

PEOPLE = 150
W = TypeVar("W", bound=StrEnum)


class Dice:
    """Random values for every column a rule reads; the same seed gives the same caseload."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def word(self, words: type[W]) -> W:
        return self.random.choice(list(words))

    def day(self) -> date:
        return TODAY + timedelta(days=self.random.randint(-400, 60))

    def perhaps(self, make: Callable[[], Any]) -> Any:
        return make() if self.random.random() < 0.5 else None

    def moment(self) -> datetime:
        return datetime.combine(self.day(), time(self.random.randint(0, 23)), tzinfo=UTC)

    def yes(self) -> bool:
        return self.random.random() < 0.5

    def some(self, make: Callable[[int], dict[str, Any]], ids: list[int]) -> list[dict[str, Any]]:
        """Rows of none to two records for each person."""
        return [{"patient_id": one, **make(one)} for one in ids for _ in range(self.random.randint(0, 2))]


def random_caseload(practice: Practice, seed: int) -> None:
    """People with records in every status and with dates that may be missing, in one audited change."""
    dice = Dice(seed)
    with practice.change("import of a caseload") as session:

        def put(model: type[Record], rows: list[dict[str, Any]]) -> list[int]:
            return bulk.insert(session, model, rows)

        payers = put(Payer, [{"name": f"{one} {seed}", "payer_class": one} for one in PayerClass])
        offices = put(Provider, [{"name": "Heart Center"}, {"name": "Lakeside"}])
        people = put(
            Patient,
            [
                {
                    "family_name": f"Person {number}",
                    "status": dice.word(PatientStatus),
                    "risk": dice.word(Risk),
                    "check_in_on": dice.perhaps(dice.day),
                    "is_first_check_in": dice.yes(),
                    "hold_until": dice.perhaps(dice.day),
                    "status_on": dice.perhaps(dice.day),
                }
                for number in range(PEOPLE)
            ],
        )
        plans = dice.some(
            lambda _: {
                "payer_id": dice.random.choice(payers),
                "rank": dice.random.randint(1, 3),
                "status": dice.word(CoverageStatus),
            },
            people,
        )
        plan_of = dict(zip([plan["patient_id"] for plan in plans], put(Coverage, plans), strict=True))
        put(
            EligibilityCheck,
            [{**_check(dice), "patient_id": p, "coverage_id": c} for p, c in plan_of.items()],
        )
        referrals = dice.some(lambda _: _referral(dice, offices), people)
        put(Referral, referrals)
        asked = dice.some(lambda person: _authorization(dice, plan_of.get(person)), people)
        numbers = put(Authorization, asked)
        put(
            Denial,
            [
                _denial(dice, row["patient_id"], plan_of.get(row["patient_id"]), number)
                for row, number in zip(asked, numbers, strict=True)
                if dice.yes()
            ],
        )
        discharges = dice.some(lambda _: _discharge(dice), people)
        discharge_of = dict(
            zip([row["patient_id"] for row in discharges], put(Transition, discharges), strict=True)
        )
        put(Appointment, dice.some(lambda person: _visit(dice, discharge_of.get(person)), people))
        _insurance_and_billing(dice, put, payers, people, asked, numbers)
        put(FollowUp, dice.some(lambda _: _follow_up(dice), people))
        put(Contact, dice.some(lambda _: _contact(dice), people))


def _insurance_and_billing(
    dice: Dice,
    put: Callable[[type[Record], list[dict[str, Any]]], list[int]],
    payers: list[int],
    people: list[int],
    asked: list[dict[str, Any]],
    numbers: list[int],
) -> None:
    """Limits of contracts, items of authorizations, roads out of denials, and everything that costs."""
    rules = ("pa.federal.standard", "pa.erisa.standard", "appeal.aca.internal", "appeal.ma.reconsideration")
    put(
        PayerLimit,
        [
            {"payer_id": one, "rule_id": rule, "n": 9, "unit": dice.word(Unit), "entered_on": TODAY}
            for one in payers
            for rule in rules
            if dice.yes()
        ],
    )
    put(
        AuthorizationItem,
        [
            {
                "patient_id": row["patient_id"],
                "authorization_id": number,
                "status": dice.word(AuthorizationStatus),
                "units": dice.perhaps(lambda: 4),
                "valid_to": dice.perhaps(dice.day),
            }
            for row, number in zip(asked, numbers, strict=True)
            for _ in range(dice.random.randint(0, 2))
        ],
    )
    denials = [_denial(dice, row["patient_id"], row["coverage_id"], None) for row in asked]
    put(
        DenialTrack,
        [
            {
                "patient_id": row["patient_id"],
                "denial_id": number,
                "kind": kind,
                "status": dice.word(TrackStatus),
                "opened_on": dice.day(),
                "next_on": dice.perhaps(dice.day),
                "closed_on": dice.perhaps(dice.day),
            }
            for row, number in zip(denials, put(Denial, denials), strict=True)
            for kind in TrackKind
            if dice.yes()
        ],
    )
    days = ("scheduled_on", "requested_on", "service_on", "given_on")
    put(
        GoodFaithEstimate,
        dice.some(
            lambda _: {"status": dice.word(BillingStatus), **{d: dice.perhaps(dice.day) for d in days}},
            people,
        ),
    )
    put(
        BillingCase,
        dice.some(
            lambda _: {"title": "twice", "opened_on": dice.day(), "status": dice.word(BillingStatus)}, people
        ),
    )
    plans = dice.some(
        lambda _: {"total": Decimal(90), "agreed_on": dice.day(), "status": dice.word(BillingStatus)}, people
    )
    put(
        Installment,
        [
            {
                "patient_id": plan["patient_id"],
                "plan_id": number,
                "due_on": dice.day(),
                "amount": Decimal(30),
                "paid_on": dice.perhaps(dice.day),
            }
            for plan, number in zip(plans, put(PaymentPlan, plans), strict=True)
            for _ in range(dice.random.randint(0, 3))
        ],
    )
    put(
        AssistanceProgram,
        dice.some(
            lambda _: {
                "program": "HealthWell",
                "status": dice.word(AssistanceStatus),
                "applied_on": dice.day(),
                "decided_on": dice.perhaps(dice.day),
                "renew_on": dice.perhaps(dice.day),
            },
            people,
        ),
    )


def _check(dice: Dice) -> dict[str, Any]:
    return {"checked_on": dice.day(), "as_of": dice.day(), "result": dice.word(EligibilityResult)}


def _referral(dice: Dice, offices: list[int]) -> dict[str, Any]:
    return {
        "provider_id": dice.perhaps(lambda: dice.random.choice(offices)),
        "specialty": "Cardiology",
        "urgency": dice.word(Urgency),
        "stage": dice.word(ReferralStage),
        "stage_on": dice.day(),
        "ordered_on": dice.day(),
        "sent_on": dice.perhaps(dice.day),
        "visit_on": dice.perhaps(dice.day),
    }


def _authorization(dice: Dice, coverage_id: int | None) -> dict[str, Any]:
    return {
        "coverage_id": coverage_id,
        "service": "MRI",
        "service_on": dice.perhaps(dice.day),
        "is_drug": dice.yes(),
        "is_expedited": dice.yes(),
        "extended_on": dice.perhaps(dice.day),
        "peer_to_peer_by": dice.perhaps(dice.day),
        "status": dice.word(AuthorizationStatus),
        "opened_on": dice.day(),
        "submitted_at": dice.perhaps(dice.moment),
        "information_due_on": dice.perhaps(dice.day),
        "decided_on": dice.perhaps(dice.day),
        "valid_to": dice.perhaps(dice.day),
        "units_authorized": dice.perhaps(lambda: 10),
        "units_used": dice.perhaps(lambda: 9),
        "units_updated_on": dice.perhaps(dice.day),
    }


def _denial(dice: Dice, person: int, coverage_id: int | None, authorization_id: int | None) -> dict[str, Any]:
    return {
        "patient_id": person,
        "coverage_id": coverage_id,
        "authorization_id": authorization_id,
        "service": "MRI",
        "status": dice.word(DenialStatus),
        "notice_on": dice.day(),
        "received_on": dice.perhaps(dice.day),
        "letter_deadline_on": dice.perhaps(dice.day),
        "is_expedited": dice.yes(),
        "triaged_on": dice.perhaps(dice.day),
        "filed_on": dice.perhaps(dice.day),
        "decided_on": dice.perhaps(dice.day),
        "peer_to_peer_by": dice.perhaps(dice.day),
        "peer_to_peer_on": dice.perhaps(dice.day),
    }


def _discharge(dice: Dice) -> dict[str, Any]:
    return {
        "discharged_on": dice.day(),
        "complexity": dice.word(TransitionComplexity),
        "status": dice.word(TransitionStatus),
    }


def _visit(dice: Dice, transition_id: int | None) -> dict[str, Any]:
    return {
        "transition_id": transition_id,
        "status": dice.word(AppointmentStatus),
        "starts_at": dice.moment(),
        "booked_on": dice.day(),
        "confirmed_on": dice.perhaps(dice.day),
        "interpreter_needed": dice.yes(),
        "interpreter_confirmed_on": dice.perhaps(dice.day),
        "status_on": dice.perhaps(dice.day),
        "settled_on": dice.perhaps(dice.day),
    }


def _follow_up(dice: Dice) -> dict[str, Any]:
    return {
        "title": "call about labs",
        "kind": dice.word(FollowUpKind),
        "priority": dice.word(Priority),
        "status": dice.word(FollowUpStatus),
        "due_on": dice.day(),
        "due_at": dice.perhaps(dice.moment),
        "legal_on": dice.perhaps(dice.day),
    }


def _contact(dice: Dice) -> dict[str, Any]:
    return {
        "at": dice.moment(),
        "outcome": dice.word(Outcome),
        "about_kind": dice.perhaps(lambda: dice.word(Kind)),
        "about_id": dice.random.randint(1, PEOPLE),
        "by_clinical_staff": dice.yes(),
    }


def differences(practice: Practice) -> ledger.LedgerReport:
    """What a rebuild would change."""
    with practice.read() as connection:
        return ledger.differences(connection, practice.context)


def rows(practice: Practice) -> list[tuple[object, ...]]:
    """The whole ledger with its numbers."""
    return practice.execute("SELECT * FROM ledger ORDER BY id")


# --- any facts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_no_open_record_is_without_an_item_and_a_rebuild_changes_nothing(
    practice: Practice, seed: int
) -> None:
    random_caseload(practice, seed)
    report = differences(practice)
    assert report.missing == ()
    assert report.is_equal
    assert report.people == PEOPLE
    assert report.items == practice.execute("SELECT count(*) FROM ledger")[0][0] > PEOPLE
    before = rows(practice)
    with write_engine(practice.engine).connect() as connection, connection.begin():
        assert ledger.rebuild(connection, practice.context) == PEOPLE
    assert rows(practice) == before  # rows that stay the same keep their number


def test_every_kind_and_open_status_was_met(practice: Practice) -> None:
    for seed in range(2):
        random_caseload(practice, seed)
    kinds = {Kind(kind) for (kind,) in practice.execute("SELECT DISTINCT kind FROM ledger")}
    assert kinds == set(Kind) - {Kind.HANDOFF}
    stages = {stage for (stage,) in practice.execute("SELECT DISTINCT stage FROM referral")}
    assert stages == {str(stage) for stage in ReferralStage}


def test_a_wiped_ledger_is_rebuilt_as_it_was(practice: Practice) -> None:
    random_caseload(practice, 1)
    keep = [column for column in LEDGER.c if column.name != "id"]
    statement = sa.select(*keep).order_by(LEDGER.c.kind, LEDGER.c.record_id, LEDGER.c.rule_id)
    with practice.read() as connection:
        before = connection.execute(statement).all()
    with write_engine(practice.engine).connect() as connection, connection.begin():
        connection.execute(sa.delete(LEDGER))
        assert ledger.differences(connection, practice.context).absent == len(before)
        done: list[int] = []
        ledger.rebuild(connection, practice.context, done.append)
        assert connection.execute(statement).all() == before
    assert done[-1] == PEOPLE


# --- one change at a time ------------------------------------------------------------------------------


def test_an_item_that_stays_keeps_its_number_when_its_values_change(practice: Practice) -> None:
    (person,) = add_people(practice, 1)
    add_follow_up(practice, patient_id=person, title="call", due=When(date(2026, 12, 1)))
    ref = ItemRef(Kind.FOLLOW_UP, 1, "followup.due", person)
    ((number, target),) = practice.execute("SELECT id, target_on FROM ledger")
    move(practice, [ref], When(date(2026, 12, 4)), waiting_on="the office")
    assert practice.execute("SELECT id, target_on, moved_from, waiting_on FROM ledger") == [
        (number, "2026-12-04", target, "the office")
    ]


def test_the_last_thing_done_brings_the_check_in(practice: Practice) -> None:
    (person,) = add_people(practice, 1)
    add_follow_up(practice, patient_id=person, title="call", due=When(date(2026, 12, 1)))
    assert practice.execute("SELECT kind FROM ledger") == [("follow_up",)]
    complete(practice, [ItemRef(Kind.FOLLOW_UP, 1, "followup.due", person)])
    assert practice.execute("SELECT kind FROM ledger") == [("patient",)]


def test_differences_are_counted_by_kind(practice: Practice) -> None:
    first, second, third = add_people(practice, 3)
    with write_engine(practice.engine).connect() as connection, connection.begin():
        connection.execute(sa.delete(LEDGER).where(LEDGER.c.patient_id == first))
        connection.execute(sa.update(LEDGER).where(LEDGER.c.patient_id == second).values(title="else"))
        connection.execute(sa.update(LEDGER).where(LEDGER.c.patient_id == third).values(rule_id="none"))
    report = differences(practice)
    assert (report.absent, report.changed, report.stale) == (2, 1, 1)
    assert not report.is_equal
    assert report.missing == ()


def test_refreshing_more_people_than_one_portion(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    people = add_people(practice, 5)
    with write_engine(practice.engine).connect() as connection, connection.begin():
        connection.execute(sa.delete(LEDGER))
        monkeypatch.setattr(facts.chunks, "__defaults__", (2,))
        ledger.refresh(connection, [*people, *people], practice.context)
    assert differences(practice).is_equal
    assert practice.execute("SELECT count(*) FROM ledger") == [(5,)]


# --- what the rules stand on ---------------------------------------------------------------------------


def test_a_closure_rebuilds_the_ledger_on_the_next_open(practice: Practice, clock: RunningClock) -> None:
    (person,) = add_people(practice, 1)
    add_one_of_each(practice, person)
    with practice.read() as connection:
        assert ledger.is_current(connection, practice.context)
    before = practice.execute("SELECT kind, rule_id, target_on, legal_on FROM ledger ORDER BY 1, 2")
    with practice.change("closure") as session:
        session.add_all([Closure(closed_on=TODAY + timedelta(days=n)) for n in (1, 2, 3, 4)])
    practice.close()
    again = open_practice(practice.paths, practice.data_key, clock)
    after = again.execute("SELECT kind, rule_id, target_on, legal_on FROM ledger ORDER BY 1, 2")
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert after != before
    assert [row[3] for row in after] == [row[3] for row in before]  # a closure never moves a legal date
    assert differences(again).is_equal
    with again.read() as connection:
        assert ledger.is_current(connection, again.context)
    again.close()


def test_a_read_only_practice_leaves_an_old_ledger_alone(practice: Practice, clock: RunningClock) -> None:
    add_people(practice, 1)
    with practice.change("closure") as session:
        session.add(Closure(closed_on=TODAY))
    before = rows(practice)
    other = open_practice(practice.paths, practice.data_key, clock, is_read_only=True)
    assert rows(other) == before
    other.close()


def test_a_moved_date_of_a_settled_item_owes_nothing(practice: Practice) -> None:
    (person,) = add_people(practice, 1)
    with practice.change("left over") as session:
        session.add(
            MovedDate(
                patient_id=person,
                kind=Kind.FOLLOW_UP,
                record_id=77,
                rule_id="followup.due",
                until_on=TODAY,
                original_on=TODAY,
                moved_at=datetime(2026, 11, 30, tzinfo=UTC),
            )
        )
    assert practice.execute("SELECT kind FROM ledger") == [("patient",)]
    assert differences(practice).is_equal
