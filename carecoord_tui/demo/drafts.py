"""Drafts of records: rows that refer to each other before the store has numbered them.

A :class:`Batch` collects rows and writes them parents first through ``store.bulk``. A :class:`Chart`
is one patient's part of a batch, with one method for each kind of record. :class:`Days` counts every
date from the practice day, in business days where an office would.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.demo.people import OUR_CLINICIANS, Numbers
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    Channel,
    CoverageStatus,
    Direction,
    EligibilityResult,
    FollowUpKind,
    HistoryKind,
    Kind,
    Outcome,
    PatientStatus,
    Priority,
    ReferralStage,
    Risk,
    Sex,
    Urgency,
    WaitingOn,
)
from carecoord_tui.domain.waiting import chase_day
from carecoord_tui.store import bulk
from carecoord_tui.store import tables as t
from carecoord_tui.store.session import AuditedSession

COORDINATOR = "Dana Reyes"
LOOP = (
    ReferralStage.DRAFT,
    ReferralStage.SENT,
    ReferralStage.ACKNOWLEDGED,
    ReferralStage.ACCEPTED,
    ReferralStage.SCHEDULED,
    ReferralStage.SEEN,
    ReferralStage.REPORT_RECEIVED,
    ReferralStage.REVIEWED,
    ReferralStage.CLOSED,
)
"""The stages of a referral that goes well, in order."""

Steps = list[tuple[ReferralStage, date]]


class Days:
    """Dates counted from the practice day, which is today, or the next working day on a weekend."""

    def __init__(self, now: datetime, zone: ZoneInfo, calendar: Calendar) -> None:
        """``now`` is aware; the practice's day is taken in ``zone``."""
        self.zone = zone
        self.calendar = calendar
        self.today = calendar.next_working_day_on_or_after(now.astimezone(zone).date())
        self._cache: dict[int, date] = {0: self.today}

    def bd(self, n: int) -> date:
        """The ``n``-th business day after the practice day; before it when negative."""
        if n not in self._cache:
            step = 1 if n > 0 else -1
            self._cache[n] = self.calendar.add_business_days(self.bd(n - step), step)
        return self._cache[n]

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """An aware time on the practice's wall clock."""
        return datetime.combine(day, time(hour, minute), tzinfo=self.zone)

    def before(self, day: date, days: int) -> date:
        """The business day on or before ``days`` calendar days before ``day``."""
        return self.calendar.previous_business_day_on_or_before(day - timedelta(days=days))


def steps_to(days: Days, stage: ReferralStage, on: date, gap: int = 4) -> Steps:
    """The history of a referral that reached ``stage`` on a day, about ``gap`` calendar days a step."""
    done = LOOP[: LOOP.index(stage)]
    return [*((step, days.before(on, gap * (len(done) - i))) for i, step in enumerate(done)), (stage, on)]


@dataclass(eq=False, slots=True)
class Row:
    """A record to be. ``values`` may hold other rows; they become numbers when written."""

    model: type[t.Record]
    values: dict[str, Any]
    id: int | None = None

    def resolved(self) -> dict[str, Any]:
        """The column values with every row it refers to replaced by its number."""
        return {
            name: _number(value) if isinstance(value, Row) else value for name, value in self.values.items()
        }


def _number(row: Row) -> int:
    if row.id is None:
        raise LookupError(f"a {row.model.__tablename__} was referred to before it was written")
    return row.id


class Batch:
    """Rows of many tables, written together."""

    def __init__(self) -> None:
        self._rows: dict[type[t.Record], list[Row]] = defaultdict(list)

    def add(self, model: type[t.Record], **values: Any) -> Row:
        """A new row of a table; absent columns take the model's defaults."""
        row = Row(model, values)
        self._rows[model].append(row)
        return row

    def write(self, session: AuditedSession) -> None:
        """Insert everything, parents before children, and start empty again."""
        for model in t.RECORDS:
            rows = self._rows.pop(model, [])
            numbers = bulk.insert(session, model, [row.resolved() for row in rows])
            for row, number in zip(rows, numbers, strict=True):
                row.id = number


@dataclass(frozen=True, slots=True)
class Party:
    """Who owes a next step, as ``domain.waiting.Waiting`` with rows that have no number yet."""

    who: str
    kind: WaitingOn
    payer: Row | None = None
    provider: Row | None = None


