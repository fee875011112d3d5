"""Where a referral of a log stands: its stage from the status, else from the furthest recorded day.

Pure. What contradicts itself is refused with words; nothing is put right by guessing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.referral_loop import MAIN_LINE
from carecoord_tui.domain.vocabulary import ReferralStage

S = ReferralStage
Days = Mapping[str, date]
"""Field of ``referral_columns`` -> practice-local day; absent where the log has none."""

_DAY_OF = (
    (S.SENT, "sent_on"),
    (S.ACKNOWLEDGED, "acknowledged_on"),
    (S.SCHEDULED, "booked_on"),
    (S.SEEN, "seen_on"),
    (S.REPORT_RECEIVED, "report_received_on"),
    (S.REVIEWED, "reviewed_on"),
    (S.CLOSED, "closed_on"),
)
"""The field that says on which day a stage was reached, along the main line."""

_BEFORE = {
    "sent_on": ("ordered_on",),
    "acknowledged_on": ("ordered_on", "sent_on"),
    "booked_on": ("ordered_on", "sent_on"),
    "visit_on": ("ordered_on", "sent_on", "booked_on"),
    "seen_on": ("ordered_on", "sent_on", "booked_on"),
    "report_received_on": ("ordered_on", "sent_on", "seen_on"),
    "reviewed_on": ("ordered_on", "sent_on", "seen_on", "report_received_on"),
    "closed_on": ("ordered_on", "sent_on", "seen_on", "report_received_on", "reviewed_on"),
    "status_on": ("ordered_on",),
}
"""Days that cannot lie after the one they are listed for."""

WORDS = {
    "ordered_on": "the day of the order",
    "sent_on": "the day it was sent",
    "acknowledged_on": "the day receipt was confirmed",
    "booked_on": "the day the appointment was made",
    "visit_on": "the appointment",
    "seen_on": "the day the patient was seen",
    "report_received_on": "the day the report came",
    "reviewed_on": "the day it was reviewed",
    "closed_on": "the day the patient was told",
    "status_on": "the day of the status",
}
_LOST = (S.NO_SHOW, S.VISIT_CANCELLED)
_BEFORE_THE_VISIT = (S.REJECTED, S.ON_HOLD, *_LOST)
_ENDED_EARLY = (S.DECLINED, S.WITHDRAWN, S.REDIRECTED)
_AFTER_THE_VISIT = ("seen_on", "report_received_on", "reviewed_on", "closed_on")
_VISIT_IS_OVER = (S.SEEN, S.REPORT_RECEIVED, S.REVIEWED, S.CLOSED, S.NO_SHOW)


class Contradiction(ValueError):
    """A row that cannot be right as it stands. ``field`` is where to look; no value is repeated."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Reached:
    """A stage with the day it was reached."""

    stage: ReferralStage
    on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a referral stands. ``stage_on`` is never ahead; ``reached`` are the stamps, in order."""

    stage: ReferralStage
    stage_on: date
    held_stage: ReferralStage | None
    visit_on: date | None
    sent_on: date | None
    report_received_on: date | None
    reviewed_on: date | None
    patient_informed_on: date | None
    reached: tuple[Reached, ...]
    warnings: tuple[tuple[str, str], ...]
    """(field, what is odd about it)."""


def standing(stage: ReferralStage | None, days: Days, *, today: date, expects_report: bool) -> Standing:
    """Where a referral stands on ``today``.

    Args:
        stage: what the status says; None where the log has none, then the furthest recorded day decides.
        days: needs ``ordered_on``.
        today: practice-local; only an appointment may be after it.
        expects_report: False for types that end without a report.

    Raises:
        Contradiction: the days are out of order, or the status says otherwise than they do.
    """
    if wrong := out_of_order(days):
        later, earlier = wrong
        raise Contradiction(later, f"{WORDS[later]} lies before {WORDS[earlier]}")
    for field, day in days.items():
        if day > today and field != "visit_on":
            raise Contradiction(field, f"{WORDS[field]} is still ahead")
    if stage is None:
        stage = furthest(days)
    _check_status(stage, days, today)
    visit_on = days.get("seen_on") or days.get("visit_on")
    return Standing(
        stage=stage,
        stage_on=_stage_on(stage, days, today),
        held_stage=furthest(days) if stage is S.ON_HOLD else None,
        visit_on=visit_on,
        sent_on=days.get("sent_on"),
        report_received_on=days.get("report_received_on"),
        reviewed_on=days.get("reviewed_on"),
        patient_informed_on=days.get("closed_on") if stage is S.CLOSED else None,
        reached=_reached(stage, days, today),
        warnings=tuple(_warnings(stage, days, expects_report=expects_report)),
    )


def out_of_order(days: Days) -> tuple[str, str] | None:
    """The first two fields whose days are the wrong way round: (the later thing, the earlier thing)."""
    for later, earlier_ones in _BEFORE.items():
        for earlier in earlier_ones:
            if later in days and earlier in days and days[later] < days[earlier]:
                return later, earlier
    if "seen_on" not in days and "visit_on" in days:
        for later in ("report_received_on", "reviewed_on"):
            if later in days and days[later] < days["visit_on"]:
                return later, "visit_on"
    return None


def telling(stage: ReferralStage, days: Days, *, today: date) -> dict[str, date]:
    """The days that tell the same story as a stage, so that what is exported can be read back.

    A referral that was sent again or booked anew keeps older days beside the newer ones; a log cannot.
    """
    kept = dict(days)
    place = MAIN_LINE.index(stage) if stage in MAIN_LINE else len(MAIN_LINE)
    for further, field in _DAY_OF:
        if MAIN_LINE.index(further) > place or (stage in _BEFORE_THE_VISIT and field in _AFTER_THE_VISIT):
            kept.pop(field, None)
    for field, day in days.items():
        if day > today and (field != "visit_on" or stage in _VISIT_IS_OVER):
            kept.pop(field, None)
    while wrong := out_of_order(kept):
        del kept[wrong[0]]
    return kept


def furthest(days: Days) -> ReferralStage:
    """The furthest stage of the main line that a recorded day proves."""
    found = S.DRAFT
    for stage, field in _DAY_OF:
        if field in days or (stage is S.SCHEDULED and "visit_on" in days):
            found = stage
    return found


def _check_status(stage: ReferralStage, days: Days, today: date) -> None:
    """The status and the days must tell one story."""
    says = f"the status means “{stage.label}”, but"
    if stage in MAIN_LINE:
        for further, field in _DAY_OF:
            if field in days and MAIN_LINE.index(further) > MAIN_LINE.index(stage):
                raise Contradiction("status", f"{says} {WORDS[field]} is filled in")
    elif stage in _BEFORE_THE_VISIT:
        for field in _AFTER_THE_VISIT:
            if field in days:
                raise Contradiction("status", f"{says} {WORDS[field]} is filled in")
    if stage in _VISIT_IS_OVER and "seen_on" not in days and days.get("visit_on", today) > today:
        raise Contradiction("status", f"{says} the appointment is still ahead")


def _own_day(stage: ReferralStage, days: Days) -> date | None:
    """The day a stage was reached, where the log has it."""
    if stage is S.DRAFT:
        return days["ordered_on"]
    if stage in _ENDED_EARLY:
        return days.get("closed_on")
    if stage is S.NO_SHOW:
        return days.get("visit_on")
    if stage is S.SEEN:
        return days.get("seen_on") or days.get("visit_on")
    return next((days.get(field) for one, field in _DAY_OF if one is stage), None)


def _stage_on(stage: ReferralStage, days: Days, today: date) -> date:
    """Its own day, else the day of the status, else the last thing that is known to have happened."""
    known = _own_day(stage, days) or days.get("status_on")
    return known or max(day for day in days.values() if day <= today)


def _reached(stage: ReferralStage, days: Days, today: date) -> tuple[Reached, ...]:
    place = MAIN_LINE.index(stage) if stage in MAIN_LINE else len(MAIN_LINE)
    steps = [
        Reached(one, days[field])
        for one, field in _DAY_OF
        if field in days and MAIN_LINE.index(one) <= place and not (one is S.CLOSED and stage in _ENDED_EARLY)
    ]
    if stage is not S.DRAFT and not any(step.stage is stage for step in steps):
        steps.append(Reached(stage, _stage_on(stage, days, today)))
    return tuple(steps)


def _warnings(stage: ReferralStage, days: Days, *, expects_report: bool) -> list[tuple[str, str]]:
    found = []
    place = MAIN_LINE.index(stage) if stage in MAIN_LINE else -1
    if "visit_on" in days and 0 <= place < MAIN_LINE.index(S.SCHEDULED):
        found.append(
            ("status", f"the status means “{stage.label}” although there is an appointment: kept so")
        )
    if place >= MAIN_LINE.index(S.REPORT_RECEIVED) and expects_report and "report_received_on" not in days:
        found.append(("report_received_on", "no day of the report: it counts as not received (CMS50)"))
    return found
