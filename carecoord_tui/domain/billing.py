"""What open billing records owe: answers to questions, payments of a plan, assistance decided and renewed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.facts import AssistanceFacts, BillingCaseFacts, PatientFacts, PaymentPlanFacts
from carecoord_tui.domain.money import ZERO, format_money
from carecoord_tui.domain.payment_plan import Agreed, agreed
from carecoord_tui.domain.vocabulary import AssistanceStatus, Consequence, Kind
from carecoord_tui.domain.work import WorkItem

CASE_RULE = "billing.case"
INSTALLMENT_RULE, PLAN_RULE = "billing.installment", "billing.plan"
DECISION_RULE, RENEWAL_RULE, RENEWAL_DATE_RULE = (
    "assistance.decision",
    "assistance.renewal",
    "assistance.renewal_date",
)


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One item an open billing case, payment plan and assistance program."""
    for case in facts.billing_cases:
        yield _answer(facts, case, context)
    for plan in facts.payment_plans:
        yield _payment(facts, plan, context)
    for program in facts.assistance:
        if program.status is AssistanceStatus.APPLIED:
            yield _ask(facts, program, context)
        elif program.status is AssistanceStatus.APPROVED:
            yield _renew(facts, program, context)


def _item(
    facts: PatientFacts,
    kind: Kind,
    record_id: int,
    context: Context,
    *,
    rule_id: str,
    title: str,
    target_on: date,
    why: str,
    since_on: date,
    consequence: Consequence = Consequence.MONEY,
) -> WorkItem:
    return WorkItem(
        kind=kind,
        record_id=record_id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb="insurance",
        title=title,
        target_on=target_on,
        consequence=consequence,
        why=why,
        citation=context.cite(rule_id),
        since_on=since_on,
    )


def _answer(facts: PatientFacts, case: BillingCaseFacts, context: Context) -> WorkItem:
    answer = context.deadline(CASE_RULE, case.opened_on)
    of_payer = f" It is about {case.payer_name}." if case.payer_name else ""
    return _item(
        facts,
        Kind.BILLING,
        case.id,
        context,
        rule_id=CASE_RULE,
        title=f"Answer billing question: {case.title}",
        target_on=answer.target_on or case.opened_on,
        why=f"A question about a bill is open.{of_payer} {answer.why}",
        since_on=case.opened_on,
    )


def _payment(facts: PatientFacts, plan: PaymentPlanFacts, context: Context) -> WorkItem:
    """The next payment of the plan, on its day; a plan without one is closed."""
    instalments = agreed(plan.installments)
    unpaid = [(number, one) for number, one in enumerate(instalments, 1) if one.left]
    if not unpaid:
        return _close_plan(facts, plan, context)
    number, one = unpaid[0]
    due_on, place = one.instalment.due_on, f"Payment {number} of {len(instalments)}"
    total = sum((every.instalment.amount for every in instalments), ZERO)
    left = sum((every.left for _, every in unpaid), ZERO)
    title = f"{place}, {format_money(one.left)}"
    return _item(
        facts,
        Kind.PAYMENT_PLAN,
        plan.id,
        context,
        rule_id=INSTALLMENT_RULE,
        title=f"{title}: {plan.title}" if plan.title else title,
        target_on=context.target(INSTALLMENT_RULE, due_on),
        why=f"{place}, {_amount_words(one)}, is due on {format_full_day(due_on)}; {format_money(left)} of "
        f"{format_money(total)} is left. Overdue from the day after.",
        since_on=due_on,
    )


def _amount_words(one: Agreed) -> str:
    """``$102.50``, or ``$55.00 still open of $102.50`` where a part of it has come in."""
    whole = format_money(one.instalment.amount)
    return whole if one.left == one.instalment.amount else f"{format_money(one.left)} still open of {whole}"


def _close_plan(facts: PatientFacts, plan: PaymentPlanFacts, context: Context) -> WorkItem:
    paid = [one.paid_on for one in plan.installments if one.paid_on is not None]
    last = max(paid, default=plan.agreed_on)
    why = (
        "Every payment is in: close the plan." if paid else "No payments were agreed: enter them or close it."
    )
    return _item(
        facts,
        Kind.PAYMENT_PLAN,
        plan.id,
        context,
        rule_id=PLAN_RULE,
        title=f"Close payment plan: {plan.title}" if plan.title else "Close payment plan",
        target_on=context.target(PLAN_RULE, last),
        why=why,
        since_on=last,
        consequence=Consequence.PAPERWORK,
    )


def _ask(facts: PatientFacts, program: AssistanceFacts, context: Context) -> WorkItem:
    decision = context.deadline(DECISION_RULE, program.applied_on)
    return _item(
        facts,
        Kind.ASSISTANCE,
        program.id,
        context,
        rule_id=DECISION_RULE,
        title=f"Ask about assistance: {program.program}",
        target_on=decision.target_on or program.applied_on,
        why=f"{program.program} has not decided. {decision.why}",
        since_on=program.applied_on,
    )


def _renew(facts: PatientFacts, program: AssistanceFacts, context: Context) -> WorkItem:
    """Renewal 30 days before it ends, not before it was approved."""
    approved = program.decided_on or program.applied_on
    if program.renew_on is None:
        return _item(
            facts,
            Kind.ASSISTANCE,
            program.id,
            context,
            rule_id=RENEWAL_DATE_RULE,
            title=f"Enter renewal day: {program.program}",
            target_on=context.target(RENEWAL_DATE_RULE, approved),
            why=f"{program.program} approved, but the day it must be renewed by was not entered.",
            since_on=approved,
        )
    renewal = context.deadline(RENEWAL_RULE, program.renew_on)
    by_rule = renewal.target_on or program.renew_on
    return _item(
        facts,
        Kind.ASSISTANCE,
        program.id,
        context,
        rule_id=RENEWAL_RULE,
        title=f"Renew assistance: {program.program}",
        target_on=max(by_rule, min(approved, program.renew_on)),
        why=f"{program.program} must be renewed by {format_full_day(program.renew_on)}. {renewal.why}",
        since_on=approved,
    )
