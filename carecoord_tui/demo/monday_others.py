"""The rest of the Monday: visits to prepare, calls to make, names that break careless programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal

from carecoord_tui.demo import billing
from carecoord_tui.demo.drafts import Chart, Desk, steps_to
from carecoord_tui.demo.people import (
    COMMERCIAL,
    EMPLOYER,
    HUMANA,
    MARKETPLACE,
    MEDICAID,
    MEDICAID_PLAN,
    MEDICARE,
    SELF_PAY,
)
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    CopayMode,
    CoverageStatus,
    Direction,
    FollowUpKind,
    Kind,
    Outcome,
    Priority,
    ReferralStage,
    Risk,
    Sex,
)
from carecoord_tui.store import tables as t
from carecoord_tui.store.actions.billing import EstimateEntry

Maker = Callable[[Desk], Chart]


def _unchecked(
    family: str, given: str, born: date, sex: Sex, payer: str, in_days: int, hour: int, last_check: int = 0
) -> Maker:
    """Somebody with a visit soon whose coverage nobody has checked for that day."""

    def make(desk: Desk) -> Chart:
        days = desk.days
        chart = desk.admit(family, given, born, sex)
        chart.phone()
        plan = chart.coverage(payer)
        chart.visit(days.bd(in_days), hour, 40, title="Office visit")
        if last_check:
            asked_for = days.bd(last_check)
            chart.check(plan, asked_for, asked_for)
            chart.visit(
                asked_for,
                hour,
                title="Office visit",
                status=AppointmentStatus.FULFILLED,
                booked_on=days.bd(last_check - 10),
                confirmed_on=days.bd(last_check - 1),
                status_on=asked_for,
            )
        chart.contact(days.at(days.bd(-1), 9, 5 * hour % 60), Outcome.REACHED_PATIENT, "Visit confirmed.")
        return chart

    return make


UNCHECKED = (
    _unchecked("Abernathy", "Joan", date(1950, 7, 7), Sex.FEMALE, MEDICARE, 2, 8),
    _unchecked("Bello", "Femi", date(1987, 3, 19), Sex.MALE, EMPLOYER, 2, 9),
    # The last Medicaid check was made for another date of service, so it does not hold.
    _unchecked("Sandoval", "Luz", date(1991, 12, 1), Sex.FEMALE, MEDICAID, 2, 11, last_check=-5),
    _unchecked("Kovacs", "Edit", date(1974, 5, 30), Sex.FEMALE, MARKETPLACE, 2, 14),
    _unchecked("Lindholm", "Erik", date(1953, 8, 23), Sex.MALE, HUMANA, 3, 10),
    _unchecked("Tesfaye", "Almaz", date(1996, 1, 15), Sex.FEMALE, MEDICAID_PLAN, 3, 13),
)


def mbeki(desk: Desk) -> Chart:
    """Tried twice; the third attempt is due this morning, then comes a letter."""
    days = desk.days
    chart = desk.admit(
        "Mbeki",
        "Thandi",
        date(1969, 6, 16),
        Sex.FEMALE,
        Risk.HIGH,
        detailed_voicemail=False,
        primary_provider="Iris Bloom NP",
    )
    chart.phone()
    chart.coverage(MEDICAID_PLAN, "Family Care")
    call = chart.follow_up("Call: blood sugar log", days.bd(-3), FollowUpKind.CALL)
    about = (Kind.FOLLOW_UP, call, "followup.due")
    chart.contact(days.at(days.bd(-3), 10, 10), Outcome.NO_ANSWER, about=about)
    chart.contact(days.at(days.bd(-1), 15, 10), Outcome.LEFT_MINIMAL, about=about)
    return chart


def fontaine(desk: Desk) -> Chart:
    """Did not come on the last working day; nobody has recorded it yet."""
    days = desk.days
    chart = desk.admit("Fontaine", "Marc", date(1980, 10, 4), Sex.MALE, Risk.RISING, detailed_voicemail=True)
    chart.phone()
    plan = chart.coverage(COMMERCIAL, "Open Access")
    day = days.bd(-1)
    chart.visit(day, 15, 30, title="Diabetes visit", booked_on=days.bd(-15), confirmed_on=days.bd(-2))
    chart.check(plan, days.bd(-5), day)
    chart.note(days.at(day, 15, 55), "Front desk: not here at 3:50, no call.")
    return chart


def osterberg(desk: Desk) -> Chart:
    """The specialist's report is reviewed; the patient has not been told."""
    days = desk.days
    chart = desk.admit(
        "Osterberg", "Nils", date(1971, 2, 8), Sex.MALE, detailed_voicemail=True, call_from=time(8, 0)
    )
    chart.phone()
    chart.coverage(COMMERCIAL, "High Deductible")
    steps = steps_to(days, ReferralStage.REVIEWED, days.bd(-2))
    chart.referral("dermatology", "Ashbrook Dermatology", steps, reason="Mole that changed")
    return chart


