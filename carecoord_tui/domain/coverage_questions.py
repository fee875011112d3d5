"""The questions behind "who pays first?", one at a time and only when the answer hangs on it.

``coverage_order`` stops at the first fact it misses. That fact is found by trying: of the facts nobody
has given, it is the one whose answer changes what is asked. So the rules stand in one place only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from carecoord_tui.domain.coverage_facts import (
    Answer,
    Holder,
    MedicareBasis,
    Parents,
    Plan,
    PlanKind,
    Situation,
    Work,
)
from carecoord_tui.domain.coverage_order import who_pays_first
from carecoord_tui.domain.date_words import MONTHS, format_birth
from carecoord_tui.domain.dates import DateError, DateOrder, parse_birth_date

_MOST_EMPLOYEES = 10_000_000
_LEAP = "2000"  # a year with a 29 February, to read a birthday by
_MONTH_YEAR = re.compile(r"([0-9]{1,2}) ?[/.-] ?([0-9]{4})")


class QuestionError(ValueError):
    """The text answers nothing; the message is one sentence for who typed it."""


class Fact(StrEnum):
    """What may be asked, in the order of asking."""

    KIND = "kind"
    BASIS = "basis"
    KIDNEY_FROM = "kidney_from"
    HOLDER = "holder"
    WORK = "work"
    EMPLOYEES = "employees"
    PARENTS = "parents"
    BIRTHDAY = "birthday"
    COVERED_SINCE = "covered_since"
    DECREE = "decree"
    DECREE_PLAN = "decree_plan"
    CUSTODY = "custody"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``options`` are (key, label, value); without them it is typed, like ``example``."""

    fact: Fact
    words: str
    plan_id: int | None = None
    options: tuple[tuple[str, str, str], ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A question that was answered, with the answer in words."""

    question: Question
    words: str


@dataclass(frozen=True, slots=True)
class Interview:
    """What is known so far; ``tell`` gives the next one, ``before`` is the one without the last answer."""

    plans: tuple[Plan, ...]
    situation: Situation
    told: tuple[Told, ...] = ()
    before: Interview | None = None

    @property
    def answer(self) -> Answer:
        """The order as far as it can be decided."""
        return who_pays_first(self.plans, self.situation)

    @property
    def question(self) -> Question | None:
        """What to ask next; None when it is decided, or when no question of ours would decide it."""
        asked = self.answer.ask
        if not asked:
            return None
        for question, probes in _open_questions(self):
            for plans, situation in probes:
                if who_pays_first(plans, situation).ask != asked:
                    return question
        return None

    def tell(self, value: str, order: DateOrder = DateOrder.MDY) -> Interview:
        """The answer to ``question``: an option's value, or typed text. Raises QuestionError."""
        question = self.question
        if question is None:
            raise QuestionError("Nothing is asked.")
        given = _read(question, value.strip(), self.situation.as_of, order)
        plans, situation = _with(self, question, given)
        words = _words(question, value, given)
        return Interview(plans, situation, (*self.told, Told(question, words)), self)


def echo_answer(question: Question, text: str, as_of: date, order: DateOrder) -> str:
    """What a typed answer is understood as: ``2 Mar``. Raises QuestionError."""
    return _words(question, text, _read(question, text.strip(), as_of, order))


# --- Which question -------------------------------------------------------------------------------

_State = tuple[tuple[Plan, ...], Situation]
_KINDS = (
    ("g", "group, through work", PlanKind.GROUP),
    ("i", "individual", PlanKind.INDIVIDUAL),
    ("m", "Medicare, also Advantage", PlanKind.MEDICARE),
    ("d", "Medicaid", PlanKind.MEDICAID),
)
_HOLDERS = (
    ("s", "the patient's own", Holder.SELF),
    ("p", "the spouse's", Holder.SPOUSE),
    ("1", "one parent's", Holder.PARENT_1),
    ("2", "the other parent's", Holder.PARENT_2),
    ("o", "somebody else's", Holder.OTHER),
)
_BASES = (
    ("a", "age", MedicareBasis.AGE),
    ("d", "disability", MedicareBasis.DISABILITY),
    ("k", "kidney failure", MedicareBasis.KIDNEY_FAILURE),
)
_WORK = (("c", "current work", Work.ACTIVE), ("r", "retired or laid off", Work.RETIRED))
_PARENTS = (("t", "together", Parents.TOGETHER), ("a", "apart", Parents.APART))
_YES_NO = (("y", "yes", "yes"), ("n", "no", "no"))


def _open_questions(now: Interview) -> Iterator[tuple[Question, list[_State]]]:
    """Every fact nobody has given, with the states some answers to it would lead to."""
    plans, situation = now.plans, now.situation

    def of_plan(question: Question, plan: Plan, *values: object) -> tuple[Question, list[_State]]:
        return question, [(_replaced(plans, plan, _PLAN_FIELD[question.fact], v), situation) for v in values]

    for plan in plans:
        if plan.kind in (None, PlanKind.COMMERCIAL):
            yield of_plan(_kind_question(plan), plan, PlanKind.GROUP, PlanKind.MEDICAID)
    if not situation.medicare_basis:
        words = "Why does the patient have Medicare?"
        basis = replace(situation, medicare_basis=frozenset({MedicareBasis.AGE}))
        yield Question(Fact.BASIS, words, options=_BASES), [(plans, basis)]
    if situation.kidney_failure_from is None:
        words = "Since which month Medicare because of kidney failure?"
        months = replace(situation, kidney_failure_from=situation.as_of)
        yield Question(Fact.KIDNEY_FROM, words, example="5/2025"), [(plans, months)]
    for plan in plans:
        if plan.holder is None:
            whose = Question(Fact.HOLDER, f"Whose plan is {plan.name}?", plan.id, _HOLDERS)
            yield of_plan(whose, plan, Holder.SELF, Holder.PARENT_1)
        if plan.work is None:
            words = f"{plan.name}: from current work, or from before?"
            yield of_plan(Question(Fact.WORK, words, plan.id, _WORK), plan, Work.ACTIVE, Work.RETIRED)
        if plan.employees is None:
            words = f"{plan.name}: how many employees has the employer?"
            asked = Question(Fact.EMPLOYEES, words, plan.id, example="25")
            yield of_plan(asked, plan, 1, _MOST_EMPLOYEES)
    if situation.parents is None:
        parents = Question(Fact.PARENTS, "How do the parents live?", options=_PARENTS)
        yield parents, [(plans, replace(situation, parents=one)) for one in Parents]
    for plan in plans:
        if plan.birthday is None:
            words = f"{plan.name}: birthday of the parent who holds it?"
            yield of_plan(Question(Fact.BIRTHDAY, words, plan.id, example="2 Mar"), plan, (1, 1), (12, 31))
        if plan.covered_since is None:
            words = f"{plan.name}: since when has it covered the parent?"
            asked = Question(Fact.COVERED_SINCE, words, plan.id, example="14 Mar 2019")
            yield of_plan(asked, plan, date.min, date.max)
    yield from _about_parents_apart(now)


def _about_parents_apart(now: Interview) -> Iterator[tuple[Question, list[_State]]]:
    plans, situation = now.plans, now.situation
    if situation.has_decree is None:
        words = "Does a court decree say which parent insures the child?"
        decree = Question(Fact.DECREE, words, options=_YES_NO)
        yield decree, [(plans, replace(situation, has_decree=is_so)) for is_so in (True, False)]
    choices = tuple((str(n), plan.name, str(plan.id)) for n, plan in enumerate(plans, 1))
    if not any(plan.by_decree for plan in plans):
        named = Question(Fact.DECREE_PLAN, "Which plan does the court decree name?", options=choices)
        yield named, [(_chosen(plans, "by_decree", plan.id), situation) for plan in plans]
    if all(plan.is_custodial is None for plan in plans):
        held = Question(Fact.CUSTODY, "Whose parent has custody: the holder of which plan?", options=choices)
        yield held, [(_chosen(plans, "is_custodial", plan.id), situation) for plan in plans]


def _kind_question(plan: Plan) -> Question:
    if plan.kind is PlanKind.COMMERCIAL:
        return Question(Fact.KIND, f"{plan.name}: group or individual?", plan.id, _KINDS[:2])
    return Question(Fact.KIND, f"What kind of plan is {plan.name}?", plan.id, _KINDS)


# --- What an answer changes -----------------------------------------------------------------------

_PLAN_FIELD = {
    Fact.KIND: "kind",
    Fact.HOLDER: "holder",
    Fact.WORK: "work",
    Fact.EMPLOYEES: "employees",
    Fact.BIRTHDAY: "birthday",
    Fact.COVERED_SINCE: "covered_since",
}
_READERS = {Fact.KIND: PlanKind, Fact.HOLDER: Holder, Fact.WORK: Work, Fact.PARENTS: Parents}
_Given = str | int | date | tuple[int, int]


def _with(now: Interview, question: Question, given: _Given) -> _State:
    plans, situation = now.plans, now.situation
    match question.fact:
        case Fact.BASIS:
            return plans, replace(situation, medicare_basis=frozenset({MedicareBasis(str(given))}))
        case Fact.KIDNEY_FROM:
            assert isinstance(given, date)  # noqa: S101 - as _read gives it
            return plans, replace(situation, kidney_failure_from=given)
        case Fact.PARENTS:
            return plans, replace(situation, parents=Parents(str(given)))
        case Fact.DECREE:
            return plans, replace(situation, has_decree=given == "yes")
        case Fact.DECREE_PLAN:
            return _chosen(plans, "by_decree", int(str(given))), situation
        case Fact.CUSTODY:
            return _chosen(plans, "is_custodial", int(str(given))), situation
    (plan,) = (plan for plan in plans if plan.id == question.plan_id)
    return _replaced(plans, plan, _PLAN_FIELD[question.fact], given), situation


def _replaced(plans: Iterable[Plan], plan: Plan, field: str, value: object) -> tuple[Plan, ...]:
    changes: dict[str, object] = {field: value}
    return tuple(replace(one, **changes) if one.id == plan.id else one for one in plans)  # type: ignore[arg-type]


def _chosen(plans: Iterable[Plan], field: str, plan_id: int) -> tuple[Plan, ...]:
    """True for one plan, False for the others."""
    chosen: tuple[Plan, ...] = ()
    for plan in plans:
        (one,) = _replaced((plan,), plan, field, plan.id == plan_id)
        chosen += (one,)
    return chosen


# --- Reading and wording an answer ------------------------------------------------------------------


def _read(question: Question, text: str, as_of: date, order: DateOrder) -> _Given:
    if question.options:
        if text not in {value for _, _, value in question.options}:
            raise QuestionError("Choose one of the answers by its key.")
        return _READERS[question.fact](text) if question.fact in _READERS else text
    if not text:
        raise QuestionError(f"Type the answer, such as {question.example}; esc leaves without one.")
    if question.fact is Fact.EMPLOYEES:
        return _employees(text)
    if question.fact is Fact.BIRTHDAY:
        return _birthday(text, as_of, order)
    return _past_day(text, as_of, order, question.fact)


def _employees(text: str) -> int:
    digits = text.replace(",", "")
    if not (digits.isascii() and digits.isdecimal()) or not 1 <= int(digits[:12]) <= _MOST_EMPLOYEES:
        raise QuestionError("Type the number of employees, such as 25.")
    return int(digits)


def _birthday(text: str, as_of: date, order: DateOrder) -> tuple[int, int]:
    """Month and day; a year may be typed and is not needed."""
    separator = "/" if "/" in text else "-" if "-" in text else " "
    for tried in (text, f"{text}{separator}{_LEAP}", f"{_LEAP}-{text}"):
        try:
            day = parse_birth_date(tried, today=as_of, order=order)
        except DateError:
            continue
        return day.month, day.day
    raise QuestionError("The birthday is not understood: type day and month, such as 2 Mar.")


def _past_day(text: str, as_of: date, order: DateOrder, fact: Fact) -> date:
    month = _MONTH_YEAR.fullmatch(text) if fact is Fact.KIDNEY_FROM else None
    typed = f"{month[2]}-{int(month[1]):02d}-01" if month else text
    try:
        return parse_birth_date(typed, today=as_of, order=order)
    except DateError as error:
        shown = "5/2025" if fact is Fact.KIDNEY_FROM else "14 Mar 2019"
        raise QuestionError(f"That is not a day up to {format_birth(as_of)}: type it as {shown}.") from error


def _words(question: Question, text: str, given: _Given) -> str:
    for _, label, value in question.options:
        if value == text:
            return label
    if isinstance(given, tuple):
        return f"{given[1]} {MONTHS[given[0] - 1]}"
    return format_birth(given) if isinstance(given, date) else f"{given:,}"
