"""Chasing an office: one call settles many patients, each with a contact of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from carecoord_tui.domain.asking_again import next_look
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Kind, Outcome
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused, ledger_row
from carecoord_tui.store.actions.call_log import check_minutes, log_call, shared_out
from carecoord_tui.store.actions.contacts import office_of
from carecoord_tui.store.actions.items import place, place_promised
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession

PROMISE_DAYS = 3  # working days, when the office named no day
NOBODY_DAYS = 1  # working days until the next call when nobody answered
SPOKEN = (Outcome.OFFICE_REACHED, Outcome.CALLBACK)
MISSED = (Outcome.OFFICE_NO_ANSWER, Outcome.OFFICE_MESSAGE)


def chase(
    practice: Practice,
    refs: Sequence[ItemRef],
    outcome: Outcome = Outcome.OFFICE_REACHED,
    *,
    until: When | None = None,
    spoke_with: str = "",
    reference: str = "",
    minutes: int | None = None,
    note: str = "",
) -> tuple[date, ...]:
    """Log one call to an office about these referrals and date the next look; all in one change.

    The office owes the next step until the day it named, and is asked again the working day after; without a
    named day in ``PROMISE_DAYS`` working days. Nobody reached: the next call is ``NOBODY_DAYS`` working days
    on, and nothing was promised. Without a named day none is looked at after its last day. ``minutes`` is the
    length of the whole call and is shared out.

    Returns the days of the next looks, each once, the earliest first. Raises Refused for anything but
    referrals whose next step is the office's, and for a past day.
    """
    if not refs:
        raise Refused("Nothing is chosen to ask the office about.")
    if outcome not in (*SPOKEN, *MISSED):
        raise Refused(f"“{outcome.label}” is not how a call to an office ends.")
    check_minutes(minutes)
    promised = until if outcome in SPOKEN else None
    looks: set[date] = set()
    count = f", {len(refs)} referrals" if len(refs) > 1 else ""
    at = practice.clock.now()  # one for all: by it the log knows that they were one call
    with practice.change(f"office called: {outcome.label}{count}") as session:
        for ref, share in zip(refs, shared_out(minutes, len(refs)), strict=True):
            look = ask_office(
                session,
                practice,
                ref,
                outcome,
                until or usual_look(session, practice, ref, outcome),
                promised=promised,
                at=at,
                minutes=share,
                spoke_with=spoke_with,
                reference=reference,
                note=note,
            )
            looks.add(look.on)
    return tuple(sorted(looks))


def usual_look(session: AuditedSession, practice: Practice, ref: ItemRef, outcome: Outcome) -> When:
    """When somebody who named no day is asked again, never after the last day. Raises Refused."""
    row = ledger_row(session, ref)
    if row is None:
        raise Refused("That item was settled meanwhile; the list was out of date.")
    look = next_look(
        PROMISE_DAYS if outcome in SPOKEN else NOBODY_DAYS,
        practice.today(),
        practice.context.calendar,
        legal_on=row["legal_on"],
        visit_on=row["visit_on"],
    )
    return When(look.on)


def promised_until(practice: Practice) -> When:
    """When an office that named no day is asked again."""
    return When(practice.context.calendar.add_working_days(practice.today(), PROMISE_DAYS))


def ask_office(
    session: AuditedSession,
    practice: Practice,
    ref: ItemRef,
    outcome: Outcome,
    day: When,
    *,
    promised: When | None = None,
    at: datetime | None = None,
    minutes: int | None = None,
    spoke_with: str = "",
    reference: str = "",
    note: str = "",
) -> When:
    """One referral of a call to its office, inside a change: the contact, and the day of the next look.

    That is ``day``, or follows from what was ``promised``; it is returned.
    """
    office = office_of(session, ref) if ref.kind is Kind.REFERRAL else None
    if office is None:
        raise Refused("An office is asked only about referrals that wait for it; nothing was logged.")
    log_call(
        session,
        practice,
        ref,
        outcome,
        at=at,
        minutes=minutes,
        spoke_with=spoke_with,
        reference=reference,
        note=note,
    )
    if promised is not None:
        return When(place_promised(session, practice, ref, office, promised), promised.at)
    place(session, practice, ref, day, waiting_on=office if outcome in SPOKEN else "")
    return day
