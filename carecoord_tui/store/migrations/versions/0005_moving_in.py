"""Moving in: incoming calls, the people around a patient, who is waited for, snippets, import mappings.

- ``incoming_call`` is a new kind of open record: a safety hand-off owes its acceptance.
- Patients, related persons, offices and payers get what calls and letters need to know first.
- ``moved_date`` says who is waited for, since when, and what they promised.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Widen what is there, add the new tables; the ledger is rebuilt on opening."""
    _people()
    _offices()
    _work()
    _program()
    op.create_index(
        "ix_ledger_keys", "ledger", ["kind", "record_id", "rule_id", "target_on", "legal_on", "visit_on"]
    )
    op.execute("UPDATE ledger_state SET fingerprint = ''")


def _record(name: str, *content: sa.Column[Any] | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        *content,
        sqlite_autoincrement=True,
    )


def _text(name: str, size: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(size), nullable=False, server_default="")


def _patient(*, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=nullable)


def _refer(table: str, column: str, target: str) -> None:
    """A nullable reference. In words: Alembic would copy the whole table for it, SQLite need not."""
    op.execute(f'ALTER TABLE "{table}" ADD COLUMN {column} INTEGER REFERENCES "{target}" (id)')


def _people() -> None:
    for column in (
        _text("safe_contact_reason", 400),
        _text("time_zone", 60),
        sa.Column("interpreter_mode", sa.String(40)),
        _text("minor_consent", 400),
        _text("deceased_told_by", 160),
    ):
        op.add_column("patient", column)
    _refer("patient", "merged_into_id", "patient")
    for column in (
        _text("email", 200),
        sa.Column("birth_date", sa.Date),
        _text("language", 60),
        sa.Column("is_guardian", sa.Boolean, nullable=False, server_default="0"),
    ):
        op.add_column("related_person", column)
    _record(
        "care_team",
        _patient(),
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("provider.id")),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("role", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("fax", sa.String(40), nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default="1"),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_care_team_patient", "care_team", ["patient_id"])


def _offices() -> None:
    for name in ("provider", "payer"):
        for column in (
            sa.Column("call_from", sa.Time),
            sa.Column("call_until", sa.Time),
            _text("time_zone", 60),
        ):
            op.add_column(name, column)


def _work() -> None:
    for column in (
        sa.Column("interpreter_mode", sa.String(40)),
        _text("interpreter_name", 160),
        sa.Column("interpreter_qualified", sa.Boolean),
        _text("location", 160),
    ):
        op.add_column("appointment", column)
    op.add_column("authorization", sa.Column("first_submitted_at", sa.String(32)))
    op.execute('UPDATE "authorization" SET first_submitted_at = submitted_at')
    op.add_column("authorization_item", sa.Column("denial_id", sa.Integer))
    op.execute(
        "UPDATE authorization_item SET denial_id = (SELECT max(d.id) FROM denial d"
        " WHERE d.authorization_id = authorization_item.authorization_id) WHERE status = 'denied'"
    )
    for column in (
        sa.Column("waiting_kind", sa.String(40)),
        sa.Column("waiting_since", sa.Date),
        sa.Column("promised_on", sa.Date),
    ):
        op.add_column("moved_date", column)
    _refer("moved_date", "payer_id", "payer")
    _refer("moved_date", "provider_id", "provider")
    _record(
        "incoming_call",
        _patient(),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id")),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("caller", sa.String(160), nullable=False),
        sa.Column("relationship", sa.String(60), nullable=False),
        sa.Column("callback_number", sa.String(40), nullable=False),
        sa.Column("location", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("is_safety", sa.Boolean, nullable=False),
        sa.Column("script_read", sa.Boolean, nullable=False),
        sa.Column("disposition", sa.String(40), nullable=False),
        sa.Column("handed_to", sa.String(120), nullable=False),
        sa.Column("handed_at", sa.String(32)),
        sa.Column("accepted_by", sa.String(120), nullable=False),
        sa.Column("accepted_at", sa.String(32)),
        sa.Column("clinician_said", sa.String(400), nullable=False),
        sa.Column("call_back_on", sa.Date),
        sa.Column("minutes", sa.Integer),
        sa.Column("note", sa.String(4000), nullable=False),
        sa.CheckConstraint("minutes >= 0", name="ck_incoming_call_minutes"),
    )
    op.create_index("ix_incoming_call_patient", "incoming_call", ["patient_id", "at"])
    _record(
        "item_cover",
        _patient(),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Integer, nullable=False),
        sa.Column("rule_id", sa.String(60), nullable=False),
        sa.Column("mark", sa.String(40), nullable=False),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.UniqueConstraint("kind", "record_id", "rule_id"),
    )
    op.create_index("ix_item_cover_patient", "item_cover", ["patient_id"])


def _program() -> None:
    _record(
        "snippet",
        sa.Column("word", sa.String(24), nullable=False, unique=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.Column("is_template", sa.Boolean, nullable=False),
    )
    _record(
        "import_mapping",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("header_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("statuses", sa.Text, nullable=False),
        sa.Column("used_on", sa.Date, nullable=False),
        sa.UniqueConstraint("kind", "header_hash"),
    )
