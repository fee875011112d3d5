"""The present schema: made at once for a new practice, reached by migrations for an old one.

``HEAD`` is the schema version this program writes (``PRAGMA user_version``); the migrations in
``store.migrations`` lead there from every earlier one, and a test proves both ways equal.
"""

from __future__ import annotations

import sqlalchemy as sa

from carecoord_tui.store.head import HEAD


def create(connection: sa.Connection) -> None:
    """Make every table, index, search table and trigger, and stamp the version; one transaction."""
    from carecoord_tui.store import triggers
    from carecoord_tui.store.tables import metadata

    metadata.create_all(connection)
    triggers.install(connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {HEAD}")
