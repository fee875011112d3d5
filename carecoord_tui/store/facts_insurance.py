"""Rows of insurance and billing tables as the frozen facts the rules read (see ``store.facts``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from carecoord_tui.domain.facts import (
    AssistanceFacts,
    AuthorizationFacts,
    AuthorizationItemFacts,
    BillingCaseFacts,
    DenialFacts,
    GoodFaithFacts,
    InstallmentFacts,
    LimitFacts,
    PaymentPlanFacts,
    TrackFacts,
)
from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import BillingStatus, PayerClass

_NOBODY = "the payer"


def authorization(
    row: Any, items: Sequence[AuthorizationItemFacts], limits: Sequence[LimitFacts]
) -> AuthorizationFacts:
    """A row of ``statements.AUTHORIZATIONS`` with its items and its payer's limits."""
    return AuthorizationFacts(
        id=row.id,
        service=row.service,
        payer_name=row.payer_name or _NOBODY,
        payer_class=row.payer_class or PayerClass.UNKNOWN,
        status=row.status,
        opened_on=row.opened_on,
        is_drug=row.is_drug,
        is_expedited=row.is_expedited,
        submitted_at=row.submitted_at,
        information_due_on=row.information_due_on,
        decided_on=row.decided_on,
        service_on=row.service_on,
        appointment_id=row.appointment_id,
        referral_id=row.referral_id,
        number=row.number,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        units_authorized=row.units_authorized,
        units_used=row.units_used,
        units_updated_on=row.units_updated_on,
        is_renewed=row.renewed_by_id is not None,
        extended_on=row.extended_on,
        peer_to_peer_by=row.peer_to_peer_by,
        has_denial=bool(row.has_denial),
        items=tuple(items),
        limits=tuple(limits),
    )


def authorization_item(row: Any) -> tuple[int, AuthorizationItemFacts]:
    """The number of the authorization, and one service of it."""
    return row.authorization_id, AuthorizationItemFacts(
        service=row.service,
        status=row.status,
        number=row.number,
        units=row.units,
        valid_to=row.valid_to,
        has_denial=row.denial_id is not None,
    )


def denial(row: Any, tracks: Sequence[TrackFacts], limits: Sequence[LimitFacts]) -> DenialFacts:
    """A row of ``statements.DENIALS`` with its tracks and its payer's limits."""
    return DenialFacts(
        id=row.id,
        service=row.service,
        payer_name=row.payer_name or _NOBODY,
        payer_class=row.payer_class or PayerClass.UNKNOWN,
        status=row.status,
        notice_on=row.notice_on,
        received_on=row.received_on,
        level=row.level,
        letter_deadline_on=row.letter_deadline_on,
        is_expedited=row.is_expedited,
        is_appeal_expedited=bool(row.is_appeal_expedited),
        is_drug=row.is_drug,
        triaged_on=row.triaged_on,
        filed_on=row.filed_on,
        decided_on=row.decided_on,
        peer_to_peer_by=row.peer_to_peer_by,
        peer_to_peer_on=row.peer_to_peer_on,
        tracks=tuple(tracks),
        limits=tuple(limits),
    )


def track(row: Any) -> tuple[int, TrackFacts]:
    """The number of the denial, and one road out of it."""
    return row.denial_id, TrackFacts(
        kind=row.kind,
        status=row.status,
        opened_on=row.opened_on,
        next_on=row.next_on,
        closed_on=row.closed_on,
    )


def limit(row: Any) -> LimitFacts:
    """A count of a payer's contract; a unit outside the rule pack's raises ValueError."""
    return LimitFacts(rule_id=row.rule_id, n=row.n, unit=Unit(row.unit), source=row.source)


def good_faith(row: Any) -> GoodFaithFacts:
    """An estimate for a self-pay patient."""
    return GoodFaithFacts(
        id=row.id,
        service=row.service,
        is_closed=row.status is BillingStatus.CLOSED,
        appointment_id=row.appointment_id,
        scheduled_on=row.scheduled_on,
        requested_on=row.requested_on,
        service_on=row.service_on,
        given_on=row.given_on,
    )


def billing_case(row: Any) -> BillingCaseFacts:
    """An open question about a bill."""
    return BillingCaseFacts(id=row.id, title=row.title, opened_on=row.opened_on, payer_name=row.payer_name)


def payment_plan(row: Any, installments: Sequence[InstallmentFacts]) -> PaymentPlanFacts:
    """An open payment plan with its payments."""
    return PaymentPlanFacts(
        id=row.id, title=row.title, agreed_on=row.agreed_on, installments=tuple(installments)
    )


def installment(row: Any) -> tuple[int, InstallmentFacts]:
    """The number of the plan, and one payment of it."""
    return row.plan_id, InstallmentFacts(due_on=row.due_on, amount=row.amount, paid_on=row.paid_on)


def assistance(row: Any) -> AssistanceFacts:
    """A program that was applied for, or that helps until it must be renewed."""
    return AssistanceFacts(
        id=row.id,
        program=row.program,
        status=row.status,
        applied_on=row.applied_on,
        decided_on=row.decided_on,
        renew_on=row.renew_on,
    )