PATIENT = Party("patient", WaitingOn.PATIENT)


@dataclass(slots=True)
class Desk:
    """Everything a chart is written with: the batch, the days, the rules, the offices, the numbers."""

    days: Days
    context: Context
    batch: Batch = field(default_factory=Batch)
    numbers: Numbers = field(default_factory=Numbers)
    payers: dict[str, Row] = field(default_factory=dict)
    providers: dict[str, Row] = field(default_factory=dict)

    def payer(self, name: str) -> Party:
        """A payer of ``people.PAYERS`` that owes an answer."""
        return Party(name, WaitingOn.PAYER, payer=self.payers[name])

    def office(self, name: str) -> Party:
        """An office of ``people.OFFICES`` that owes an answer."""
        return Party(name, WaitingOn.OFFICE, provider=self.providers[name])

    def admit(
        self, family: str, given: str, born: date, sex: Sex, risk: Risk = Risk.LOW, **values: Any
    ) -> Chart:
        """A new patient, active unless told otherwise."""
        usual = {
            "status": PatientStatus.ACTIVE,
            "status_on": self.days.before(self.days.today, 400),
            "primary_provider": OUR_CLINICIANS[0],
        }
        patient = self.batch.add(
            t.Patient,
            **usual
            | {
                "mrn": self.numbers.mrn(),
                "family_name": family,
                "given_name": given,
                "birth_date": born,
                "sex": sex,
                "risk": risk,
            }
            | values,
        )
        return Chart(self, patient)

    def target(self, rule_id: str, trigger: date) -> date:
        """The do-by date of a rule from its trigger, before anything was moved."""
        return self.context.deadline(rule_id, trigger).target_on or trigger


