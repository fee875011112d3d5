"""Prior authorization: the payer's clock is asked about, escalated when missed; renewals come in time."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from carecoord_tui.domain.authorization import (
    missed_clock_words,
    next_ask,
    outside_window,
    payer_clock,
    units_are_low,
)
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    Basis,
    Consequence,
    PayerClass,
)
from tests.domain.make import (
    CONTEXT,
    ZONE,
    at,
    auth_item,
    authorization,
    day,
    items,
    moment,
    only,
    patient,
    ranked,
    visit,
)

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
        ({"is_drug": True}, "pa.partd.standard"),
        ({"is_drug": True, "is_expedited": True}, "pa.partd.expedited"),
        ({"is_drug": True, "payer_class": PayerClass.EXCHANGE}, None),
        ({"is_drug": True, "payer_class": PayerClass.MEDICAID_MCO}, None),
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
    monday = {"opened_on": "2026-11-30", "submitted_at": None}
    tomorrow = authorization(Status.NEEDED, service_on="2026-12-01", **monday)
    today = authorization(Status.NEEDED, service_on="2026-11-30", **monday)
    assert owed(tomorrow).target_on == owed(today).target_on == day("2026-11-30"), (
        "never before it was needed"
    )


@pytest.mark.parametrize("status", [Status.NEEDED, Status.SUBMITTED, Status.PENDED])
def test_a_near_service_without_an_approval_is_a_blocked_visit(status: AuthorizationStatus) -> None:
    record = authorization(
        status, submitted_at="2026-11-30T08:00", opened_on="2026-11-30", service_on="2026-12-02"
    )
    assert {ranked(item).lane for item in items(patient(authorizations=(record,))).values()} == {Lane.VISIT}


def pended(**changes):  # type: ignore[no-untyped-def]
    record = authorization(Status.PENDED, **changes)
    return items(patient(authorizations=(record,)))["auth.pended"]


def test_missing_information_follows_the_letter() -> None:
    item = pended(decided_on="2026-11-27", information_due_on="2026-12-05")
    assert (item.target_on, item.legal_on, item.basis) == (day("2026-11-30"), day("2026-12-05"), Basis.LEGAL)
    assert item.citation == "The payer's letter"
    late = pended(decided_on="2026-11-27", information_due_on="2026-11-29")
    assert late.target_on == day("2026-11-27"), "a Sunday: the Friday before"
    assert ranked(late).title == "Too late: record and escalate MRI information"
    own = pended(decided_on="2026-11-27")
    assert (own.legal_on, own.basis, own.after_legal) == (None, Basis.OWN, "")


def test_the_payers_clock_goes_on_while_it_waits_for_information() -> None:
    values = {"submitted_at": "2026-11-10T11:10", "decided_on": "2026-11-12"}
    item = pended(information_due_on="2026-12-20", **values)
    assert item.legal_on == day("2026-12-20")
    assert "The payer's own clock goes on until Tue 17 Nov. A missed clock counts as a denial" in item.why
    assert "goes on until" not in pended(payer_class=PayerClass.CA_STATE, **values).why, (
        "from what is missing"
    )


# --- approved: it runs out ----------------------------------------------------------------------


def test_the_physical_therapy_renewal_is_already_past_due() -> None:
    item = owed(physical_therapy())
    assert (item.rule_id, item.target_on, item.legal_on) == ("auth.renewal", day("2026-11-27"), None)
    assert item.title == "Renew, 11 of 12 used: Physical therapy"
    assert ranked(item).days_late == 1


def test_what_nobody_used_expires_unused() -> None:
    item = owed(physical_therapy(units_used=0))
    assert (item.rule_id, item.title) == ("auth.renewal", "Expires unused: Physical therapy")
    assert "0 of 12 used" in item.why
    assert "book the service, or tell the patient" in item.why
    single = owed(physical_therapy(units_authorized=1, units_used=0))
    assert (single.rule_id, single.title) == ("auth.renewal", "Expires unused: Physical therapy")


def test_a_single_service_that_was_used_is_closed_not_renewed() -> None:
    item = owed(physical_therapy(units_authorized=1, units_used=1))
    assert (item.rule_id, item.title) == ("auth.renewal", "Used, close authorization: Physical therapy")


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


def test_an_approval_without_its_number_owes_it_and_names_what_comes_after() -> None:
    number = owed(physical_therapy(number=""))
    assert "by Fri 27 Nov: Renew, 11 of 12 used" in number.why
    assert (number.rule_id, number.title) == ("auth.number", "Enter authorization number: Physical therapy")
    assert number.target_on == day("2026-10-14"), "a working day after the decision"
    approved = auth_item(number="B7")
    assert owed(physical_therapy(number="", service_on="2026-12-14")).rule_id == "auth.window", "care first"
    assert owed(physical_therapy(number="", decided_on="2026-12-01")).rule_id == "auth.renewal", "the earlier"
    assert owed(physical_therapy(number="", items=(approved,))).rule_id == "auth.renewal", "its item has one"


def test_without_validity_the_letter_is_owed_once_and_asks_for_both() -> None:
    assert owed(authorization(Status.APPROVED, number="")).rule_id == "auth.validity"
    assert owed(physical_therapy(number="", is_renewed=True)).title.startswith("Close ended")


def test_a_renewed_one_is_closed_when_it_ended() -> None:
    item = owed(physical_therapy(is_renewed=True, service_on="2026-12-20"))
    assert (item.title, item.target_on) == ("Close ended authorization: Physical therapy", day("2026-12-14"))


def test_a_denied_one_asks_for_its_letter() -> None:
    item = owed(authorization(Status.DENIED, decided_on="2026-11-27"))
    assert (item.rule_id, item.title) == ("denial.triage", "Enter denial letter: MRI")


# --- extension, contract, what a miss means -----------------------------------------------------


def test_a_medicare_advantage_plan_may_take_fourteen_days_more() -> None:
    item = owed(authorization(extended_on="2026-11-30"))
    assert (item.legal_on, item.target_on) == (day("2026-12-15"), day("2026-12-14"))
    assert "14 days at most: the last day is now Tue 15 Dec" in item.why
    urgent = owed(authorization(is_expedited=True, extended_on="2026-11-25"))
    assert urgent.legal_at == at("2026-12-11T11:10")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"extended_on": "2026-12-02"}, "after its clock had ended: the clock stands"),
        (
            {"extended_on": "2026-11-30", "payer_class": PayerClass.MEDICAID_MCO},
            "no rule known here lets it, so the clock stands",
        ),
    ],
)
def test_an_extension_that_does_not_count_is_said(changes: dict[str, object], words: str) -> None:
    item = owed(authorization(**changes))
    assert item.legal_on == day("2026-12-01")
    assert words in item.why


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "A missed clock counts as a denial that can be appealed (42 CFR 422.568(f))."),
        ({"is_expedited": True}, "counts as a denial that can be appealed (42 CFR 422.572(f))."),
        ({"payer_class": PayerClass.MEDICAID_MCO}, "If it is missed: record it and escalate to the payer."),
        ({"payer_class": PayerClass.ERISA}, "If it is missed: record it and escalate to the payer."),
    ],
)
def test_what_a_missed_clock_means(changes: dict[str, object], words: str) -> None:
    record = authorization(**changes)
    assert words in owed(record).why
    assert missed_clock_words(record, CONTEXT).endswith(words)


def test_a_drug_of_a_part_d_plan_has_its_own_unconfirmed_clock() -> None:
    item = owed(authorization(is_drug=True))
    assert (item.rule_id, item.legal_at) == ("pa.partd.standard", at("2026-11-27T11:10"))
    assert item.citation == "42 CFR 423.568, unconfirmed"
    assert "422.568(f)" not in item.why


# --- asked, still pending -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "changes", "again"),
    [
        ("2026-11-25", {}, "2026-11-30"),  # one business day before the clock ends
        ("2026-11-30", {}, "2026-12-01"),  # that day has come: not past the last day of the clock
        ("2026-12-01", {}, "2026-12-01"),
        ("2026-12-02", {}, "2026-12-04"),  # the clock is over: two working days
        ("2026-11-25", {"payer_class": PayerClass.MEDICARE}, "2026-11-30"),  # no clock; Thanksgiving between
        ("2026-11-30", {"extended_on": "2026-11-30"}, "2026-12-14"),
    ],
)
def test_when_to_ask_again(today: str, changes: dict[str, object], again: str) -> None:
    assert next_ask(authorization(**changes), CONTEXT, day(today)) == day(again)


# --- the visit, the window, the items -----------------------------------------------------------


def test_a_visit_booked_outside_the_window_is_not_born_past_due() -> None:
    record = physical_therapy(service_on="2026-12-14")
    booked = visit("2026-12-14T10:00", booked_on="2026-11-30")
    found = items(patient(authorizations=(record,), appointments=(booked,)))["auth.window"]
    assert found.target_on == day("2026-12-01")
    assert owed(record).target_on == day("2026-10-14"), "without a visit only the decision is known"
    later = items(
        patient(authorizations=(replace(record, decided_on=day("2026-12-02")),), appointments=(booked,))
    )
    assert later["auth.window"].target_on == day("2026-12-03"), "decided after it was booked"


def test_the_linked_visit_takes_its_service_along() -> None:
    record = physical_therapy(service_on="2026-12-07", appointment_id=1)
    moved = visit("2026-12-14T10:00", booked_on="2026-11-30")
    found = items(patient(authorizations=(record,), appointments=(moved,)))
    assert found["auth.window"].visit_on == day("2026-12-14")
    gone = visit("2026-12-14T10:00", AppointmentStatus.CANCELLED, booked_on="2026-11-30")
    assert "auth.window" not in items(patient(authorizations=(record,), appointments=(gone,)))


def test_the_first_and_the_last_valid_day_are_inside() -> None:
    first, last = day("2026-12-02"), day("2026-12-11")
    inside = [outside_window(one, first, last) for one in (first, last)]
    outside = [outside_window(day(one), first, last) for one in ("2026-12-01", "2026-12-12")]
    assert inside == ["", ""]
    assert ["before" in outside[0], "after" in outside[1]] == [True, True]


def test_a_service_before_the_window_is_outside_it_too() -> None:
    item = owed(physical_therapy(valid_from="2026-12-01", service_on="2026-11-30"))
    assert item.rule_id == "auth.window"
    assert "before the authorization starts on Tue 1 Dec" in item.why


def test_one_approved_item_does_not_make_an_approval() -> None:
    parts = (auth_item("MRI", valid_to="2027-01-31"), auth_item("Contrast", Status.DENIED))
    record = authorization(Status.PARTIAL, decided_on="2026-11-27", items=parts)
    item = owed(record)
    assert (item.rule_id, item.title) == ("auth.denied_part", "Enter denial, 1 of 2: MRI")
    assert item.target_on == day("2026-12-01")
    assert "Contrast" in item.why
    entered = owed(replace(record, has_denial=True))
    assert (entered.rule_id, entered.target_on) == ("auth.renewal", day("2027-01-15"))


def test_units_and_validity_come_from_the_granted_items_when_the_whole_has_none() -> None:
    parts = (
        auth_item("PT", units=8, valid_to="2027-03-31"),
        auth_item("OT", units=4, valid_to="2027-02-28"),
        auth_item("Speech", Status.DENIED, units=6, valid_to="2027-01-31"),
    )
    record = authorization(
        Status.PARTIAL,
        decided_on="2026-11-27",
        items=parts,
        has_denial=True,
        units_used=11,
        units_updated_on="2026-11-27",
    )
    assert (record.units, record.last_valid_on) == (12, day("2027-02-28"))
    assert owed(record).rule_id == "auth.units"
    unknown = replace(record, items=(*parts, auth_item("More")))
    assert unknown.units is None, "unknown is not zero"


def test_a_peer_to_peer_cut_off_brings_the_letter_forward() -> None:
    item = owed(authorization(Status.DENIED, decided_on="2026-11-27", peer_to_peer_by="2026-11-30"))
    assert item.target_on == day("2026-11-30")
    assert "peer-to-peer call is possible until Mon 30 Nov" in item.why
