"""Minutes of a contact, MRNs that are a number or absent, and an undo that stays fast.

- ``contact.minutes``: time spent, which logs of chronic care management add up (CPT 99490).
- An empty MRN would take the one empty place of the unique column; it is NULL from here on.
- The index finds a user's last changes without walking through the audit rows of an import.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

REBUILD: dict[str, Any] = {"recreate": "always", "table_kwargs": {"sqlite_autoincrement": True}}


def upgrade() -> None:
    """Rebuild contact and patient with their new column and constraints; add the index."""
    with op.batch_alter_table("contact", **REBUILD) as contact:
        contact.add_column(sa.Column("minutes", sa.Integer), insert_after="reference")
        contact.create_check_constraint("ck_contact_minutes", sa.text("minutes >= 0"))
    op.execute("UPDATE patient SET mrn = NULL WHERE mrn = ''")
    with op.batch_alter_table("patient", **REBUILD) as patient:
        patient.create_check_constraint("ck_patient_mrn", sa.text("mrn <> ''"))
    op.create_index(
        "ix_audit_event_head",
        "audit_event",
        ["user_id", "seq"],
        sqlite_where=sa.text("seq = change_id"),
        postgresql_where=sa.text("seq = change_id"),
    )
