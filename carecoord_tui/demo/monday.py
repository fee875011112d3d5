"""The people of the Monday (``domain.md`` section 4) whom the day's steps name, in the order they rank."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

from carecoord_tui.demo.drafts import Chart, Desk, steps_to
from carecoord_tui.demo.people import CARDIOLOGY, EMPLOYER, HUMANA, MEDICARE
from carecoord_tui.domain.vocabulary import (
    AssistanceStatus,
    Direction,
    FollowUpKind,
    HistoryKind,
    Kind,
    Outcome,
    ReferralStage,
    Risk,
    Sex,
    TransitionComplexity,
)
from carecoord_tui.store import tables as t


def alvarez(desk: Desk) -> Chart:
    """Discharged two business days ago, high complexity: her contact must be made today."""
    days = desk.days
    chart = desk.admit(
        "Alvarez",
        "Rosa",
        date(1955, 3, 14),
        Sex.FEMALE,
        Risk.HIGH,
        language="Spanish",
        interpreter_needed=True,
        detailed_voicemail=False,
        call_until=time(17, 0),
    )
    chart.phone("+15550100134")
    chart.related(
        "Lucia Alvarez",
        "daughter",
        is_authorized=True,
        scope="appointments and medicines",
        scope_until=days.bd(60),
        is_emergency_contact=True,
    )
    chart.cared_for_by("cardiologist", CARDIOLOGY)
    chart.cared_for_by("home nurse", "Ruth Okello", phone="+15550199001", note="Mondays and Thursdays.")
    plan = chart.coverage(HUMANA, "Gold Plus")
    discharged = days.bd(-2)
    stay = chart.transition(
        "Lakeside Medical Center",
        discharged,
        complexity=TransitionComplexity.HIGH,
        note="Heart failure. New water pill; daily weights taught.",
    )
    chart.contact(
        days.at(discharged, 15, 40),
        Outcome.OFFICE_REACHED,
        "Planner: home today with daughter, two new medicines, discharge summary by fax.",
        about=(Kind.TRANSITION, stay, "tcm.contact"),
        spoke_with="hospital discharge planner",
    )
    lab_on = days.bd(2)
    chart.visit(
        lab_on,
        10,
        20,
        title="Lab visit",
        minutes=15,
        confirmed_on=None,
        interpreter_needed=True,
        interpreter_confirmed_on=days.bd(-1),
        note="Blood draw only, no clinician: does not count as the visit after discharge.",
    )
    chart.check(plan, days.bd(-1), lab_on)
    _alvarez_referral(chart)
    chart.note(days.at(days.bd(-9), 11, 30), "Daughter drives her; cannot come before 10.")
    return chart


def _alvarez_referral(chart: Chart) -> None:
    """Sent nine days ago, no appointment date; the office promised one for tomorrow."""
    days = chart.days
    sent_on = days.today - timedelta(days=9)
    steps = [(ReferralStage.DRAFT, days.before(sent_on, 1)), (ReferralStage.SENT, sent_on)]
    referral = chart.referral("cardiology", CARDIOLOGY, steps, reason="Heart failure, ankles swell again")
    asked = days.at(days.bd(-3), 9, 50)
    item = (Kind.REFERRAL, referral, "referral.acknowledge")
    chart.contact(asked, Outcome.OFFICE_REACHED, "They look for the fax and call back.", about=item)
    chart.waiting(
        item,
        on=chart.desk.office(CARDIOLOGY),
        promised=days.bd(1),
        original=chart.desk.target("referral.acknowledge", sent_on),
        since=asked,
    )


def nguyen(desk: Desk) -> Chart:
    """A supply order one day late, tried once; the only Nguyen, so that quick-add finds her."""
    days = desk.days
    chart = desk.admit(
        "Nguyen",
        "Thi",
        date(1961, 8, 2),
        Sex.FEMALE,
        Risk.HIGH,
        language="Vietnamese",
        interpreter_needed=True,
        detailed_voicemail=False,
        primary_provider="Iris Bloom NP",
    )
    chart.phone("+15550100147")
    chart.related(
        "Linh Nguyen",
        "daughter",
        birth_date=date(days.today.year - 13, 5, 1),
        language="English",
        note="A minor, may not interpret.",
        is_emergency_contact=True,
    )
    chart.cared_for_by("diabetes educator", "Riverside Endocrinology", note="Sensor training in spring.")
    chart.coverage(EMPLOYER, "PPO")
    chart.add(
        t.AssistanceProgram,
        program="Sensor maker's copay card",
        status=AssistanceStatus.APPROVED,
        applied_on=days.before(days.today, 330),
        decided_on=days.before(days.today, 320),
        renew_on=days.today + timedelta(days=45),
        amount=Decimal("75.00"),
        note="$75 a month toward sensors.",
    )
    order = chart.follow_up("Call: CGM supply order", days.bd(-1), FollowUpKind.CALL)
    chart.contact(
        days.at(days.bd(-2), 10, 40),
        Outcome.LEFT_MINIMAL,
        "Vietnamese interpreter on the line.",
        about=(Kind.FOLLOW_UP, order, "followup.due"),
    )
    chart.note(days.at(days.bd(-6), 14, 5), "Sensor supplier needs a new order form from us every 90 days.")
    return chart


def cole(desk: Desk) -> Chart:
    """Seen by cardiology; the report is a day past its chase date."""
    days = desk.days
    chart = desk.admit(
        "Cole",
        "James",
        date(1949, 11, 6),
        Sex.MALE,
        Risk.RISING,
        detailed_voicemail=True,
        primary_provider="Dr. Peter Hale",
    )
    chart.phone("+15550100152", label="home")
    chart.coverage(MEDICARE, "Parts A and B")
    seen_on = days.bd(-1) - timedelta(days=14)
    chart.referral(
        "cardiology",
        CARDIOLOGY,
        steps_to(days, ReferralStage.SEEN, seen_on),
        reason="Irregular heartbeat on ECG",
    )
    chart.contact(
        days.at(days.bd(-8), 13, 20), Outcome.REACHED_PATIENT, "Went well; new pill, waits to hear the rest."
    )
    return chart


def haddad(desk: Desk) -> Chart:
    """Was promised a call at two this afternoon."""
    days = desk.days
    chart = desk.admit(
        "Haddad",
        "Samir",
        date(1978, 5, 21),
        Sex.MALE,
        Risk.RISING,
        language="Arabic",
        detailed_voicemail=True,
    )
    chart.phone("+15550100163")
    chart.coverage(EMPLOYER, "PPO")
    chart.follow_up(
        "Promised call back",
        days.today,
        FollowUpKind.CALL,
        due_at=days.at(days.today, 14),
        note="Wants to know which pharmacies the plan covers.",
    )
    chart.contact(
        days.at(days.bd(-1), 16, 35),
        Outcome.REACHED_PATIENT,
        "At work; asked to be called at 2pm on the next working day.",
        direction=Direction.INCOMING,
    )
    return chart


def petrov(desk: Desk) -> Chart:
    """A visit in two days with an interpreter nobody has confirmed."""
    days = desk.days
    chart = desk.admit(
        "Petrov",
        "Ivan",
        date(1952, 9, 17),
        Sex.MALE,
        Risk.RISING,
        language="Russian",
        interpreter_needed=True,
        detailed_voicemail=False,
        primary_provider="Dr. Peter Hale",
    )
    chart.phone("+15550100171", label="home")
    plan = chart.coverage(MEDICARE, "Parts A and B")
    visit_on = days.bd(2)
    chart.visit(
        visit_on,
        9,
        title="Blood pressure visit",
        provider_id=desk.providers["Dr. Peter Hale"],
        interpreter_needed=True,
    )
    chart.check(plan, days.bd(-2), visit_on)
    chart.contact(
        days.at(days.bd(-1), 11, 15), Outcome.REACHED_PATIENT, "Will come; asks for a Russian interpreter."
    )
    return chart


def chen(desk: Desk) -> Chart:
    """Seen by cardiology last week; the report is expected and not yet late."""
    days = desk.days
    chart = desk.admit("Chen", "Wei", date(1966, 12, 9), Sex.MALE, Risk.RISING, detailed_voicemail=True)
    chart.phone()
    chart.coverage(EMPLOYER, "PPO")
    seen_on = days.bd(-4)
    referral = chart.referral(
        "cardiology",
        CARDIOLOGY,
        steps_to(days, ReferralStage.SEEN, seen_on),
        reason="Chest tightness on exertion",
        question="Stress test or catheter?",
        diagnoses="R07.89, I10",
        ordered_by="Dr. Lena Marsh",
    )
    chart.history(HistoryKind.CONDITION, "Hypertension", code="I10")
    chart.history(HistoryKind.MEDICATION, "Amlodipine 5 mg daily")
    asked = days.at(days.bd(-1), 10, 30)
    item = (Kind.REFERRAL, referral, "referral.report")
    chart.contact(asked, Outcome.OFFICE_REACHED, "Report is dictated, will be faxed.", about=item)
    chart.waiting(
        item,
        on=desk.office(CARDIOLOGY),
        promised=days.bd(2),
        original=desk.target("referral.report", seen_on),
        since=asked,
    )
    return chart


ACTIVE = (alvarez, nguyen, cole, haddad, petrov, chen)
"""In the order in which a smaller demo takes them."""
