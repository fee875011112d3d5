"""Checks as recorded: fresh as of the visit's day, figures with the day they were read, the task of a no."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from carecoord_tui.clock import parse_now
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.eligibility_rows import VisitState, by_day
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    BenefitKind,
    BenefitLevel,
    BenefitPeriod,
    CoverageStatus,
    DenialStatus,
    EligibilityResult,
    Kind,
    Network,
    Outcome,
    PayerClass,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.eligibility import BenefitEntry, CheckEntry, quick_check, record_check
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.actions.payer_calls import log_payer_call
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.eligibility import read_benefits, visits_to_check
from carecoord_tui.store.queries.payer_calls import read_asks, read_payer_calls
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    Coverage,
    Denial,
    EligibilityCheck,
    Patient,
    Payer,
)
from carecoord_tui.store.undo import undo
from carecoord_tui.widgets.benefit_lines import benefit_lines
from tests.conftest import ZONE

ACTIVE, INACTIVE, UNABLE = EligibilityResult.ACTIVE, EligibilityResult.INACTIVE, EligibilityResult.UNABLE
TODAY = date(2026, 11, 30)
CHECK_RULE, RESOLVE_RULE = "eligibility.before_visit", "eligibility.resolve"
COPAY = BenefitEntry(kind=BenefitKind.COPAY, amount=Decimal("30"), period=BenefitPeriod.VISIT)


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, text: str) -> None:
        self.at = parse_now(text, ZONE)

    def now(self) -> datetime:
        return self.at


def add_payer(practice: Practice, name: str, payer_class: PayerClass) -> int:
    with practice.change("payer") as session:
        payer = Payer(name=name, payer_class=payer_class, phone="+15550100190")
        session.add(payer)
        session.flush()
        assert payer.id is not None
        return payer.id


def add_person(practice: Practice, name: str, *payers: int) -> int:
    """A patient with plans of these payers, the first paying first."""
    with practice.change("patient") as session:
        patient = Patient(family_name=name, given_name="Ann", check_in_on=date(2026, 12, 20))
        session.add(patient)
        session.flush()
        assert patient.id is not None
        for rank, payer in enumerate(payers, 1):
            session.add(Coverage(patient_id=patient.id, payer_id=payer, rank=rank, member_id=f"M{name}"))
        return patient.id


def add_visit(practice: Practice, patient_id: int, day: date, hour: int = 9) -> int:
    with practice.change("visit") as session:
        starts_at = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
        visit = Appointment(patient_id=patient_id, starts_at=starts_at, booked_on=date(2026, 11, 2))
        session.add(visit)
        session.flush()
        assert visit.id is not None
        return visit.id


def earlier_check(practice: Practice, patient_id: int, on: date, as_of: date) -> None:
    """An active check of another day."""
    ((coverage_id,),) = practice.execute("SELECT id FROM coverage WHERE patient_id = ?", [patient_id])
    with practice.change("check") as session:
        session.add(
            EligibilityCheck(
                patient_id=patient_id, coverage_id=coverage_id, checked_on=on, as_of=as_of, result=ACTIVE
            )
        )


def owed(practice: Practice, patient_id: int) -> list[tuple[str, str]]:
    """Rule and day of what is owed about eligibility."""
    rows = practice.execute(
        "SELECT rule_id, target_on FROM ledger WHERE kind = 'eligibility' AND patient_id = ? ORDER BY 1",
        [patient_id],
    )
    return [(rule, on) for rule, on in rows]


def visits(practice: Practice) -> dict[int, VisitState]:
    found = visits_to_check(practice.execute, practice.moment())
    return {one.appointment_id: one.state for one in found}


@pytest.fixture
def humana(practice: Practice) -> int:
    return add_payer(practice, "Humana", PayerClass.MEDICARE_ADVANTAGE)


@pytest.fixture
def medicaid(practice: Practice) -> int:
    return add_payer(practice, "State Medicaid", PayerClass.MEDICAID_FFS)


# --- visits ahead ----------------------------------------------------------------------------------------


def test_a_medicaid_check_for_another_day_is_stale_and_says_so(practice: Practice, medicaid: int) -> None:
    ann = add_person(practice, "Ames", medicaid)
    visit = add_visit(practice, ann, date(2026, 12, 2))
    earlier_check(practice, ann, date(2026, 11, 20), date(2026, 11, 20))
    (found,) = visits_to_check(practice.execute, practice.moment())
    assert (found.appointment_id, found.state) == (visit, VisitState.STALE)
    assert found.words(TODAY) == "stale: checked Fri 20 Nov for Fri 20 Nov"
    quick_check(practice, [visit], ACTIVE)
    assert visits(practice) == {}
    assert practice.execute("SELECT checked_on, as_of FROM eligibility_check ORDER BY id DESC LIMIT 1") == [
        ("2026-11-30", "2026-12-02")
    ]


def test_freshness_is_of_the_visits_day(practice: Practice, humana: int) -> None:
    same_month, next_month = add_person(practice, "Bell", humana), add_person(practice, "Cruz", humana)
    near = add_visit(practice, same_month, date(2026, 12, 2))
    for patient in (same_month, next_month):
        earlier_check(practice, patient, date(2026, 11, 20), date(2026, 12, 1))
    far = add_visit(practice, next_month, date(2027, 1, 5))
    assert visits(practice) == {far: VisitState.STALE}
    assert near not in visits(practice)


def test_visits_come_by_day_and_hour_with_the_reason(practice: Practice, humana: int) -> None:
    ann, bea, cat = (add_person(practice, name, humana) for name in ("Ames", "Bell", "Cruz"))
    nobody = add_person(practice, "Dell")
    late = add_visit(practice, ann, date(2026, 12, 3), 15)
    early = add_visit(practice, bea, date(2026, 12, 3), 9)
    first = add_visit(practice, cat, date(2026, 12, 2))
    uninsured = add_visit(practice, nobody, date(2026, 12, 4))
    past = add_visit(practice, ann, date(2026, 11, 27))
    quick_check(practice, [early], INACTIVE)
    quick_check(practice, [first], UNABLE)
    days = by_day(visits_to_check(practice.execute, practice.moment()))
    assert [(day.on.day, [one.appointment_id for one in day.visits]) for day in days] == [
        (2, [first]),
        (3, [early, late]),
        (4, [uninsured]),
    ]
    assert visits(practice) == {
        first: VisitState.UNABLE,
        early: VisitState.INACTIVE,
        late: VisitState.NEVER,
        uninsured: VisitState.NO_COVERAGE,
    }
    assert past not in visits(practice)
    until = visits_to_check(practice.execute, practice.moment(), last_day=date(2026, 12, 2))
    assert [one.appointment_id for one in until] == [first]


# --- recording -------------------------------------------------------------------------------------------


def test_six_visits_in_one_change_and_one_undo(practice: Practice, humana: int) -> None:
    people = [add_person(practice, name, humana) for name in ("A", "B", "C", "D", "E", "F")]
    days = [date(2026, 12, 2), date(2026, 12, 3)]
    numbers = [add_visit(practice, one, days[place % 2]) for place, one in enumerate(people)]
    quick_check(practice, [*numbers, numbers[0]], ACTIVE)
    found = practice.execute("SELECT as_of, count(*) FROM eligibility_check GROUP BY as_of")
    assert found == [("2026-12-02", 3), ("2026-12-03", 3)]
    assert practice.execute("SELECT count(*) FROM eligibility_check WHERE benefits_read_on IS NOT NULL") == [
        (0,)
    ]
    assert visits(practice) == {}
    assert practice.execute("SELECT DISTINCT status FROM coverage") == [("active",)]
    undo(practice)
    assert len(visits(practice)) == 6
    assert practice.execute("SELECT DISTINCT status FROM coverage") == [("unknown",)]


def test_a_quick_check_is_all_or_nothing(practice: Practice, humana: int) -> None:
    ann, nobody = add_person(practice, "Ames", humana), add_person(practice, "Bell")
    good, bad = add_visit(practice, ann, date(2026, 12, 2)), add_visit(practice, nobody, date(2026, 12, 2))
    with pytest.raises(Refused, match="no coverage on file"):
        quick_check(practice, [good, bad], ACTIVE)
    with pytest.raises(Refused, match="No visit"):
        quick_check(practice, [], ACTIVE)
    assert practice.execute("SELECT count(*) FROM eligibility_check") == [(0,)]


def test_everything_the_payer_said_is_kept(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    visit = add_visit(practice, ann, date(2026, 12, 2))
    out = BenefitEntry(
        kind=BenefitKind.DEDUCTIBLE,
        amount=Decimal("4000"),
        network=Network.OUT,
        level=BenefitLevel.FAMILY,
        period=BenefitPeriod.YEAR,
    )
    record_check(
        practice,
        CheckEntry(
            patient_id=ann,
            result=ACTIVE,
            appointment_id=visit,
            benefits=(COPAY, out),
            plan_said="Gold Plus HMO",
            authorization_needed=True,
            referral_needed=False,
            reference="I-20417",
            spoke_with="Maria\x1b[31m",
            method="phone",
        ),
    )
    (plan,) = read_benefits(practice.execute, ann)
    check = plan.check
    assert check is not None
    assert (check.checked_on, check.as_of, check.result) == (TODAY, date(2026, 12, 2), ACTIVE)
    assert (check.plan_said, check.reference, check.spoke_with) == ("Gold Plus HMO", "I-20417", "Maria[31m")
    assert (check.made_by, check.method) == ("Dana Reyes", "phone")
    assert plan.authorization is not None and plan.authorization.value
    assert plan.referral is not None and not plan.referral.value
    copay = plan.figure(BenefitKind.COPAY, on=TODAY)
    assert copay is not None and copay.amount == Decimal("30.00") and copay.read_on == TODAY
    assert plan.figure(BenefitKind.DEDUCTIBLE, on=TODAY) is None, "out of network, family: another figure"
    family = plan.figure(BenefitKind.DEDUCTIBLE, group=(Network.OUT, BenefitLevel.FAMILY), on=TODAY)
    assert family is not None and family.amount == Decimal("4000.00")


def test_a_check_that_did_not_read_benefits_never_re_dates_an_old_copay(
    practice: Practice, humana: int
) -> None:
    ann = add_person(practice, "Ames", humana)
    visit = add_visit(practice, ann, date(2026, 12, 2))
    left = BenefitEntry(kind=BenefitKind.DEDUCTIBLE, amount=Decimal("200"), period=BenefitPeriod.REMAINING)
    practice.clock = FixedClock("2026-10-12T09:00")
    record_check(practice, CheckEntry(patient_id=ann, result=ACTIVE, benefits=(COPAY, left)))
    practice.clock = FixedClock("2026-11-30T09:00")
    quick_check(practice, [visit], ACTIVE)
    (plan,) = read_benefits(practice.execute, ann)
    assert plan.check is not None and plan.check.checked_on == TODAY
    copay = plan.figure(BenefitKind.COPAY, on=TODAY)
    assert copay is not None and copay.read_on == date(2026, 10, 12)
    newer = BenefitEntry(kind=BenefitKind.COPAY, amount=Decimal("45"), period=BenefitPeriod.VISIT)
    record_check(practice, CheckEntry(patient_id=ann, result=ACTIVE, benefits=(newer,)))
    (plan,) = read_benefits(practice.execute, ann)
    copay, rest = (
        plan.figure(BenefitKind.COPAY, on=TODAY),
        plan.figure(BenefitKind.DEDUCTIBLE, remaining=True, on=TODAY),
    )
    assert copay is not None and (copay.amount, copay.read_on) == (Decimal("45.00"), TODAY)
    assert rest is not None and rest.read_on == date(2026, 10, 12), "only what was read is dated anew"
    assert rest.amount == Decimal("200.00")


def test_on_1_january_what_is_left_is_unknown_again(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    whole = BenefitEntry(kind=BenefitKind.DEDUCTIBLE, amount=Decimal("500"), period=BenefitPeriod.YEAR)
    left = BenefitEntry(kind=BenefitKind.DEDUCTIBLE, amount=Decimal("120"), period=BenefitPeriod.REMAINING)
    record_check(practice, CheckEntry(patient_id=ann, result=ACTIVE, benefits=(whole, left)))
    (plan,) = read_benefits(practice.execute, ann)
    eve, new_year = date(2026, 12, 31), date(2027, 1, 1)
    assert plan.figure(BenefitKind.DEDUCTIBLE, remaining=True, on=eve) is not None
    assert plan.figure(BenefitKind.DEDUCTIBLE, remaining=True, on=new_year) is None
    assert plan.figure(BenefitKind.DEDUCTIBLE, on=new_year) is not None
    text = benefit_lines([plan], TODAY, on=date(2027, 1, 5)).plain
    assert "unknown since 1 Jan" in text
    assert "was $120.00, read Mon 30 Nov" in text
    assert "$500.00" in text
    now = benefit_lines([plan], TODAY).plain
    assert "$120.00" in now and "since 1 Jan" not in now
    assert "Copay" in now and "unknown" in now, "what nobody read is unknown, not zero"
    assert "$0" not in now


def test_several_figures_of_one_check_are_never_one(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    therapy = BenefitEntry(
        kind=BenefitKind.COPAY,
        amount=Decimal("15"),
        period=BenefitPeriod.VISIT,
        service_type="physical therapy",
    )
    record_check(practice, CheckEntry(patient_id=ann, result=ACTIVE, benefits=(COPAY, therapy)))
    (plan,) = read_benefits(practice.execute, ann)
    assert len(plan.figures) == 2
    assert plan.figure(BenefitKind.COPAY, on=TODAY) is None
    text = benefit_lines([plan], TODAY).plain
    assert "$30.00" in text and "$15.00" in text and "physical therapy" in text


@pytest.mark.parametrize(
    ("benefit", "words"),
    [
        (BenefitEntry(kind=BenefitKind.COPAY, amount=Decimal("-5")), "less than zero"),
        (BenefitEntry(kind=BenefitKind.COPAY, amount=Decimal("5000000")), "more than"),
        (BenefitEntry(kind=BenefitKind.COPAY, amount=Decimal("1.005")), "part of a cent"),
        (BenefitEntry(kind=BenefitKind.COPAY, amount=Decimal("NaN")), "less than zero"),
        (BenefitEntry(kind=BenefitKind.COINSURANCE, percent=Decimal("120")), "between 0 and 100"),
        (BenefitEntry(kind=BenefitKind.COINSURANCE), "no amount"),
    ],
)
def test_impossible_figures_are_refused(
    practice: Practice, humana: int, benefit: BenefitEntry, words: str
) -> None:
    ann = add_person(practice, "Ames", humana)
    with pytest.raises(Refused, match=words):
        record_check(practice, CheckEntry(patient_id=ann, result=ACTIVE, benefits=(COPAY, benefit)))
    assert practice.execute("SELECT count(*) FROM eligibility_check") == [(0,)]
    assert practice.execute("SELECT count(*) FROM benefit") == [(0,)]


def test_another_patients_visit_or_plan_is_refused(practice: Practice, humana: int) -> None:
    ann, bea = add_person(practice, "Ames", humana), add_person(practice, "Bell", humana)
    visit = add_visit(practice, bea, date(2026, 12, 2))
    ((plan,),) = practice.execute("SELECT id FROM coverage WHERE patient_id = ?", [bea])
    for entry in (
        CheckEntry(patient_id=ann, result=ACTIVE, appointment_id=visit),
        CheckEntry(patient_id=ann, result=ACTIVE, coverage_id=plan),
    ):
        with pytest.raises(Refused, match="another patient's"):
            record_check(practice, entry)


def test_a_check_of_a_day_ahead_is_refused(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    with pytest.raises(Refused, match="Tue 1 Dec is ahead"):
        record_check(practice, CheckEntry(patient_id=ann, result=ACTIVE, checked_on=date(2026, 12, 1)))
    record_check(practice, CheckEntry(patient_id=ann, result=ACTIVE, checked_on=TODAY))
    assert practice.execute("SELECT checked_on FROM eligibility_check") == [("2026-11-30",)]


def test_what_was_left_of_last_year_says_the_day_it_was_asked_about(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    left = BenefitEntry(kind=BenefitKind.DEDUCTIBLE, amount=Decimal(0), period=BenefitPeriod.REMAINING)
    last_year = date(2025, 12, 30)
    record_check(
        practice,
        CheckEntry(
            patient_id=ann, result=ACTIVE, checked_on=date(2026, 1, 4), as_of=last_year, benefits=(left,)
        ),
    )
    (plan,) = read_benefits(practice.execute, ann)
    assert plan.figure(BenefitKind.DEDUCTIBLE, remaining=True, on=date(2026, 1, 20)) is None
    assert "was $0.00, as of Tue 30 Dec 2025" in benefit_lines([plan], TODAY).plain


# --- inactive --------------------------------------------------------------------------------------------


def test_inactive_coverage_of_a_visit_is_a_task_and_no_second_one(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    visit = add_visit(practice, ann, date(2026, 12, 2))
    record_check(practice, CheckEntry(patient_id=ann, result=INACTIVE, appointment_id=visit))
    assert owed(practice, ann) == [(RESOLVE_RULE, "2026-12-01")]
    assert practice.execute("SELECT count(*) FROM follow_up") == [(0,)]
    assert practice.execute("SELECT status FROM coverage") == [("unknown",)], "only the user ends a plan"


def test_inactive_coverage_without_a_visit_is_a_follow_up_once(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    for _ in range(2):
        record_check(practice, CheckEntry(patient_id=ann, result=INACTIVE))
    assert practice.execute("SELECT title, due_on FROM follow_up") == [
        ("Coverage inactive, ask who pays: Humana", "2026-12-01")
    ]


def test_a_plan_ends_when_the_user_says_so_and_the_next_one_is_asked_about(
    practice: Practice, humana: int, medicaid: int
) -> None:
    ann = add_person(practice, "Ames", humana, medicaid)
    visit = add_visit(practice, ann, date(2026, 12, 2))
    with pytest.raises(Refused, match="only when the payer says"):
        record_check(practice, CheckEntry(patient_id=ann, result=ACTIVE, cancel_coverage=True))
    record_check(
        practice,
        CheckEntry(
            patient_id=ann,
            result=INACTIVE,
            appointment_id=visit,
            cancel_coverage=True,
            ended_on=date(2026, 10, 31),
        ),
    )
    assert practice.execute("SELECT status, ends_on FROM coverage ORDER BY rank") == [
        ("cancelled", "2026-10-31"),
        ("unknown", None),
    ]
    (found,) = visits_to_check(practice.execute, practice.moment())
    assert (found.payer_name, found.state) == ("State Medicaid", VisitState.NEVER)
    assert practice.execute("SELECT count(*) FROM follow_up") == [(0,)]
    quick_check(practice, [visit], ACTIVE)
    assert visits(practice) == {}, "the quick check is about the plan that pays now"
    plans = read_benefits(practice.execute, ann)
    assert [(plan.payer_name, plan.is_cancelled) for plan in plans] == [
        ("State Medicaid", False),
        ("Humana", True),
    ]


def test_the_only_plan_ended_without_a_visit_is_a_follow_up(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    record_check(practice, CheckEntry(patient_id=ann, result=INACTIVE, cancel_coverage=True))
    assert practice.execute("SELECT count(*) FROM follow_up") == [(1,)]
    bea = add_person(practice, "Bell", humana)
    visit = add_visit(practice, bea, date(2026, 12, 2))
    record_check(
        practice,
        CheckEntry(patient_id=bea, result=INACTIVE, appointment_id=visit, cancel_coverage=True),
    )
    assert practice.execute("SELECT count(*) FROM follow_up") == [(1,)], "her visit asks who pays"
    assert owed(practice, bea)[0][0] == CHECK_RULE


def test_a_check_forgets_the_date_its_question_was_moved_to(practice: Practice, humana: int) -> None:
    ann = add_person(practice, "Ames", humana)
    visit = add_visit(practice, ann, date(2026, 12, 2))
    ref = ItemRef(Kind.ELIGIBILITY, visit, CHECK_RULE, ann)
    move(practice, [ref], When(date(2026, 12, 1), None), waiting_on="Humana")
    quick_check(practice, [visit], ACTIVE)
    assert practice.execute("SELECT count(*) FROM moved_date") == [(0,)]


# --- calls to payers -------------------------------------------------------------------------------------


@pytest.fixture
def calls(practice: Practice, humana: int, medicaid: int) -> list[ItemRef]:
    """Humana must be asked about two visits, a decision and an appeal; Medicaid about a visit."""
    people = [add_person(practice, name, humana) for name in ("Ames", "Bell", "Cruz", "Dell")]
    other = add_person(practice, "Eads", medicaid)
    first, second = (add_visit(practice, one, date(2026, 12, 3)) for one in people[:2])
    add_visit(practice, other, date(2026, 12, 3))
    with practice.change("pending") as session:
        plans = dict(practice.execute("SELECT patient_id, id FROM coverage"))
        request = Authorization(
            patient_id=people[2],
            coverage_id=plans[people[2]],
            service="MRI",
            status=AuthorizationStatus.SUBMITTED,
            opened_on=date(2026, 11, 24),
            submitted_at=datetime(2026, 11, 24, 15, tzinfo=UTC),
        )
        draft = Authorization(
            patient_id=people[2], coverage_id=plans[people[2]], service="CT", opened_on=date(2026, 11, 24)
        )
        denial = Denial(
            patient_id=people[3],
            coverage_id=plans[people[3]],
            service="Walker",
            status=DenialStatus.APPEALED,
            notice_on=date(2026, 11, 2),
            filed_on=date(2026, 11, 10),
        )
        session.add_all([request, draft, denial])
    payers = {one.name: one for one in read_payer_calls(practice.execute, practice.moment())}
    assert {name: len(one.keys) for name, one in payers.items()} == {"Humana": 4, "State Medicaid": 1}
    asks = read_asks(practice.execute, payers["Humana"].keys, practice.moment())
    refs = [asks[key].ranked.item.ref for key in payers["Humana"].keys]
    assert {ref.record_id for ref in refs if ref.kind is Kind.ELIGIBILITY} == {first, second}
    return refs


def test_one_call_is_attached_to_each_thing_and_dates_it(
    practice: Practice, humana: int, calls: list[ItemRef]
) -> None:
    days = log_payer_call(
        practice, humana, calls, reference="R-77", minutes=22, spoke_with="Lee", note="on hold 14 min"
    )
    found = practice.execute(
        "SELECT about_kind, payer_id, reference, spoke_with, minutes FROM contact ORDER BY minutes DESC, 1"
    )
    assert sum(row[4] for row in found) == 22
    assert sorted(row[4] for row in found) == [5, 5, 6, 6]
    assert {row[1:4] for row in found} == {(humana, "R-77", "Lee")}
    waiting = practice.execute(
        "SELECT kind, target_on, visit_on FROM ledger WHERE waiting_on = 'Humana' ORDER BY kind, target_on"
    )
    assert waiting == [
        ("authorization", "2026-12-01", None),  # the payer's clock ends then
        ("denial", "2026-12-03", None),
        ("eligibility", "2026-12-02", "2026-12-03"),  # the working day before the visit
        ("eligibility", "2026-12-02", "2026-12-03"),
    ]
    assert days == (date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3))
    undo(practice)
    assert practice.execute("SELECT count(*) FROM contact") == [(0,)]
    assert practice.execute("SELECT count(*) FROM moved_date") == [(0,)]


def test_an_answered_call_moves_nothing_and_lends_its_reference_to_the_checks(
    practice: Practice, humana: int, calls: list[ItemRef]
) -> None:
    eligibility = [ref for ref in calls if ref.kind is Kind.ELIGIBILITY]
    before = practice.execute("SELECT count(*) FROM ledger WHERE waiting_on = ''")
    assert log_payer_call(practice, humana, calls, reference="R-78", spoke_with="Lee", is_answered=True) == ()
    assert practice.execute("SELECT count(*) FROM ledger WHERE waiting_on = ''") == before
    quick_check(practice, [ref.record_id for ref in eligibility], ACTIVE)
    assert practice.execute("SELECT DISTINCT reference, spoke_with, method FROM eligibility_check") == [
        ("R-78", "Lee", "phone")
    ]


def test_nobody_reached_is_called_again_the_next_working_day(
    practice: Practice, humana: int, calls: list[ItemRef]
) -> None:
    assert log_payer_call(practice, humana, calls, Outcome.OFFICE_NO_ANSWER) == (date(2026, 12, 1),)
    assert practice.execute("SELECT count(*) FROM ledger WHERE waiting_on > ''") == [(0,)]


def test_calls_that_cannot_be_are_refused(practice: Practice, medicaid: int, calls: list[ItemRef]) -> None:
    ((humana,),) = practice.execute("SELECT id FROM payer WHERE name = 'Humana'")
    late = When(date(2026, 12, 9), None)
    with pytest.raises(Refused, match="one payer"):
        log_payer_call(practice, medicaid, calls)
    with pytest.raises(Refused, match="last day is Tue 1 Dec"):
        log_payer_call(practice, humana, calls, until=late)
    with pytest.raises(Refused, match="is past"):
        log_payer_call(practice, humana, calls, until=When(date(2026, 11, 27), None))
    with pytest.raises(Refused, match="minutes"):
        log_payer_call(practice, humana, calls, minutes=-1)
    with pytest.raises(Refused, match="Nothing is chosen"):
        log_payer_call(practice, humana, [])
    with pytest.raises(Refused, match="how a call to a payer ends"):
        log_payer_call(practice, humana, calls, Outcome.REACHED_PATIENT)
    with pytest.raises(Refused, match="names no later day"):
        log_payer_call(practice, humana, calls, until=late, is_answered=True)
    assert practice.execute("SELECT count(*) FROM contact") == [(0,)]


def test_the_person_without_a_plan_is_not_asked_of_a_payer(practice: Practice, humana: int) -> None:
    nobody, ended = add_person(practice, "Ames"), add_person(practice, "Bell", humana)
    add_visit(practice, nobody, date(2026, 12, 2))
    visit = add_visit(practice, ended, date(2026, 12, 2))
    add_visit(practice, add_person(practice, "Cruz", humana), date(2027, 2, 2))
    quick_check(practice, [visit], INACTIVE)
    assert read_payer_calls(practice.execute, practice.moment()) == []
    ((status,),) = practice.execute("SELECT status FROM coverage WHERE patient_id = ?", [ended])
    assert status == CoverageStatus.UNKNOWN
