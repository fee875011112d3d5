"""Referrals of the Monday that stand off the straight line: rejected, missed, held up by an authorization."""

from __future__ import annotations

from datetime import date, time

from carecoord_tui.demo.drafts import Chart, Desk, steps_to
from carecoord_tui.demo.people import COMMERCIAL, EMPLOYER, HUMANA, MEDICARE, OUR_CLINICIANS
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    HistoryKind,
    Outcome,
    ReferralStage,
    ReferralType,
    Risk,
    Sex,
)

GASTROENTEROLOGY, DERMATOLOGY = "Valley Gastroenterology", "Ashbrook Dermatology"


def lindqvist(desk: Desk) -> Chart:
    """The office said no on Friday: the referral is sent elsewhere today."""
    days = desk.days
    chart = desk.admit(
        "Lindqvist", "Karin", date(1958, 6, 21), Sex.FEMALE, Risk.RISING, detailed_voicemail=True
    )
    chart.phone()
    chart.coverage(COMMERCIAL, "Open Access")
    sent = days.bd(-6)
    steps = [
        (ReferralStage.DRAFT, days.before(sent, 1)),
        (ReferralStage.SENT, sent),
        (ReferralStage.REJECTED, days.bd(-1)),
    ]
    chart.referral(
        "gastroenterology",
        GASTROENTEROLOGY,
        steps,
        reason="Trouble swallowing",
        question="Endoscopy needed?",
        diagnoses="R13.10",
        ordered_by=OUR_CLINICIANS[0],
        stage_reason="not taking new patients",
    )
    chart.history(HistoryKind.CONDITION, "Reflux disease", code="K21.9")
    return chart


def delacroix(desk: Desk) -> Chart:
    """Her visit at the specialist was on Friday; nobody has recorded whether she came."""
    days = desk.days
    chart = desk.admit(
        "Delacroix", "Jeanne", date(1952, 2, 29), Sex.FEMALE, call_from=time(9), call_until=time(18)
    )
    chart.phone(label="home")
    chart.coverage(MEDICARE, "Parts A and B")
    visit_on = days.bd(-1)
    chart.referral(
        "dermatology",
        DERMATOLOGY,
        steps_to(days, ReferralStage.SCHEDULED, days.bd(-8)),
        visit_on=visit_on,
        visit_time=time(14, 30),
        reason="Sore that does not heal",
        diagnoses="L98.9",
        ordered_by=OUR_CLINICIANS[1],
        transport_needed=True,
    )
    return chart


def novotny(desk: Desk) -> Chart:
    """The visit lies behind the last day of its authorization."""
    days = desk.days
    chart = desk.admit("Novotny", "Pavel", date(1947, 9, 3), Sex.MALE, Risk.RISING, detailed_voicemail=True)
    chart.phone()
    plan = chart.coverage(HUMANA, "Choice")
    visit_on = days.bd(15)
    referral = chart.referral(
        "cardiology",
        _any_of(desk, "cardiology"),
        steps_to(days, ReferralStage.SCHEDULED, days.bd(-3)),
        visit_on=visit_on,
        reason="Chest pain on exertion, stress test",
        service_type=ReferralType.PROCEDURE,
        diagnoses="R07.9",
        needs_authorization=True,
        ordered_by=OUR_CLINICIANS[1],
    )
    chart.authorization(
        plan,
        "Cardiac stress test",
        referral_id=referral,
        status=AuthorizationStatus.APPROVED,
        opened_on=days.bd(-20),
        submitted_at=days.at(days.bd(-20), 11),
        decided_on=days.bd(-17),
        number="A2611030",
        valid_from=days.bd(-17),
        valid_to=days.bd(13),
    )
    chart.contact(days.at(days.bd(-3), 15, 5), Outcome.REACHED_PATIENT, "Knows the date.")
    return chart


def ashworth(desk: Desk) -> Chart:
    """A draft to send today; one line of the history is a substance-use record (42 CFR Part 2)."""
    days = desk.days
    chart = desk.admit("Ashworth", "Neil", date(1979, 11, 11), Sex.MALE, Risk.HIGH, detailed_voicemail=False)
    chart.phone()
    chart.coverage(EMPLOYER, "PPO")
    chart.referral(
        "cardiology",
        _any_of(desk, "cardiology"),
        [(ReferralStage.DRAFT, days.bd(-1))],
        reason="Palpitations, two faints this month",
        question="Rule out arrhythmia; monitor?",
        diagnoses="R00.2, R55",
        ordered_by=OUR_CLINICIANS[0],
        needs_authorization=False,
    )
    chart.history(HistoryKind.CONDITION, "Hypertension", code="I10", noted_on=days.before(days.today, 900))
    chart.history(HistoryKind.CONDITION, "Palpitations", code="R00.2", noted_on=days.bd(-1))
    chart.history(HistoryKind.MEDICATION, "Lisinopril 10 mg daily")
    chart.history(HistoryKind.ALLERGY, "Penicillin: rash")
    chart.history(HistoryKind.CONDITION, "Alcohol use disorder, in treatment", code="F10.20", is_part2=True)
    return chart


def _any_of(desk: Desk, specialty: str) -> str:
    """The first office of a specialty."""
    return next(name for name, row in desk.providers.items() if row.values["specialty"] == specialty)


ACTIVE = (lindqvist, delacroix, novotny, ashworth)
