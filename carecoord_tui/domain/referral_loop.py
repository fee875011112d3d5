"""The closed loop of a referral as a machine: which move is legal, which facts it needs, what it sets.

Pure: ``move`` gets the day it is recorded and knows no clock. A later step may be recorded from any
earlier stage; what was skipped reads "not recorded". Two closures are kept apart (``domain.md``, Referrals):
CMS50-closed is the specialist's report; loop-closed is report, clinician's review and the patient told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType

S = ReferralStage

MAIN_LINE = (
    S.DRAFT, S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.SCHEDULED, S.SEEN, S.REPORT_RECEIVED, S.REVIEWED, S.CLOSED,
)  # fmt: skip
"""The stages of a referral that goes well, in order (IHI/NPSF closed loop)."""


@dataclass(frozen=True, slots=True)
class FhirCodes:
    """FHIR R4 status codes of a stage; ``appointment`` is empty where there is no visit."""

    service_request: str
    task: str
    appointment: str = ""


FHIR: dict[ReferralStage, FhirCodes] = {
    S.DRAFT: FhirCodes("draft", "draft"),
    S.SENT: FhirCodes("active", "requested"),
    S.ACKNOWLEDGED: FhirCodes("active", "received"),
    S.ACCEPTED: FhirCodes("active", "accepted"),
    S.REJECTED: FhirCodes("active", "rejected"),
    S.SCHEDULED: FhirCodes("active", "in-progress", "booked"),
    S.NO_SHOW: FhirCodes("active", "in-progress", "noshow"),
    S.VISIT_CANCELLED: FhirCodes("active", "in-progress", "cancelled"),
    S.SEEN: FhirCodes("active", "in-progress", "fulfilled"),
    S.REPORT_RECEIVED: FhirCodes("active", "completed", "fulfilled"),
    S.REVIEWED: FhirCodes("active", "completed", "fulfilled"),
    S.CLOSED: FhirCodes("completed", "completed", "fulfilled"),
    S.DECLINED: FhirCodes("revoked", "cancelled", "cancelled"),
    S.WITHDRAWN: FhirCodes("revoked", "cancelled", "cancelled"),
    S.ON_HOLD: FhirCodes("on-hold", "on-hold"),
    S.REDIRECTED: FhirCodes("revoked", "rejected"),
}
"""``domain.md``, Referrals. A redirected one ended for this office: its successor carries the request."""


class Fact(StrEnum):
    """What a move must be told beside its day."""

    VISIT = "visit"  # the specialist's date, which may be ahead
    REASON = "reason"
    WHO = "who"  # the clinician who reviewed; who told the patient
    REPORT = "report"  # where the report is


FACTS: dict[ReferralStage, frozenset[Fact]] = {
    S.SCHEDULED: frozenset({Fact.VISIT}),
    S.REPORT_RECEIVED: frozenset({Fact.REPORT}),
    S.REVIEWED: frozenset({Fact.WHO}),
    S.CLOSED: frozenset({Fact.WHO}),
    S.REJECTED: frozenset({Fact.REASON}),
    S.ON_HOLD: frozenset({Fact.REASON}),
    S.DECLINED: frozenset({Fact.REASON}),
    S.WITHDRAWN: frozenset({Fact.REASON}),
    S.REDIRECTED: frozenset({Fact.REASON}),
}
"""By the stage that is moved to; every move also has its day."""

_FACT_WORDS = {
    Fact.VISIT: "the specialist's date",
    Fact.REASON: "the reason",
    Fact.WHO: "who did it",
    Fact.REPORT: "where the report is",
}

_BEFORE_VISIT = (S.DRAFT, S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.SCHEDULED)
_VISIT_LOST = (S.NO_SHOW, S.VISIT_CANCELLED)
_HELD_BY_OFFICE = (S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.SCHEDULED, *_VISIT_LOST, S.ON_HOLD)
_REDIRECTABLE = (*_BEFORE_VISIT, *_VISIT_LOST, S.REJECTED, S.ON_HOLD)
_AFTER_VISIT = (S.REPORT_RECEIVED, S.REVIEWED, S.CLOSED)
_VISIT_STANDS = (S.SCHEDULED, S.SEEN, *_AFTER_VISIT)  # elsewhere a date on file is of a visit that was lost
_LEARNED_LATE = (S.SCHEDULED, S.SEEN, S.NO_SHOW, S.REPORT_RECEIVED)
"""What offices tell us late: it may lie before the day the step before was recorded."""
_FREELY_AHEAD = frozenset({S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.SCHEDULED, S.SEEN, S.REPORT_RECEIVED})


class IllegalMove(ValueError):
    """A move that is refused; the text says why and what to do instead. Nothing has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """What a referral's moves depend on and change. Dates are practice-local days."""

    stage: ReferralStage
    stage_on: date
    ordered_on: date
    service_type: ReferralType = ReferralType.CONSULT
    sent_on: date | None = None
    visit_on: date | None = None
    report_received_on: date | None = None
    reviewed_on: date | None = None
    patient_informed_on: date | None = None
    held_stage: ReferralStage | None = None

    @property
    def is_cms50_closed(self) -> bool:
        """The specialist's report is in (CMS50, closing the referral loop)."""
        return self.report_received_on is not None

    @property
    def is_loop_closed(self) -> bool:
        """Report in, clinician reviewed it, patient informed (IHI/NPSF)."""
        return None not in (self.report_received_on, self.reviewed_on, self.patient_informed_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A move somebody asks for. ``on`` None: the day the facts suggest, else the day of recording."""

    to: ReferralStage
    on: date | None = None
    visit_on: date | None = None
    reason: str = ""
    who: str = ""
    report: str = ""

    def has(self, fact: Fact) -> bool:
        """True when the fact is given."""
        return bool({
            Fact.VISIT: self.visit_on, Fact.REASON: self.reason.strip(),
            Fact.WHO: self.who.strip(), Fact.REPORT: self.report.strip(),
        }[fact])  # fmt: skip


def allowed(loop: Loop) -> tuple[ReferralStage, ...]:
    """Every stage this referral may move to, main line first."""
    return tuple(to for to in ReferralStage if not _why_not(loop, to))


def missing_facts(step: Step) -> tuple[Fact, ...]:
    """What the move still has to be told, in the order it is asked."""
    needed = FACTS.get(step.to, frozenset())
    return tuple(fact for fact in Fact if fact in needed and not step.has(fact))


def move(loop: Loop, step: Step, *, today: date) -> Loop:
    """The referral after a move recorded ``today``. Raises IllegalMove with words; then nothing changed."""
    if why := _why_not(loop, step.to):
        raise IllegalMove(why)
    if missing := missing_facts(step):
        raise IllegalMove(f"“{step.to.label}” needs {' and '.join(_FACT_WORDS[fact] for fact in missing)}.")
    on = _day(loop, step, today)
    _check_day(loop, step, on, today)
    moved = replace(loop, stage=step.to, stage_on=on, held_stage=None)
    return _with_facts(moved, loop, step, on)


def _with_facts(moved: Loop, before: Loop, step: Step, on: date) -> Loop:
    """The dates a stage sets."""
    match step.to:
        case S.SENT:
            resumed = before.stage is S.ON_HOLD and before.sent_on is not None
            return moved if resumed else replace(moved, sent_on=on, visit_on=None)
        case S.SCHEDULED:
            return replace(moved, visit_on=step.visit_on)
        case S.SEEN:
            return replace(moved, visit_on=on)
        case S.REPORT_RECEIVED:  # after a lost visit nobody knows when the patient was seen
            visit_on = before.visit_on if before.stage in (S.SCHEDULED, S.SEEN) else None
            return replace(moved, report_received_on=on, visit_on=visit_on)
        case S.REVIEWED:
            return replace(moved, reviewed_on=on)
        case S.CLOSED:
            return replace(moved, patient_informed_on=on)
        case S.ON_HOLD:
            return replace(moved, held_stage=before.stage)
        case _:
            return moved


def _why_not(loop: Loop, to: ReferralStage) -> str:
    """Why the referral cannot go to that stage; empty when it can."""
    stage = loop.stage
    if not stage.is_open:
        return f"This referral is ended ({stage.label}): u takes the last step back, r starts a new one."
    if stage is S.ON_HOLD and to is loop.held_stage:
        return ""  # taken up again where it was
    if to is S.DRAFT:
        return "A referral does not go back to draft: withdraw it, or u takes the last step back."
    if to in (S.DECLINED, S.WITHDRAWN):
        return ""
    if to is S.REDIRECTED:
        return "" if stage in _REDIRECTABLE else "The patient was seen: there is nothing to send elsewhere."
    if to is S.REJECTED:
        return (
            "" if stage in _HELD_BY_OFFICE else f"An office rejects what it has: this one is {stage.label}."
        )
    if to is S.ON_HOLD:
        can_wait = (*_BEFORE_VISIT, *_VISIT_LOST)
        return "" if stage in can_wait else f"Only what waits for its visit is put on hold: {stage.label}."
    if to in _VISIT_LOST:
        return "" if stage is S.SCHEDULED else f"There is no booked visit: this one is {stage.label}."
    return _why_not_forward(loop, to)


def _why_not_forward(loop: Loop, to: ReferralStage) -> str:
    """The main line: forward to any later stage, the last two one after the other."""
    stage = loop.stage
    if stage is S.ON_HOLD:
        stage = loop.held_stage or S.DRAFT
    if stage in _VISIT_LOST:
        stage = S.ACCEPTED  # a new date is wanted
    if stage is S.REJECTED:
        return "" if to is S.SENT else "The office said no: send it again (s) or elsewhere (e) first."
    if to is S.REVIEWED and stage is not S.REPORT_RECEIVED:
        return "There is no report to review: record the report first."
    if to is S.CLOSED:
        return _why_not_closed(loop, stage)
    if to is stage:
        return "" if to is S.SCHEDULED else f"It is {to.label} already."
    if to in (S.REVIEWED, *_FREELY_AHEAD) and MAIN_LINE.index(to) > MAIN_LINE.index(stage):
        return ""
    return f"A referral does not go back from {stage.label} to {to.label}: u takes the last step back."


def _why_not_closed(loop: Loop, stage: ReferralStage) -> str:
    if not loop.service_type.expects_report and stage in (S.SEEN, S.REVIEWED):
        return ""  # supplies delivered, a community service received: nobody writes a report
    if stage is S.REVIEWED:
        return ""
    if stage is S.REPORT_RECEIVED:
        return "The clinician has not reviewed the report: record that first."
    return "The loop closes with the report, its review and the patient told: record those first."


def _day(loop: Loop, step: Step, today: date) -> date:
    """The day a move happened: as told; a booked visit's own day; else the day of recording."""
    if step.on is not None:
        return step.on
    if step.to in (S.SEEN, S.NO_SHOW) and loop.stage is S.SCHEDULED and loop.visit_on is not None:
        if loop.visit_on > today:
            raise IllegalMove(
                f"The visit is on {format_day(loop.visit_on, today)}, still ahead: "
                "record it when it has happened, or type the day it took place."
            )
        return loop.visit_on
    return today


def _check_day(loop: Loop, step: Step, on: date, today: date) -> None:
    """Dates must stand in the order things happen. Raises IllegalMove."""
    if on > today:
        raise IllegalMove(f"{format_day(on, today)} is ahead: record it when it has happened.")
    told = [("it was ordered", loop.ordered_on)]
    if step.to is not S.SENT and loop.sent_on is not None:
        told.append(("it was sent", loop.sent_on))
    if step.to not in _LEARNED_LATE:
        told.append(("the step before", loop.stage_on))
    has_visit = loop.visit_on is not None and loop.stage in _VISIT_STANDS
    if has_visit and loop.visit_on is not None and step.to in (S.NO_SHOW, *_AFTER_VISIT):
        told.append(("the visit", loop.visit_on))
    if step.to in (S.REVIEWED, S.CLOSED) and loop.report_received_on is not None:
        told.append(("the report came", loop.report_received_on))
    happened = [("That day", on)]
    if step.to is S.SCHEDULED and step.visit_on is not None:
        happened.append(("The visit", step.visit_on))
    for what, day in happened:
        for words, earliest in told:
            if day < earliest:
                raise IllegalMove(
                    f"{what}, {format_day(day, today)}, is before {words} ({format_day(earliest, today)})."
                )


# --- the track: what the detail shows -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stamp:
    """A recorded step: history is appended, never edited."""

    stage: ReferralStage
    on: date
    visit_on: date | None = None


@dataclass(frozen=True, slots=True)
class TrackStep:
    """One place on the track: when it happened; None is "not recorded" before the present, else ahead."""

    stage: ReferralStage
    on: date | None
    is_current: bool = False
    is_past: bool = False

    @property
    def was_skipped(self) -> bool:
        """True for a step that must have happened and nobody recorded."""
        return self.is_past and self.on is None


def track(loop: Loop, stamps: Iterable[Stamp]) -> tuple[TrackStep, ...]:
    """The main line with the days that are recorded; a stage off the line stands after its last step.

    The visit's place carries the visit's own date. Without stamps (an imported referral) the dates on the
    referral itself are used.
    """
    days: dict[ReferralStage, date] = {S.DRAFT: loop.ordered_on}
    own = (
        (S.SENT, loop.sent_on),
        (S.REPORT_RECEIVED, loop.report_received_on),
        (S.REVIEWED, loop.reviewed_on),
        (S.CLOSED, loop.patient_informed_on),
    )
    days.update({stage: on for stage, on in own if on is not None})
    furthest = S.DRAFT
    for stamp in stamps:
        if stamp.stage in MAIN_LINE:
            days[stamp.stage] = stamp.on
            furthest = max(furthest, stamp.stage, key=MAIN_LINE.index)
    if loop.stage in MAIN_LINE:
        furthest = loop.stage
        days.setdefault(loop.stage, loop.stage_on)
    if loop.visit_on is not None:
        days[S.SCHEDULED] = loop.visit_on
    place = MAIN_LINE.index(furthest)
    line = [
        TrackStep(stage, days.get(stage) if number <= place else None, stage is loop.stage, number < place)
        for number, stage in enumerate(MAIN_LINE)
    ]
    if loop.stage not in MAIN_LINE:
        line[place] = replace(line[place], is_past=True)
        line.insert(place + 1, TrackStep(loop.stage, loop.stage_on, is_current=True))
    return tuple(line)
