"""The statuses of a prior authorization: which may follow which, and what each rests on.

Pure: a step is judged by its facts and by the day it is recorded, never by a clock. What a payer tells later
(its reference, the validity in the letter) does not hold a step up: :func:`facts_owed` names it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialReason

_S = AuthorizationStatus
GRANTED = (_S.APPROVED, _S.PARTIAL, _S.MODIFIED)
"""The payer agreed, in full or in part: units can be used."""
DECIDED = (*GRANTED, _S.DENIED)
BEFORE_PAYER = (_S.NEEDED, _S.DRAFT)
UNDECIDED = (*BEFORE_PAYER, _S.SUBMITTED, _S.PENDED)

_FOLLOWS: dict[AuthorizationStatus, tuple[AuthorizationStatus, ...]] = {
    _S.NEEDED: (_S.DRAFT, _S.SUBMITTED, _S.CANCELLED),
    _S.DRAFT: (_S.SUBMITTED, _S.CANCELLED),
    _S.SUBMITTED: (_S.PENDED, *DECIDED, _S.CANCELLED),
    _S.PENDED: (_S.SUBMITTED, *DECIDED, _S.CANCELLED),
    _S.APPROVED: (_S.MODIFIED, _S.PARTIAL, _S.DENIED, _S.EXPIRED, _S.CANCELLED),
    _S.PARTIAL: (_S.APPROVED, _S.MODIFIED, _S.DENIED, _S.EXPIRED, _S.CANCELLED),
    _S.MODIFIED: (_S.APPROVED, _S.PARTIAL, _S.DENIED, _S.EXPIRED, _S.CANCELLED),
    _S.DENIED: GRANTED,  # an appeal or a peer-to-peer call won
    _S.CANCELLED: (),
    _S.EXPIRED: (),
}


class Fact(StrEnum):
    """What a status rests on; the value is what the screen calls it."""

    SUBMITTED = "when it was submitted"
    CHANNEL = "how it was submitted"
    REFERENCE = "the payer's reference"
    NUMBER = "the authorization number"
    VALID_TO = "the last day of validity, from the letter"
    REASON = "the reason of the denial"


_SUBMISSION = (Fact.SUBMITTED, Fact.CHANNEL, Fact.REFERENCE)
FACTS: dict[AuthorizationStatus, tuple[Fact, ...]] = {
    _S.SUBMITTED: _SUBMISSION,
    _S.PENDED: _SUBMISSION,
    **dict.fromkeys(GRANTED, (Fact.SUBMITTED, Fact.NUMBER, Fact.VALID_TO)),
    _S.DENIED: (Fact.SUBMITTED, Fact.REASON),
}
"""A denial names its specific reason (CMS-0057-F, from 2026)."""


class IllegalStep(ValueError):
    """This status cannot follow, or a fact is out of order; the sentence says what can be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The facts of an authorization a step depends on. Days are practice-local."""

    status: AuthorizationStatus
    opened_on: date
    submitted_on: date | None = None
    channel: str = ""
    reference: str = ""
    information_due_on: date | None = None
    decided_on: date | None = None
    number: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    denial_reason: DenialReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: the status reached, the day it was (default: the day of recording), what came with it."""

    to: AuthorizationStatus
    on: date | None = None
    channel: str = ""
    reference: str = ""
    information_due_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    denial_reason: DenialReason | None = None


def allowed(status: AuthorizationStatus) -> tuple[AuthorizationStatus, ...]:
    """The statuses that may follow."""
    return _FOLLOWS[status]


def facts_owed(standing: Standing) -> tuple[Fact, ...]:
    """What the present status rests on and nobody entered yet, in the order of the form."""
    have = {
        Fact.SUBMITTED: standing.submitted_on is not None,
        Fact.CHANNEL: bool(standing.channel),
        Fact.REFERENCE: bool(standing.reference),
        Fact.NUMBER: bool(standing.number),
        Fact.VALID_TO: standing.valid_to is not None,
        Fact.REASON: standing.denial_reason is not None,
    }
    return tuple(fact for fact in FACTS.get(standing.status, ()) if not have[fact])


def move(standing: Standing, step: Step, *, today: date) -> Standing:
    """The standing after a step recorded on ``today`` (practice-local). Raises IllegalStep.

    Information sent to a payer that pended the request leaves the day of submission as it was. A request
    entered after it was submitted counts from the submission.
    """
    if step.to not in _FOLLOWS[standing.status]:
        raise IllegalStep(_refusal(standing.status, step.to))
    return _after(standing, step, today)


def answered(standing: Standing, step: Step, *, today: date) -> Standing:
    """The standing after an answer of the payer, which may say the same again with a later letter's facts.

    Said again, a decision keeps the day it was first made; a pend is counted from the newest. Raises
    IllegalStep.
    """
    if step.to is not standing.status:
        return move(standing, step, today=today)
    after = _after(standing, step, today)
    is_dated_anew = step.to is _S.PENDED and step.information_due_on is not None
    if is_dated_anew or standing.decided_on is None:
        return after
    return replace(after, decided_on=standing.decided_on)


