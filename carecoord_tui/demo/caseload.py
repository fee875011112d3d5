"""Everybody else: an ordinary caseload whose load on any one day stays within what one person can do.

The first :data:`NEAR` people carry what Today shows beside the Monday's own: check-ins due now, items
that wait for somebody, referrals and authorizations on their way. Whoever comes after them has dates
spread over the coming weeks, or over a year when the caseload is large, and never adds to today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from carecoord_tui.demo import people
from carecoord_tui.demo.drafts import PATIENT, Chart, Days, Desk, Party, Row, steps_to
from carecoord_tui.domain.referral import ANSWERED, ASK_AGAIN_DAYS
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    Channel,
    FollowUpKind,
    Kind,
    Outcome,
    ReferralStage,
    Risk,
    Sex,
    Urgency,
    WaitingOn,
)

YEAR = 250  # working days
LARGE = 1_000  # from here on the caseload is spread over a year

INSURED = (people.HUMANA, people.EMPLOYER, people.SENIOR, people.COMMERCIAL, people.MEDICAID_PLAN)
CHECK_IN_DAYS = {Risk.HIGH: 14, Risk.RISING: 30, Risk.LOW: 90}  # as rule caseload.review
CHECK_IN_SPAN = {Risk.HIGH: 9, Risk.RISING: 20, Risk.LOW: 60}  # working days until the next one, at most

CALLS = (
    "Call: weight and ankle swelling", "Call: new inhaler, how it goes", "Call: pharmacy refill",
    "Call: how the hearing aid fits", "Call: food pantry enrollment", "Call: home care start date",
)  # fmt: skip
PAPERS = (
    "Send disability form", "Fax oxygen order", "Send school asthma plan", "File advance directive",
    "Send records to new specialist", "Fax equipment order",
)  # fmt: skip
TALKS = (
    "Doing well, nothing new.", "Reviewed medicines; no questions.", "Has the new inhaler, uses it right.",
    "Asked about flu shot; booked at pharmacy.", "Sleeping better, walks every day.",
    "Needs large-print letters.", "Prefers calls before noon.", "Family visiting; wants to wait.",
)  # fmt: skip
SERVICES = (
    "Sleep study", "MRI knee", "Home oxygen", "Infusion", "CT abdomen", "Speech therapy", "Wheelchair",
)  # fmt: skip
REASONS = {
    "cardiology": "Palpitations", "imaging": "Follow-up scan", "orthopedics": "Knee pain",
    "gastroenterology": "Stomach pain", "dermatology": "Rash", "neurology": "Headaches",
    "endocrinology": "Thyroid nodule", "ophthalmology": "Blurred vision", "physical therapy": "Back pain",
    "pulmonology": "Asthma", "behavioral health": "Low mood", "nephrology": "Kidney function",
}  # fmt: skip


@dataclass(slots=True)
class Caseload:
    """Makes ordinary people, one after the other, from one seeded source."""

    desk: Desk
    rng: Random
    far_days: int = 60  # working days over which people beyond the near ones are spread

    @property
    def days(self) -> Days:
        """The calendar of the demo."""
        return self.desk.days

    def person(self, risk: Risk | None = None, payer: str = "") -> tuple[Chart, Row]:
        """Somebody invented, with a phone and a plan: of ``payer``, or of one that fits the age."""
        rng, days = self.rng, self.days
        sex = rng.choice((Sex.FEMALE, Sex.FEMALE, Sex.MALE))
        age = self._age(payer)
        speaks = rng.choice(people.LANGUAGES) if rng.random() < 0.15 else "English"
        town, postal_code = rng.choice(people.TOWNS)
        chart = self.desk.admit(
            rng.choice(people.FAMILY),
            rng.choice(people.GIVEN_FEMALE if sex is Sex.FEMALE else people.GIVEN_MALE),
            days.today - timedelta(days=age * 365 + rng.randrange(1, 365)),
            sex,
            risk or rng.choice((Risk.HIGH, Risk.RISING, Risk.RISING, Risk.LOW, Risk.LOW, Risk.LOW)),
            language=speaks,
            interpreter_needed=speaks != "English" and rng.random() < 0.5,
            detailed_voicemail=rng.choice((True, True, False, None)),
            address_line=f"{rng.randrange(2, 240)} {rng.choice(people.STREETS)}",
            city=town,
            state=people.STATE,
            postal_code=postal_code,
            primary_provider=rng.choice(people.OUR_CLINICIANS),
            status_on=days.before(days.today, rng.randrange(120, 900)),
        )
        chart.phone(label=rng.choice(("mobile", "mobile", "home")))
        group = people.PAYERS_65 if age >= 65 else people.PAYERS_CHILD if age < 19 else people.PAYERS_ADULT
        payer = payer or rng.choice(group)
        plans = next(insurer.plans for insurer in people.PAYERS if insurer.name == payer)
        return chart, chart.coverage(payer, rng.choice(plans))

    def _age(self, payer: str) -> int:
        """Old enough for the payer; mostly late in life when nothing speaks against it."""
        rng = self.rng
        if payer in people.PAYERS_65:
            return rng.randrange(66, 90)
        if payer:
            return rng.randrange(25, 64)
        return rng.choice((rng.randrange(2, 18), rng.randrange(19, 64), *(rng.randrange(45, 92),) * 5))

    def talked(self, chart: Chart, day: date) -> None:
        """A conversation some time ago."""
        rng = self.rng
        channel = rng.choice((Channel.PHONE, Channel.PHONE, Channel.IN_PERSON))
        at = self.days.at(day, rng.randrange(9, 16), rng.randrange(0, 60, 5))
        chart.contact(at, Outcome.REACHED_PATIENT, rng.choice(TALKS), channel=channel)

    def specialist(self) -> people.Office:
        """An office referrals go to."""
        return self.rng.choice(people.SPECIALISTS)

    # --- one person of each sort; k counts the people of that sort ------------------------------

    def check_in_today(self, k: int) -> None:
        """Nothing open; the check-in has come."""
        risk = (Risk.LOW, Risk.RISING, Risk.LOW, Risk.HIGH, Risk.LOW)[k % 5]
        self._check_in(risk, self.days.today)

    def check_in(self, k: int) -> None:
        """Nothing open; the next check-in lies ahead, sooner for a higher risk."""
        risk = self.rng.choice((Risk.HIGH, Risk.RISING, Risk.RISING, Risk.LOW, Risk.LOW, Risk.LOW))
        self._check_in(risk, self.days.bd(1 + self.rng.randrange(CHECK_IN_SPAN[risk])))

    def _check_in(self, risk: Risk, day: date) -> None:
        chart, _ = self.person(risk)
        chart.patient.values["check_in_on"] = day
        since = self.days.before(day, CHECK_IN_DAYS[risk])
        self.talked(chart, min(since, self.days.bd(-1 - self.rng.randrange(10))))

    def first_check_in(self, k: int) -> None:
        """New to the caseload."""
        chart, _ = self.person()
        chart.patient.values.update(
            status_on=self.days.bd(-2 - k % 3), check_in_on=self.days.bd(1 + k // 3), is_first_check_in=True
        )

    def follow_up(self, k: int) -> None:
        """One thing owed, about one a day."""
        chart, _ = self.person()
        title = (CALLS if k % 2 else PAPERS)[k // 2 % 6]
        kind = FollowUpKind.CALL if k % 2 else FollowUpKind.PAPERWORK
        chart.follow_up(title, self.days.bd(1 + k), kind)
        self.talked(chart, self.days.bd(-3 - k % 12))

    def visit(self, k: int) -> None:
        """A booked visit some days ahead, its coverage checked."""
        chart, plan = self.person(payer=INSURED[k % 5])
        day = self.days.bd(5 + k)
        chart.visit(day, 9 + k % 7, 20 * (k % 3), title="Office visit", confirmed_on=None)
        chart.check(plan, max(self.days.bd(-1 - k % 3), day - timedelta(days=28)), day)
        self.talked(chart, self.days.bd(-6 - k))

    def past_visits(self, k: int) -> None:
        """Kept visits and a closed referral behind, a check-in ahead."""
        chart, _ = self.person(Risk.RISING)
        chart.patient.values["check_in_on"] = self.days.bd(3 + k % 18)
        day = self.days.bd(-10 - 3 * k)
        chart.visit(
            day,
            10,
            title="Office visit",
            status=AppointmentStatus.FULFILLED,
            status_on=day,
            booked_on=self.days.bd(-25 - 3 * k),
            confirmed_on=self.days.bd(-11 - 3 * k),
        )
        office = self.specialist()
        steps = steps_to(self.days, ReferralStage.CLOSED, self.days.bd(-12 - 2 * k))
        chart.referral(office.specialty, office.name, steps, reason=REASONS[office.specialty])
        self.talked(chart, day)

    def scheduled(self, k: int) -> None:
        """A referral with its date."""
        chart, _ = self.person()
        self._scheduled(chart, self.days.bd(3 + 2 * k), urgent=k % 6 == 0)

    def _scheduled(self, chart: Chart, visit_on: date, *, urgent: bool = False) -> None:
        office = self.specialist()
        steps = steps_to(self.days, ReferralStage.SCHEDULED, self.days.bd(-2 - self.rng.randrange(8)))
        chart.referral(
            office.specialty,
            office.name,
            steps,
            visit_on=visit_on,
            reason=REASONS[office.specialty],
            urgency=Urgency.URGENT if urgent else Urgency.ROUTINE,
        )
        self.talked(chart, steps[-1][1])

    def seen(self, k: int) -> None:
        """Seen by the specialist a few days ago; the report is not late yet."""
        chart, _ = self.person()
        office = self.specialist()
        seen_on = self.days.bd(-1 - k % 5)
        chart.referral(
            office.specialty,
            office.name,
            steps_to(self.days, ReferralStage.SEEN, seen_on),
            reason=REASONS[office.specialty],
        )
        self.talked(chart, seen_on)

    def approved(self, k: int) -> None:
        """An authorization that still runs for weeks."""
        chart, plan = self.person(payer=INSURED[k % 5])
        self._approved(chart, plan, self.days.before(self.days.today, -24 - 4 * k), k)

    def _approved(self, chart: Chart, plan: Row, ends_on: date, k: int) -> None:
        decided_on = self.days.bd(-6 - k % 9)
        chart.authorization(
            plan,
            SERVICES[k % len(SERVICES)],
            status=AuthorizationStatus.APPROVED,
            opened_on=self.days.before(decided_on, 9),
            submitted_at=self.days.at(self.days.before(decided_on, 8), 14, 30),
            decided_on=decided_on,
            number=f"A{decided_on:%y%m%d}{k % 100:02}",
            valid_from=decided_on,
            valid_to=ends_on,
            units_authorized=24,
            units_used=k % 7,
            units_updated_on=decided_on,
        )
        self.talked(chart, decided_on)

    # --- waiting for somebody ---------------------------------------------------------------------

    def waits_for_date(self, k: int) -> None:
        """Sent, no appointment date: the office is to call."""
        self._waits(k, ReferralStage.SENT, "referral.acknowledge", -4 - k % 3)

    def waits_for_slot(self, k: int) -> None:
        """Accepted, and waiting for the office's first free slot."""
        self._waits(k, ReferralStage.ACCEPTED, "referral.schedule", -5 - k % 4)

    def waits_for_report(self, k: int) -> None:
        """Seen more than two weeks ago; the office says that the report comes."""
        self._waits(k, ReferralStage.SEEN, "referral.report", -13 - k % 5)

    def promise_broken(self, k: int) -> None:
        """The office named a day, and it has passed."""
        self._waits(k, ReferralStage.SEEN, "referral.report", -15, promised=-1 - k % 3)

    def _waits(
        self,
        k: int,
        stage: ReferralStage,
        rule_id: str,
        since: int,
        promised: int | None = None,
    ) -> None:
        chart, _ = self.person()
        days = self.days
        office = self.specialist()
        steps = steps_to(days, stage, days.bd(since))
        referral = chart.referral(office.specialty, office.name, steps, reason=REASONS[office.specialty])
        began = dict(steps)
        trigger = began[ReferralStage.SENT] if stage is ReferralStage.ACCEPTED else days.bd(since)
        asked = days.at(days.bd(-4 if promised is not None else -1 - k % 2), 10 + k % 5, 25)
        item = (Kind.REFERRAL, referral, rule_id)
        original = self.desk.target(rule_id, trigger)
        if stage in ANSWERED:  # an answer is not asked for again at once
            original = max(original, days.bd(since + ASK_AGAIN_DAYS))
        chart.contact(asked, Outcome.OFFICE_REACHED, "They will send it.", about=item)
        chart.waiting(
            item,
            on=self.desk.office(office.name),
            # Every third office named no day.
            promised=days.bd(k % 9 if promised is None else promised) if promised or k % 3 < 2 else None,
            until=days.bd(1 + k % 9),
            original=original,
            since=asked,
        )

    def waits_for_payer(self, k: int) -> None:
        """Submitted; the payer is asked again when its time is up."""
        chart, plan = self.person(payer=people.HUMANA)
        days = self.days
        submitted_on = days.bd(-2 - k % 2)
        request = chart.authorization(
            plan,
            SERVICES[k % len(SERVICES)],
            opened_on=days.before(submitted_on, 1),
            submitted_at=days.at(submitted_on, 15, 45),
            reference=f"HR-{20500 + k}",
        )
        item = (Kind.AUTHORIZATION, request, "pa.federal.standard")
        last_day = submitted_on + timedelta(days=7)
        asked = days.at(days.bd(-1), 14, 10 + k)
        chart.contact(
            asked, Outcome.OFFICE_REACHED, "In clinical review.", about=item, reference=f"C{7100 + k}"
        )
        chart.waiting(
            item,
            on=self.desk.payer(people.HUMANA),
            until=days.calendar.previous_business_day_on_or_before(last_day),
            original=days.calendar.add_business_days(last_day, -1),
            since=asked,
        )

    def waits_for_records(self, k: int) -> None:
        """A follow-up that somebody else has to answer first."""
        chart, _ = self.person()
        days = self.days
        due_on = days.bd(-3)
        title, party = (
            ("Request outside records", self.desk.office(people.IMAGING)),
            ("Get signed work form back", PATIENT),
            ("Request outside records", Party("county clinic", WaitingOn.OTHER)),
        )[k % 3]
        task = chart.follow_up(title, due_on, FollowUpKind.CHASE)
        asked = days.at(due_on, 11, 5 + k)
        chart.waiting(
            (Kind.FOLLOW_UP, task, "followup.due"),
            on=party,
            until=days.bd(2 + k),
            original=due_on,
            since=asked,
        )
        self.talked(chart, days.bd(-4))

    def far(self, k: int) -> None:
        """Somebody beyond the near ones: one date, somewhere in the span."""
        day = self.days.bd(2 + self.rng.randrange(self.far_days))
        match k % 20:
            case 3 | 9 | 15:
                chart, _ = self.person()
                chart.follow_up(CALLS[k % 6], day, FollowUpKind.CALL)
            case 6 | 17:
                chart, _ = self.person()
                self._scheduled(chart, day)
            case 12:
                chart, plan = self.person(payer=INSURED[k // 20 % 5])
                self._approved(chart, plan, day + timedelta(days=30), k)
            case _:
                self._check_in(self.rng.choice((Risk.RISING, Risk.LOW, Risk.LOW)), day)


Sort = Callable[[Caseload, int], None]

NEAR: tuple[tuple[Sort, int], ...] = (
    (Caseload.check_in_today, 6),
    (Caseload.promise_broken, 4),
    (Caseload.waits_for_date, 6),
    (Caseload.waits_for_slot, 6),
    (Caseload.waits_for_report, 5),
    (Caseload.waits_for_payer, 5),
    (Caseload.waits_for_records, 3),
    (Caseload.scheduled, 7),
    (Caseload.seen, 3),
    (Caseload.approved, 9),
    (Caseload.follow_up, 20),
    (Caseload.visit, 10),
    (Caseload.past_visits, 12),
    (Caseload.first_check_in, 9),
    (Caseload.check_in, 75),
)
"""How many people of each sort stand near the practice day; together 180, the demo's caseload."""


def fill(desk: Desk, rng: Random, count: int) -> Iterator[int]:
    """Make ``count`` ordinary active people; yields after each, so that the caller may write them away."""
    caseload = Caseload(desk, rng, far_days=YEAR if count > LARGE else 60)
    near = [(sort, k) for sort, people_of_it in NEAR for k in range(people_of_it)]
    rng.shuffle(near)
    for number in range(count):
        if number < len(near):
            sort, k = near[number]
            sort(caseload, k)
        else:
            caseload.far(number - len(near))
        yield number + 1
