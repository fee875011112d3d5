"""Payers' answers as lines for people: every figure with what it holds for and its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from carecoord_tui.domain.dates import format_birth, format_full_day
from carecoord_tui.domain.payer_answers import (
    ACTION_WORDS,
    AuthorizationAnswer,
    AuthorizationItem,
    BenefitKind,
    BenefitLine,
    Dated,
    MemberAnswer,
    MemberLevel,
    Network,
    Party,
    Reject,
)
from carecoord_tui.domain.payer_claims import ClaimAnswer, ClaimStatusAnswer, ClaimStatusLine
from carecoord_tui.domain.payer_reject_words import reject_words

PERIOD_WORDS = {
    "7": "a day",
    "21": "for years",
    "22": "service year",
    "23": "calendar year",
    "24": "year to date",
    "25": "contract",
    "26": "an episode",
    "27": "a visit",
    "29": "remaining",
    "32": "lifetime",
    "33": "lifetime remaining",
    "34": "a month",
    "35": "a week",
    "36": "an admission",
}
LEVEL_WORDS = {"IND": "individual", "FAM": "family"}
NETWORK_WORDS = {
    Network.IN: "in network",
    Network.OUT: "out of network",
    Network.EITHER: "in or out of network",
    Network.UNKNOWN: "network unknown to the payer",
    Network.NOT_STATED: "network not stated",
}
CLAIM_STATUS_WORDS = {
    "1": "processed as primary",
    "2": "processed as secondary",
    "3": "processed as tertiary",
    "4": "denied",
    "19": "primary, forwarded",
    "20": "secondary, forwarded",
    "21": "tertiary, forwarded",
    "22": "earlier payment taken back",
    "23": "not our claim, forwarded",
    "25": "predetermination, no payment",
}
_MONEY = frozenset(
    (
        BenefitKind.COPAY,
        BenefitKind.DEDUCTIBLE,
        BenefitKind.COINSURANCE,
        BenefitKind.OUT_OF_POCKET,
        BenefitKind.LIMIT,
    )
)


def answer_lines(answer: object) -> list[str]:
    """One answer: a headline, and an indented line for each thing said."""
    match answer:
        case MemberAnswer():
            return list(_member_lines(answer))
        case AuthorizationAnswer():
            return list(_authorization_lines(answer))
        case ClaimStatusAnswer():
            return list(_status_lines(answer))
        case ClaimAnswer():
            return list(_claim_lines(answer))
    raise TypeError(f"not an answer: {type(answer).__name__}")


def money(value: Decimal | None) -> str:
    """Dollars and cents; ``unknown`` where there is no figure, which is not zero."""
    if value is None:
        return "unknown"
    return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"


# --- eligibility ----------------------------------------------------------------------------------------


def _member_lines(answer: MemberAnswer) -> Iterator[str]:
    born = f", born {format_birth(answer.born_on)}" if answer.born_on else ""
    through = ""
    if answer.level is MemberLevel.DEPENDENT:
        through = f", through {_named(answer.subscriber)}"
    yield f"{_named(answer.person)}, {answer.level.label}{born}{through}: {answer.coverage.label}"
    yield from reject_lines(answer.rejects)
    for line in answer.lines:
        yield f"  {_benefit_words(line)} ({line.where.id}*{line.code}, segment {line.where.segment})"


def _benefit_words(line: BenefitLine) -> str:
    parts = [line.kind.label]
    if line.kind in _MONEY or line.amount is not None or line.percent is not None:
        parts[0] += f" {_figure(line)}"
        parts.append(PERIOD_WORDS.get(line.period, f"period {line.period}" if line.period else ""))
        parts.append(LEVEL_WORDS.get(line.level, line.level))
        parts.append(NETWORK_WORDS[line.network])
    if line.service_types:
        parts.append(f"service types {' '.join(line.service_types)}")
    parts += [line.insurance, line.plan]
    if line.authorization_needed == "Y":
        parts.append("authorization needed")
    parts.append(line.text)
    return ", ".join(part for part in parts if part)


def _figure(line: BenefitLine) -> str:
    found = []
    if line.amount is not None:
        found.append(money(line.amount))
    if line.rate is not None:
        found.append(f"{(line.rate * 100).normalize():f} %")
    elif line.percent is not None:
        found.append(f"percentage written as {line.percent}")
    if line.quantity is not None:
        found.append(f"{line.quantity} {line.quantity_kind}".strip())
    return " ".join(found) or "unknown"


def reject_lines(rejects: tuple[Reject, ...]) -> Iterator[str]:
    """A line for each time that the payer did not answer."""
    for reject in rejects:
        yield f"  not answered: {reject_words(reject)} ({reject.where})"


# --- authorizations -------------------------------------------------------------------------------------


def _authorization_lines(answer: AuthorizationAnswer) -> Iterator[str]:
    outcome = answer.outcome.label if answer.outcome else "not to be told, see each item"
    payer = f" by {answer.payer}" if answer.payer else ""
    yield f"{_named(answer.patient)}: {outcome}{payer}"
    yield from reject_lines(answer.rejects)
    for item in answer.items:
        yield f"  {_item_words(item)} ({item.where})"


def _item_words(item: AuthorizationItem) -> str:
    action = f"{ACTION_WORDS.get(item.action, 'decision')} [{item.action}]" if item.action else "no decision"
    parts = [
        f"{item.level} {item.procedure}".strip(),
        action,
        f"no. {item.number}" if item.number else "",
        f"reason {' '.join(item.reasons)}" if item.reasons else "",
        *(_dated_words(dated) for dated in item.dates),
        *(f"{unit.quantity} {unit.kind}".strip() for unit in item.units if unit.quantity is not None),
        item.text,
    ]
    return ", ".join(part for part in parts if part)


# --- claims ---------------------------------------------------------------------------------------------


def _status_lines(answer: ClaimStatusAnswer) -> Iterator[str]:
    payer = f", {answer.payer}" if answer.payer else ""
    yield f"Claim {answer.trace or answer.payer_number or 'without number'}{payer}"
    for line in answer.statuses:
        yield f"  {_status_words(line)} ({line.where})"


def _status_words(line: ClaimStatusLine) -> str:
    said = "denied" if line.is_denied else "not taken in" if line.is_turned_away else "status"
    parts = [
        _named(line.patient) if line.patient.name else "the whole submission",
        f"{said} {' '.join(part for part in line.status if part)}",
        format_full_day(line.on) if line.on else "",
        f"charge {money(line.amount)}" if line.amount is not None else "",
        f"paid {money(line.paid)}" if line.paid is not None else "",
        line.message,
    ]
    return ", ".join(part for part in parts if part)


def _claim_lines(claim: ClaimAnswer) -> Iterator[str]:
    said = CLAIM_STATUS_WORDS.get(claim.status, f"status {claim.status or 'not stated'}")
    yield (
        f"Claim {claim.id or 'without number'}, {_named(claim.patient)}: {said}, "
        f"charge {money(claim.charge)}, paid {money(claim.paid)}, patient owes {money(claim.patient_owes)} "
        f"({claim.where})"
    )
    for one in claim.adjustments:
        word = f", {one.reason_word.label}" if one.reason_word else ""
        line = f", line {one.service}" if one.service else ""
        yield f"  {one.group} {one.reason}{word}: {money(one.amount)}{line} ({one.where})"


def _dated_words(dated: Dated) -> str:
    if dated.starts_on is None and dated.ends_on is None:
        return ""
    days = [format_full_day(day) for day in (dated.starts_on, dated.ends_on) if day is not None]
    return f"{dated.qualifier} {' to '.join(dict.fromkeys(days))}"


def _named(person: Party) -> str:
    name = person.name or "name not stated"
    return f"{name} ({person.id})" if person.id else name