@dataclass(frozen=True, slots=True)
class Chart:
    """One patient's records."""

    desk: Desk
    patient: Row

    @property
    def days(self) -> Days:
        """The calendar of the demo."""
        return self.desk.days

    def add(self, model: type[t.Record], **values: Any) -> Row:
        """A record of the patient in any table."""
        return self.desk.batch.add(model, patient_id=self.patient, **values)

    def phone(self, number: str = "", *, label: str = "mobile", **values: Any) -> Row:
        """A number of the patient; the next free one when none is given."""
        return self.add(t.PatientPhone, number=number or self.desk.numbers.phone(), label=label, **values)

    def related(self, name: str, relationship: str, **values: Any) -> Row:
        """Somebody around the patient, with a number of their own."""
        return self.add(
            t.RelatedPerson,
            **{"name": name, "relationship": relationship, "phone": self.desk.numbers.phone(), **values},
        )

    def cared_for_by(self, role: str, name: str, **values: Any) -> Row:
        """A member of the care team, by its office where it has one."""
        return self.add(
            t.CareTeamMember,
            **{"role": role, "name": name, "provider_id": self.desk.providers.get(name), **values},
        )

    def coverage(self, payer: str, plan: str = "", **values: Any) -> Row:
        """A plan of a payer of ``people.PAYERS``."""
        row = self.desk.payers[payer]
        return self.add(
            t.Coverage,
            **{
                "payer_id": row,
                "plan_name": plan,
                "member_id": self.desk.numbers.member_id(row.values["payer_class"]),
                "status": CoverageStatus.ACTIVE,
                **values,
            },
        )

    def check(self, coverage: Row, checked_on: date, as_of: date, **values: Any) -> Row:
        """What the payer said about one service date."""
        return self.add(
            t.EligibilityCheck,
            **{
                "coverage_id": coverage,
                "checked_on": checked_on,
                "as_of": as_of,
                "result": EligibilityResult.ACTIVE,
                "method": "portal",
                **values,
            },
        )

    def visit(self, day: date, hour: int, minute: int = 0, **values: Any) -> Row:
        """A visit; booked and confirmed unless told otherwise."""
        booked_on = values.pop("booked_on", self.days.bd(-12))
        return self.add(
            t.Appointment,
            **{
                "starts_at": self.days.at(day, hour, minute),
                "booked_on": booked_on,
                "confirmed_on": self.days.bd(-1),
                "status": AppointmentStatus.BOOKED,
                "provider_id": self.desk.providers["Dr. Lena Marsh"],
                **values,
            },
        )

    def referral(self, specialty: str, office: str, steps: Steps, **values: Any) -> Row:
        """A referral with the day each stage began; the last step is where it stands."""
        began = dict(steps)
        stage, stage_on = steps[-1]
        row = self.add(
            t.Referral,
            **{
                "provider_id": self.desk.providers[office],
                "specialty": specialty,
                "urgency": Urgency.ROUTINE,
                "stage": stage,
                "stage_on": stage_on,
                "ordered_on": steps[0][1],
                "sent_on": began.get(ReferralStage.SENT),
                "visit_on": began.get(ReferralStage.SEEN),
                "report_received_on": began.get(ReferralStage.REPORT_RECEIVED),
                "reviewed_on": began.get(ReferralStage.REVIEWED),
                "patient_informed_on": began.get(ReferralStage.CLOSED),
                **values,
            },
        )
        for number, (step, day) in enumerate(steps):
            self.add(
                t.ReferralStageEvent,
                referral_id=row,
                stage=step,
                happened_on=day,
                recorded_at=self.days.at(day, 9 + number, 15),
            )
        return row

    def authorization(self, coverage: Row, service: str, **values: Any) -> Row:
        """A prior authorization."""
        return self.add(
            t.Authorization,
            **{
                "coverage_id": coverage,
                "service": service,
                "status": AuthorizationStatus.SUBMITTED,
                "channel": "portal",
                **values,
            },
        )

    def denial(self, coverage: Row, service: str, notice_on: date, **values: Any) -> Row:
        """A payer's no."""
        return self.add(t.Denial, coverage_id=coverage, service=service, notice_on=notice_on, **values)

    def transition(self, facility: str, discharged_on: date, **values: Any) -> Row:
        """A hospital discharge."""
        return self.add(t.Transition, facility=facility, discharged_on=discharged_on, **values)

    def history(self, kind: HistoryKind, text: str, **values: Any) -> Row:
        """A line of the history."""
        return self.add(t.HistoryItem, kind=kind, text=text, **values)

    def follow_up(self, title: str, due_on: date, kind: FollowUpKind, **values: Any) -> Row:
        """Something the coordinator owes on a day."""
        return self.add(
            t.FollowUp,
            **{"title": title, "kind": kind, "due_on": due_on, "priority": Priority.NORMAL, **values},
        )

    def contact(
        self,
        at: datetime,
        outcome: Outcome,
        note: str = "",
        *,
        about: tuple[Kind, Row, str] | None = None,
        **values: Any,
    ) -> Row:
        """An attempt or a conversation. ``about`` is the kind, the record and the rule it served."""
        kind, record, rule_id = about or (None, None, "")
        return self.add(
            t.Contact,
            **{
                "at": at,
                "outcome": outcome,
                "note": note,
                "about_kind": kind,
                "about_id": record,
                "about_rule": rule_id,
                "direction": Direction.OUTGOING,
                "channel": Channel.PHONE,
                "made_by": COORDINATOR,
                "by_clinical_staff": True,
                **values,
            },
        )

    def note(self, at: datetime, text: str, **values: Any) -> Row:
        """Free text on the patient."""
        return self.add(t.Note, at=at, text=text, **values)

    def waiting(
        self,
        item: tuple[Kind, Row, str],
        *,
        on: Party,
        original: date,
        since: datetime,
        promised: date | None = None,
        until: date | None = None,
    ) -> Row:
        """An item that waits for ``on``, as ``store.actions.items.place_promised`` keeps it.

        It is asked about on the working day after the ``promised`` one, else on ``until``. ``original`` is
        the date its rule gave it, ``since`` when they were asked.
        """
        if promised is not None:
            until = chase_day(promised, self.days.calendar, since.date())
        kind, record, rule_id = item
        return self.add(
            t.MovedDate,
            kind=kind,
            record_id=record,
            rule_id=rule_id,
            until_on=until,
            original_on=original,
            waiting_on=on.who,
            waiting_kind=on.kind,
            waiting_since=since.date(),
            promised_on=promised,
            payer_id=on.payer,
            provider_id=on.provider,
            moved_at=since,
        )
