"""People beside the active caseload: on hold, discharged, deceased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from carecoord_tui.demo.drafts import Chart, Desk, steps_to
from carecoord_tui.demo.people import CARDIOLOGY, COMMERCIAL, HUMANA
from carecoord_tui.domain.vocabulary import DenialStatus, PatientStatus, ReferralStage, Risk, Sex

Maker = Callable[[Desk], Chart]


def on_hold(desk: Desk) -> Chart:
    """Away for some weeks; taken up again on a day."""
    days = desk.days
    chart = desk.admit(
        "Sadowski",
        "Piotr",
        date(1970, 12, 20),
        Sex.MALE,
        status=PatientStatus.ON_HOLD,
        status_on=days.bd(-12),
        hold_until=days.bd(8),
        status_note="Abroad",
    )
    chart.phone()
    chart.coverage(COMMERCIAL, "Open Access")
    return chart


def deceased(desk: Desk) -> Chart:
    """Died; outreach stopped, the appeal of her last bill goes on."""
    days = desk.days
    died_on = days.before(days.today, 25)
    chart = desk.admit(
        "Kessler",
        "Martha",
        date(1938, 2, 14),
        Sex.FEMALE,
        Risk.HIGH,
        status=PatientStatus.DECEASED,
        status_on=days.before(days.today, 22),
        deceased_on=died_on,
        deceased_told_by="her son",
    )
    chart.related(
        "Paul Kessler",
        "son",
        is_authorized=True,
        scope="estate: appeal and billing",
        scope_until=days.bd(200),
    )
    plan = chart.coverage(HUMANA, "Gold Plus")
    chart.denial(
        plan,
        "Hospital stay",
        days.before(days.today, 45),
        received_on=days.before(days.today, 42),
        triaged_on=days.before(days.today, 40),
        filed_on=days.before(days.today, 10),
        status=DenialStatus.APPEALED,
        reason="not medically necessary",
    )
    return chart


def _gone(family: str, given: str, born: date, sex: Sex, status: PatientStatus, note: str) -> Maker:
    def make(desk: Desk) -> Chart:
        days = desk.days
        left_on = days.bd(-20)
        chart = desk.admit(family, given, born, sex, status=status, status_on=left_on, status_note=note)
        if status is PatientStatus.DECEASED:
            chart.patient.values["deceased_on"] = days.bd(-24)
        chart.phone()
        chart.referral(
            "cardiology",
            CARDIOLOGY,
            steps_to(days, ReferralStage.CLOSED, days.bd(-30)),
            reason="Palpitations",
        )
        return chart

    return make


NOT_ACTIVE: tuple[Maker, ...] = (
    on_hold,
    deceased,
    _gone(
        "Trask", "Beverly", date(1960, 5, 5), Sex.FEMALE, PatientStatus.DISCHARGED, "Moved to another state"
    ),
    _gone("Ruiz", "Manuel", date(1972, 8, 31), Sex.MALE, PatientStatus.DISCHARGED, "Goals met"),
    _gone("Haverford", "Lyle", date(1933, 1, 9), Sex.MALE, PatientStatus.DECEASED, "Told by the hospice"),
)
