"""The first schema.

Frozen: it describes the file as version 1 wrote it and knows nothing of today's tables, so it is not
edited when they change. Search table and triggers come from ``store.triggers`` after the last step.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, parents before children."""
    _system()
    _directory()
    _people()
    _referrals()
    _insurance()
    _visits()
    _work()


def _record(name: str, *content: sa.Column[Any] | sa.UniqueConstraint) -> None:
    """A table of records: numbered once and for all, versioned against a second window."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        *content,
        sqlite_autoincrement=True,
    )


def _system() -> None:
    _record(
        "user",
        sa.Column("name", sa.String(120), unique=True, nullable=False),
        sa.Column("role", sa.String(80), nullable=False),
        sa.Column("is_clinical", sa.Boolean, nullable=False),
    )
    _record(
        "setting",
        sa.Column("key", sa.String(60), unique=True, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    _record(
        "closure",
        sa.Column("closed_on", sa.Date, unique=True, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
    )
    op.create_table(
        "audit_event",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("change_id", sa.Integer, nullable=False),
        sa.Column("change_kind", sa.String(10), nullable=False),
        sa.Column("target", sa.Integer),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Integer),
        sa.Column("patient_id", sa.Integer),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("mac", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_event_change", "audit_event", ["change_id"])
    op.create_index("ix_audit_event_patient", "audit_event", ["patient_id"])
    op.create_index("ix_audit_event_record", "audit_event", ["table_name", "record_id"])
    op.create_table(
        "ledger_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
    )


def _directory() -> None:
    _record(
        "provider",
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("organization", sa.String(160), nullable=False),
        sa.Column("specialty", sa.String(80), nullable=False),
        sa.Column("npi", sa.String(10)),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("fax", sa.String(40), nullable=False),
        sa.Column("address", sa.String(240), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_provider_name", "provider", ["name"])
    _record(
        "payer",
        sa.Column("name", sa.String(160), unique=True, nullable=False),
        sa.Column("payer_class", sa.String(40), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("authorization_phone", sa.String(40), nullable=False),
        sa.Column("fax", sa.String(40), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )


def _people() -> None:
    _record(
        "patient",
        sa.Column("mrn", sa.String(64), unique=True),
        sa.Column("family_name", sa.String(120), nullable=False),
        sa.Column("given_name", sa.String(120), nullable=False),
        sa.Column("middle_name", sa.String(120), nullable=False),
        sa.Column("preferred_name", sa.String(120), nullable=False),
        sa.Column("prefix", sa.String(40), nullable=False),
        sa.Column("suffix", sa.String(40), nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("sex", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("status_on", sa.Date),
        sa.Column("status_note", sa.String(400), nullable=False),
        sa.Column("hold_until", sa.Date),
        sa.Column("deceased_on", sa.Date),
        sa.Column("risk", sa.String(40), nullable=False),
        sa.Column("check_in_on", sa.Date),
        sa.Column("is_first_check_in", sa.Boolean, nullable=False),
        sa.Column("language", sa.String(60), nullable=False),
        sa.Column("interpreter_needed", sa.Boolean, nullable=False),
        sa.Column("email", sa.String(200), nullable=False),
        sa.Column("address_line", sa.String(200), nullable=False),
        sa.Column("city", sa.String(100), nullable=False),
        sa.Column("state", sa.String(60), nullable=False),
        sa.Column("postal_code", sa.String(20), nullable=False),
        sa.Column("primary_provider", sa.String(120), nullable=False),
        sa.Column("call_from", sa.Time),
        sa.Column("call_until", sa.Time),
        sa.Column("detailed_voicemail", sa.Boolean),
        sa.Column("confidential_channel", sa.Boolean, nullable=False),
        sa.Column("safe_contact", sa.String(400), nullable=False),
        sa.Column("sort_name", sa.String(260), nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("last_contact_at", sa.String(32)),
    )
    op.create_index("ix_patient_sort", "patient", ["sort_name", "id"])
    op.create_index("ix_patient_status", "patient", ["status"])
    _record(
        "patient_phone",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("label", sa.String(20), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("is_permitted", sa.Boolean, nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
    )
    op.create_index("ix_patient_phone_patient", "patient_phone", ["patient_id"])
    _record(
        "related_person",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("relationship", sa.String(60), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("is_authorized", sa.Boolean, nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("scope_until", sa.Date),
        sa.Column("is_emergency_contact", sa.Boolean, nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_related_person_patient", "related_person", ["patient_id"])
    _record(
        "import_record",
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("written", sa.Text, nullable=False),
        sa.UniqueConstraint("source", "key"),
    )
    op.create_index("ix_import_record_patient", "import_record", ["patient_id"])


def _referrals() -> None:
    _record(
        "referral",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("provider.id")),
        sa.Column("specialty", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("urgency", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("stage_on", sa.Date, nullable=False),
        sa.Column("ordered_on", sa.Date, nullable=False),
        sa.Column("sent_on", sa.Date),
        sa.Column("visit_on", sa.Date),
        sa.Column("report_received_on", sa.Date),
        sa.Column("reviewed_on", sa.Date),
        sa.Column("patient_informed_on", sa.Date),
        sa.Column("redirected_from_id", sa.Integer, sa.ForeignKey("referral.id")),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_referral_patient", "referral", ["patient_id"])
    op.create_index("ix_referral_provider", "referral", ["provider_id"])
    op.create_index("ix_referral_stage", "referral", ["stage"])
    _record(
        "referral_stage",
        sa.Column("referral_id", sa.Integer, sa.ForeignKey("referral.id"), nullable=False),
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_referral_stage_referral", "referral_stage", ["referral_id"])


def _insurance() -> None:
    _record(
        "coverage",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("payer_id", sa.Integer, sa.ForeignKey("payer.id"), nullable=False),
        sa.Column("plan_name", sa.String(160), nullable=False),
        sa.Column("member_id", sa.String(80), nullable=False),
        sa.Column("group_number", sa.String(80), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
    )
    op.create_index("ix_coverage_patient", "coverage", ["patient_id"])
    op.create_index("ix_coverage_payer", "coverage", ["payer_id"])
    _record(
        "eligibility_check",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("coverage_id", sa.Integer, sa.ForeignKey("coverage.id"), nullable=False),
        sa.Column("checked_on", sa.Date, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("result", sa.String(40), nullable=False),
        sa.Column("copay", sa.String(20)),
        sa.Column("benefits_read_on", sa.Date),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_eligibility_check_coverage", "eligibility_check", ["coverage_id"])
    op.create_index("ix_eligibility_check_patient", "eligibility_check", ["patient_id"])
    _record(
        "authorization",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("coverage_id", sa.Integer, sa.ForeignKey("coverage.id")),
        sa.Column("referral_id", sa.Integer, sa.ForeignKey("referral.id")),
        sa.Column("service", sa.String(160), nullable=False),
        sa.Column("service_code", sa.String(20), nullable=False),
        sa.Column("service_on", sa.Date),
        sa.Column("is_drug", sa.Boolean, nullable=False),
        sa.Column("is_expedited", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("submitted_at", sa.String(32)),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("information_due_on", sa.Date),
        sa.Column("decided_on", sa.Date),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("units_authorized", sa.Integer),
        sa.Column("units_used", sa.Integer),
        sa.Column("units_updated_on", sa.Date),
        sa.Column("renewed_by_id", sa.Integer, sa.ForeignKey("authorization.id")),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_authorization_coverage", "authorization", ["coverage_id"])
    op.create_index("ix_authorization_patient", "authorization", ["patient_id"])
    _record(
        "denial",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("coverage_id", sa.Integer, sa.ForeignKey("coverage.id")),
        sa.Column("authorization_id", sa.Integer, sa.ForeignKey("authorization.id")),
        sa.Column("service", sa.String(160), nullable=False),
        sa.Column("reason", sa.String(160), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("notice_on", sa.Date, nullable=False),
        sa.Column("received_on", sa.Date),
        sa.Column("level", sa.String(60), nullable=False),
        sa.Column("letter_deadline_on", sa.Date),
        sa.Column("is_expedited", sa.Boolean, nullable=False),
        sa.Column("triaged_on", sa.Date),
        sa.Column("filed_on", sa.Date),
        sa.Column("decided_on", sa.Date),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_denial_patient", "denial", ["patient_id"])


def _visits() -> None:
    _record(
        "transition",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("facility", sa.String(160), nullable=False),
        sa.Column("discharged_on", sa.Date, nullable=False),
        sa.Column("complexity", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("handed_to", sa.String(120), nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_transition_patient", "transition", ["patient_id"])
    _record(
        "appointment",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("provider.id")),
        sa.Column("referral_id", sa.Integer, sa.ForeignKey("referral.id")),
        sa.Column("transition_id", sa.Integer, sa.ForeignKey("transition.id")),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("starts_at", sa.String(32), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("booked_on", sa.Date, nullable=False),
        sa.Column("confirmed_on", sa.Date),
        sa.Column("interpreter_needed", sa.Boolean, nullable=False),
        sa.Column("interpreter_confirmed_on", sa.Date),
        sa.Column("status_on", sa.Date),
        sa.Column("settled_on", sa.Date),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_appointment_patient", "appointment", ["patient_id"])
    op.create_index("ix_appointment_start", "appointment", ["starts_at"])


def _work() -> None:
    _record(
        "follow_up",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("priority", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("due_at", sa.String(32)),
        sa.Column("legal_on", sa.Date),
        sa.Column("recurrence", sa.String(200), nullable=False),
        sa.Column("previous_id", sa.Integer, sa.ForeignKey("follow_up.id")),
        sa.Column("done_at", sa.String(32)),
        sa.Column("done_on", sa.Date),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
    )
    op.create_index("ix_follow_up_patient", "follow_up", ["patient_id"])
    op.create_index("ix_follow_up_status", "follow_up", ["status", "due_on"])
    _record(
        "contact",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("direction", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("about_kind", sa.String(40)),
        sa.Column("about_id", sa.Integer),
        sa.Column("about_rule", sa.String(60), nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("by_clinical_staff", sa.Boolean, nullable=False),
        sa.Column("spoke_with", sa.String(160), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("note", sa.String(4000), nullable=False),
    )
    op.create_index("ix_contact_about", "contact", ["about_kind", "about_id"])
    op.create_index("ix_contact_patient", "contact", ["patient_id", "at"])
    _record(
        "note",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("about_kind", sa.String(40)),
        sa.Column("about_id", sa.Integer),
        sa.Column("text", sa.String(8000), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
    )
    op.create_index("ix_note_patient", "note", ["patient_id", "at"])
    _record(
        "moved_date",
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("rule_id", sa.String(60), nullable=False),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("until_at", sa.String(32)),
        sa.Column("event", sa.String(40)),
        sa.Column("waiting_on", sa.String(120), nullable=False),
        sa.Column("original_on", sa.Date, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("kind", "record_id", "rule_id"),
    )
    op.create_index("ix_moved_date_patient", "moved_date", ["patient_id"])
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("rule_id", sa.String(60), nullable=False),
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("verb", sa.String(40), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("target_on", sa.Date, nullable=False),
        sa.Column("target_at", sa.String(32)),
        sa.Column("legal_on", sa.Date),
        sa.Column("legal_at", sa.String(32)),
        sa.Column("warn_on", sa.Date),
        sa.Column("basis", sa.String(40), nullable=False),
        sa.Column("consequence", sa.String(40), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("citation", sa.String(300), nullable=False),
        sa.Column("progress", sa.String(20), nullable=False),
        sa.Column("since_on", sa.Date),
        sa.Column("visit_on", sa.Date),
        sa.Column("waiting_on", sa.String(120), nullable=False),
        sa.Column("moved_from", sa.Date),
        sa.Column("after_legal", sa.String(300), nullable=False),
        sa.Column("group_key", sa.String(60), nullable=False),
        sa.UniqueConstraint("kind", "record_id", "rule_id"),
    )
    op.create_index("ix_ledger_lane", "ledger", ["basis", "target_on"])
    op.create_index("ix_ledger_patient", "ledger", ["patient_id", "target_on"])
    op.create_index("ix_ledger_visit", "ledger", ["visit_on"])
    op.create_index("ix_ledger_waiting", "ledger", ["waiting_on", "target_on"])
