"""Who pays first, asked one question at a time: each only when the answer hangs on it."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.domain.coverage_facts import OrderRule, Plan, PlanKind, Situation
from carecoord_tui.domain.coverage_questions import Fact, Interview, QuestionError, echo_answer
from carecoord_tui.domain.dates import DateOrder

AS_OF = date(2026, 11, 30)


def interview(*plans: tuple[str, PlanKind | None]) -> Interview:
    made = tuple(Plan(id=n, name=name, kind=kind) for n, (name, kind) in enumerate(plans, 1))
    return Interview(made, Situation(as_of=AS_OF))


def asked(now: Interview, *answers: str) -> tuple[list[Fact], Interview]:
    """The facts asked for, until the answers are used up."""
    facts = []
    for answer in answers:
        assert now.question is not None
        facts.append(now.question.fact)
        now = now.tell(answer)
    return facts, now


GROUP, MEDICARE = PlanKind.GROUP, PlanKind.MEDICARE


def test_medicare_by_age_asks_for_work_employees_and_whose_plan_it_is() -> None:
    facts, now = asked(interview(("Mill", GROUP), ("Medicare", MEDICARE)), "age", "active", "20", "spouse")
    assert facts == [Fact.BASIS, Fact.WORK, Fact.EMPLOYEES, Fact.HOLDER]
    assert now.answer.reasons[0].rule is OrderRule.MEDICARE_AGE
    assert now.answer.plans[0].name == "Mill"
    assert now.question is None


def test_a_small_employer_needs_no_further_question() -> None:
    facts, now = asked(interview(("Mill", GROUP), ("Medicare", MEDICARE)), "age", "active", "19")
    assert facts == [Fact.BASIS, Fact.WORK, Fact.EMPLOYEES]
    assert [plan.name for plan in now.answer.plans] == ["Medicare", "Mill"]


def test_kidney_failure_asks_for_the_month() -> None:
    facts, now = asked(interview(("Mill", GROUP), ("Medicare", MEDICARE)), "kidney_failure", "6/2024")
    assert facts == [Fact.BASIS, Fact.KIDNEY_FROM]
    assert "30 months end with Nov 2026" in now.answer.words
    assert now.told[-1].words == "1 Jun 2024"


def test_medicaid_is_asked_nothing() -> None:
    now = interview(("Mill", GROUP), ("State", PlanKind.MEDICAID))
    assert now.question is None
    assert [plan.name for plan in now.answer.plans] == ["Mill", "State"]


def test_a_commercial_plan_beside_medicare_is_asked_whether_it_is_a_group_plan() -> None:
    now = interview(("Blue", PlanKind.COMMERCIAL), ("Medicare", MEDICARE))
    assert now.question is not None
    assert [value for _, _, value in now.question.options] == ["group", "individual"]
    _, now = asked(now, "individual")
    assert now.question is None
    assert now.answer.words.startswith("Cannot decide: ask Medicare's coordination")


@pytest.mark.parametrize(
    ("decree", "choice", "rule"), [("yes", "2", OrderRule.DECREE), ("no", "2", OrderRule.CUSTODY)]
)
def test_parents_apart_are_asked_for_the_decree_then_for_custody(
    decree: str, choice: str, rule: OrderRule
) -> None:
    now = interview(("A", GROUP), ("B", GROUP))
    facts, now = asked(now, "parent_1", "parent_2", "apart", decree, choice)
    assert facts[2:4] == [Fact.PARENTS, Fact.DECREE]
    assert facts[4] is (Fact.DECREE_PLAN if decree == "yes" else Fact.CUSTODY)
    assert now.answer.plans[0].name == "B"
    assert now.answer.reasons[0].rule is rule


def test_the_same_birthday_asks_since_when_and_the_year_does_not_matter() -> None:
    now = interview(("A", GROUP), ("B", GROUP))
    facts, now = asked(
        now, "parent_1", "parent_2", "together", "29 feb", "2/29/1996", "14 Mar 2019", "2018-03-14"
    )
    assert facts[3:] == [Fact.BIRTHDAY, Fact.BIRTHDAY, Fact.COVERED_SINCE, Fact.COVERED_SINCE]
    assert now.answer.reasons[0].rule is OrderRule.LONGER_COVERAGE
    assert now.answer.plans[0].name == "B"


def test_going_back_forgets_the_last_answer_only() -> None:
    start = interview(("A", GROUP), ("B", GROUP))
    _, now = asked(start, "parent_1", "parent_2")
    assert now.before is not None
    assert now.before.question is not None
    assert (now.before.question.fact, now.before.question.plan_id) == (Fact.HOLDER, 2)
    _, other = asked(now.before, "self")
    assert [plan.name for plan in other.answer.plans] == ["B", "A"]


@pytest.mark.parametrize("text", ["", "30 feb", "13/40", "yesterday", "1/2/3"])
def test_a_birthday_that_is_none_is_refused(text: str) -> None:
    _, now = asked(interview(("A", GROUP), ("B", GROUP)), "parent_1", "parent_2", "together")
    with pytest.raises(QuestionError):
        now.tell(text)


def test_a_birthday_is_read_in_the_order_of_the_practice() -> None:
    _, now = asked(interview(("A", GROUP), ("B", GROUP)), "parent_1", "parent_2", "together")
    question = now.question
    assert question is not None
    for text, order, read in (
        ("03-02", DateOrder.MDY, "2 Mar"),
        ("3/2", DateOrder.DMY, "3 Feb"),
        ("03-02", DateOrder.YMD, "2 Mar"),
        ("mar 2", DateOrder.MDY, "2 Mar"),
    ):
        assert echo_answer(question, text, AS_OF, order) == read


@pytest.mark.parametrize("text", ["0", "-4", "many", "99999999999999"])
def test_a_number_of_employees_that_is_none_is_refused(text: str) -> None:
    _, now = asked(interview(("Mill", GROUP), ("Medicare", MEDICARE)), "age", "active")
    with pytest.raises(QuestionError, match="number of employees"):
        now.tell(text)


def test_an_answer_that_was_not_offered_is_refused() -> None:
    with pytest.raises(QuestionError, match="by its key"):
        interview(("A", None), ("B", None)).tell("cat")
