"""Verbs on items of any kind: move to a date or event, say who is waited for, mark a follow-up done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import col, select

from carecoord_tui.domain import recurrence
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.vocabulary import FollowUpStatus, Kind, MoveEvent
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import (
    Refused,
    active_move,
    existing,
    instant,
    ledger_row,
    reset_check_in,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import FollowUp, MovedDate


def _several(refs: Sequence[ItemRef], one: str) -> str:
    return one if len(refs) == 1 else f"{one}, {len(refs)} items"


def complete(practice: Practice, refs: Sequence[ItemRef]) -> None:
    """Mark follow-ups done, all in one change; a recurring one is followed by the next.

    Raises Refused for an item a rule made: its own act settles it.
    """
    for ref in refs:
        if ref.kind is not Kind.FOLLOW_UP:
            raise Refused(f"A {ref.kind.label} is settled by its own act, not by marking it done.")
    with practice.change(_several(refs, "follow-up done")) as session:
        for ref in refs:
            finish(session, practice, ref.record_id)


def finish(session: AuditedSession, practice: Practice, follow_up_id: int) -> None:
    """Close one follow-up inside a change, and open the next of a recurrence."""
    record = _open_follow_up(session, follow_up_id)
    today = practice.today()
    record.status = FollowUpStatus.DONE
    record.done_at = practice.clock.now()
    record.done_on = today
    session.add(record)
    if record.recurrence:
        try:
            following = recurrence.next_after(
                record.recurrence, record.due_on, practice.context.calendar.is_working_day, after=today
            )
        except recurrence.RecurrenceError as error:
            raise Refused(f"{error} Edit the follow-up's recurrence first.") from error
        session.add(
            FollowUp(
                patient_id=record.patient_id,
                title=record.title,
                kind=record.kind,
                priority=record.priority,
                due_on=following,
                recurrence=record.recurrence,
                previous_id=record.id,
                source="recurrence",
            )
        )
    reset_check_in(session, practice, record.patient_id, after=today)


def _open_follow_up(session: AuditedSession, follow_up_id: int) -> FollowUp:
    record = existing(session, FollowUp, follow_up_id)
    if record.status is not FollowUpStatus.OPEN:
        raise Refused("That follow-up is already closed.")
    return record


def drop(practice: Practice, refs: Sequence[ItemRef]) -> None:
    """Close follow-ups without doing them; Refused for items a rule made."""
    for ref in refs:
        if ref.kind is not Kind.FOLLOW_UP:
            raise Refused(f"A {ref.kind.label} cannot be dropped; its own act settles it.")
    with practice.change(_several(refs, "follow-up dropped")) as session:
        for ref in refs:
            record = _open_follow_up(session, ref.record_id)
            record.status = FollowUpStatus.DROPPED
            record.done_at = practice.clock.now()
            record.done_on = practice.today()
            session.add(record)


def move(
    practice: Practice,
    refs: Sequence[ItemRef],
    until: When,
    *,
    event: MoveEvent | None = None,
    waiting_on: str = "",
    reason: str = "",
) -> None:
    """Move items to a date, or to an event with that date as the fallback; one change for all.

    Raises Refused for a past date, or one past an item's legal date.
    """
    label = _several(refs, "waiting" if waiting_on or event else "moved")
    with practice.change(label) as session:
        for ref in refs:
            place(session, practice, ref, until, event=event, waiting_on=waiting_on, reason=reason)


def place(
    session: AuditedSession,
    practice: Practice,
    ref: ItemRef,
    until: When,
    *,
    event: MoveEvent | None = None,
    waiting_on: str = "",
    reason: str = "",
) -> None:
    """Move one item inside a change. The first target stays on record: a defer stays a miss."""
    row = ledger_row(session, ref)
    if row is None:
        raise Refused("That item was settled meanwhile; the list was out of date.")
    _check_date(practice, until.on, row["legal_on"])
    record = active_move(session, ref)
    if record is None:
        record = MovedDate(
            patient_id=ref.patient_id,
            kind=ref.kind,
            record_id=ref.record_id,
            rule_id=ref.rule_id,
            until_on=until.on,
            original_on=row["moved_from"] or row["target_on"],
            moved_at=practice.clock.now(),
        )
    record.until_on = until.on
    record.until_at = instant(practice, until)
    record.event = event
    record.waiting_on = waiting_on
    record.reason = reason
    record.moved_at = practice.clock.now()
    session.add(record)


def _check_date(practice: Practice, until: date, legal_on: date | None) -> None:
    today = practice.today()
    if until < today:
        raise Refused(f"{format_day(until, today)} is past; choose today or later.")
    if legal_on is not None and until > legal_on >= today:
        raise Refused(
            f"The last day is {format_day(legal_on, today)}: this cannot move to {format_day(until, today)}."
        )


def clear_move(session: AuditedSession, ref: ItemRef) -> None:
    """Forget an item's moved date inside a change; its rule dates it again."""
    record = active_move(session, ref)
    if record is not None:
        session.delete(record)


def clear_moves_of(session: AuditedSession, kind: Kind, record_id: int) -> None:
    """Forget every moved date of a record whose step has changed what is owed."""
    moved = select(MovedDate).where(col(MovedDate.kind) == kind, col(MovedDate.record_id) == record_id)
    for record in session.exec(moved):
        session.delete(record)


def spread(practice: Practice, refs: Sequence[ItemRef]) -> None:
    """Move items to the coming working days, a day's capacity each, in the order given.

    An item with a legal date stays at or before it. One change for all.
    """
    calendar, capacity = practice.context.calendar, practice.settings.check_in_capacity
    with practice.change(_several(refs, "spread")) as session:
        day = calendar.next_working_day(practice.today())
        for place_in_list, ref in enumerate(refs):
            if place_in_list and place_in_list % capacity == 0:
                day = calendar.next_working_day(day)
            row = ledger_row(session, ref)
            legal_on = row["legal_on"] if row is not None else None
            until = min(day, legal_on) if legal_on is not None and legal_on >= practice.today() else day
            place(session, practice, ref, When(until, None), reason="spread")


def stop_waiting(practice: Practice, refs: Sequence[ItemRef]) -> None:
    """Nobody is waited for any more: the items are the coordinator's again, in one change.

    A date still ahead by the item's own rule comes back; one already past becomes today, and the first
    target stays on record (a defer stays a miss). Raises Refused when none of them waited for anybody.
    """
    with practice.change(_several(refs, "no longer waiting")) as session:
        waited = [ref for ref in refs if _take_back(session, practice, ref)]
        if not waited:
            raise Refused("Nobody is waited for here.")


def _take_back(session: AuditedSession, practice: Practice, ref: ItemRef) -> bool:
    """True when the item waited for somebody and does not any more."""
    record = active_move(session, ref)
    if record is None or not (record.waiting_on or record.event):
        return False
    today = practice.today()
    if record.original_on > today:
        session.delete(record)
        return True
    record.until_on, record.until_at = today, None
    record.waiting_on, record.event, record.reason = "", None, ""
    record.moved_at = practice.clock.now()
    session.add(record)
    return True
