"""Unlocking a practice: the key, the first look, then the whole store. Safe to run in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from carecoord_tui.clock import NOW_VARIABLE, Clock, clock_from
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import dialect, keyfile, unlock_log
from carecoord_tui.store.engine import raw_connection
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.first_look import FirstLook, first_look
from carecoord_tui.store.settings import parse_zone

if TYPE_CHECKING:
    from carecoord_tui.store.practice import Practice


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A practice whose key is known. ``look`` is None when it must be migrated or rebuilt first."""

    paths: PracticePaths
    data_key: bytes
    clock: Clock
    zone: ZoneInfo
    is_read_only: bool
    look: FirstLook | None

    def without_key(self) -> Unlocked:
        """What is kept of it while the screen is locked."""
        return replace(self, data_key=b"", look=None)

    def with_key(self, data_key: bytes) -> Unlocked:
        """The key is known again."""
        return replace(self, data_key=data_key)

    def open(self) -> Practice:
        """The whole store; imports SQLModel, migrates and rebuilds the ledger where needed."""
        from carecoord_tui.store.practice import open_practice

        practice = open_practice(self.paths, self.data_key, self.clock, is_read_only=self.is_read_only)
        practice.warm_up()
        return practice


def unlock(
    paths: PracticePaths, secret: str, *, now: str | None = None, environ: Mapping[str, str] | None = None
) -> Unlocked:
    """Try a passphrase or recovery code; every try is written to the unlock log.

    ``now`` (or CARECOORD_NOW) sets the screens' clock. Only a demo may be changed under a set
    clock: any other practice is opened read-only then. Raises WrongPassphrase after the same work
    as a right one, TryLater after several wrong ones, NoPractice, DamagedFile, ForeignFile, and
    ValueError for an unreadable ``now``.
    """
    paths.require()
    with unlock_log.one_try(paths.unlock_log):
        data_key = keyfile.unlock(paths.keyfile, secret)
    zone, is_demo = _zone(paths, data_key)
    variables = environ if environ is not None else {}
    is_set = bool(now or variables.get(NOW_VARIABLE))
    clock = clock_from(now, variables, zone)
    is_read_only = is_set and not is_demo
    recovery = keyfile.is_recovery_code(secret)
    unlock_log.record(paths.unlock_log, unlock_log.Unlock.RECOVERY if recovery else unlock_log.Unlock.OK)
    return Unlocked(paths, data_key, clock, zone, is_read_only, first_look(paths, data_key, clock))


def _zone(paths: PracticePaths, data_key: bytes) -> tuple[ZoneInfo, bool]:
    connection = raw_connection(paths.database, data_key, read_only=True)
    try:
        if dialect.user_version(connection) == 0:
            raise StoreError(f"{paths.database} has no practice in it: setting it up was cut off.")
        values = {}
        if dialect.user_version(connection):  # set with the tables, in one transaction
            values = dict(
                connection.execute("SELECT key, value FROM setting WHERE key IN ('timezone', 'is_demo')")
            )
    finally:
        connection.close()
    if "timezone" not in values:
        raise StoreError(
            f"Making the practice in {paths.root} was interrupted and it holds nothing; "
            "move that folder away and start again, or restore a backup."
        )
    return parse_zone(values["timezone"]), values.get("is_demo") == "yes"
