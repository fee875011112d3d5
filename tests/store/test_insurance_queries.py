"""The insurance screen as read: lanes in order, counts, filter, where each record stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from carecoord_tui.domain.eligibility_rows import VisitState
from carecoord_tui.domain.insurance_rows import (
    LANES,
    AuthorizationDetail,
    BillingDetail,
    DenialDetail,
    EligibilityDetail,
    InsuranceLane,
    InsuranceRow,
    Key,
    LaneGroup,
    key_of,
    lane_of,
    record_of,
    staleness,
)
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    DenialReason,
    DenialStatus,
    EligibilityResult,
    Kind,
    PayerClass,
    TrackKind,
    TrackStatus,
)
from carecoord_tui.store.actions.patients import PatientEntry, add_patient
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.insurance import list_keys, read_items, read_rows
from carecoord_tui.store.queries.insurance_lanes import count_due, count_lanes
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    BillingCase,
    Coverage,
    Denial,
    DenialTrack,
    EligibilityCheck,
    Installment,
    Payer,
    PaymentPlan,
)
from carecoord_tui.store.tables.base import Record

L = InsuranceLane
A = AuthorizationStatus
TODAY = date(2026, 11, 30)
ENROLLED = {"member_id": "H123-45"}


def add(practice: Practice, record: Record) -> int:
    with practice.change("record") as session:
        session.add(record)
        session.flush()
        assert record.id is not None
        return record.id


@pytest.fixture
def chen(practice: Practice) -> int:
    return add_patient(practice, PatientEntry(family_name="Chen", given_name="Wei", mrn="MRN-77"))


@pytest.fixture
def plan(practice: Practice, chen: int) -> int:
    payer = add(practice, Payer(name="Humana", payer_class=PayerClass.MEDICARE_ADVANTAGE))
    return add(practice, Coverage(patient_id=chen, payer_id=payer, **ENROLLED))


def visit(practice: Practice, patient_id: int, day: date, hour: int = 15) -> Key:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    record = Appointment(
        patient_id=patient_id, starts_at=at, booked_on=TODAY, status=AppointmentStatus.BOOKED
    )
    return key_of(Kind.ELIGIBILITY, add(practice, record))


def authorization(practice: Practice, patient_id: int, plan: int | None, **values: object) -> Key:
    record = Authorization(
        patient_id=patient_id,
        coverage_id=plan,
        **{"service": "MRI", "opened_on": date(2026, 11, 24), **values},
    )
    return key_of(Kind.AUTHORIZATION, add(practice, record))


def denial(practice: Practice, patient_id: int, plan: int | None, **values: object) -> Key:
    record = Denial(
        patient_id=patient_id,
        coverage_id=plan,
        **{"service": "Rehab", "notice_on": date(2026, 11, 20), **values},
    )
    return key_of(Kind.DENIAL, add(practice, record))


def check(practice: Practice, patient_id: int, plan: int, on: date, as_of: date, result: str) -> None:
    add(
        practice,
        EligibilityCheck(
            patient_id=patient_id,
            coverage_id=plan,
            checked_on=on,
            as_of=as_of,
            result=EligibilityResult(result),
        ),
    )


def row(practice: Practice, key: Key) -> InsuranceRow:
    (found,) = read_rows(practice.execute, [key], practice.moment())
    return found


def matching(practice: Practice, text: str) -> list[Key]:
    return [key for keys in list_keys(practice.execute, text=text).values() for key in keys]


def test_an_empty_practice_has_empty_lanes(practice: Practice) -> None:
    assert list_keys(practice.execute) == {}
    assert count_lanes(practice.execute) == dict.fromkeys(LANES, 0)
    assert count_due(practice.execute, TODAY) == 0


def test_visits_stand_by_day_and_hour(practice: Practice, chen: int, plan: int) -> None:
    late = visit(practice, chen, date(2026, 12, 2), 20)
    other_day = visit(practice, chen, date(2026, 12, 4))
    early = visit(practice, chen, date(2026, 12, 2), 14)
    assert list_keys(practice.execute, L.ELIGIBILITY) == {
        LaneGroup(L.ELIGIBILITY, date(2026, 12, 2)): [early, late],
        LaneGroup(L.ELIGIBILITY, date(2026, 12, 4)): [other_day],
    }


def test_a_visit_late_in_the_evening_stands_under_its_local_day(
    practice: Practice, chen: int, plan: int
) -> None:
    at = datetime(2026, 12, 3, 1, tzinfo=UTC)  # 8pm on the second in New York
    number = add(practice, Appointment(patient_id=chen, starts_at=at, booked_on=TODAY))
    (group,) = list_keys(practice.execute, L.ELIGIBILITY)
    detail = row(practice, key_of(Kind.ELIGIBILITY, number)).detail
    assert isinstance(detail, EligibilityDetail)
    assert (group.day, detail.visit_on) == (date(2026, 12, 2), date(2026, 12, 2))
    assert detail.visit_time.hour == 20


@pytest.mark.parametrize(
    ("on", "as_of", "result", "state", "words"),
    [
        (date(2026, 10, 20), date(2026, 10, 20), "active", VisitState.STALE, "stale 20 Oct"),
        (date(2025, 12, 20), date(2025, 12, 20), "active", VisitState.STALE, "stale 20 Dec 2025"),
        (date(2026, 11, 27), date(2026, 12, 2), "inactive", VisitState.INACTIVE, "inactive 27 Nov"),
        (date(2026, 11, 27), date(2026, 12, 1), "unable", VisitState.UNABLE, "payer could not say 27 Nov"),
    ],
)
def test_a_visit_says_what_is_known_of_its_coverage(
    practice: Practice,
    chen: int,
    plan: int,
    on: date,
    as_of: date,
    result: str,
    state: VisitState,
    words: str,
) -> None:
    key = visit(practice, chen, date(2026, 12, 2))
    before = row(practice, key).detail
    assert isinstance(before, EligibilityDetail)
    assert (before.state, staleness(before, TODAY)) == (VisitState.NEVER, "never checked")
    check(practice, chen, plan, on, as_of, result)
    line = row(practice, key)
    assert isinstance(line.detail, EligibilityDetail)
    assert (line.payer, line.detail.state) == ("Humana", state)
    assert staleness(line.detail, TODAY) == words


def test_a_visit_without_a_plan_says_so_and_a_checked_one_leaves(
    practice: Practice, chen: int, plan: int
) -> None:
    nobody = add_patient(practice, PatientEntry(family_name="Diaz", given_name="Ana"))
    bare = row(practice, visit(practice, nobody, date(2026, 12, 2)))
    assert isinstance(bare.detail, EligibilityDetail)
    assert (bare.payer, staleness(bare.detail, TODAY)) == ("", "no plan on file")
    key = visit(practice, chen, date(2026, 12, 2))
    check(practice, chen, plan, TODAY, date(2026, 12, 2), "active")
    assert key not in matching(practice, "")
    assert read_rows(practice.execute, [key], practice.moment()) == []


def test_authorizations_stand_by_their_next_deadline(practice: Practice, chen: int, plan: int) -> None:
    runs_out = authorization(
        practice, chen, plan, status=A.APPROVED, decided_on=date(2026, 6, 1), valid_to=date(2027, 3, 1),
        units_authorized=10, units_used=3, number="PT1",
    )  # fmt: skip
    asked = authorization(
        practice, chen, plan, status=A.SUBMITTED, submitted_at=datetime(2026, 11, 24, 15, tzinfo=UTC)
    )
    needed = authorization(practice, chen, plan, status=A.NEEDED, opened_on=date(2026, 11, 20))
    assert list_keys(practice.execute, L.AUTHORIZATIONS) == {
        LaneGroup(L.AUTHORIZATIONS): [needed, asked, runs_out]
    }
    detail = row(practice, runs_out).detail
    assert isinstance(detail, AuthorizationDetail)
    assert (detail.units_used, detail.units_authorized, detail.valid_to) == (3, 10, date(2027, 3, 1))
    running = row(practice, asked).ranked.item
    assert (running.legal_on, running.rule_id) == (date(2026, 12, 1), "pa.federal.standard")


def test_denials_stand_by_their_last_day_with_their_level_and_tracks(
    practice: Practice, chen: int, plan: int
) -> None:
    later = denial(practice, chen, plan, reason_kind=DenialReason.STEP_THERAPY)
    printed = denial(practice, chen, plan, letter_deadline_on=date(2026, 12, 11))
    _, number = record_of(later)
    with practice.change("tracks") as session:
        for kind, status in (
            (TrackKind.APPEAL, TrackStatus.OPEN),
            (TrackKind.ALTERNATIVE, TrackStatus.FAILED),
            (TrackKind.ASSISTANCE, TrackStatus.OPEN),
        ):
            session.add(
                DenialTrack(
                    patient_id=chen,
                    denial_id=number,
                    kind=kind,
                    status=status,
                    opened_on=TODAY,
                    next_on=date(2026, 12, 3),
                )
            )
    assert list_keys(practice.execute, L.DENIALS) == {LaneGroup(L.DENIALS): [printed, later]}
    first, second = row(practice, printed).detail, row(practice, later).detail
    assert isinstance(first, DenialDetail)
    assert isinstance(second, DenialDetail)
    assert (first.last_on, first.is_from_letter) == (date(2026, 12, 11), True)
    assert not second.is_from_letter
    assert second.level_rule == "appeal.ma.reconsideration"
    assert [road.kind for road in second.roads] == list(TrackKind)
    assert [road.is_open for road in second.roads] == [True, False, True]
    assert second.reason is DenialReason.STEP_THERAPY
    assert count_lanes(practice.execute)[L.DENIALS] == 2


def test_a_denial_that_was_appealed_has_no_last_day(practice: Practice, chen: int, plan: int) -> None:
    key = denial(practice, chen, plan, status=DenialStatus.APPEALED, filed_on=TODAY, letter_deadline_on=TODAY)
    detail = row(practice, key).detail
    assert isinstance(detail, DenialDetail)
    assert (detail.status, detail.last_on) == (DenialStatus.APPEALED, None)


def test_billing_holds_cases_plans_and_self_pay_visits(practice: Practice, chen: int, plan: int) -> None:
    diaz = add_patient(practice, PatientEntry(family_name="Diaz", given_name="Ana"))
    nobody = add(practice, Payer(name="Self-pay", payer_class=PayerClass.SELF_PAY))
    add(practice, Coverage(patient_id=diaz, payer_id=nobody))
    case = add(
        practice,
        BillingCase(patient_id=chen, title="Bill of the lab", opened_on=TODAY, amount=Decimal("41.50")),
    )
    agreed = add(
        practice, PaymentPlan(patient_id=chen, title="Hospital", total=Decimal("90.00"), agreed_on=TODAY)
    )
    with practice.change("parts") as session:
        for month, paid_on in ((10, date(2026, 10, 1)), (11, None), (12, None)):
            session.add(
                Installment(
                    patient_id=chen,
                    plan_id=agreed,
                    due_on=date(2026, month, 1),
                    amount=Decimal("30.00"),
                    paid_on=paid_on,
                )
            )
    _, visit_id = record_of(visit(practice, diaz, date(2026, 12, 15)))
    keys = matching(practice, "")
    expected = {
        key_of(Kind.BILLING, case),
        key_of(Kind.PAYMENT_PLAN, agreed),
        key_of(Kind.APPOINTMENT, visit_id),
    }
    assert set(keys) == expected
    assert count_lanes(practice.execute) == {**dict.fromkeys(LANES, 0), L.BILLING: 3}
    details = {key: row(practice, key).detail for key in keys}
    assert details[key_of(Kind.PAYMENT_PLAN, agreed)] == BillingDetail(
        subject="Hospital", left=Decimal("60.00"), overdue=Decimal("30.00")
    )
    assert details[key_of(Kind.BILLING, case)] == BillingDetail(
        subject="Bill of the lab", amount=Decimal("41.50")
    )
    item = row(practice, key_of(Kind.APPOINTMENT, visit_id)).ranked.item
    assert (item.kind, item.rule_id) == (Kind.APPOINTMENT, "gfe.scheduled")


def test_the_filter_knows_patients_payers_services_and_numbers(
    practice: Practice, chen: int, plan: int
) -> None:
    seen = visit(practice, chen, date(2026, 12, 2))
    mri = authorization(practice, chen, plan, number="PA-1001", service_code="70551", status=A.NEEDED)
    other = authorization(practice, chen, None, service="Physical therapy", reference="X9")
    claim = denial(practice, chen, plan, claim_number="CL7")
    found = {
        "chen": {seen, mri, other, claim},
        "MRN-77": {seen, mri, other, claim},
        "h12345": {seen, mri, other, claim},
        "huma": {seen, mri, claim},
        "chen phys": {other},
        "hysical": set(),
        "pa-10": {mri},
        "705": {mri},
        "x9": {other},
        "cl7": {claim},
        "%": set(),
        "zzz": set(),
        "": {seen, mri, other, claim},
    }
    assert {text: set(matching(practice, text)) for text in found} == found


def test_due_counts_records_not_items(practice: Practice, chen: int, plan: int) -> None:
    visit(practice, chen, date(2026, 12, 1))
    visit(practice, chen, date(2027, 1, 20))
    overdue = denial(practice, chen, plan, notice_on=date(2026, 9, 1))
    kind, number = record_of(overdue)
    owed = practice.execute(
        "SELECT count(*) FROM ledger WHERE kind = ? AND record_id = ? AND target_on <= ?",
        [kind.value, number, TODAY.isoformat()],
    )
    assert owed == [(2,)]
    assert count_due(practice.execute, TODAY) == 2


def test_counts_lists_and_items_agree_for_random_records(practice: Practice, chen: int, plan: int) -> None:
    random = Random(4)
    for _ in range(60):
        day = TODAY + timedelta(days=random.randint(-20, 40))
        match random.randrange(3):
            case 0:
                visit(practice, chen, day, random.randint(12, 22))
            case 1:
                authorization(
                    practice,
                    chen,
                    random.choice([plan, None]),
                    status=random.choice(list(A)),
                    submitted_at=datetime(2026, 11, 25, 15, tzinfo=UTC),
                    valid_to=day,
                )
            case _:
                denial(
                    practice,
                    chen,
                    plan,
                    status=random.choice(list(DenialStatus)),
                    notice_on=TODAY,
                    filed_on=TODAY,
                )
    groups = list_keys(practice.execute)
    assert sorted(groups) == list(groups)
    keys = [key for found in groups.values() for key in found]
    assert len(set(keys)) == len(keys)
    counts = count_lanes(practice.execute)
    for lane in LANES:
        mine = list_keys(practice.execute, lane)
        assert mine == {group: found for group, found in groups.items() if group.lane is lane}
        assert counts[lane] == sum(map(len, mine.values()))
    moment = practice.moment()
    assert [line.key for line in read_rows(practice.execute, keys, moment)] == keys
    assert set(read_items(practice.execute, keys, moment)) == set(keys)
    due = {
        key_of(Kind(kind), number)
        for kind, number, rule_id in practice.execute(
            "SELECT kind, record_id, rule_id FROM ledger WHERE target_on <= ?", [TODAY.isoformat()]
        )
        if lane_of(Kind(kind), rule_id)
    }
    assert count_due(practice.execute, TODAY) == len(due)
