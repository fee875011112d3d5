"""Prior authorization: the payer's clock is asked about, escalated when missed; renewals come in time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from carecoord_tui.domain.authorization import payer_clock, units_are_low
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.vocabulary import AuthorizationStatus, Basis, Consequence, PayerClass
from tests.domain.make import CONTEXT, ZONE, at, authorization, day, moment, only, patient, ranked

Status = AuthorizationStatus


def owed(record, context=CONTEXT):  # type: ignore[no-untyped-def]
    return only(patient(authorizations=(record,)), context)


def physical_therapy(**changes):  # type: ignore[no-untyped-def]
    values = {
        "service": "Physical therapy",
        "decided_on": "2026-10-13",
        "valid_to": day("2026-12-11"),
        "units_authorized": 12,
        "units_used": 11,
        "units_updated_on": "2026-11-27",
    }
    return authorization(Status.APPROVED, **{**values, **changes})


# --- the payer's clock --------------------------------------------------------------------------


def test_okafor_is_asked_about_one_business_day_before_the_clock_ends() -> None:
    item = owed(authorization())
    assert (item.rule_id, item.title) == ("pa.federal.standard", "Ask Humana: MRI decision due Tue")
    assert (item.target_on, item.legal_on) == (day("2026-11-30"), day("2026-12-01"))
    assert item.basis is Basis.OWN, "the clock is the payer's, not ours"
    assert ranked(item).lane is Lane.OWN


@pytest.mark.parametrize("record", [authorization(), authorization(is_expedited=True)])
def test_a_missed_clock_says_record_and_escalate(record) -> None:  # type: ignore[no-untyped-def]
    item = owed(record)
    last = item.legal_on
    assert last is not None
    before, after = ranked(item, moment(f"{last}T08:00")), ranked(item, moment(f"{last}T23:59:59"))
    assert before.title.startswith("Ask Humana")
    if record.is_expedited:
        assert after.title == "Humana late: record and escalate MRI", "an hour clock ends within the day"
    late = ranked(item, moment("2026-12-02T08:00"))
    assert late.title == "Humana late: record and escalate MRI"
    assert late.lane is Lane.OWN


def test_an_expedited_clock_counts_hours() -> None:
    item = owed(authorization(is_expedited=True, submitted_at="2026-11-24T11:10"))
    assert item.legal_at == at("2026-11-27T11:10")
    assert item.target_on == day("2026-11-25"), "Thanksgiving is no day to ask"
    assert item.consequence is Consequence.CARE
    friday = owed(authorization(is_expedited=True, submitted_at="2026-12-04T16:00"))
    assert (friday.target_on, friday.legal_on) == (day("2026-12-04"), day("2026-12-07"))


@pytest.mark.parametrize(
    ("changes", "rule_id"),
    [
        ({"payer_class": PayerClass.MEDICARE}, None),
        ({"payer_class": PayerClass.SELF_PAY}, None),
        ({"payer_class": PayerClass.UNKNOWN}, None),
        ({"is_drug": True}, None),
        ({"submitted_at": None}, None),
        ({"payer_class": PayerClass.MEDICAID_FFS}, "pa.federal.standard"),
        ({"payer_class": PayerClass.EXCHANGE}, "pa.exchange.standard"),
        ({"payer_class": PayerClass.ERISA}, "pa.erisa.standard"),
        ({"payer_class": PayerClass.CA_STATE}, "pa.ca.standard"),
        ({"payer_class": PayerClass.ERISA, "is_expedited": True}, "pa.erisa.expedited"),
    ],
)
def test_whom_a_clock_binds(changes: dict[str, object], rule_id: str | None) -> None:
    record = authorization(**changes)
    clock = payer_clock(record, CONTEXT)
    assert (clock.rule_id if clock else None) == rule_id
    item = owed(record)
    assert item.rule_id == (rule_id or "auth.submitted.none")
    assert (item.legal_on is None) == (rule_id is None)


def test_the_version_in_force_on_the_day_of_submission_counts() -> None:
    old = owed(authorization(submitted_at="2025-11-24T11:10", opened_on="2025-11-24"))
    assert old.legal_on == day("2025-12-08"), "14 days before 2026"


def test_submitted_late_in_the_evening_is_the_local_day() -> None:
    record = authorization(submitted_at="2026-11-24T23:30")
    assert owed(record).legal_on == day("2026-12-01")
    tokyo = Context(CONTEXT.pack, CONTEXT.calendar, ZoneInfo("Pacific/Guam"))
    assert owed(record, tokyo).legal_on == day("2026-12-02")


def test_a_closure_brings_the_asking_forward_and_never_moves_the_clock() -> None:
    closed = Context(CONTEXT.pack, Calendar(frozenset({day("2026-11-30")})), ZONE)
    item = owed(authorization(), closed)
    assert (item.target_on, item.legal_on) == (day("2026-11-27"), day("2026-12-01"))


# --- before and after it ------------------------------------------------------------------------


def test_submit_the_next_working_day_and_before_the_service() -> None:
    needed = authorization(Status.NEEDED, opened_on="2026-11-27", submitted_at=None)
    assert (owed(needed).title, owed(needed).target_on) == ("Submit authorization: MRI", day("2026-11-30"))
    soon = authorization(Status.DRAFT, opened_on="2026-11-27", service_on="2026-11-30", submitted_at=None)
    assert owed(soon).target_on == day("2026-11-27")


@pytest.mark.parametrize("status", [Status.NEEDED, Status.SUBMITTED, Status.PENDED])
def test_a_near_service_without_an_approval_is_a_blocked_visit(status: AuthorizationStatus) -> None:
    item = owed(
        authorization(
            status, submitted_at="2026-11-30T08:00", opened_on="2026-11-30", service_on="2026-12-02"
        )
    )
    assert ranked(item).lane is Lane.VISIT


def test_missing_information_follows_the_letter() -> None:
    item = owed(authorization(Status.PENDED, decided_on="2026-11-27", information_due_on="2026-12-05"))
    assert (item.target_on, item.legal_on, item.basis) == (day("2026-11-30"), day("2026-12-05"), Basis.LEGAL)
    assert item.citation == "The payer's letter"
    late = owed(authorization(Status.PENDED, decided_on="2026-11-27", information_due_on="2026-11-29"))
    assert late.target_on == day("2026-11-27"), "a Sunday: the Friday before"
    assert ranked(late).title == "Too late: record and escalate MRI information"
    own = owed(authorization(Status.PENDED, decided_on="2026-11-27"))
    assert (own.legal_on, own.basis, own.after_legal) == (None, Basis.OWN, "")


# --- approved: it runs out ----------------------------------------------------------------------


def test_the_physical_therapy_renewal_is_already_past_due() -> None:
    item = owed(physical_therapy())
    assert (item.rule_id, item.target_on, item.legal_on) == ("auth.renewal", day("2026-11-27"), None)
    assert item.title == "Renew, 11 of 12 used: Physical therapy"
    assert ranked(item).days_late == 1


def test_low_units_come_before_the_end() -> None:
    item = owed(physical_therapy(valid_to=day("2027-03-31")))
    assert (item.rule_id, item.target_on) == ("auth.units", day("2026-11-30"))
    assert "Few units left: 11 of 12 used" in item.why
    uncounted = owed(physical_therapy(valid_to=day("2027-03-31"), units_updated_on=None))
    assert uncounted.target_on == day("2026-10-14"), "nobody counted since the approval"


@pytest.mark.parametrize(
    ("authorized", "used", "low"),
    [
        (12, 9, False),
        (12, 10, True),
        (20, 15, False),
        (20, 16, True),
        (12, 12, True),
        (None, 3, False),
        (12, None, False),
    ],
)
def test_two_units_or_a_fifth_is_low(authorized: int | None, used: int | None, low: bool) -> None:
    record = physical_therapy(units_authorized=authorized, units_used=used)
    assert units_are_low(record, CONTEXT) is low


def test_a_service_after_the_end_is_said_first() -> None:
    item = owed(physical_therapy(service_on="2026-12-14"))
    assert (item.rule_id, item.title) == ("auth.window", "Date not covered: Physical therapy")
    assert item.visit_on == day("2026-12-14")
    assert owed(physical_therapy(service_on="2026-12-11")).rule_id == "auth.renewal"


def test_an_approval_without_its_validity_is_not_forgotten() -> None:
    item = owed(authorization(Status.PARTIAL, decided_on="2026-11-27"))
    assert (item.rule_id, item.title) == ("auth.validity", "Enter validity dates: MRI")
    assert item.target_on == day("2026-11-30")


def test_a_renewed_one_is_closed_when_it_ended() -> None:
    item = owed(physical_therapy(is_renewed=True, service_on="2026-12-20"))
    assert (item.title, item.target_on) == ("Close ended authorization: Physical therapy", day("2026-12-14"))


def test_a_denied_one_asks_for_its_letter() -> None:
    item = owed(authorization(Status.DENIED, decided_on="2026-11-27"))
    assert (item.rule_id, item.title) == ("denial.triage", "Enter denial letter: MRI")
