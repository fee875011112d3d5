"""What is known of a person's plans, line by line: each figure with the day it was read.

What nobody read is shown as unknown, and so is what is left of a year that has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from textual.content import Content

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.eligibility_rows import (
    USUAL_GROUP,
    BenefitRow,
    CoverageBenefits,
    Group,
    Said,
)
from carecoord_tui.domain.money import format_money, format_percent
from carecoord_tui.domain.vocabulary import BenefitKind, BenefitLevel, BenefitPeriod, EligibilityResult
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, WAITING, styled

LABEL_WIDTH, VALUE_WIDTH = 20, 24
UNKNOWN = "unknown"
ALWAYS: tuple[tuple[BenefitKind, bool], ...] = (
    (BenefitKind.COPAY, False),
    (BenefitKind.DEDUCTIBLE, False),
    (BenefitKind.DEDUCTIBLE, True),
    (BenefitKind.COINSURANCE, False),
    (BenefitKind.OUT_OF_POCKET, False),
    (BenefitKind.OUT_OF_POCKET, True),
)
"""The figures an estimate asks for, with whether it is what is left: shown even while unknown."""
_HUNDRED = Decimal(100)
_PERIODS = {
    BenefitPeriod.REMAINING: "left",
    BenefitPeriod.VISIT: "a visit",
    BenefitPeriod.EPISODE: "an episode",
}


def benefit_lines(plans: Sequence[CoverageBenefits], today: date, on: date | None = None) -> Content:
    """Every plan with its figures. ``on`` is the day they are wanted for: the visit's, else today."""
    lines: list[Content] = []
    for plan in plans:
        if lines:
            lines.append(Content(""))
        lines += _plan_lines(plan, today, on or today)
    return Content("\n").join(lines or [styled("No coverage on file: ask who pays.", WAITING)])


def check_words(plan: CoverageBenefits, today: date) -> Content:
    """``active for Wed 2 Dec, checked Fri 27 Nov``, with who said it; the alarm has a word too."""
    check = plan.check
    if check is None:
        return styled("never checked", WAITING)
    style = {EligibilityResult.INACTIVE: ALARM, EligibilityResult.UNABLE: WAITING}.get(check.result, "")
    word = "payer could not say" if check.result is EligibilityResult.UNABLE else check.result.label
    text = f"{word} for {format_day(check.as_of, today)}, checked {format_day(check.checked_on, today)}"
    said_by = [
        f"plan: {check.plan_said}" if check.plan_said else "",
        check.spoke_with,
        f"ref. {check.reference}" if check.reference else "",
        check.method,
        f"from a {check.source} file" if check.source else "",
    ]
    return Content.assemble(styled(text, style), styled("".join(f" · {one}" for one in said_by if one), DIM))


def amount_words(row: BenefitRow) -> str:
    """``$1,500.00``, ``20 %``, or what the payer said instead."""
    words = []
    if row.amount is not None:
        words.append(format_money(row.amount))
    if row.percent is not None:
        words.append(format_percent(row.percent / _HUNDRED))
    return ", ".join(words) or row.text or UNKNOWN


def figure_words(row: BenefitRow, today: date, on: date | None = None) -> str:
    """``$120.00, read Fri 27 Nov``; a last year's accumulator is unknown, and says what it was."""
    words = f"{amount_words(row)}, {_day_words(row, today)}"
    return words if row.is_known_on(on or today) else f"{UNKNOWN} since 1 Jan (was {words})"


def _day_words(row: BenefitRow, today: date) -> str:
    """``read Mon 4 Jan``; of what is left of a year that was over then, the day that was asked about."""
    if row.is_accumulator and row.as_of.year < row.read_on.year:
        return f"as of {format_day(row.as_of, today)}"
    return f"read {format_day(row.read_on, today)}"


def _plan_lines(plan: CoverageBenefits, today: date, on: date) -> Iterator[Content]:
    name = " · ".join(one for one in (plan.payer_name, plan.plan_name, plan.payer_class.label) if one)
    yield Content.assemble(
        styled(name, STRONG), styled("   ended, no longer used" if plan.is_cancelled else "", DIM)
    )
    yield check_words(plan, today)
    yield _line("Authorization", *_said_words(plan.authorization, today))
    yield _line("Referral", *_said_words(plan.referral, today))
    for group in plan.groups:
        yield styled(group_words(group), DIM)
        yield from _group_lines([row for row in plan.figures if row.group == group], group, today, on)


def group_words(group: Group) -> str:
    """``In network, individual``; what was not said is said to be so."""
    network, level = group
    whose = "individual or family not said" if level is BenefitLevel.UNKNOWN else level.label
    return f"{network.label}, {whose}".capitalize()


def _group_lines(rows: Sequence[BenefitRow], group: Group, today: date, on: date) -> Iterator[Content]:
    """The usual figures first; those of the usual group even while unknown."""
    left = list(rows)
    for kind, is_left in ALWAYS:
        mine = [row for row in left if row.kind is kind and row.is_accumulator is is_left]
        left = [row for row in left if row not in mine]
        if not mine and group == USUAL_GROUP:
            yield _line(_label(kind, is_left), UNKNOWN, "", WAITING)
        yield from (_figure_line(row, today, on) for row in mine)
    yield from (_figure_line(row, today, on) for row in left)


def _label(kind: BenefitKind, is_left: bool) -> str:
    return f"{kind.label.capitalize()}{' left' if is_left else ''}"


def _figure_line(row: BenefitRow, today: date, on: date) -> Content:
    read = _day_words(row, today)
    what = ", ".join(
        one
        for one in (
            row.service_type,
            row.plan,
            "" if row.is_accumulator else _PERIODS.get(row.period, ""),
            row.text if row.amount is not None or row.percent is not None else "",
            row.trace,
        )
        if one
    )
    tail = f"{read} · {what}" if what else read
    label = _label(row.kind, row.is_accumulator)
    if row.is_known_on(on):
        return _line(label, amount_words(row), tail)
    return _line(label, f"{UNKNOWN} since 1 Jan", f"was {amount_words(row)}, {tail}", WAITING)


def _said_words(said: Said | None, today: date) -> tuple[str, str]:
    if said is None:
        return "not asked", ""
    return "needed" if said.value else "not needed", f"said {format_day(said.on, today)}"


def _line(label: str, value: str, tail: str = "", style: str = "") -> Content:
    return Content.assemble(
        styled(f"  {label}".ljust(LABEL_WIDTH), DIM),
        styled(value.ljust(VALUE_WIDTH), style),
        styled(tail, DIM),
    )
