"""Who pays first: coordination of benefits between the plans one person has.

The rules of ``domain.md`` ("Coordination of benefits"), and nothing beyond them: where none fits, or a
fact is missing, the answer is "Cannot decide: ask ...", never a guess. Each fact is given or None for
"nobody has asked". Three questions put the plans in order, each within the parts the one before left:
Medicaid goes last, Medicare takes its place among the group plans, the rest go by subscriber, work or
parents. The answer is the same whatever order the plans come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from dateutil.relativedelta import relativedelta

from carecoord_tui.domain.coverage_facts import (
    Answer,
    Holder,
    MedicareBasis,
    OrderRule,
    Parents,
    Plan,
    PlanKind,
    Reason,
    Situation,
    Work,
    kind_of,
)
from carecoord_tui.domain.date_words import MONTHS

__all__ = [
    "Answer",
    "Holder",
    "MedicareBasis",
    "OrderRule",
    "Parents",
    "Plan",
    "PlanKind",
    "Reason",
    "Situation",
    "Work",
    "kind_of",
    "who_pays_first",
]

AGED_EMPLOYEES = 20  # 42 CFR 411.172
DISABLED_EMPLOYEES = 100  # 42 CFR 411.204
KIDNEY_MONTHS = 30  # 42 CFR 411.162; unconfirmed in domain.md


class _CannotDecide(Exception):
    """Carries what to ask out of the rule that needs it; never leaves this module."""


def who_pays_first(plans: Iterable[Plan], situation: Situation) -> Answer:
    """The order of payment and the rules that decided it, or the first fact that is missing.

    Raises ValueError when two plans share an id.
    """
    ordered = sorted(plans, key=lambda plan: (plan.name, plan.id))
    if len({plan.id for plan in ordered}) != len(ordered):
        raise ValueError("Two plans have the same id.")
    try:
        return _all(ordered, situation)
    except _CannotDecide as missing:
        return Answer(ask=str(missing))


# --- Each function orders its plans, with the reasons for the first place first -------------------


def _all(plans: Sequence[Plan], situation: Situation) -> Answer:
    """Medicaid behind everything else."""
    if not plans:
        raise _CannotDecide("which plans the patient has")
    if len(plans) == 1:
        return Answer(tuple(plans), (Reason(OrderRule.ONLY_PLAN, f"{plans[0].name} is the only plan."),))
    for plan in plans:
        if plan.kind is None:
            raise _CannotDecide(f"what kind of plan {plan.name} is")
    medicaid = [plan for plan in plans if plan.kind is PlanKind.MEDICAID]
    others = [plan for plan in plans if plan.kind is not PlanKind.MEDICAID]
    if len(medicaid) > 1:
        raise _CannotDecide(f"which Medicaid plan is in force, {_names(medicaid)}")
    front = _with_medicare(others, situation)
    if not medicaid:
        return front
    last = Reason(OrderRule.MEDICAID_LAST, f"Medicaid pays last: {medicaid[0].name}.")
    return Answer((*front.plans, *medicaid), (*front.reasons, last))


def _with_medicare(plans: Sequence[Plan], situation: Situation) -> Answer:
    """Medicare in its place among the group plans; federal law goes before the rules between plans."""
    medicare = [plan for plan in plans if plan.kind is PlanKind.MEDICARE]
    others = [plan for plan in plans if plan.kind is not PlanKind.MEDICARE]
    if len(medicare) > 1:
        raise _CannotDecide(f"which Medicare plan is in force, {_names(medicare)}")
    if not medicare:
        return _without_medicare(others, situation)
    placed = [(plan, *_before_medicare(plan, situation)) for plan in others]
    before, after = (
        [(plan, why) for plan, is_first, why in placed if is_first is side] for side in (True, False)
    )
    front, back = (_without_medicare([plan for plan, _ in side], situation) for side in (before, after))
    about_medicare = (why for _, why in (*before, *after))
    return Answer(
        (*front.plans, *medicare, *back.plans),
        (*front.reasons, *about_medicare, *back.reasons),
    )


def _without_medicare(plans: Sequence[Plan], situation: Situation) -> Answer:
    """The plan as subscriber before the plan as dependent, then each side by its own rules."""
    if len(plans) < 2:
        return Answer(tuple(plans))
    for plan in plans:
        _need_holder(plan)
    own = _by_work([plan for plan in plans if plan.holder is Holder.SELF])
    others = _dependent([plan for plan in plans if plan.holder is not Holder.SELF], situation)
    if not own.plans or not others.plans:
        return own if own.plans else others
    words = f"The patient is the subscriber of {_names(own.plans)}: subscriber before dependent."
    return Answer(
        (*own.plans, *others.plans),
        (*own.reasons, Reason(OrderRule.SUBSCRIBER, words), *others.reasons),
    )


def _need_holder(plan: Plan) -> None:
    if plan.holder is None:
        raise _CannotDecide(f"whose plan {plan.name} is: the patient's own, a spouse's or a parent's")


def _by_work(plans: Sequence[Plan]) -> Answer:
    """Two group plans of one subscriber: current work before retirement."""
    if len(plans) < 2:
        return Answer(tuple(plans))
    for plan in plans:
        _need_group_or_not(plan)
    if any(plan.kind is not PlanKind.GROUP for plan in plans):
        raise _ask_the_plans(plans, "no rule orders an individual plan and another plan of one subscriber")
    for plan in plans:
        _need_work(plan)
    active = [plan for plan in plans if plan.work is Work.ACTIVE]
    retired = [plan for plan in plans if plan.work is Work.RETIRED]
    if len(active) != 1 or len(retired) != 1:
        state = "current work" if len(active) > 1 else "earlier work"
        raise _ask_the_plans(active if len(active) > 1 else retired, f"more than one comes from {state}")
    words = f"{active[0].name} comes from current work, {retired[0].name} from earlier work: active first."
    return Answer((*active, *retired), (Reason(OrderRule.ACTIVE_WORK, words),))


def _need_group_or_not(plan: Plan) -> None:
    if plan.kind is PlanKind.COMMERCIAL:
        raise _CannotDecide(f"whether {plan.name} is a group plan, through work, or an individual one")


def _need_work(plan: Plan) -> None:
    if plan.work is None:
        raise _CannotDecide(f"whether {plan.name} comes from current work or from retirement")


def _dependent(plans: Sequence[Plan], situation: Situation) -> Answer:
    """Plans on which the patient is a dependent: all of a spouse, or one of each parent."""
    if len(plans) < 2:
        return Answer(tuple(plans))
    holders = {plan.holder for plan in plans}
    if holders == {Holder.SPOUSE}:
        return _by_work(plans)
    if holders != {Holder.PARENT_1, Holder.PARENT_2}:
        raise _ask_the_plans(plans, "no rule orders plans of these relatives")
    if len(plans) > 2:
        raise _ask_the_plans(plans, "one parent holds more than one of them")
    if situation.parents is None:
        raise _CannotDecide("whether the parents live together or apart")
    return (
        _by_birthday(plans) if situation.parents is Parents.TOGETHER else _of_parents_apart(plans, situation)
    )


# --- Parents: one plan of each --------------------------------------------------------------------


def _by_birthday(plans: Sequence[Plan]) -> Answer:
    """The parent born earlier in the year first, whatever the year; a tie goes by longer coverage."""
    first, second = sorted(plans, key=_birthday)
    if _birthday(first) == _birthday(second):
        return _by_longer_coverage(plans)
    days = f"{_month_day(_birthday(first))} comes before {_month_day(_birthday(second))}"
    return Answer((first, second), (Reason(OrderRule.BIRTHDAY, f"Birthday rule: {days} in the year."),))


def _by_longer_coverage(plans: Sequence[Plan]) -> Answer:
    first, second = sorted(plans, key=_covered_since)
    if _covered_since(first) == _covered_since(second):
        raise _ask_the_plans(plans, "the parents have the same birthday and are covered since the same day")
    words = f"The parents have the same birthday: {first.name} has covered longer."
    return Answer((first, second), (Reason(OrderRule.LONGER_COVERAGE, words),))


def _birthday(plan: Plan) -> tuple[int, int]:
    if plan.birthday is None:
        raise _CannotDecide(f"the birthday (month and day) of the parent who holds {plan.name}")
    return plan.birthday


def _covered_since(plan: Plan) -> date:
    if plan.covered_since is None:
        raise _CannotDecide(f"since when {plan.name} has covered the parent: the birthdays are the same")
    return plan.covered_since


def _of_parents_apart(plans: Sequence[Plan], situation: Situation) -> Answer:
    """The court decree first; without one the plan of the parent who has custody."""
    if situation.has_decree is None:
        raise _CannotDecide("whether a court decree says which parent insures the child")
    if situation.has_decree:
        first = [plan for plan in plans if plan.by_decree]
        rule, question = OrderRule.DECREE, "which one plan the court decree names"
        words = "The court decree names {}."
    else:
        first = [plan for plan in plans if _is_custodial(plan)]
        rule, question = OrderRule.CUSTODY, "which one parent has custody"
        words = "No court decree: the parent who holds {} has custody."
    if len(first) != 1:
        raise _CannotDecide(question)
    rest = [plan for plan in plans if plan is not first[0]]
    return Answer((*first, *rest), (Reason(rule, words.format(first[0].name)),))


def _is_custodial(plan: Plan) -> bool:
    if plan.is_custodial is None:
        raise _CannotDecide(f"whether the parent who holds {plan.name} has custody")
    return plan.is_custodial


# --- Medicare -----------------------------------------------------------------------------------

_MEDICARE_LINE = "Medicare's coordination of benefits line (BCRC)"


def _before_medicare(plan: Plan, situation: Situation) -> tuple[bool, Reason]:
    """Whether a plan pays before Medicare, and why."""
    _need_group_or_not(plan)
    if plan.kind is not PlanKind.GROUP:
        raise _CannotDecide(
            f"{_MEDICARE_LINE} about {plan.name}: no rule covers a plan that is not a group plan"
        )
    if not situation.medicare_basis:
        raise _CannotDecide("why the patient has Medicare: age, disability or kidney failure")
    if len(situation.medicare_basis) > 1:
        raise _CannotDecide(f"{_MEDICARE_LINE}: Medicare for more than one reason has an order of its own")
    (basis,) = situation.medicare_basis
    if basis is MedicareBasis.KIDNEY_FAILURE:
        return _during_kidney_failure(plan, situation)
    if basis is MedicareBasis.AGE:
        return _by_employer(plan, OrderRule.MEDICARE_AGE, AGED_EMPLOYEES, "age")
    return _by_employer(plan, OrderRule.MEDICARE_DISABILITY, DISABLED_EMPLOYEES, "disability")


def _by_employer(plan: Plan, rule: OrderRule, least: int, basis: str) -> tuple[bool, Reason]:
    """A group plan through current work at a large enough employer goes first. Asks only what matters."""
    because = f"Medicare by {basis}"
    if plan.work is Work.RETIRED:
        return False, Reason(rule, f"{because}: {plan.name} does not come from current work, Medicare first.")
    if plan.employees is not None and plan.employees < least:
        return False, Reason(
            rule, f"{because}: the employer of {plan.name} has fewer than {least} employees, Medicare first."
        )
    _need_work(plan)
    if plan.employees is None:
        raise _CannotDecide(f"how many employees the employer of {plan.name} has: {least} or more, or fewer")
    if rule is OrderRule.MEDICARE_AGE:
        _need_own_or_spouse(plan)
    words = f"{because}: {plan.name} comes from current work at {least} or more employees, group plan first."
    return True, Reason(rule, words)


def _need_own_or_spouse(plan: Plan) -> None:
    """The rule for age is about the patient's or the spouse's work, not another relative's."""
    _need_holder(plan)
    if plan.holder not in (Holder.SELF, Holder.SPOUSE):
        raise _CannotDecide(f"{_MEDICARE_LINE} about {plan.name}: no rule covers another relative's work")


