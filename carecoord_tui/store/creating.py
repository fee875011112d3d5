"""Making a new practice: folder, key, database, schema, first user and settings."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from carecoord_tui.clock import Clock
from carecoord_tui.paths import PracticePaths, ensure_private_folder
from carecoord_tui.store import dialect, keyfile, ledger
from carecoord_tui.store.audit import Trail
from carecoord_tui.store.engine import create_database, open_engine, write_engine
from carecoord_tui.store.errors import AlreadyThere
from carecoord_tui.store.keyfile import audit_key
from carecoord_tui.store.schema import create as create_schema
from carecoord_tui.store.settings import parse_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPractice:
    """What is asked once."""

    user_name: str
    timezone: str
    role: str = ""
    is_clinical: bool = False
    practice_name: str = ""
    is_demo: bool = False


def create_practice(
    paths: PracticePaths,
    passphrase: str,
    wanted: NewPractice,
    clock: Clock,
    *,
    kdf: keyfile.Kdf = keyfile.DEFAULT,
) -> str:
    """Make a practice and return its recovery code, which is shown once and kept nowhere.

    Raises AlreadyThere when a practice exists, UnsafeFolder, SettingError for an unknown time zone,
    and WeakPassphrase. On any error nothing of it is left behind.
    """
    parse_zone(wanted.timezone)
    if paths.database.exists() or paths.keyfile.exists():
        raise AlreadyThere(f"There is a practice at {paths.root} already; nothing was changed.")
    had_folder = paths.root.exists()
    ensure_private_folder(paths.root)
    try:
        return _create(paths, passphrase, wanted, kdf)
    except BaseException:
        if not had_folder:
            with suppress(OSError):  # not empty: a lock file is never taken away
                paths.root.rmdir()
        raise


def _create(paths: PracticePaths, passphrase: str, wanted: NewPractice, kdf: keyfile.Kdf) -> str:
    data_key, recovery_code = keyfile.create(paths.keyfile, passphrase, kdf=kdf, allow_short=wanted.is_demo)
    try:
        create_database(paths.database, data_key)
        _fill(paths, data_key, wanted)
    except BaseException:
        for leftover in (paths.keyfile, paths.database, paths.anchor):
            leftover.unlink(missing_ok=True)
        raise
    return recovery_code


def _fill(paths: PracticePaths, data_key: bytes, wanted: NewPractice) -> None:
    from carecoord_tui.domain.calendar import Calendar
    from carecoord_tui.domain.next_actions import Context
    from carecoord_tui.domain.rulepack import load_pack
    from carecoord_tui.store.session import AuditedSession
    from carecoord_tui.store.tables import Setting, User

    engine = open_engine(paths.database, data_key)
    context = Context(load_pack(), Calendar(), parse_zone(wanted.timezone), wanted.is_clinical)
    settings = {
        "timezone": wanted.timezone,
        "practice_name": wanted.practice_name,
        "is_demo": "yes" if wanted.is_demo else "",
    }
    try:
        with dialect.translated(), write_engine(engine).connect() as connection, connection.begin():
            create_schema(connection)
            trail = Trail(connection, audit_key(data_key), None, "practice created", "system")
            with AuditedSession(connection, trail, context) as session:
                session.add(User(name=wanted.user_name, role=wanted.role, is_clinical=wanted.is_clinical))
                for key, value in settings.items():
                    session.add(Setting(key=key, value=value))
                session.commit()
            ledger.remember(connection, context)
    finally:
        engine.dispose()