def yoder(desk: Desk) -> Chart:
    """A report came in last week and waits for the clinician."""
    days = desk.days
    chart = desk.admit("Yoder", "Hannah", date(1963, 4, 27), Sex.FEMALE, Risk.RISING)
    chart.phone()
    chart.coverage(EMPLOYER, "PPO")
    steps = steps_to(days, ReferralStage.REPORT_RECEIVED, days.bd(-2))
    chart.referral("gastroenterology", "Valley Gastroenterology", steps, reason="Anemia")
    return chart


def oneil(desk: Desk) -> Chart:
    """A name that looks like markup."""
    days = desk.days
    chart = desk.admit("O'Neil [Jr] [/b]", "Sean", date(1985, 9, 9), Sex.MALE)
    chart.phone()
    chart.coverage(EMPLOYER, "PPO")
    chart.follow_up("Fax work form [2 pages]", days.today, FollowUpKind.PAPERWORK)
    chart.note(days.at(days.bd(-3), 13), "Employer's form: [bold]section 3[/bold] is ours; the rest is his.")
    return chart


def nakamura(desk: Desk) -> Chart:
    """Ideographs, an emoji, and letters with combining marks."""
    days = desk.days
    chart = desk.admit(
        "中村",
        "Yu\u0304ki 🌸",
        date(1993, 3, 3),
        Sex.FEMALE,
        preferred_name="Yuki",
        language="Japanese",
        primary_provider="Iris Bloom NP",
    )
    chart.phone()
    chart.coverage(MARKETPLACE, "Silver 3")
    chart.follow_up("Apply: inhaler assistance program", days.today, FollowUpKind.ASSISTANCE)
    return chart


def long_name(desk: Desk) -> Chart:
    """A name longer than any column."""
    days = desk.days
    chart = desk.admit(
        "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley",
        "Maximiliana Bartholomea Philippa",
        date(1968, 11, 11),
        Sex.FEMALE,
    )
    chart.phone()
    chart.coverage(COMMERCIAL, "Open Access")
    chart.follow_up("Teach: home blood pressure", days.today, FollowUpKind.EDUCATION, priority=Priority.LOW)
    return chart


def lowell(desk: Desk) -> Chart:
    """Asked to be reached at one number only (45 CFR 164.522(b))."""
    days = desk.days
    chart = desk.admit(
        "Lowell",
        "Grace",
        date(1990, 6, 25),
        Sex.FEMALE,
        Risk.HIGH,
        confidential_channel=True,
        call_from=time(12, 0),
        call_until=time(13, 0),
        detailed_voicemail=False,
        safe_contact_reason="Asked for it at intake, in person.",
        safe_contact="Say only first name and Maple Street. Do not confirm this person is a patient.",
        address_line="4 Canal Street",
        city="Ashbrook",
        state="NY",
        postal_code="12999",
        primary_provider="Iris Bloom NP",
    )
    chart.phone(label="work", rank=1, is_permitted=True)
    chart.phone(label="mobile", rank=2)
    chart.phone(label="home", rank=3)
    chart.coverage(COMMERCIAL, "Open Access")
    chart.follow_up("Call: counseling intake date", days.bd(2), FollowUpKind.CALL)
    return chart


def ferreira(desk: Desk) -> Chart:
    """A newborn with two parents' plans; which one pays first is still to be decided."""
    days = desk.days
    born = days.today - timedelta(days=6)
    chart = desk.admit(
        "Ferreira",
        "Luna",
        born,
        Sex.FEMALE,
        Risk.RISING,
        language="Portuguese",
        status_on=days.before(born, -1),
        primary_provider="Iris Bloom NP",
    )
    chart.phone(note="mother's mobile")
    of_age = date(born.year + 18, born.month, min(born.day, 28))
    mother, father = days.today.year - 31, days.today.year - 33
    for name, relationship, birthday in (
        ("Camila Ferreira", "mother", date(mother, 3, 2)),
        ("Tomas Ferreira", "father", date(father, 1, 20)),
    ):
        chart.related(
            name,
            relationship,
            is_authorized=True,
            scope="everything, as parent",
            scope_until=of_age,
            birth_date=birthday,
            is_guardian=True,
            note=f"Born {birthday.day} {birthday:%b %Y}",
        )
    chart.coverage(EMPLOYER, "PPO (mother)", rank=1, status=CoverageStatus.UNKNOWN)
    chart.coverage(COMMERCIAL, "Open Access (father)", rank=2, status=CoverageStatus.UNKNOWN)
    chart.follow_up("Add newborn to both parents' plans", days.bd(3), FollowUpKind.PAPERWORK)
    return chart


