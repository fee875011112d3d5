"""Every trigger and virtual table, in one place: a table rebuild drops them, so they are re-installed.

Search: FTS5 without content, fed from ``patient.search_text``. Audit: rows can be added, never
changed, removed or added twice.
"""

from __future__ import annotations

import sqlalchemy as sa

SEARCH_TABLE = """
CREATE VIRTUAL TABLE IF NOT EXISTS patient_search USING fts5(
    text, content='', contentless_delete=1, prefix='2 3', tokenize='unicode61 remove_diacritics 2'
)
"""

TRIGGERS: dict[str, str] = {
    "patient_search_insert": """
        CREATE TRIGGER patient_search_insert AFTER INSERT ON patient BEGIN
            INSERT INTO patient_search(rowid, text) VALUES (new.id, new.search_text);
        END""",
    "patient_search_update": """
        CREATE TRIGGER patient_search_update AFTER UPDATE OF search_text ON patient
        WHEN old.search_text IS NOT new.search_text BEGIN
            DELETE FROM patient_search WHERE rowid = old.id;
            INSERT INTO patient_search(rowid, text) VALUES (new.id, new.search_text);
        END""",
    "patient_search_delete": """
        CREATE TRIGGER patient_search_delete AFTER DELETE ON patient BEGIN
            DELETE FROM patient_search WHERE rowid = old.id;
        END""",
    "audit_event_no_update": """
        CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN
            SELECT RAISE(ABORT, 'the audit cannot be changed');
        END""",
    "audit_event_no_delete": """
        CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN
            SELECT RAISE(ABORT, 'the audit cannot be deleted');
        END""",
    "audit_event_no_replace": """
        CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event
        WHEN EXISTS (SELECT 1 FROM audit_event WHERE seq = new.seq) BEGIN
            SELECT RAISE(ABORT, 'an audit row exists already');
        END""",
}


def _normal(sql: str) -> str:
    return " ".join(sql.split())


def install(connection: sa.Connection) -> None:
    """Create the search table and every trigger anew, inside the caller's transaction."""
    connection.exec_driver_sql(SEARCH_TABLE)
    for name, sql in TRIGGERS.items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql(sql)


def missing(connection: sa.Connection) -> list[str]:
    """Names of triggers that are absent or differ from this module; empty when all stand."""
    found = {
        str(name): _normal(str(sql))
        for name, sql in connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        )
    }
    return [name for name, sql in TRIGGERS.items() if found.get(name) != _normal(sql)]
