"""The people of the Monday whose date a payer sets: authorizations, denials, appeals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from carecoord_tui.demo import billing
from carecoord_tui.demo.drafts import Chart, Desk, Row, steps_to
from carecoord_tui.demo.people import EMPLOYER, HUMANA, IMAGING, MEDICARE
from carecoord_tui.domain.dates import add_months
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    DenialReason,
    Outcome,
    ReferralStage,
    Risk,
    Sex,
)


def okafor(desk: Desk) -> Chart:
    """An MRI authorization whose seven days end tomorrow: ask the payer today."""
    days = desk.days
    chart = desk.admit("Okafor", "Ada", date(1957, 1, 30), Sex.FEMALE, Risk.RISING, detailed_voicemail=True)
    chart.phone("+15550100168")
    plan = chart.coverage(HUMANA, "Choice")
    submitted_on = days.bd(1) - timedelta(days=7)
    chart.authorization(
        plan,
        "MRI",
        opened_on=days.before(submitted_on, 1),
        submitted_at=days.at(submitted_on, 11, 10),
        note="Lumbar spine. Payer's reference not logged yet.",
    )
    chart.contact(
        days.at(days.before(submitted_on, 1), 9, 25),
        Outcome.REACHED_PATIENT,
        "Told that the plan decides first; mornings suit her best.",
    )
    return chart


def brandt(desk: Desk) -> Chart:
    """A Medicare Advantage denial of the last working day; papers are gathered by tomorrow."""
    days = desk.days
    chart = desk.admit("Brandt", "Otto", date(1944, 6, 3), Sex.MALE, Risk.HIGH, detailed_voicemail=True)
    chart.phone("+15550100175", label="home")
    chart.related(
        "Greta Brandt",
        "wife",
        is_authorized=True,
        scope="appeal and billing; representative form on file",
        scope_until=days.bd(120),
    )
    plan = chart.coverage(HUMANA, "Gold Plus")
    notice_on = days.bd(-1)
    refused = chart.authorization(
        plan,
        "Inpatient rehab",
        status=AuthorizationStatus.DENIED,
        opened_on=days.before(notice_on, 9),
        submitted_at=days.at(days.before(notice_on, 8), 10),
        decided_on=notice_on,
        reference="HR-20418",
    )
    chart.denial(
        plan,
        "Inpatient rehab",
        notice_on,
        received_on=notice_on,
        authorization_id=refused,
        reason_kind=DenialReason.NOT_NECESSARY,
        reason="not medically necessary",
    )
    chart.contact(
        days.at(notice_on, 16, 5),
        Outcome.REACHED_PROXY,
        "Wife wants to appeal; will bring the hospital papers.",
        spoke_with="Greta Brandt, wife",
    )
    return chart


def whitfield(desk: Desk) -> Chart:
    """An Original Medicare appeal that must arrive this week."""
    days = desk.days
    chart = desk.admit("Whitfield", "Earl", date(1947, 4, 11), Sex.MALE)
    chart.phone(label="home")
    plan = chart.coverage(MEDICARE, "Parts A and B")
    notice_on = days.bd(4) - timedelta(days=125)  # presumed received 5 days on, then 120 days
    chart.denial(
        plan,
        "Walker",
        notice_on,
        received_on=notice_on + timedelta(days=5),
        triaged_on=days.bd(-4),
        reason="missing information",
        note="Redetermination form filled in; clinician's letter still unsigned.",
    )
    chart.note(
        days.at(days.bd(-4), 10, 20), "Signed form 20027 is in the folder. Fax it, the post is too slow."
    )
    return chart


def hernandez(desk: Desk) -> Chart:
    """Physical therapy: 11 of 12 units used, its renewal is past due, and so is a payment."""
    days = desk.days
    chart = desk.admit("Hernandez", "Luis", date(1983, 2, 26), Sex.MALE, detailed_voicemail=True)
    chart.phone()
    plan = chart.coverage(EMPLOYER, "PPO")
    ends_on = days.bd(-1) + timedelta(days=14)
    decided_on = days.before(ends_on, 60)
    _approved(chart, plan, "Physical therapy", decided_on, ends_on, 12, 11)
    billing.read_benefits(chart, plan, days.bd(-7))
    late_since = days.bd(-1)
    billing.payment_plan(
        chart,
        "Knee surgery",
        agreed_on=days.before(late_since, 75),
        dues=[add_months(late_since, n) for n in range(-2, 6)],
        amount=Decimal("155.00"),
        paid=2,
    )
    chart.contact(
        days.at(days.bd(-7), 12, 10), Outcome.REACHED_PATIENT, "Knee is better; therapist wants six more."
    )
    return chart


def _approved(
    chart: Chart, plan: Row, service: str, decided_on: date, ends_on: date, units: int, used: int
) -> Row:
    days = chart.days
    return chart.authorization(
        plan,
        service,
        status=AuthorizationStatus.APPROVED,
        opened_on=days.before(decided_on, 10),
        submitted_at=days.at(days.before(decided_on, 9), 15),
        decided_on=decided_on,
        number=f"PT{decided_on:%y%m%d}7",
        valid_from=decided_on,
        valid_to=ends_on,
        units_authorized=units,
        units_used=used,
        units_updated_on=days.bd(-1),
    )


def quigley(desk: Desk) -> Chart:
    """An authorization that was found necessary last week and has to go out today."""
    days = desk.days
    chart = desk.admit("Quigley", "Rose", date(1959, 10, 12), Sex.FEMALE, Risk.RISING)
    chart.phone()
    plan = chart.coverage(HUMANA, "Choice")
    referral = chart.referral(
        "imaging",
        IMAGING,
        steps_to(days, ReferralStage.SCHEDULED, days.bd(-2), gap=2),
        visit_on=days.bd(9),
        reason="Lung nodule, follow-up scan",
    )
    chart.authorization(
        plan,
        "CT chest",
        status=AuthorizationStatus.NEEDED,
        opened_on=days.bd(-1),
        referral_id=referral,
        service_on=days.bd(9),
    )
    return chart


ACTIVE = (okafor, brandt, hernandez, whitfield, quigley)
"""In the order in which a smaller demo takes them."""
