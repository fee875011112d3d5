"""Who pays first: every rule of ``domain.md``, the facts that are asked for, and never a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.coverage_order import (
    Answer,
    Holder,
    MedicareBasis,
    OrderRule,
    Parents,
    Plan,
    PlanKind,
    Situation,
    Work,
    kind_of,
    who_pays_first,
)
from carecoord_tui.domain.vocabulary import PayerClass
from tests.domain.make import MONDAY

R, K, H, W = OrderRule, PlanKind, Holder, Work
TOGETHER = Situation(as_of=MONDAY, parents=Parents.TOGETHER)
NO_FACTS = Situation(as_of=MONDAY)
MEDICARE = Plan(id=1, name="Medicare", kind=K.MEDICARE, holder=H.SELF)
MEDICAID = Plan(id=2, name="Medicaid", kind=K.MEDICAID, holder=H.SELF)
OWN = Plan(id=3, name="Own plan", kind=K.GROUP, holder=H.SELF, work=W.ACTIVE, employees=500)
SPOUSE = Plan(id=4, name="Spouse's plan", kind=K.GROUP, holder=H.SPOUSE, work=W.ACTIVE, employees=500)
MOTHER = Plan(id=5, name="Mother's plan", kind=K.GROUP, holder=H.PARENT_1, birthday=(3, 2))
FATHER = Plan(id=6, name="Father's plan", kind=K.GROUP, holder=H.PARENT_2, birthday=(1, 20))


def decided(answer: Answer) -> str:
    assert answer.is_decided, answer.words
    return ", ".join(plan.name for plan in answer.plans)


def rules(answer: Answer) -> list[OrderRule]:
    return [reason.rule for reason in answer.reasons]


def basis(*why: MedicareBasis, **facts: Any) -> Situation:
    return Situation(as_of=MONDAY, medicare_basis=frozenset(why), **facts)


def asks(answer: Answer, words: str) -> None:
    assert not answer.is_decided
    assert answer.plans == ()
    assert answer.words == f"Cannot decide: ask {answer.ask}."
    assert words in answer.ask


# --- Parents ------------------------------------------------------------------------------------


def test_monday_step_27() -> None:
    answer = who_pays_first([MOTHER, FATHER], TOGETHER)
    assert answer.words == (
        "Father's plan pays first, then Mother's plan. Birthday rule: 20 Jan comes before 2 Mar in the year."
    )
    assert rules(answer) == [R.BIRTHDAY]


def test_a_tie_goes_to_the_longer_coverage() -> None:
    mother = replace(MOTHER, birthday=(1, 20), covered_since=date(2019, 5, 1))
    father = replace(FATHER, covered_since=date(2020, 5, 1))
    answer = who_pays_first([father, mother], TOGETHER)
    assert decided(answer) == "Mother's plan, Father's plan"
    assert rules(answer) == [R.LONGER_COVERAGE]
    asks(who_pays_first([replace(father, covered_since=None), mother], TOGETHER), "since when Father's plan")
    same = replace(father, covered_since=mother.covered_since)
    asks(who_pays_first([same, mother], TOGETHER), "covered since the same day")


def test_the_court_decree_goes_first_for_parents_apart() -> None:
    apart = Situation(as_of=MONDAY, parents=Parents.APART, has_decree=True)
    answer = who_pays_first([replace(MOTHER, by_decree=True, is_custodial=False), FATHER], apart)
    assert decided(answer) == "Mother's plan, Father's plan"  # though the father's birthday is earlier
    assert rules(answer) == [R.DECREE]
    asks(who_pays_first([MOTHER, FATHER], apart), "which one plan the court decree names")
    both = [replace(MOTHER, by_decree=True), replace(FATHER, by_decree=True)]
    asks(who_pays_first(both, apart), "which one plan the court decree names")


def test_without_a_decree_the_custodial_parent_goes_first() -> None:
    apart = Situation(as_of=MONDAY, parents=Parents.APART, has_decree=False)
    mother, father = replace(MOTHER, is_custodial=True), replace(FATHER, is_custodial=False)
    answer = who_pays_first([father, mother], apart)
    assert decided(answer) == "Mother's plan, Father's plan"
    assert rules(answer) == [R.CUSTODY]
    asks(who_pays_first([FATHER, mother], apart), "who holds Father's plan has custody")
    asks(who_pays_first([replace(FATHER, is_custodial=True), mother], apart), "which one parent has custody")
    asks(who_pays_first([mother, father], replace(apart, has_decree=None)), "whether a court decree")


def test_a_decree_means_nothing_for_parents_together() -> None:
    situation = replace(TOGETHER, has_decree=True)
    answer = who_pays_first([replace(MOTHER, by_decree=True), FATHER], situation)
    assert decided(answer) == "Father's plan, Mother's plan"


def test_what_is_asked_about_parents() -> None:
    asks(who_pays_first([MOTHER, FATHER], NO_FACTS), "together or apart")
    asks(who_pays_first([replace(MOTHER, birthday=None), FATHER], TOGETHER), "the parent who holds Mother's")
    stepfather = replace(FATHER, holder=H.OTHER)
    asks(who_pays_first([MOTHER, stepfather], TOGETHER), "no rule orders plans of these relatives")
    second = replace(MOTHER, id=9, name="Mother's second plan")
    asks(who_pays_first([MOTHER, FATHER, second], TOGETHER), "one parent holds more than one")


# --- Subscriber, work ---------------------------------------------------------------------------


def test_subscriber_before_dependent() -> None:
    answer = who_pays_first([SPOUSE, OWN], NO_FACTS)
    assert decided(answer) == "Own plan, Spouse's plan"
    assert rules(answer) == [R.SUBSCRIBER]
    asks(who_pays_first([SPOUSE, replace(OWN, holder=None)], NO_FACTS), "whose plan Own plan is")


@pytest.mark.parametrize("holder", [H.SELF, H.SPOUSE])
def test_active_before_retired(holder: Holder) -> None:
    active = replace(OWN, name="Zeta", holder=holder)
    retired = replace(OWN, id=7, name="Alpha", holder=holder, work=W.RETIRED)
    answer = who_pays_first([retired, active], NO_FACTS)
    assert decided(answer) == "Zeta, Alpha"
    assert rules(answer) == [R.ACTIVE_WORK]
    asks(who_pays_first([replace(retired, work=None), active], NO_FACTS), "whether Alpha comes from current")
    asks(
        who_pays_first([replace(retired, work=W.ACTIVE), active], NO_FACTS),
        "more than one comes from current",
    )


def test_no_rule_for_an_own_individual_plan_beside_a_group_plan() -> None:
    other = replace(OWN, id=7, name="Exchange plan", kind=K.INDIVIDUAL)
    asks(who_pays_first([OWN, other], NO_FACTS), "no rule orders an individual plan")
    asks(who_pays_first([OWN, replace(other, kind=K.COMMERCIAL)], NO_FACTS), "is a group plan, through work")


# --- Medicare and Medicaid ----------------------------------------------------------------------

FIRST, SECOND = "Own plan, Medicare", "Medicare, Own plan"


@pytest.mark.parametrize(
    ("why", "work", "employees", "order"),
    [
        (MedicareBasis.AGE, W.ACTIVE, 20, FIRST),
        (MedicareBasis.AGE, W.ACTIVE, 19, SECOND),
        (MedicareBasis.AGE, W.RETIRED, 5000, SECOND),
        (MedicareBasis.AGE, W.RETIRED, None, SECOND),  # the size does not matter, so it is not asked
        (MedicareBasis.AGE, None, 19, SECOND),  # nor does the work
        (MedicareBasis.DISABILITY, W.ACTIVE, 100, FIRST),
        (MedicareBasis.DISABILITY, W.ACTIVE, 99, SECOND),
        (MedicareBasis.DISABILITY, W.RETIRED, 100, SECOND),
    ],
)
def test_medicare_by_age_and_disability(
    why: MedicareBasis, work: Work | None, employees: int | None, order: str
) -> None:
    answer = who_pays_first([MEDICARE, replace(OWN, work=work, employees=employees)], basis(why))
    assert decided(answer) == order
    assert rules(answer) == [R.MEDICARE_AGE if why is MedicareBasis.AGE else R.MEDICARE_DISABILITY]


@pytest.mark.parametrize(
    ("began", "order"),
    [
        (date(2026, 11, 15), FIRST),
        (date(2024, 6, 30), FIRST),  # the 30th month is this one
        (date(2024, 5, 31), SECOND),  # it ended with October
    ],
)
def test_medicare_by_kidney_failure_follows_for_30_months(began: date, order: str) -> None:
    retired = replace(OWN, work=W.RETIRED, employees=3)  # neither matters
    answer = who_pays_first(
        [MEDICARE, retired], basis(MedicareBasis.KIDNEY_FAILURE, kidney_failure_from=began)
    )
    assert decided(answer) == order
    assert rules(answer) == [R.MEDICARE_KIDNEY]
    assert answer.reasons[0].citation.endswith("unconfirmed")


def test_the_kidney_failure_period_ends_with_its_last_month() -> None:
    situation = basis(MedicareBasis.KIDNEY_FAILURE, kidney_failure_from=date(2024, 6, 30))
    assert decided(who_pays_first([MEDICARE, OWN], situation)) == FIRST
    after = replace(situation, as_of=date(2026, 12, 1))
    assert decided(who_pays_first([MEDICARE, OWN], after)) == SECOND


def test_the_kidney_failure_period_is_named() -> None:
    situation = basis(MedicareBasis.KIDNEY_FAILURE, kidney_failure_from=date(2024, 6, 30))
    assert "30 months end with Nov 2026" in who_pays_first([MEDICARE, OWN], situation).words


def test_what_is_asked_about_medicare() -> None:
    age, kidneys = basis(MedicareBasis.AGE), basis(MedicareBasis.KIDNEY_FAILURE)
    both = [MEDICARE, OWN]
    asks(who_pays_first(both, NO_FACTS), "why the patient has Medicare")
    asks(who_pays_first(both, basis(*MedicareBasis)), "more than one reason")
    asks(who_pays_first([MEDICARE, replace(OWN, work=None)], age), "whether Own plan comes from current work")
    asks(who_pays_first([MEDICARE, replace(OWN, employees=None)], age), "20 or more, or fewer")
    asks(who_pays_first([MEDICARE, replace(OWN, holder=H.PARENT_1)], age), "another relative's work")
    asks(who_pays_first(both, kidneys), "in which month")
    later = replace(kidneys, kidney_failure_from=date(2026, 12, 1))
    asks(who_pays_first(both, later), "in which month")
    asks(who_pays_first([MEDICARE, replace(OWN, kind=K.INDIVIDUAL)], age), "not a group plan")
    asks(who_pays_first([MEDICARE, replace(OWN, kind=K.COMMERCIAL)], age), "is a group plan, through work")
    asks(who_pays_first([MEDICARE, replace(MEDICARE, id=9, name="Advantage")], age), "which Medicare plan")


def test_federal_law_goes_before_the_rules_between_plans() -> None:
    """Medicare stands between: the retiree's own plan follows it, the working spouse's precedes it."""
    retiree = replace(OWN, work=W.RETIRED)
    answer = who_pays_first([retiree, MEDICARE, SPOUSE], basis(MedicareBasis.AGE))
    assert decided(answer) == "Spouse's plan, Medicare, Own plan"
    assert "Spouse's plan" in answer.reasons[0].words


def test_medicaid_last() -> None:
    answer = who_pays_first([MEDICAID, MEDICARE, OWN], basis(MedicareBasis.AGE))
    assert decided(answer) == "Own plan, Medicare, Medicaid"
    assert rules(answer) == [R.MEDICARE_AGE, R.MEDICAID_LAST]
    child = who_pays_first([MEDICAID, MOTHER, FATHER], TOGETHER)
    assert decided(child) == "Father's plan, Mother's plan, Medicaid"
    assert rules(child)[0] is R.BIRTHDAY
    assert rules(who_pays_first([MEDICAID, MEDICARE], NO_FACTS)) == [R.MEDICAID_LAST]
    asks(who_pays_first([MEDICAID, replace(MEDICAID, id=9, name="Other")], NO_FACTS), "which Medicaid plan")


# --- Edges --------------------------------------------------------------------------------------


def test_one_plan_and_none() -> None:
    answer = who_pays_first([replace(OWN, kind=None, holder=None)], NO_FACTS)
    assert answer.words == "Own plan pays first. Own plan is the only plan."
    assert answer.reasons[0].citation == ""
    asks(who_pays_first([], NO_FACTS), "which plans the patient has")
    asks(who_pays_first([OWN, replace(SPOUSE, kind=None)], NO_FACTS), "what kind of plan Spouse's plan is")


def test_impossible_facts_are_refused() -> None:
    for bad in ((2, 30), (13, 1), (0, 5), (4, 31)):
        with pytest.raises(ValueError, match="birthday"):
            replace(MOTHER, birthday=bad)
    assert replace(MOTHER, birthday=(2, 29)).birthday == (2, 29)
    with pytest.raises(ValueError, match="employee"):
        replace(OWN, employees=0)
    with pytest.raises(ValueError, match="same id"):
        who_pays_first([OWN, OWN], NO_FACTS)


def test_kinds_of_payer_classes() -> None:
    assert kind_of(PayerClass.MEDICARE_ADVANTAGE) is K.MEDICARE
    assert kind_of(PayerClass.MEDICAID_MCO) is K.MEDICAID
    assert kind_of(PayerClass.COMMERCIAL) is K.COMMERCIAL
    unruled = {payer for payer in PayerClass if kind_of(payer) is None}
    assert unruled == {PayerClass.CHIP, PayerClass.SELF_PAY, PayerClass.UNKNOWN}


def test_every_rule_but_the_trivial_one_has_a_citation() -> None:
    answers = [
        who_pays_first([MEDICAID, MEDICARE, OWN], basis(MedicareBasis.AGE)),
        who_pays_first([MOTHER, FATHER], TOGETHER),
        who_pays_first([OWN, SPOUSE], NO_FACTS),
    ]
    assert all(reason.citation for answer in answers for reason in answer.reasons)


# --- Properties ---------------------------------------------------------------------------------

DAYS = st.sampled_from([date(2019, 5, 1), date(2020, 5, 1)])
PLAN_FACTS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Alpha", "Beta", "Gamma"]),
        "kind": st.sampled_from(PlanKind),
        "holder": st.sampled_from(Holder),
        "work": st.sampled_from(Work),
        "employees": st.sampled_from([5, 19, 20, 99, 100]),
        "birthday": st.sampled_from([(1, 20), (3, 2)]),
        "covered_since": DAYS,
        "by_decree": st.booleans(),
        "is_custodial": st.booleans(),
    }
)
SITUATIONS = st.fixed_dictionaries(
    {
        "medicare_basis": st.sets(st.sampled_from(MedicareBasis), min_size=1, max_size=2).map(frozenset),
        "kidney_failure_from": st.sampled_from([date(2020, 1, 1), date(2026, 1, 1)]),
        "parents": st.sampled_from(Parents),
        "has_decree": st.booleans(),
    }
)
BLANKABLE = ("kind", "holder", "work", "employees", "birthday", "covered_since", "is_custodial")


def made(facts: list[dict[str, Any]]) -> list[Plan]:
    return [Plan(id=index, **one) for index, one in enumerate(facts)]


@given(st.lists(PLAN_FACTS, max_size=4), SITUATIONS)
def test_an_order_of_all_plans_or_a_question_whatever_the_input_order(
    facts: list[dict[str, Any]], about: dict[str, Any]
) -> None:
    plans, situation = made(facts), Situation(as_of=MONDAY, **about)
    answer = who_pays_first(plans, situation)
    assert answer.is_decided != bool(answer.ask)
    assert bool(answer.reasons) == answer.is_decided
    if answer.is_decided:
        assert sorted(plan.id for plan in answer.plans) == list(range(len(plans)))
        kinds = [plan.kind for plan in answer.plans]
        assert K.MEDICAID not in kinds[:-1]
    assert all(who_pays_first(other, situation) == answer for other in permutations(plans))


@given(
    st.lists(PLAN_FACTS, max_size=3),
    SITUATIONS,
    st.sets(st.tuples(st.integers(0, 2), st.sampled_from(BLANKABLE))),
    st.sets(st.sampled_from(["medicare_basis", "kidney_failure_from", "parents", "has_decree"])),
)
def test_what_is_decided_without_a_fact_stays_so_whatever_the_fact_is(
    facts: list[dict[str, Any]],
    about: dict[str, Any],
    blank: set[tuple[int, str]],
    unknown: set[str],
) -> None:
    """Never a guess: an answer given while facts are missing is the answer for every completion."""
    nothing = {"medicare_basis": frozenset()}
    partial_about = {name: nothing.get(name) if name in unknown else value for name, value in about.items()}
    partial = [
        {name: None if (index, name) in blank else value for name, value in one.items()}
        for index, one in enumerate(facts)
    ]
    asked = who_pays_first(made(partial), Situation(as_of=MONDAY, **partial_about))
    if asked.is_decided:
        whole = who_pays_first(made(facts), Situation(as_of=MONDAY, **about))
        assert [plan.id for plan in asked.plans] == [plan.id for plan in whole.plans]
