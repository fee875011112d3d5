"""What the eligibility form holds as text, and the check it means. No widgets here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from carecoord_tui.domain.eligibility_rows import BenefitRow, CoverageBenefits, Group
from carecoord_tui.domain.money import MoneyError, format_money, parse_money, parse_percent
from carecoord_tui.domain.vocabulary import (
    BenefitKind,
    BenefitLevel,
    BenefitPeriod,
    EligibilityResult,
    Network,
)
from carecoord_tui.store.actions.eligibility import BenefitEntry, CheckEntry
from carecoord_tui.widgets.choice import Option

RESULTS = (
    Option("a", "active", EligibilityResult.ACTIVE.value),
    Option("i", "inactive", EligibilityResult.INACTIVE.value),
    Option("u", "payer could not say", EligibilityResult.UNABLE.value),
)
ASKED = (Option("y", "yes", "yes"), Option("n", "no", "no"), Option("k", "not asked", ""))
METHODS = (Option("p", "phone", "phone"), Option("w", "payer's site", "portal"), Option("f", "fax", "fax"))
KEEP_OR_END = (Option("k", "keep on file", ""), Option("e", "ended, no longer used", "end"))
GROUPS: dict[str, Group] = {
    "in": (Network.IN, BenefitLevel.INDIVIDUAL),
    "in_family": (Network.IN, BenefitLevel.FAMILY),
    "out": (Network.OUT, BenefitLevel.INDIVIDUAL),
    "out_family": (Network.OUT, BenefitLevel.FAMILY),
}
GROUP_OPTIONS = (
    Option("i", "in network", "in"),
    Option("f", "in, family", "in_family"),
    Option("o", "out", "out"),
    Option("m", "out, family", "out_family"),
)
USUAL = "in"
FIGURES: dict[str, tuple[str, BenefitKind, BenefitPeriod]] = {
    "copay": ("Copay a visit", BenefitKind.COPAY, BenefitPeriod.VISIT),
    "deductible": ("Deductible", BenefitKind.DEDUCTIBLE, BenefitPeriod.YEAR),
    "deductible_left": ("  of it left", BenefitKind.DEDUCTIBLE, BenefitPeriod.REMAINING),
    "coinsurance": ("Coinsurance", BenefitKind.COINSURANCE, BenefitPeriod.UNKNOWN),
    "oop": ("Out-of-pocket", BenefitKind.OUT_OF_POCKET, BenefitPeriod.YEAR),
    "oop_left": ("  of it left", BenefitKind.OUT_OF_POCKET, BenefitPeriod.REMAINING),
}
"""Fields of figures: label, kind, what the figure counts over."""
_SIZES = {"deductible_left": "deductible", "oop_left": "oop"}
_ANSWER = {"yes": True, "no": False}

Figures = Mapping[str, Mapping[str, str]]
"""What is typed for each group, by field."""


def echo_of(name: str, typed: str) -> str:
    """``= $1,500.00`` beside a figure; empty while it is not understood, saving says what is wrong."""
    try:
        if name == "coinsurance":
            percent = parse_percent(typed)
            return f"= {percent.echo}" if percent is not None else ""
        amount = parse_money(typed)
    except MoneyError:
        return ""
    return f"= {format_money(amount)}" if amount is not None else ""


def known_figure(plan: CoverageBenefits | None, name: str, group: str, on: date) -> BenefitRow | None:
    """The figure on file for a field, as far as it holds on that day."""
    if plan is None:
        return None
    _, kind, period = FIGURES[name]
    is_left = period is BenefitPeriod.REMAINING
    return plan.figure(kind, group=GROUPS[group], remaining=is_left, on=on)


def read_figures(figures: Figures, problems: dict[str, str]) -> tuple[BenefitEntry, ...]:
    """The figures that were typed. What is wrong goes to ``problems`` by ``group:field``."""
    found: list[BenefitEntry] = []
    for group, texts in figures.items():
        amounts: dict[str, Decimal] = {}
        for name, typed in texts.items():
            entry = _figure(group, name, typed, problems)
            if entry is not None:
                found.append(entry)
                if entry.amount is not None:
                    amounts[name] = entry.amount
        for left, size in _SIZES.items():
            if left in amounts and size in amounts and amounts[left] > amounts[size]:
                problems[f"{group}:{left}"] = "More is left than there was: check both amounts."
    return tuple(found)


def _figure(group: str, name: str, typed: str, problems: dict[str, str]) -> BenefitEntry | None:
    """One field's figure; None for a blank one, which is unknown."""
    _, kind, period = FIGURES[name]
    network, level = GROUPS[group]
    amount = share = None
    try:
        if name == "coinsurance":
            read = parse_percent(typed)
            share = None if read is None else read.share * 100
        else:
            amount = parse_money(typed)
    except MoneyError as error:
        problems[f"{group}:{name}"] = str(error)
        return None
    if amount is None and share is None:
        return None
    return BenefitEntry(kind=kind, amount=amount, percent=share, network=network, level=level, period=period)


def read_entry(
    texts: Mapping[str, str],
    figures: Figures,
    problems: dict[str, str],
    *,
    patient_id: int,
    coverage_id: int | None,
    appointment_id: int | None,
    as_of: date | None,
    ended_on: date | None,
) -> CheckEntry | None:
    """The check the form means; None when something is wrong, which stands in ``problems`` by control."""
    if not texts["result"]:
        problems["result"] = "What did the payer say: a active, i inactive, u could not say?"
    is_active = texts["result"] == EligibilityResult.ACTIVE
    benefits = read_figures(figures, problems) if is_active else ()
    if problems:
        return None
    is_ended = texts["result"] == EligibilityResult.INACTIVE and texts["keep"] == "end"
    return CheckEntry(
        patient_id=patient_id,
        result=EligibilityResult(texts["result"]),
        coverage_id=coverage_id,
        appointment_id=appointment_id,
        as_of=as_of,
        benefits=benefits,
        plan_said=texts["plan_said"],
        authorization_needed=_ANSWER.get(texts["authorization"]) if is_active else None,
        referral_needed=_ANSWER.get(texts["referral"]) if is_active else None,
        reference=texts["reference"],
        spoke_with=texts["spoke_with"],
        method=texts["method"],
        note=texts["note"],
        cancel_coverage=is_ended,
        ended_on=ended_on if is_ended else None,
    )
