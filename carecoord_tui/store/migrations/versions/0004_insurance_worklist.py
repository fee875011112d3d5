"""The insurance worklist: figures kept apart, items of an authorization, roads out of a denial, billing.

- Eligibility checks, authorizations, denials, payers and contacts get the facts that calls and letters bring.
- ``benefit`` keeps every figure of a payer with what tells it from its neighbours, and its place in the file.
- New kinds of open record (good-faith estimate, billing case, payment plan, assistance) owe next actions.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Widen what is there, add the new tables; the ledger is rebuilt on opening."""
    _widen()
    _insurance()
    _billing()
    op.execute("UPDATE ledger_state SET fingerprint = ''")


def _record(name: str, *content: sa.Column[Any] | sa.UniqueConstraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        *content,
        sqlite_autoincrement=True,
    )


def _widen() -> None:
    with op.batch_alter_table("eligibility_check") as table:
        table.add_column(sa.Column("made_by", sa.String(120), nullable=False, server_default=""))
        table.add_column(sa.Column("spoke_with", sa.String(160), nullable=False, server_default=""))
        table.add_column(sa.Column("plan_said", sa.String(160), nullable=False, server_default=""))
        table.add_column(sa.Column("authorization_needed", sa.Boolean))
        table.add_column(sa.Column("referral_needed", sa.Boolean))
        table.add_column(sa.Column("source", sa.String(40), nullable=False, server_default=""))
    with op.batch_alter_table("authorization") as table:
        table.add_column(sa.Column("appointment_id", sa.Integer))
        table.add_column(sa.Column("diagnoses", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("requesting_npi", sa.String(10), nullable=False, server_default=""))
        table.add_column(sa.Column("rendering_npi", sa.String(10), nullable=False, server_default=""))
        table.add_column(sa.Column("site", sa.String(160), nullable=False, server_default=""))
        table.add_column(sa.Column("peer_to_peer_by", sa.Date))
        table.add_column(sa.Column("extended_on", sa.Date))
        table.add_column(sa.Column("denial_reason", sa.String(40)))
    with op.batch_alter_table("denial") as table:
        table.add_column(sa.Column("reason_kind", sa.String(40)))
        table.add_column(sa.Column("claim_number", sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("amount", sa.String(20)))
        table.add_column(sa.Column("who_appeals", sa.String(120), nullable=False, server_default=""))
        table.add_column(sa.Column("representative_needed", sa.Boolean))
        table.add_column(sa.Column("representative_form_on", sa.Date))
        table.add_column(sa.Column("peer_to_peer_by", sa.Date))
        table.add_column(sa.Column("peer_to_peer_on", sa.Date))
        table.add_column(sa.Column("is_drug", sa.Boolean, nullable=False, server_default="0"))
        table.add_column(sa.Column("trace", sa.String(80), nullable=False, server_default=""))
    with op.batch_alter_table("payer") as table:
        table.add_column(sa.Column("portal", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("appeal_fax", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("timely_filing_days", sa.Integer))
    with op.batch_alter_table("contact") as table:
        table.add_column(sa.Column("payer_id", sa.Integer))


def _insurance() -> None:
    _record(
        "payer_limit",
        sa.Column("payer_id", sa.Integer, sa.ForeignKey("payer.id"), nullable=False),
        sa.Column("rule_id", sa.String(60), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("source", sa.String(160), nullable=False),
        sa.Column("entered_on", sa.Date, nullable=False),
        sa.UniqueConstraint("payer_id", "rule_id"),
    )
    _record(
        "benefit",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("check_id", sa.Integer, sa.ForeignKey("eligibility_check.id"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("amount", sa.String(20)),
        sa.Column("percent", sa.String(20)),
        sa.Column("network", sa.String(40), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("service_type", sa.String(80), nullable=False),
        sa.Column("plan", sa.String(160), nullable=False),
        sa.Column("text", sa.String(400), nullable=False),
        sa.Column("trace", sa.String(80), nullable=False),
    )
    op.create_index("ix_benefit_check", "benefit", ["check_id"])
    op.create_index("ix_benefit_patient", "benefit", ["patient_id"])
    _record(
        "authorization_item",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("authorization_id", sa.Integer, sa.ForeignKey("authorization.id"), nullable=False),
        sa.Column("service", sa.String(160), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("units", sa.Integer),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("trace", sa.String(80), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_authorization_item_authorization", "authorization_item", ["authorization_id"])
    op.create_index("ix_authorization_item_patient", "authorization_item", ["patient_id"])
    _record(
        "authorization_event",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("authorization_id", sa.Integer, sa.ForeignKey("authorization.id"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_authorization_event_authorization", "authorization_event", ["authorization_id"])
    _record(
        "authorization_use",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("authorization_id", sa.Integer, sa.ForeignKey("authorization.id"), nullable=False),
        sa.Column("appointment_id", sa.Integer, sa.ForeignKey("appointment.id")),
        sa.Column("used_on", sa.Date, nullable=False),
        sa.Column("units", sa.Integer, nullable=False),
    )
    op.create_index("ix_authorization_use_authorization", "authorization_use", ["authorization_id"])
    _record(
        "denial_track",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("denial_id", sa.Integer, sa.ForeignKey("denial.id"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("next_on", sa.Date),
        sa.Column("closed_on", sa.Date),
        sa.Column("note", sa.String(400), nullable=False),
        sa.UniqueConstraint("denial_id", "kind"),
    )
    op.create_index("ix_denial_track_patient", "denial_track", ["patient_id"])
    _record(
        "appeal",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("denial_id", sa.Integer, sa.ForeignKey("denial.id"), nullable=False),
        sa.Column("rule_id", sa.String(60), nullable=False),
        sa.Column("filed_on", sa.Date, nullable=False),
        sa.Column("filed_how", sa.String(40), nullable=False),
        sa.Column("received_on", sa.Date),
        sa.Column("is_expedited", sa.Boolean, nullable=False),
        sa.Column("decided_on", sa.Date),
        sa.Column("outcome", sa.String(40)),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_appeal_denial", "appeal", ["denial_id"])
    op.create_index("ix_appeal_patient", "appeal", ["patient_id"])


def _billing() -> None:
    _record(
        "estimate",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("coverage_id", sa.Integer, sa.ForeignKey("coverage.id")),
        sa.Column("appointment_id", sa.Integer, sa.ForeignKey("appointment.id")),
        sa.Column("service", sa.String(160), nullable=False),
        sa.Column("made_on", sa.Date, nullable=False),
        sa.Column("allowed", sa.String(20)),
        sa.Column("copay", sa.String(20)),
        sa.Column("copay_mode", sa.String(40)),
        sa.Column("deductible_left", sa.String(20)),
        sa.Column("coinsurance_percent", sa.String(20)),
        sa.Column("out_of_pocket_left", sa.String(20)),
        sa.Column("noncovered", sa.String(20)),
        sa.Column("low", sa.String(20)),
        sa.Column("high", sa.String(20)),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_estimate_patient", "estimate", ["patient_id"])
    _record(
        "good_faith",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("appointment_id", sa.Integer, sa.ForeignKey("appointment.id")),
        sa.Column("service", sa.String(160), nullable=False),
        sa.Column("scheduled_on", sa.Date),
        sa.Column("requested_on", sa.Date),
        sa.Column("service_on", sa.Date),
        sa.Column("given_on", sa.Date),
        sa.Column("amount", sa.String(20)),
        sa.Column("billed", sa.String(20)),
        sa.Column("billed_on", sa.Date),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_good_faith_patient", "good_faith", ["patient_id"])
    _record(
        "billing_case",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("payer_id", sa.Integer, sa.ForeignKey("payer.id")),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("amount", sa.String(20)),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_billing_case_patient", "billing_case", ["patient_id"])
    _record(
        "payment_plan",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("total", sa.String(20), nullable=False),
        sa.Column("agreed_on", sa.Date, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_payment_plan_patient", "payment_plan", ["patient_id"])
    _record(
        "installment",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("plan_id", sa.Integer, sa.ForeignKey("payment_plan.id"), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("amount", sa.String(20), nullable=False),
        sa.Column("paid_on", sa.Date),
    )
    op.create_index("ix_installment_patient", "installment", ["patient_id"])
    op.create_index("ix_installment_plan", "installment", ["plan_id"])
    _record(
        "assistance",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("denial_id", sa.Integer, sa.ForeignKey("denial.id")),
        sa.Column("program", sa.String(160), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("applied_on", sa.Date, nullable=False),
        sa.Column("decided_on", sa.Date),
        sa.Column("renew_on", sa.Date),
        sa.Column("amount", sa.String(20)),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_assistance_patient", "assistance", ["patient_id"])
