"""The selects that read people's facts, built once: building one costs more than running it for one person.

Each takes ``ids``, a list of patient numbers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from carecoord_tui.domain.payer_requirements import AUTHORIZATION_RULE, REFERRAL_RULE
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AssistanceStatus,
    AuthorizationStatus,
    BillingStatus,
    DenialStatus,
    FollowUpStatus,
    Kind,
    ReferralStage,
    TransitionStatus,
)
from carecoord_tui.store.core_tables import (
    APPEAL,
    APPOINTMENT,
    ASSISTANCE,
    AUTHORIZATION,
    AUTHORIZATION_ITEM,
    BILLING_CASE,
    CALL,
    CHECK,
    CONTACT,
    COVERAGE,
    DENIAL,
    DENIAL_TRACK,
    FOLLOW_UP,
    GOOD_FAITH,
    INSTALLMENT,
    MOVED,
    NOTE,
    PATIENT,
    PAYER,
    PAYER_LIMIT,
    PAYMENT_PLAN,
    PROVIDER,
    REFERRAL,
    TRANSITION,
)
from carecoord_tui.store.queries.denied_requests import denial_of_whole

_SETTLED = [status for status in FollowUpStatus if status is not FollowUpStatus.OPEN]
_CLOSED_STAGES = [stage for stage in ReferralStage if not stage.is_open]
_OPEN_DENIALS = [status for status in DenialStatus if status.is_open]
_OPEN_ASSISTANCE = [status for status in AssistanceStatus if status.is_open]


class OfPeople(NamedTuple):
    """A select over a table whose rows belong to people."""

    statement: sa.Select[Any]
    highest_owner: str  # a statement: the highest patient number the table has rows of


def _of_people(table: sa.Table, statement: sa.Select[Any]) -> OfPeople:
    return OfPeople(
        statement.where(table.c.patient_id.in_(sa.bindparam("ids", expanding=True))),
        f"SELECT max(patient_id) FROM {table.name}",  # noqa: S608 - our own table names
    )


def _with_payer(owner: sa.Table) -> sa.FromClause:
    return owner.outerjoin(COVERAGE, COVERAGE.c.id == owner.c.coverage_id).outerjoin(
        PAYER, PAYER.c.id == COVERAGE.c.payer_id
    )


def _unsettled_visits() -> sa.ColumnElement[bool]:
    """Ahead, missed and not settled, or kept: a hospital discharge asks about those."""
    c = APPOINTMENT.c
    missed = c.status.in_([AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED])
    return sa.or_(
        c.status.in_([AppointmentStatus.BOOKED, AppointmentStatus.PROPOSED]),
        sa.and_(missed, c.settled_on.is_(None)),
        sa.and_(c.status == AppointmentStatus.FULFILLED, c.transition_id.is_not(None)),
    )


_HAS_AUTHORIZATION = sa.exists().where(
    AUTHORIZATION.c.patient_id == APPOINTMENT.c.patient_id,
    AUTHORIZATION.c.appointment_id == APPOINTMENT.c.id,
    AUTHORIZATION.c.status.not_in([AuthorizationStatus.CANCELLED, AuthorizationStatus.EXPIRED]),
)


def _said_not_needed(rule_id: str) -> sa.ScalarSelect[Any]:
    """When somebody last said that a visit can do without: a note that names the rule it answers."""
    return (
        sa.select(sa.func.max(NOTE.c.at))
        .where(
            NOTE.c.patient_id == APPOINTMENT.c.patient_id,
            NOTE.c.about_kind == Kind.ELIGIBILITY,
            NOTE.c.about_id == APPOINTMENT.c.id,
            NOTE.c.source == rule_id,
        )
        .scalar_subquery()
    )


def _columns(table: sa.Table, names: str) -> list[sa.Column[Any]]:
    return [table.c[name] for name in names.split()]


PEOPLE = (
    sa.select(
        *_columns(
            PATIENT,
            "id status risk check_in_on is_first_check_in hold_until status_on call_from call_until"
            " time_zone",
        )
    )
    .where(PATIENT.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(PATIENT.c.id)
)
COVERAGES = _of_people(
    COVERAGE,
    sa.select(*_columns(COVERAGE, "patient_id id rank status"), PAYER.c.name, PAYER.c.payer_class)
    .join(PAYER, PAYER.c.id == COVERAGE.c.payer_id)
    .order_by(COVERAGE.c.rank, COVERAGE.c.id),
)
CHECKS = _of_people(
    CHECK,
    sa.select(
        *_columns(
            CHECK, "patient_id coverage_id checked_on as_of result authorization_needed referral_needed"
        )
    ).order_by(CHECK.c.id),
)
CONTACTS = _of_people(
    CONTACT,
    sa.select(*_columns(CONTACT, "patient_id at outcome about_kind about_id by_clinical_staff"))
    .where(CONTACT.c.about_kind.is_not(None))
    .order_by(CONTACT.c.at, CONTACT.c.id),
)
MOVES = _of_people(
    MOVED,
    sa.select(
        *_columns(
            MOVED,
            "patient_id kind record_id rule_id until_on until_at original_on event waiting_on moved_at"
            " promised_on",
        )
    ),
)
FOLLOW_UPS = _of_people(
    FOLLOW_UP,
    sa.select(*_columns(FOLLOW_UP, "patient_id id title kind priority due_on due_at legal_on"))
    .where(FOLLOW_UP.c.status.not_in(_SETTLED))  # "= open" would read every open one by the index on status
    .order_by(FOLLOW_UP.c.id),
)
REFERRALS = _of_people(
    REFERRAL,
    sa.select(
        *_columns(REFERRAL, "patient_id id specialty urgency stage stage_on ordered_on sent_on visit_on"),
        REFERRAL.c.stage_reason,
        REFERRAL.c.service_type,
        sa.func.coalesce(PROVIDER.c.name, "").label("provider_name"),
    )
    .outerjoin(PROVIDER, PROVIDER.c.id == REFERRAL.c.provider_id)
    .where(REFERRAL.c.stage.not_in(_CLOSED_STAGES))
    .order_by(REFERRAL.c.id),
)
AUTHORIZATIONS = _of_people(
    AUTHORIZATION,
    sa.select(
        *AUTHORIZATION.c,
        PAYER.c.id.label("payer_id"),
        PAYER.c.name.label("payer_name"),
        PAYER.c.payer_class,
        sa.literal_column(denial_of_whole('"authorization"'), sa.Boolean).label("has_denial"),
    )
    .select_from(_with_payer(AUTHORIZATION))
    .where(AUTHORIZATION.c.status.not_in([AuthorizationStatus.CANCELLED, AuthorizationStatus.EXPIRED]))
    .order_by(AUTHORIZATION.c.id),
)
_WAITING_IS_EXPEDITED = (
    sa.select(sa.func.max(APPEAL.c.is_expedited))
    .where(APPEAL.c.denial_id == DENIAL.c.id, APPEAL.c.outcome.is_(None))
    .scalar_subquery()
)
"""Of the appeal that waits; of one filed before appeals were kept, as the denial is."""
DENIALS = _of_people(
    DENIAL,
    sa.select(
        *DENIAL.c,
        PAYER.c.id.label("payer_id"),
        PAYER.c.name.label("payer_name"),
        PAYER.c.payer_class,
        sa.func.coalesce(_WAITING_IS_EXPEDITED, DENIAL.c.is_expedited).label("is_appeal_expedited"),
    )
    .select_from(_with_payer(DENIAL))
    .where(DENIAL.c.status.in_(_OPEN_DENIALS))
    .order_by(DENIAL.c.id),
)
APPOINTMENTS = _of_people(
    APPOINTMENT,
    sa.select(
        APPOINTMENT,
        _HAS_AUTHORIZATION.label("has_authorization"),
        _said_not_needed(AUTHORIZATION_RULE).label("no_authorization_at"),
        _said_not_needed(REFERRAL_RULE).label("no_referral_at"),
    )
    .where(_unsettled_visits())
    .order_by(APPOINTMENT.c.starts_at, APPOINTMENT.c.id),
)
TRANSITIONS = _of_people(
    TRANSITION,
    sa.select(*_columns(TRANSITION, "patient_id id discharged_on complexity facility handed_to"))
    .where(TRANSITION.c.status == TransitionStatus.OPEN)
    .order_by(TRANSITION.c.id),
)
LIMITS = sa.select(*_columns(PAYER_LIMIT, "payer_id rule_id n unit source")).order_by(PAYER_LIMIT.c.id)
"""Of every payer: a practice has a handful."""
AUTHORIZATION_ITEMS = _of_people(
    AUTHORIZATION_ITEM,
    sa.select(
        *_columns(
            AUTHORIZATION_ITEM, "patient_id authorization_id service status number units valid_to denial_id"
        )
    ).order_by(AUTHORIZATION_ITEM.c.id),
)
TRACKS = _of_people(
    DENIAL_TRACK,
    sa.select(
        *_columns(DENIAL_TRACK, "patient_id denial_id kind status opened_on next_on closed_on")
    ).order_by(DENIAL_TRACK.c.id),
)
GOOD_FAITHS = _of_people(
    GOOD_FAITH,
    sa.select(
        *_columns(
            GOOD_FAITH,
            "patient_id id service status appointment_id scheduled_on requested_on service_on given_on",
        )
    ).order_by(GOOD_FAITH.c.id),
)
BILLING_CASES = _of_people(
    BILLING_CASE,
    sa.select(
        *_columns(BILLING_CASE, "patient_id id title opened_on"),
        sa.func.coalesce(PAYER.c.name, "").label("payer_name"),
    )
    .outerjoin(PAYER, PAYER.c.id == BILLING_CASE.c.payer_id)
    .where(BILLING_CASE.c.status == BillingStatus.OPEN)
    .order_by(BILLING_CASE.c.id),
)
PAYMENT_PLANS = _of_people(
    PAYMENT_PLAN,
    sa.select(*_columns(PAYMENT_PLAN, "patient_id id title agreed_on"))
    .where(PAYMENT_PLAN.c.status == BillingStatus.OPEN)
    .order_by(PAYMENT_PLAN.c.id),
)
INSTALLMENTS = _of_people(
    INSTALLMENT,
    sa.select(*_columns(INSTALLMENT, "patient_id plan_id due_on amount paid_on")).order_by(
        INSTALLMENT.c.due_on, INSTALLMENT.c.id
    ),
)
ASSISTANCES = _of_people(
    ASSISTANCE,
    sa.select(*_columns(ASSISTANCE, "patient_id id program status applied_on decided_on renew_on"))
    .where(ASSISTANCE.c.status.in_(_OPEN_ASSISTANCE))
    .order_by(ASSISTANCE.c.id),
)
CALLS = _of_people(
    CALL,
    sa.select(*_columns(CALL, "patient_id id at reason disposition handed_to handed_at"))
    .where(CALL.c.is_safety, CALL.c.accepted_at.is_(None))
    .order_by(CALL.c.at, CALL.c.id),
)
"""Calls about a symptom, medicine problem or danger that no clinician accepted yet."""
