"""What an unsettled visit owes: confirm it, record how it went, rebook what was missed; its legal steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from carecoord_tui.domain import outreach
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day, format_time
from carecoord_tui.domain.facts import AppointmentFacts, PatientFacts
from carecoord_tui.domain.outreach import OutreachState, Step
from carecoord_tui.domain.vocabulary import AppointmentStatus, Basis, Consequence, Kind
from carecoord_tui.domain.work import WorkItem

_S = AppointmentStatus
_AHEAD = (_S.PROPOSED, _S.BOOKED)
_OVER = (_S.FULFILLED, _S.NOSHOW)
_MOVES: dict[AppointmentStatus | None, tuple[AppointmentStatus, ...]] = {
    None: (_S.BOOKED, _S.PROPOSED, _S.FULFILLED),  # a visit that was kept may be entered afterwards
    _S.PROPOSED: (_S.BOOKED, _S.CANCELLED),
    _S.BOOKED: (_S.FULFILLED, _S.NOSHOW, _S.CANCELLED),
    _S.FULFILLED: (_S.NOSHOW,),  # recorded by mistake
    _S.NOSHOW: (_S.FULFILLED,),
    _S.CANCELLED: (),
}
STATUS_WORDS = {
    _S.PROPOSED: "proposed",
    _S.BOOKED: "booked",
    _S.FULFILLED: "kept",
    _S.NOSHOW: "no-show",
    _S.CANCELLED: "cancelled",
}


def next_statuses(status: AppointmentStatus | None) -> tuple[AppointmentStatus, ...]:
    """What a visit may become; for None what a new one may be entered as. Empty: it stays as it is."""
    return _MOVES[status]


def step_problem(
    was: AppointmentStatus | None, to: AppointmentStatus, *, starts_at: datetime, now: datetime
) -> str:
    """Why a visit cannot take this step, one sentence; empty when it can. Both moments are aware.

    A visit is booked or offered ahead, and kept or missed only once its time has come.
    """
    if to is not was and to not in _MOVES[was]:
        return (
            f"This visit is {STATUS_WORDS[was]}; it cannot become {STATUS_WORDS[to]}."
            if was
            else (f"A new visit cannot be {STATUS_WORDS[to]}: book it first.")
        )
    if to in _AHEAD and starts_at <= now:
        return "A visit is booked ahead; that time has passed."
    if to in _OVER and starts_at > now:
        return "That visit is still ahead; record it when it has happened."
    return ""


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """Items of every visit that is booked, proposed, or missed and not settled."""
    for visit in facts.appointments:
        match visit.status:
            case AppointmentStatus.BOOKED:
                yield from _booked(facts, visit, context)
            case AppointmentStatus.PROPOSED:
                yield _proposed(facts, visit, context)
            case AppointmentStatus.NOSHOW | AppointmentStatus.CANCELLED:
                yield _missed(facts, visit, context)
            case AppointmentStatus.FULFILLED:
                pass


def _item(
    facts: PatientFacts,
    visit: AppointmentFacts,
    context: Context,
    *,
    rule_id: str,
    verb: str,
    title: str,
    target_on: date,
    why: str,
    basis: Basis = Basis.OWN,
    consequence: Consequence = Consequence.CARE,
    since_on: date | None = None,
    visit_on: date | None = None,
    state: OutreachState | None = None,
) -> WorkItem:
    return WorkItem(
        kind=Kind.APPOINTMENT,
        record_id=visit.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb=verb,
        title=title,
        target_on=target_on,
        target_at=state.next_at if state else None,
        basis=basis,
        consequence=consequence,
        why=why,
        citation=context.cite(rule_id),
        progress=state.progress if state else "",
        since_on=since_on,
        visit_on=visit_on,
    )


def _booked(facts: PatientFacts, visit: AppointmentFacts, context: Context) -> Iterator[WorkItem]:
    day = format_day(visit.starts_on)
    clock = format_time(visit.starts_at.astimezone(context.zone).time())
    if visit.interpreter_needed and visit.interpreter_confirmed_on is None:
        yield _item(
            facts,
            visit,
            context,
            rule_id="appointment.interpreter",
            verb="done",
            title=f"Confirm interpreter, {clock}",
            target_on=context.target("appointment.interpreter", visit.starts_on),
            why=f"The visit on {day}, {clock} needs an interpreter; none is confirmed.",
            basis=Basis.VISIT,
            visit_on=visit.starts_on,
        )
    if visit.confirmed_on is None:
        yield _confirm(facts, visit, context, f"{day}, {clock}")
    outcome = context.deadline("appointment.outcome", visit.starts_on)
    yield _item(
        facts,
        visit,
        context,
        rule_id="appointment.outcome",
        verb="advance",
        title=f"Record visit of {day}: kept?",
        target_on=outcome.target_on or visit.starts_on,
        why=f"{visit.title} on {day}, {clock}. {outcome.why}",
        consequence=Consequence.PAPERWORK,
    )


def _confirm(facts: PatientFacts, visit: AppointmentFacts, context: Context, when: str) -> WorkItem:
    confirm = context.deadline("appointment.confirm", visit.starts_on)
    return _item(
        facts,
        visit,
        context,
        rule_id="appointment.confirm",
        verb="contact",
        title=f"Confirm visit {when}",
        target_on=confirm.target_on or visit.starts_on,
        why=f"{visit.title} is not confirmed. {confirm.why}",
    )


def _proposed(facts: PatientFacts, visit: AppointmentFacts, context: Context) -> WorkItem:
    deadline = context.deadline("appointment.proposed", visit.booked_on)
    return _item(
        facts,
        visit,
        context,
        rule_id="appointment.proposed",
        verb="advance",
        title=f"Book {visit.title}",
        target_on=deadline.target_on or visit.booked_on,
        why=deadline.why,
        since_on=visit.booked_on,
    )


def _missed(facts: PatientFacts, visit: AppointmentFacts, context: Context) -> WorkItem:
    """Call and rebook. A no-show counts from the visit, however late it was recorded."""
    is_noshow = visit.status is AppointmentStatus.NOSHOW
    missed_on = visit.starts_on if is_noshow else visit.status_on or visit.starts_on
    since = visit.starts_at if is_noshow else context.start_of(missed_on)
    state = outreach.state_about(facts, context, Kind.APPOINTMENT, visit.id, since=since)
    what = "no-show" if is_noshow else "cancelled visit"
    deadline = context.deadline("appointment.noshow", missed_on)
    return _item(
        facts,
        visit,
        context,
        rule_id="appointment.noshow",
        verb="contact",
        title={
            Step.ATTEMPT: f"Rebook {what}: {visit.title}",
            Step.LETTER: f"Send letter, {what}: {visit.title}",
            Step.SIGN_OFF: f"Ask clinician to close {what}: {visit.title}",
        }[state.step],
        target_on=state.next_on or deadline.target_on or missed_on,
        why=f"{visit.title} on {format_day(visit.starts_on)}: {what}. {deadline.why} {state.words}".rstrip(),
        since_on=missed_on,
        state=state,
    )
