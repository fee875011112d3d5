"""The services of an authorization: a payer answers each with a number, units and a validity of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from carecoord_tui.domain import authorization_steps as steps
from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import IdentifierError, normalize_procedure
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialReason
from carecoord_tui.store.actions.authorization_moves import (
    NOTE_LIMIT,
    NUMBER_LIMIT,
    decide_items,
    number_of,
    whole_units,
)
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Authorization, AuthorizationItem

TEXT_LIMIT = 160
_S = AuthorizationStatus
_ENDED = (*steps.DECIDED, _S.CANCELLED, _S.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEntry:
    """One service of a request, before the payer decided it."""

    service: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswer:
    """One service with what the payer said of it. Days are practice-local, units whole numbers.

    ``decided_on`` and ``denial_reason`` go to the whole, when this answer decides it.
    """

    item: ItemEntry = field(default_factory=ItemEntry)
    status: AuthorizationStatus = _S.SUBMITTED
    number: str = ""
    units: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    decided_on: date | None = None
    denial_reason: DenialReason | None = None


def add_item(practice: Practice, authorization_id: int, entry: ItemEntry) -> None:
    """A further service of a request that waits for the payer. Raises Refused once it was decided."""
    with practice.change("authorization: item added") as session:
        add_items(session, existing(session, Authorization, authorization_id), [entry])


def answer_item(practice: Practice, item_id: int, answer: ItemAnswer, *, version: int) -> None:
    """Change an item and what the payer said of it; the status of the whole follows from all items.

    ``version`` is that of the item the answer was filled from. Raises Refused for what is missing or out of
    order, and Conflict when somebody else changed the item since.
    """
    with practice.change("authorization: item") as session:
        item = as_shown(session, AuthorizationItem, item_id, version)
        record = existing(session, Authorization, item.authorization_id)
        is_decision = answer.status is not item.status
        for name, value in _values(record, answer).items():  # the status is put by its decision, below
            if getattr(item, name) != value:
                setattr(item, name, value)
        session.add(item)
        session.flush()
        if is_decision:
            reason = answer.denial_reason
            step = Step(to=answer.status, on=answer.decided_on, denial_reason=reason)
            decide_items(session, practice, number_of(record), {item_id: answer.status}, step)


def add_items(session: AuditedSession, record: Authorization, items: Sequence[ItemEntry]) -> None:
    """Further services of a request, inside a change; they wait for the payer. Raises Refused."""
    if items and record.status in _ENDED:
        raise Refused(f"It is {record.status.label} already: ask for further services in a new request.")
    for item in items:
        session.add(
            AuthorizationItem(
                patient_id=record.patient_id,
                authorization_id=number_of(record),
                status=_S.SUBMITTED,
                **_service(item),
            )
        )
    session.flush()


def _service(item: ItemEntry) -> dict[str, Any]:
    service, code = clean_text(item.service, TEXT_LIMIT), item.code.strip()
    try:
        code = normalize_procedure(code) if code else ""
    except IdentifierError as error:
        raise Refused(str(error)) from error
    if not service and not code:
        raise Refused("An item needs a code or a word.")
    return {"service": service, "code": code}


def _values(record: Authorization, answer: ItemAnswer) -> dict[str, Any]:
    """The item's columns, cleaned and checked. Raises Refused."""
    first, last = answer.valid_from, answer.valid_to
    if first is not None and last is not None and last < first:
        raise Refused(
            f"The item's validity ends on {format_day(last)}, before it begins on {format_day(first)}."
        )
    if last is not None and last < record.opened_on:
        raise Refused(
            "The last day of validity cannot be before the request of "
            f"{format_day(record.opened_on)}: check the letter."
        )
    if answer.status not in steps.GRANTED and (first or last):
        raise Refused("Only an item the payer approved has a validity: record its answer too.")
    return {
        **_service(answer.item),
        "number": clean_text(answer.number, NUMBER_LIMIT),
        "units": whole_units(answer.units),
        "valid_from": first,
        "valid_to": last,
        "note": clean_text(answer.note, NOTE_LIMIT),
    }