def _during_kidney_failure(plan: Plan, situation: Situation) -> tuple[bool, Reason]:
    """The group plan goes first for 30 months from the first month of Medicare, whatever the employer."""
    start = situation.kidney_failure_from
    if start is None or start.replace(day=1) > situation.as_of:
        raise _CannotDecide("in which month Medicare because of kidney failure began")
    ends = start + relativedelta(day=1, months=KIDNEY_MONTHS)
    is_first = situation.as_of < ends
    whose = f"group plan first ({plan.name})" if is_first else f"Medicare before {plan.name}"
    until = f"{KIDNEY_MONTHS} months {'end' if is_first else 'ended'} with {_last_month(ends)}"
    return is_first, Reason(OrderRule.MEDICARE_KIDNEY, f"Medicare by kidney failure, {until}: {whose}.")


# --- Words --------------------------------------------------------------------------------------


def _ask_the_plans(plans: Sequence[Plan], why: str) -> _CannotDecide:
    return _CannotDecide(f"{_names(plans)} which pays first: {why}")


def _names(plans: Sequence[Plan]) -> str:
    return ", ".join(plan.name for plan in plans)


def _month_day(day: tuple[int, int]) -> str:
    return f"{day[1]} {MONTHS[day[0] - 1]}"


def _last_month(first_after: date) -> str:
    """The month before a first of the month: ``May 2027``."""
    last = first_after - relativedelta(months=1)
    return f"{MONTHS[last.month - 1]} {last.year}"
