"""Logging a contact: who was reached, what it settled, when the next try is."""

from __future__ import annotations

from collections.abc import Sequence

from carecoord_tui.domain import outreach
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.ranking import PATIENT_CALL_RULES
from carecoord_tui.domain.referral import office_owes
from carecoord_tui.domain.vocabulary import Channel, Direction, Kind, Outcome, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import ledger
from carecoord_tui.store.actions.base import Refused, existing, ledger_row, reset_check_in
from carecoord_tui.store.actions.items import clear_move, finish, place
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appointment, Contact, Patient, Provider, Referral

RULE_DATES_NEXT_TRY = frozenset({Kind.FOLLOW_UP, Kind.TRANSITION, Kind.PATIENT})
"""Kinds whose next try follows from the recorded contacts; the others get a moved date."""
RULES_DATING_NEXT_TRY = PATIENT_CALL_RULES | {"appointment.noshow"}


def log_contact(
    practice: Practice,
    *,
    patient_id: int,
    outcome: Outcome,
    about: ItemRef | None = None,
    settles: Sequence[ItemRef] = (),
    next_try: When | None = None,
    channel: Channel = Channel.PHONE,
    direction: Direction = Direction.OUTGOING,
    spoke_with: str = "",
    reference: str = "",
    minutes: int | None = None,
    note: str = "",
) -> int:
    """Record one contact and what it means for the items it was about, in one change.

    ``about`` is the item worked on, ``settles`` further items of the same person that this
    conversation also settled. ``next_try`` overrides the proposed date of a failed attempt and is
    required for a callback. ``minutes`` is the time spent, None when nobody counted. Returns the
    contact's number. Raises Refused with the reason.
    """
    _check(practice, patient_id, outcome, [*([about] if about else []), *settles], next_try)
    if minutes is not None and minutes < 0:
        raise Refused("The minutes of a contact cannot be less than zero.")
    now = practice.clock.now()
    with practice.change(f"contact: {outcome.label}") as session:
        existing(session, Patient, patient_id)
        contact = Contact(
            patient_id=patient_id,
            at=now,
            direction=direction,
            channel=_channel(outcome, channel),
            outcome=outcome,
            about_kind=about.kind if about else None,
            about_id=about.record_id if about else None,
            about_rule=about.rule_id if about else "",
            made_by=practice.user.name,
            by_clinical_staff=practice.user.is_clinical,
            spoke_with=spoke_with,
            reference=reference,
            minutes=minutes,
            note=note,
        )
        session.add(contact)
        session.flush()
        if outcome.is_reached:
            for ref in dict.fromkeys([*([about] if about else []), *settles]):
                _settle(session, practice, ref)
            reset_check_in(session, practice, patient_id, after=practice.today())
        elif about is not None:
            _plan_next(session, practice, about, outcome, next_try)
        number = contact.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def _channel(outcome: Outcome, channel: Channel) -> Channel:
    if outcome in (Outcome.PORTAL_SENT, Outcome.PORTAL_READ):
        return Channel.PORTAL
    if outcome in (Outcome.LETTER_SENT, Outcome.LETTER_RETURNED):
        return Channel.LETTER
    return channel


def _check(
    practice: Practice,
    patient_id: int,
    outcome: Outcome,
    refs: Sequence[ItemRef],
    next_try: When | None,
) -> None:
    if any(ref.patient_id != patient_id for ref in refs):
        raise Refused("One call settles items of one person only.")
    if outcome is Outcome.CALLBACK and next_try is None:
        raise Refused("Say when they will call back: a date, with a time if there is one.")
    if outcome is Outcome.LEFT_DETAILED:
        with practice.read() as connection:
            agreed = connection.exec_driver_sql(
                "SELECT detailed_voicemail FROM patient WHERE id = ?", (patient_id,)
            ).scalar()
        if not agreed:
            raise Refused("A detailed voicemail was not agreed with this patient: leave the minimal message.")


def _settle(session: AuditedSession, practice: Practice, ref: ItemRef) -> None:
    """What reaching the person does to an item. Acts of their own (a visit to book) stay open."""
    if ref.kind is Kind.FOLLOW_UP:
        finish(session, practice, ref.record_id)
    elif ref.kind is Kind.APPOINTMENT and ref.rule_id == "appointment.confirm":
        visit = existing(session, Appointment, ref.record_id)
        visit.confirmed_on = practice.today()
        session.add(visit)
    elif ref.kind is Kind.PATIENT:
        patient = existing(session, Patient, ref.record_id)
        patient.check_in_on = None  # set anew from today by reset_check_in
        session.add(patient)
    clear_move(session, ref)


def _plan_next(
    session: AuditedSession, practice: Practice, about: ItemRef, outcome: Outcome, next_try: When | None
) -> None:
    """Date the next try: by the user's choice, by the rule, or by the proposal for other kinds."""
    if next_try is not None:
        place_after_contact(session, practice, about, next_try, waiting=outcome is Outcome.CALLBACK)
        return
    by_rule = about.kind in RULE_DATES_NEXT_TRY or about.rule_id in RULES_DATING_NEXT_TRY
    if by_rule and (outcome.is_failed_attempt or outcome is Outcome.LETTER_SENT):
        clear_move(session, about)
        return
    row = ledger_row(session, about)
    if row is None:
        return
    proposal = outreach.propose(
        outcome,
        now=practice.clock.now(),
        attempts=0,
        deadline=row["legal_on"],
        pack=practice.context.pack,
        zone=practice.zone,
        calendar=practice.context.calendar,
    )
    if proposal.on is not None:
        # Without the hour: a time would make the next call to an office a promise (lane 2).
        office = office_of(session, about) if outcome is Outcome.OFFICE_REACHED else None
        place_after_contact(
            session, practice, about, When(proposal.on, None), waiting=False, waiting_on=office or ""
        )


def office_of(session: AuditedSession, about: ItemRef) -> Waiting | None:
    """Who owes the next step once an office was spoken to; None where the step is the coordinator's."""
    if about.kind is not Kind.REFERRAL:
        return None
    record = existing(session, Referral, about.record_id)
    if not office_owes(record.stage, expects_report=record.service_type.expects_report):
        return None
    provider = session.get(Provider, record.provider_id) if record.provider_id is not None else None
    who = provider.name if provider is not None else f"{record.specialty} office"
    return Waiting(who, WaitingOn.OFFICE, provider_id=record.provider_id)


def place_after_contact(
    session: AuditedSession,
    practice: Practice,
    about: ItemRef,
    until: When,
    *,
    waiting: bool,
    waiting_on: Waiting | str = "",
) -> None:
    """Move the item a contact was about. A follow-up's rule may have changed with the attempt."""
    session.flush()
    ledger.refresh(session.connection(), [about.patient_id], practice.context)
    ref = about
    if ledger_row(session, ref) is None:
        ref = ItemRef(about.kind, about.record_id, "outreach.next_attempt", about.patient_id)
    reason = "they call back" if waiting else ""
    place(session, practice, ref, until, reason=reason, waiting_on=waiting_on)
