"""What a payer's answer would write: figures, decisions and denials in the practice's own words.

Nothing of the practice is looked at here; person, plan and request are found later. Two figures are never
made one: each keeps its network, level, period and place, and what our words cannot say stands in its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from carecoord_tui.domain import payer_answers as said
from carecoord_tui.domain import vocabulary as words
from carecoord_tui.domain.money import MOST
from carecoord_tui.domain.payer_answer_words import LEVEL_WORDS, PERIOD_WORDS
from carecoord_tui.domain.payer_answers import (
    ACTION_WORDS,
    AuthorizationAnswer,
    BenefitLine,
    CoverageAnswer,
    Dated,
    MemberAnswer,
    MemberLevel,
    Where,
)
from carecoord_tui.domain.payer_claims import ClaimAnswer, ClaimStatusAnswer
from carecoord_tui.domain.payer_reject_words import reject_words
from carecoord_tui.domain.vocabulary import AuthorizationStatus, EligibilityResult
from carecoord_tui.exchange.answer_people import Asked
from carecoord_tui.store.actions.authorization_moves import MOST_UNITS
from carecoord_tui.store.actions.eligibility import BenefitEntry, CheckEntry
from carecoord_tui.store.importing_answers import DecidedItem, IncomingDecision, IncomingDenial

SOURCE_271 = "271"
_NOBODY = 0
"""Stands for the person and request until they are found."""

_KINDS = {
    said.BenefitKind.COPAY: words.BenefitKind.COPAY,
    said.BenefitKind.DEDUCTIBLE: words.BenefitKind.DEDUCTIBLE,
    said.BenefitKind.COINSURANCE: words.BenefitKind.COINSURANCE,
    said.BenefitKind.OUT_OF_POCKET: words.BenefitKind.OUT_OF_POCKET,
    said.BenefitKind.LIMIT: words.BenefitKind.LIMIT,
    said.BenefitKind.NONCOVERED: words.BenefitKind.NONCOVERED,
}
_NETWORKS = {said.Network.IN: words.Network.IN, said.Network.OUT: words.Network.OUT}
_LEVELS = {"IND": words.BenefitLevel.INDIVIDUAL, "FAM": words.BenefitLevel.FAMILY}
_PERIODS = {
    "22": words.BenefitPeriod.YEAR,
    "23": words.BenefitPeriod.YEAR,
    "26": words.BenefitPeriod.EPISODE,
    "27": words.BenefitPeriod.VISIT,
    "29": words.BenefitPeriod.REMAINING,
}
"""Only what is the same thing: a year to date or a lifetime is neither a year nor what remains of it."""

_COVERAGE_DATES = ("307", "291")
_ASKED_DATES = ("472", *_COVERAGE_DATES)
_RESULTS = {
    CoverageAnswer.ACTIVE: EligibilityResult.ACTIVE,
    CoverageAnswer.INACTIVE: EligibilityResult.INACTIVE,
    CoverageAnswer.MIXED: EligibilityResult.UNABLE,
    CoverageAnswer.UNKNOWN: EligibilityResult.UNABLE,
}
_VALID, _VALID_TO = ("007", "extension-itemPreAuthPeriod", "itemPreAuthPeriod"), "036"
_EVENT_SPANS = ("AAH", "472")
_GRANTED = (AuthorizationStatus.APPROVED, AuthorizationStatus.PARTIAL, AuthorizationStatus.MODIFIED)


@dataclass(frozen=True, slots=True)
class CheckDraft:
    """A check of coverage, without its person and plan."""

    entry: CheckEntry


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """A decision, without its request; ``names`` and ``codes`` are what the request is known by."""

    decision: IncomingDecision
    names: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DenialDraft:
    """A denied claim, without its person; ``claim_numbers`` are all it is known by."""

    denial: IncomingDenial
    claim_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """One answer: whom it names, what it would write, and what of it is not taken.

    ``day`` is the transaction's own, None where it has none. ``said`` is all the file says, line by line.
    ``is_conflict``: it says two things that cannot both be so.
    """

    asked: Asked
    where: Where
    words: str
    body: CheckDraft | DecisionDraft | DenialDraft
    left_out: tuple[str, ...] = ()
    day: date | None = None
    said: str = ""
    is_conflict: bool = False


def trace_of(where: Where) -> str:
    """``EB, segment 27``; the path itself in a FHIR answer."""
    return f"{where.id}, segment {where.segment}" if where.segment else where.id


# --- eligibility ----------------------------------------------------------------------------------------


def check_draft(answer: MemberAnswer, on: date) -> Draft:
    """A check made on the day of the answer, as of the day asked about."""
    left_out: list[str] = []
    figures = tuple(_figures(answer.lines, left_out))
    result = _RESULTS[answer.coverage]
    needed = any(line.authorization_needed == "Y" for line in answer.lines)
    entry = CheckEntry(
        patient_id=_NOBODY,
        result=result,
        checked_on=on,
        as_of=_as_of(answer.dates, on),
        benefits=figures,
        plan_said=", ".join(answer.plans),
        authorization_needed=True if needed else None,
        reference=next(iter(answer.traces), ""),
        method="file",
        note=_check_note(answer),
        source=SOURCE_271,
    )
    count = len(figures)
    figure_words = f", {count} figure{'' if count == 1 else 's'}" if count else ""
    member_id = answer.person.id or answer.subscriber.id
    is_dependent = answer.level is MemberLevel.DEPENDENT
    through = answer.subscriber.name if is_dependent else ""
    asked = Asked(answer.person, member_id, answer.born_on, is_dependent, through)
    what = (entry.note or result.label) + figure_words
    return Draft(
        asked,
        answer.where,
        what,
        CheckDraft(entry),
        tuple(left_out),
        is_conflict=answer.coverage is CoverageAnswer.MIXED,
    )


def _check_note(answer: MemberAnswer) -> str:
    if answer.rejects:
        return f"not answered: {', '.join(reject_words(reject) for reject in answer.rejects)}"
    if answer.coverage is CoverageAnswer.MIXED:
        return "active and inactive together: ask the payer which holds"
    return "the payer did not say whether it is active" if answer.coverage is CoverageAnswer.UNKNOWN else ""


def _as_of(dates: Sequence[Dated], on: date) -> date:
    """The day asked about; the day of the answer where none was named, or where the span holds it.

    A single day in the past is when coverage began, not what was asked, unless it is the day of a service.
    """
    for qualifier in _ASKED_DATES:
        for one in dates:
            if one.qualifier != qualifier or one.starts_on is None or one.ends_on is None:
                continue
            is_beginning = qualifier in _COVERAGE_DATES and one.starts_on == one.ends_on < on
            if not is_beginning:
                return on if one.starts_on <= on <= one.ends_on else one.starts_on
    return on


def _figures(lines: Sequence[BenefitLine], left_out: list[str]) -> Iterator[BenefitEntry]:
    for line in lines:
        kind = _KINDS.get(line.kind)
        if kind is None:
            continue
        text = _beside(line)
        amount = line.amount
        if amount is not None and amount > MOST:
            left_out.append(f"{line.where}: the {kind.label} is too much to be one and was not taken")
            continue
        if amount is None and line.rate is None and not text:
            if kind is not words.BenefitKind.NONCOVERED:
                left_out.append(f"{line.where}: the {kind.label} has no figure and was not taken")
                continue
            text = "not covered"
        yield BenefitEntry(
            kind=kind,
            amount=amount,
            percent=None if line.rate is None else line.rate * 100,
            network=_NETWORKS.get(line.network, words.Network.UNKNOWN),
            level=_LEVELS.get(line.level, words.BenefitLevel.UNKNOWN),
            period=_PERIODS.get(line.period, words.BenefitPeriod.UNKNOWN),
            service_type=" ".join(line.service_types),
            plan=line.plan,
            text=text,
            trace=trace_of(line.where),
        )


def _beside(line: BenefitLine) -> str:
    """What tells the figure from its neighbours and has no field of its own."""
    parts = []
    if line.network is said.Network.EITHER:
        parts.append("in or out of network")
    if line.period and line.period not in _PERIODS:
        parts.append(PERIOD_WORDS.get(line.period, f"period {line.period}"))
    if line.level and line.level not in LEVEL_WORDS:
        parts.append(f"level {line.level}")
    if line.percent is not None and line.rate is None:
        parts.append(f"percentage written as {line.percent}")
    if line.quantity is not None:
        parts.append(f"{line.quantity} {line.quantity_kind}".strip())
    if line.procedure:
        parts.append(line.procedure)
    return ", ".join([*parts, *([line.text] if line.text else [])])


# --- authorizations -------------------------------------------------------------------------------------


def decision_draft(answer: AuthorizationAnswer, on: date) -> Draft | None:
    """What was decided; None where nothing was that we have a word for."""
    items = tuple(_decided(item) for item in said.decided_items(answer.items))
    if all(item.status is None for item in items):
        return None
    granted = [item for item in items if item.status in _GRANTED]
    numbers = tuple(dict.fromkeys(item.number for item in items if item.number))
    starts = [item.valid_from for item in granted if item.valid_from is not None]
    ends = [item.valid_to for item in granted if item.valid_to is not None]
    decision = IncomingDecision(
        authorization_id=_NOBODY,
        on=on,
        items=items,
        number=numbers[0] if numbers else "",
        units=granted[0].units if len(granted) == len(items) == 1 else None,
        valid_from=min(starts, default=None),
        valid_to=min(ends, default=None),  # the first to run out is what must be renewed in time
    )
    outcome = answer.outcome.label if answer.outcome else "not all decided"
    count = f"{len(items)} item{'' if len(items) == 1 else 's'}"
    codes = tuple(dict.fromkeys(item.code for item in items if item.code))
    is_dependent = answer.patient != answer.subscriber
    asked = Asked(
        answer.patient,
        answer.patient.id or answer.subscriber.id,
        answer.born_on,
        is_dependent,
        answer.subscriber.name if is_dependent else "",
    )
    names = tuple(dict.fromkeys((*answer.traces, *numbers)))
    body = DecisionDraft(decision, tuple(name for name in names if name), codes)
    return Draft(asked, answer.where, f"{outcome}, {count}", body)


def _decided(item: said.AuthorizationItem) -> DecidedItem:
    valid_from, valid_to = _validity(item.dates)
    notes = []
    if item.status is None:
        notes.append(ACTION_WORDS.get(item.action, item.action or "not decided"))
    if item.reasons:
        notes.append(f"reason {' '.join(item.reasons)}")
    if item.text:
        notes.append(item.text)
    code = bare_code(item.procedure)
    return DecidedItem(
        status=item.status,
        code=code,
        service=code or "the request as a whole",
        is_whole=item.is_event and not code,
        number=item.number,
        units=_units(item.units),
        valid_from=valid_from,
        valid_to=valid_to,
        trace=trace_of(item.where),
        note=", ".join(notes),
    )


def bare_code(procedure: str) -> str:
    """``99213`` of ``HC:99213:25``."""
    parts = [part for part in procedure.split(":") if part]
    return parts[1] if len(parts) > 1 else "".join(parts)


def _validity(dates: Sequence[Dated]) -> tuple[date | None, date | None]:
    """From when to when it holds: as certified, else the span of the event; a span backwards is none."""
    starts = next((one.starts_on for one in dates if one.qualifier in _VALID), None)
    spans = [one.ends_on for one in dates if one.qualifier in _VALID and one.ends_on != one.starts_on]
    ends = next((one.ends_on for one in dates if one.qualifier == _VALID_TO), None) or next(iter(spans), None)
    if starts is None and ends is None:
        for one in dates:
            if one.qualifier in _EVENT_SPANS and one.ends_on != one.starts_on:
                starts, ends = one.starts_on, one.ends_on
                break
    return (None, None) if starts and ends and ends < starts else (starts, ends)


def _units(units: Sequence[said.Units]) -> int | None:
    """A whole number said once; None where there are several, or parts of one."""
    found = {one.quantity for one in units if one.quantity is not None}
    if len(found) != 1:
        return None
    quantity = found.pop()
    whole = quantity == quantity.to_integral_value() and 0 <= quantity <= MOST_UNITS
    return int(quantity) if whole else None


# --- denials --------------------------------------------------------------------------------------------


def remittance_draft(claim: ClaimAnswer, on: date) -> Draft:
    """A denied claim of an 835."""
    known = {one.reason_word for one in claim.adjustments} - {None}
    codes = [f"{one.group} {one.reason}" for one in claim.adjustments if one.reason]
    services = [code for one in claim.services if (code := bare_code(":".join(one.procedure)))]
    number = claim.payer_number or claim.id
    denial = IncomingDenial(
        patient_id=_NOBODY,
        coverage_id=None,
        service=", ".join(dict.fromkeys(services)) or f"claim {number}",
        notice_on=on,
        claim_number=number,
        amount=_plain(claim.charge),
        reason=", ".join(dict.fromkeys(codes)),
        reason_kind=known.pop() if len(known) == 1 else None,
        note=_our_number(claim.id, number),
        trace=trace_of(claim.where),
    )
    body = DenialDraft(denial, (claim.payer_number, claim.id))
    return Draft(Asked(claim.patient, claim.patient.id), claim.where, _denied_words(denial), body)


def status_draft(claim: ClaimStatusAnswer, on: date) -> Draft | None:
    """A claim that a 277 says was denied; None where it was not."""
    denied = next((one for one in claim.statuses if one.is_denied and not one.is_service), None)
    if denied is None:
        return None
    number = claim.payer_number or claim.trace
    denial = IncomingDenial(
        patient_id=_NOBODY,
        coverage_id=None,
        service=f"claim {number}".strip(),
        notice_on=min(denied.on or on, on),
        claim_number=number,
        amount=_plain(denied.amount),
        reason=f"status {':'.join(denied.status)}",
        reason_kind=None,
        note=", ".join(part for part in (_our_number(claim.trace, number), denied.message) if part),
        trace=trace_of(denied.where),
    )
    body = DenialDraft(denial, (claim.payer_number, claim.trace))
    return Draft(Asked(denied.patient, denied.patient.id), denied.where, _denied_words(denial), body)


def _denied_words(denial: IncomingDenial) -> str:
    """``claim 77: denied, CO 197``."""
    return ", ".join(filter(None, (f"claim {denial.claim_number}: denied", denial.reason)))


def _our_number(own: str, payer_number: str) -> str:
    return f"our number {own}" if own and own != payer_number else ""


def _plain(amount: Decimal | None) -> Decimal | None:
    """An amount that can stand in a denial; a negative or absurd one is unknown, not zero."""
    return amount if amount is not None and 0 <= amount <= MOST else None
