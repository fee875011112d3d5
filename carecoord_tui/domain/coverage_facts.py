"""What coordination of benefits asks about the plans of a person, and the answer it gives.

The rules themselves are in ``coverage_order``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from carecoord_tui.domain.vocabulary import PayerClass

_MOST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class PlanKind(StrEnum):
    """As far as it matters for who pays first. Medicare Advantage is Medicare."""

    GROUP = "group"  # through an employer or union
    INDIVIDUAL = "individual"
    COMMERCIAL = "commercial"  # group or individual, not known which
    MEDICARE = "medicare"
    MEDICAID = "medicaid"


class Holder(StrEnum):
    """Whose plan it is, seen from the patient, who is its subscriber or a dependent on it."""

    SELF = "self"
    SPOUSE = "spouse"
    PARENT_1 = "parent_1"
    PARENT_2 = "parent_2"
    OTHER = "other"  # a step-parent, a grandparent


class Work(StrEnum):
    """What the subscriber's group plan comes from. Current work is what counts for Medicare."""

    ACTIVE = "active"
    RETIRED = "retired"  # or laid off: no longer at work


class MedicareBasis(StrEnum):
    """Why the person has Medicare."""

    AGE = "age"
    DISABILITY = "disability"
    KIDNEY_FAILURE = "kidney_failure"


class Parents(StrEnum):
    """How the parents of an insured child live."""

    TOGETHER = "together"
    APART = "apart"  # separated, divorced or never together


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan with the facts the rules ask for; None is unknown. ``name`` is what the answer calls it.

    ``birthday`` is the parent's, as (month, day), without the year; ``by_decree`` says that the court
    decree makes this parent insure the child. Raises ValueError for an impossible birthday or size.
    """

    id: int
    name: str
    kind: PlanKind | None
    holder: Holder | None = None
    work: Work | None = None
    employees: int | None = None
    birthday: tuple[int, int] | None = None
    covered_since: date | None = None
    by_decree: bool = False
    is_custodial: bool | None = None

    def __post_init__(self) -> None:
        if self.employees is not None and self.employees < 1:
            raise ValueError("An employer has at least one employee: check the number.")
        if self.birthday is not None:
            month, day = self.birthday
            if not (1 <= month <= 12 and 1 <= day <= _MOST_DAYS[month - 1]):
                raise ValueError("The parent's birthday is not a day of the year: check month and day.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Facts about the person; None and the empty set are unknown. ``as_of`` is the day of service.

    ``kidney_failure_from`` is the first month of Medicare because of kidney failure (any day of it).
    """

    as_of: date
    medicare_basis: frozenset[MedicareBasis] = frozenset()
    kidney_failure_from: date | None = None
    parents: Parents | None = None
    has_decree: bool | None = None  # a court decree says who insures the child


class OrderRule(StrEnum):
    """The rule that put one plan before another."""

    ONLY_PLAN = "only_plan"
    MEDICAID_LAST = "medicaid_last"
    MEDICARE_AGE = "medicare_age"
    MEDICARE_DISABILITY = "medicare_disability"
    MEDICARE_KIDNEY = "medicare_kidney"
    SUBSCRIBER = "subscriber"
    ACTIVE_WORK = "active_work"
    DECREE = "decree"
    CUSTODY = "custody"
    BIRTHDAY = "birthday"
    LONGER_COVERAGE = "longer_coverage"


_NAIC = "NAIC Coordination of Benefits Model Regulation (#120)"
_CITATIONS = {
    OrderRule.ONLY_PLAN: "",
    OrderRule.MEDICAID_LAST: "42 CFR 433.139",
    OrderRule.MEDICARE_AGE: "42 CFR 411.172",
    OrderRule.MEDICARE_DISABILITY: "42 CFR 411.204",
    OrderRule.MEDICARE_KIDNEY: "42 CFR 411.162, unconfirmed",  # as domain.md marks it
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule as it applied here, in a sentence."""

    rule: OrderRule
    words: str

    @property
    def citation(self) -> str:
        """Where the rule stands, "unconfirmed" where nobody checked the text; empty with one plan only."""
        return _CITATIONS.get(self.rule, _NAIC)


@dataclass(frozen=True, slots=True)
class Answer:
    """The plans in order of payment with the reasons, or what to ask first (then ``plans`` is empty).

    ``reasons[0]`` is the rule that decided who pays first.
    """

    plans: tuple[Plan, ...] = ()
    reasons: tuple[Reason, ...] = ()
    ask: str = ""

    @property
    def is_decided(self) -> bool:
        """Every plan has its place."""
        return bool(self.plans)

    @property
    def words(self) -> str:
        """``Father's plan pays first, then Mother's plan. <reasons>``, or ``Cannot decide: ask ...``."""
        if not self.is_decided:
            return f"Cannot decide: ask {self.ask}."
        first, *rest = (plan.name for plan in self.plans)
        order = ", then ".join((f"{first} pays first", *rest))
        return " ".join((f"{order}.", *(reason.words for reason in self.reasons)))


def kind_of(payer_class: PayerClass) -> PlanKind | None:
    """The kind a payer's class implies; None where no rule knows the class (CHIP, unknown, no plan)."""
    return {
        PayerClass.MEDICARE: PlanKind.MEDICARE,
        PayerClass.MEDICARE_ADVANTAGE: PlanKind.MEDICARE,
        PayerClass.MEDICAID_FFS: PlanKind.MEDICAID,
        PayerClass.MEDICAID_MCO: PlanKind.MEDICAID,
        PayerClass.EXCHANGE: PlanKind.INDIVIDUAL,
        PayerClass.ERISA: PlanKind.GROUP,
        PayerClass.COMMERCIAL: PlanKind.COMMERCIAL,
        PayerClass.CA_STATE: PlanKind.COMMERCIAL,
    }.get(payer_class)
