"""The Core tables of the record classes, for statements that select columns instead of objects."""

from __future__ import annotations

import sqlalchemy as sa

from carecoord_tui.store import tables as t


def table(model: type[t.Record]) -> sa.Table:
    """The Core table of a record class."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]


PATIENT, PHONE = table(t.Patient), table(t.PatientPhone)
STAMP = table(t.ReferralStageEvent)
FOLLOW_UP, REFERRAL, PROVIDER = table(t.FollowUp), table(t.Referral), table(t.Provider)
COVERAGE, PAYER, CHECK = table(t.Coverage), table(t.Payer), table(t.EligibilityCheck)
AUTHORIZATION, DENIAL = table(t.Authorization), table(t.Denial)
AUTHORIZATION_ITEM, DENIAL_TRACK, PAYER_LIMIT = (
    table(t.AuthorizationItem),
    table(t.DenialTrack),
    table(t.PayerLimit),
)
GOOD_FAITH, BILLING_CASE = table(t.GoodFaithEstimate), table(t.BillingCase)
PAYMENT_PLAN, INSTALLMENT = table(t.PaymentPlan), table(t.Installment)
ASSISTANCE = table(t.AssistanceProgram)
APPOINTMENT, TRANSITION = table(t.Appointment), table(t.Transition)
CALL = table(t.IncomingCall)
APPEAL = table(t.Appeal)
CONTACT, MOVED, NOTE = table(t.Contact), table(t.MovedDate), table(t.Note)
