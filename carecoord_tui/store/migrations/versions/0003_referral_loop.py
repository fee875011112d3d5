"""The referral tracker: what a loop asks for, documents, history, disclosures, the provider directory.

- ``referral`` and ``referral_stage``: type, question, diagnoses, who reviewed and told, why it stopped.
- ``referral.touched_on`` is derived: the last step, contact or move about it, in the practice's time.
- ``document`` names its bytes by SHA-256; ``document_content`` holds them once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Widen referrals and providers, add the new tables, work out when each referral was last touched."""
    _referrals()
    _providers()
    _documents()
    _touch()
    op.execute("UPDATE ledger_state SET fingerprint = ''")  # the ledger is rebuilt on opening


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def _flag(name: str, default: str = "0") -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=default)


def _referrals() -> None:
    with op.batch_alter_table("referral") as table:
        table.add_column(sa.Column("service_type", sa.String(40), nullable=False, server_default="consult"))
        table.add_column(_text("question", 1000))
        table.add_column(_text("diagnoses", 200))
        table.add_column(_text("ordered_by", 120))
        table.add_column(sa.Column("needs_authorization", sa.Boolean))
        table.add_column(_flag("interpreter_needed"))
        table.add_column(_flag("transport_needed"))
        table.add_column(sa.Column("visit_time", sa.Time))
        table.add_column(_text("report_source", 80))
        table.add_column(_text("reviewed_by", 120))
        table.add_column(_text("informed_by", 120))
        table.add_column(_text("stage_reason", 200))
        table.add_column(sa.Column("held_stage", sa.String(40)))
        table.add_column(_text("sent_how", 40))
        table.add_column(_text("sent_confirmation", 80))
        table.add_column(_text("office_reference", 80))
        table.add_column(sa.Column("touched_on", sa.Date))
    op.drop_index("ix_referral_stage", "referral")
    op.create_index("ix_referral_stage", "referral", ["stage", "stage_on"])
    op.create_index("ix_referral_redirected", "referral", ["redirected_from_id"])
    with op.batch_alter_table("referral_stage") as table:
        table.add_column(sa.Column("from_stage", sa.String(40)))
        table.add_column(_text("who", 120))
        table.add_column(sa.Column("visit_on", sa.Date))


def _providers() -> None:
    with op.batch_alter_table("provider") as table:
        table.add_column(sa.Column("kind", sa.String(40), nullable=False, server_default="person"))
        table.add_column(_text("taxonomy", 10))
        table.add_column(_text("referral_phone", 40))
        table.add_column(sa.Column("usual_wait_days", sa.Integer))
        table.add_column(_text("wants", 600))
        table.add_column(_flag("is_active", "1"))
    _record(
        "provider_network",
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("provider.id"), nullable=False),
        sa.Column("payer_id", sa.Integer, sa.ForeignKey("payer.id"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("checked_on", sa.Date, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.UniqueConstraint("provider_id", "payer_id"),
    )
    op.create_index("ix_provider_network_payer", "provider_network", ["payer_id"])


def _record(name: str, *content: sa.Column[Any] | sa.UniqueConstraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        *content,
        sqlite_autoincrement=True,
    )


def _of_person() -> sa.Column[Any]:
    return sa.Column("patient_id", sa.Integer, sa.ForeignKey("patient.id"), nullable=False)


def _of_referral() -> sa.Column[Any]:
    return sa.Column("referral_id", sa.Integer, sa.ForeignKey("referral.id"))


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _documents() -> None:
    op.create_table(
        "document_content",
        sa.Column("sha256", sa.String(64), primary_key=True),
        _needed("content", sa.LargeBinary),
    )
    _record(
        "document",
        _of_person(),
        _of_referral(),
        _needed("kind", sa.String(40)),
        _needed("title", sa.String(160)),
        _needed("file_name", sa.String(160)),
        _needed("media_type", sa.String(80)),
        _needed("size", sa.Integer),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("document_content.sha256"), nullable=False),
        _needed("received_on", sa.Date),
        _needed("added_at", sa.String(32)),
        sa.Column("reviewed_on", sa.Date),
        _needed("reviewed_by", sa.String(120)),
        _needed("is_part2", sa.Boolean),
        _needed("is_sensitive", sa.Boolean),
        _needed("note", sa.String(400)),
    )
    op.create_index("ix_document_patient", "document", ["patient_id"])
    op.create_index("ix_document_referral", "document", ["referral_id"])
    _record(
        "history_item",
        _of_person(),
        _needed("kind", sa.String(40)),
        _needed("text", sa.String(240)),
        _needed("code", sa.String(20)),
        sa.Column("noted_on", sa.Date),
        _needed("is_active", sa.Boolean),
        _needed("is_part2", sa.Boolean),
        _needed("is_sensitive", sa.Boolean),
        _needed("note", sa.String(400)),
    )
    op.create_index("ix_history_item_patient", "history_item", ["patient_id"])
    _record(
        "disclosure",
        _of_person(),
        _of_referral(),
        _needed("at", sa.String(32)),
        _needed("recipient", sa.String(200)),
        _needed("what", sa.String(600)),
        _needed("purpose", sa.String(40)),
        _needed("channel", sa.String(40)),
        _needed("made_by", sa.String(120)),
        _needed("has_part2", sa.Boolean),
        _needed("note", sa.String(400)),
    )
    op.create_index("ix_disclosure_patient", "disclosure", ["patient_id", "at"])


def _touch() -> None:
    bind = op.get_bind()
    zone_name = bind.execute(sa.text("SELECT value FROM setting WHERE key = 'timezone'")).scalar()
    zone = ZoneInfo(str(zone_name or "UTC"))
    instants: dict[int, str] = {}
    for statement in (
        "SELECT about_id, max(at) FROM contact WHERE about_kind = 'referral' GROUP BY about_id",
        "SELECT record_id, max(moved_at) FROM moved_date WHERE kind = 'referral' GROUP BY record_id",
    ):
        for record_id, instant in bind.execute(sa.text(statement)):
            instants[record_id] = max(instants.get(record_id, ""), instant)
    rows = bind.execute(sa.text("SELECT id, stage_on FROM referral")).all()
    touched = [
        {
            "id": number,
            "on": max(stage_on, _local(instants[number], zone)) if number in instants else stage_on,
        }
        for number, stage_on in rows
    ]
    if touched:
        bind.execute(sa.text("UPDATE referral SET touched_on = :on WHERE id = :id"), touched)


def _local(instant: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(instant).astimezone(zone).date().isoformat()