def bergstrom(desk: Desk) -> Chart:
    """An annual wellness visit that may be booked from the first of the coming month."""
    days = desk.days
    first = (days.today.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = date(first.year - 1, first.month, 18)
    chart = desk.admit("Bergstrom", "Alma", date(1948, 8, 14), Sex.FEMALE, detailed_voicemail=True)
    chart.phone(label="home")
    chart.coverage(MEDICARE, "Parts A and B")
    chart.visit(
        last,
        10,
        title="Annual wellness visit",
        status=AppointmentStatus.FULFILLED,
        status_on=last,
        booked_on=days.before(last, 30),
        confirmed_on=days.before(last, 1),
    )
    due_on = days.calendar.next_working_day_on_or_after(desk.target("awv.next", last))
    chart.follow_up(
        "Book annual wellness visit",
        due_on,
        FollowUpKind.VISIT,
        note=f"Last one {format_day(last)} {last.year}.",
    )
    return chart


def pruitt(desk: Desk) -> Chart:
    """Misses visits because nobody can drive him."""
    days = desk.days
    chart = desk.admit("Pruitt", "Alan", date(1956, 1, 22), Sex.MALE, Risk.HIGH)
    chart.phone(label="home")
    chart.coverage(MEDICAID)
    chart.follow_up(
        "Call: ride to heart clinic",
        days.bd(1),
        FollowUpKind.CALL,
        recurrence="FREQ=WEEKLY;BYDAY=TU",
        note="Barrier: no ride. County van must be booked a week ahead.",
    )
    chart.contact(
        days.at(days.bd(-4), 11, 45), Outcome.REACHED_PATIENT, "Van booked; no ride for the week after."
    )
    return chart


def lomax(desk: Desk) -> Chart:
    """Pays alone and asked what it will cost."""
    days = desk.days
    chart = desk.admit(
        "Lomax",
        "Dean",
        date(1989, 7, 30),
        Sex.MALE,
        call_from=time(9),
        call_until=time(17),
        time_zone="America/Chicago",  # works there through the winter
    )
    chart.phone()
    chart.coverage(SELF_PAY)
    asked = days.at(days.bd(-1), 10, 50)
    chart.contact(asked, Outcome.REACHED_PATIENT, "Asked for an estimate.", direction=Direction.INCOMING)
    chart.add(t.GoodFaithEstimate, service="Allergy testing", requested_on=days.bd(-1))
    return chart


def ravndal(desk: Desk) -> Chart:
    """Pays alone and was offered a visit; when it is booked, the estimate's clock starts."""
    days = desk.days
    chart = desk.admit("Ravndal", "Eva", date(1994, 10, 3), Sex.FEMALE)
    chart.phone()
    chart.coverage(SELF_PAY)
    chart.visit(
        days.bd(10),
        10,
        title="Skin check",
        status=AppointmentStatus.PROPOSED,
        booked_on=days.bd(-1),
        confirmed_on=None,
    )
    chart.contact(
        days.at(days.bd(-1), 15, 15), Outcome.REACHED_PATIENT, "Offered a morning; asks her employer first."
    )
    return chart


def ames(desk: Desk) -> Chart:
    """Owes $410, as she was told, and wants to pay in four parts; another bill she does not understand."""
    days = desk.days
    chart = desk.admit("Ames", "Carol", date(1976, 3, 12), Sex.FEMALE, detailed_voicemail=True)
    chart.phone()
    plan = chart.coverage(COMMERCIAL, "High Deductible")
    billing.told(
        chart,
        plan,
        days.bd(-30),
        EstimateEntry(
            service="MRI knee",
            allowed=Decimal("900.00"),
            deductible_left=Decimal("200.00"),
            coinsurance_percent=Decimal(30),
            out_of_pocket_left=Decimal("5000.00"),
            copay_mode=CopayMode.NONE,
            noncovered=Decimal("0.00"),
        ),
    )
    chart.add(
        t.BillingCase,
        payer_id=desk.payers[COMMERCIAL],
        title="Contrast billed twice",
        opened_on=days.bd(-1),
        amount=Decimal("88.20"),
    )
    chart.follow_up("Call: payment plan, $410 in 4", days.bd(4), FollowUpKind.ASSISTANCE)
    return chart


ACTIVE: tuple[Maker, ...] = (
    *UNCHECKED,
    mbeki,
    fontaine,
    osterberg,
    yoder,
    oneil,
    nakamura,
    long_name,
    lowell,
    ferreira,
    bergstrom,
    pruitt,
    lomax,
    ravndal,
    ames,
)