def _after(standing: Standing, step: Step, today: date) -> Standing:
    on = step.on or today
    _check_day(standing, on, today)
    after = replace(
        standing,
        status=step.to,
        channel=step.channel or standing.channel,
        reference=step.reference or standing.reference,
    )
    if step.to is _S.SUBMITTED and standing.status in BEFORE_PAYER:
        after = replace(after, submitted_on=on, opened_on=min(on, standing.opened_on))
    elif step.to is _S.SUBMITTED:
        after = replace(after, decided_on=None, information_due_on=None)
    elif step.to is _S.PENDED:
        # The day it was pended: what the payer asks for is due from it.
        known = standing.information_due_on if standing.status is _S.PENDED else None
        after = replace(after, decided_on=on, information_due_on=step.information_due_on or known)
    elif step.to in DECIDED:
        after = replace(after, decided_on=on)
    if step.to in GRANTED:
        after = replace(
            after,
            valid_from=step.valid_from or standing.valid_from,
            valid_to=step.valid_to or standing.valid_to,
            denial_reason=_reason_of_part(standing, step),
        )
    elif step.to is _S.DENIED:
        after = replace(after, denial_reason=step.denial_reason or standing.denial_reason)
    check_window(after)
    if step.to is _S.PENDED and step.information_due_on is not None and step.information_due_on < on:
        raise IllegalStep(
            f"The information cannot be due on {format_day(step.information_due_on)}, before the payer "
            f"asked on {format_day(on)}."
        )
    return after


def _reason_of_part(standing: Standing, step: Step) -> DenialReason | None:
    """Why a part was denied; one known is kept when the payer says the same again."""
    if step.to is not _S.PARTIAL:
        return None
    return step.denial_reason or (standing.denial_reason if standing.status is _S.PARTIAL else None)


def check_window(standing: Standing) -> None:
    """Raise IllegalStep unless the validity ends after it begins and after the request was made."""
    first, last = standing.valid_from, standing.valid_to
    if last is None:
        return
    if first is not None and last < first:
        raise IllegalStep(
            f"The validity ends on {format_day(last)}, before it begins on {format_day(first)}."
        )
    if last < standing.opened_on:
        raise IllegalStep(
            "The last day of validity cannot be before the request of "
            f"{format_day(standing.opened_on)}: check the letter."
        )


def overall(items: Iterable[AuthorizationStatus]) -> AuthorizationStatus | None:
    """The status of a request from its items; None without items that count.

    It is approved only when every item is, and undecided while any item is: one approved item does not
    make an approval. Withdrawn items do not count unless all are.
    """
    every = tuple(items)
    found = set(every) - {_S.CANCELLED}
    if not found:
        return _S.CANCELLED if every else None
    if open_ones := found & set(UNDECIDED):
        return _S.PENDED if _S.PENDED in open_ones else _S.SUBMITTED
    if len(found) == 1:
        return found.pop()
    if found <= {_S.APPROVED, _S.MODIFIED}:
        return _S.MODIFIED
    if found & set(GRANTED):
        return _S.PARTIAL
    return _S.DENIED if _S.DENIED in found else _S.EXPIRED


def units_refusal(*, authorized: int | None, used: int, more: int) -> str:
    """Why ``more`` units cannot be used without a word; empty when they fit or no limit is known."""
    if authorized is None or used + more <= authorized:
        return ""
    left = max(authorized - used, 0)
    return (
        f"{left} of {authorized} units are left and this visit uses {more}: ask the payer for more, or say "
        "why it goes ahead."
    )


def _check_day(standing: Standing, on: date, today: date) -> None:
    if on > today:
        raise IllegalStep(f"{format_day(on)} is ahead: record it when it has happened.")
    since = standing.submitted_on
    if since is not None and on < since:
        raise IllegalStep(f"The payer has had it since {format_day(since)}: check the day.")


def _refusal(now: AuthorizationStatus, to: AuthorizationStatus) -> str:
    """Why a status cannot follow, and what to do instead."""
    if now is to:
        return f"It is {now.label} already."
    if now in (_S.CANCELLED, _S.EXPIRED):
        return f"This authorization has ended ({now.label}): add a new one for a new request."
    if now in BEFORE_PAYER and to in (*DECIDED, _S.PENDED):
        return f"It was not submitted yet: record the submission, then that it is {to.label}."
    if now in UNDECIDED and to is _S.EXPIRED:
        return "Nothing was approved that could expire: record the payer's decision, or cancel it."
    if now is _S.DENIED:
        return "The payer denied it: appeal the denial, or add a new request."
    return f"An authorization that is {now.label} cannot go back to {to.label}: u undoes a mistaken step."
