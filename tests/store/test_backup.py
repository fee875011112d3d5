"""Backups that are proved good, survive kills and come back without destroying anything."""

from __future__ import annotations

import json
import shutil
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from carecoord_tui.domain.unlock_delay import FREE_TRIES
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import anchor, bundle, dialect, keyfile, lock, unlock_log
from carecoord_tui.store.backup import (
    BackupFile,
    backup,
    first_open_today,
    list_backups,
    prune,
    verify_backup,
)
from carecoord_tui.store.engine import raw_connection
from carecoord_tui.store.errors import (
    AlreadyThere,
    BackupFailed,
    Busy,
    DamagedFile,
    ForeignFile,
    InterruptedRestore,
    MissingFile,
    TooNew,
    TryLater,
    UnsafeFolder,
    WrongPassphrase,
)
from carecoord_tui.store.restore import finish_interrupted, restore
from tests.store.filelayer import (
    CHEAP,
    PASSPHRASE,
    SECRET_WORD,
    SmallPractice,
    contents,
    make_practice,
    mode,
    names,
    run_python,
)

STAMP = datetime(2026, 11, 30, 7, 58, tzinfo=timezone(timedelta(hours=-5)))
NAME = "carecoord-2026-11-30-0758.ccbackup"


@pytest.fixture
def practice(tmp_path: Path) -> SmallPractice:
    return make_practice(tmp_path / "p")


def _backup(practice: SmallPractice, folder: Path | None = None, **options: object) -> Path:
    paths = practice.paths
    return backup(
        paths.database,
        paths.keyfile,
        paths.anchor,
        folder or paths.backups,
        practice.data_key,
        STAMP,
        **options,  # type: ignore[arg-type]
    )


# --- making -------------------------------------------------------------------------------------


def test_a_backup_is_one_private_file(practice: SmallPractice) -> None:
    path = _backup(practice)
    assert path == practice.paths.backups / NAME
    assert [entry.name for entry in practice.paths.backups.iterdir()] == [NAME]
    assert (mode(path), mode(practice.paths.backups)) == (0o600, 0o700)


def test_both_secrets_verify_it(practice: SmallPractice) -> None:
    path = _backup(practice)
    for secret in (PASSPHRASE, practice.recovery_code):
        info = verify_backup(path, secret)
        assert info.taken_at == STAMP
        assert info.schema_version == 3
        assert info.rows["person"] == 500
        assert info.practice_id == keyfile.practice_id(practice.paths.keyfile)


def test_nothing_readable_lies_in_it(practice: SmallPractice) -> None:
    data = _backup(practice).read_bytes()
    assert SECRET_WORD.encode() not in data
    assert practice.data_key not in data
    assert dialect.PLAIN_HEADER not in data
    assert PASSPHRASE.encode() not in data


def test_the_practice_goes_on_while_it_is_copied(
    practice: SmallPractice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is of one moment: what is saved meanwhile is not in it, and does not disturb it."""
    monkeypatch.setattr("carecoord_tui.store.backup._COPY_PAGES", 1)
    working = raw_connection(practice.paths.database, practice.data_key)
    saved: list[str] = []

    def save(share: float, step: str) -> None:
        if step == "copying":
            working.execute("INSERT INTO person (name) VALUES ('meanwhile')")
            saved.append(step)

    path = _backup(practice, progress=save)
    working.close()
    assert len(saved) > 3
    assert verify_backup(path, PASSPHRASE).rows["person"] == 500
    assert len(names(practice.paths, practice.data_key)) == 500 + len(saved)


def test_progress_runs_from_start_to_end(practice: SmallPractice) -> None:
    seen: list[tuple[float, str]] = []
    _backup(practice, progress=lambda share, step: seen.append((share, step)))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert seen[-1] == (1.0, "done")


def test_a_backup_never_replaces_another(practice: SmallPractice) -> None:
    first, second = _backup(practice), _backup(practice)
    assert second.name == "carecoord-2026-11-30-0758-2.ccbackup"
    assert first.exists()


def test_a_cancelled_backup_leaves_nothing(practice: SmallPractice) -> None:
    def cancel(share: float, step: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        _backup(practice, progress=cancel)
    assert list(practice.paths.backups.iterdir()) == []


@pytest.mark.parametrize("step", ["copying", "checking the copy", "packing", "reading it back"])
def test_a_killed_backup_is_ignored_and_swept_up(practice: SmallPractice, step: str) -> None:
    code = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.backup import backup
def kill(share, step):
    if step == sys.argv[3]:
        os.kill(os.getpid(), 9)
p = PracticePaths(Path(sys.argv[1]))
backup(p.database, p.keyfile, p.anchor, p.backups, bytes.fromhex(sys.argv[2]), datetime.now(UTC), kill)
"""
    done = run_python(code, practice.paths.root, practice.data_key.hex(), step)
    assert done.returncode == -9, done.stderr
    left = list(practice.paths.backups.iterdir())
    assert left
    assert all(".part" in path.name and mode(path) == 0o600 for path in left)
    assert not any(SECRET_WORD.encode() in path.read_bytes() for path in left)
    assert list_backups(practice.paths.backups) == []
    path = _backup(practice)
    assert list(practice.paths.backups.iterdir()) == [path]


def test_a_second_backup_waits_its_turn(practice: SmallPractice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carecoord_tui.store.backup._LOCK_SECONDS", 0.05)
    with lock.file_lock(practice.paths.work_lock), pytest.raises(Busy, match="Another backup"):
        _backup(practice)


def test_a_damaged_practice_is_not_backed_up(practice: SmallPractice) -> None:
    data = bytearray(practice.paths.database.read_bytes())
    data[-3000] ^= 1
    practice.paths.database.write_bytes(data)
    with pytest.raises(DamagedFile):
        _backup(practice)
    assert list(practice.paths.backups.iterdir()) == []
    assert practice.paths.database.read_bytes() == data


def test_a_copy_that_differs_is_not_kept(practice: SmallPractice, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([{"person": 500}, {"person": 499}])
    monkeypatch.setattr(dialect, "row_counts", lambda conn: next(answers))
    with pytest.raises(BackupFailed):
        _backup(practice)
    assert list(practice.paths.backups.iterdir()) == []


def test_a_practice_without_an_anchor(practice: SmallPractice) -> None:
    practice.paths.anchor.unlink()
    assert verify_backup(_backup(practice), PASSPHRASE).rows["person"] == 500


# --- checking -----------------------------------------------------------------------------------


def test_a_wrong_passphrase(practice: SmallPractice) -> None:
    with pytest.raises(WrongPassphrase):
        verify_backup(_backup(practice), "not the passphrase")


def test_an_old_backup_opens_with_the_passphrase_of_its_day(practice: SmallPractice) -> None:
    path = _backup(practice)
    keyfile.change_passphrase(practice.paths.keyfile, PASSPHRASE, "a newer passphrase", kdf=CHEAP)
    assert verify_backup(path, PASSPHRASE).rows["person"] == 500
    with pytest.raises(WrongPassphrase):
        verify_backup(path, "a newer passphrase")


def test_verifying_leaves_nothing_behind(
    practice: SmallPractice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _backup(practice)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = contents(practice.paths.root)
    verify_backup(path, PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        verify_backup(path, "not the passphrase")
    assert list(scratch.iterdir()) == []
    assert contents(practice.paths.root) == before


def test_a_missing_backup(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="There is no backup"):
        verify_backup(tmp_path / NAME, PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 5000])
def test_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    with pytest.raises(ForeignFile, match="not a carecoord backup"):
        verify_backup(path, PASSPHRASE)


def test_every_damage_is_noticed(practice: SmallPractice) -> None:
    path = _backup(practice)
    whole = path.read_bytes()
    for length in range(0, len(whole), len(whole) // 23):
        path.write_bytes(whole[:length])
        with pytest.raises((DamagedFile, ForeignFile)):
            verify_backup(path, PASSPHRASE)
    for position in range(60, len(whole), len(whole) // 41):
        flipped = bytearray(whole)
        flipped[position] ^= 0x10
        path.write_bytes(flipped)
        try:
            info = verify_backup(path, PASSPHRASE)
        except (DamagedFile, ForeignFile):
            continue
        assert info.rows["person"] == 500  # a byte of the zip that means nothing (a date, a mode)


def _forge(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Rewrite a backup after ``change``, with hashes that fit: only the key can tell."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    manifest = json.loads(members.pop("manifest.json"))
    manifest["files"] = bundle.digests(members)
    path.unlink()
    bundle.pack(path, members, manifest)


def test_a_forged_member_is_noticed(practice: SmallPractice) -> None:
    path = _backup(practice)
    _forge(path, lambda members: members.update({"practice.anchor": b'{"seq": 1}'}))
    with pytest.raises(DamagedFile):
        verify_backup(path, PASSPHRASE)


def test_a_forged_date_is_noticed(practice: SmallPractice) -> None:
    def redate(members: dict[str, bytes]) -> None:
        members["manifest.json"] = members["manifest.json"].replace(b"2026-11-30T", b"2027-11-30T")

    path = _backup(practice)
    _forge(path, redate)
    with pytest.raises(DamagedFile):
        verify_backup(path, PASSPHRASE)


def test_a_newer_format(practice: SmallPractice) -> None:
    def raise_version(members: dict[str, bytes]) -> None:
        members["manifest.json"] = members["manifest.json"].replace(b'"version": 1', b'"version": 2')

    path = _backup(practice)
    _forge(path, raise_version)
    with pytest.raises(TooNew):
        verify_backup(path, PASSPHRASE)


@pytest.mark.parametrize("name", ["../escaped", "/escaped", "practice.db/../../escaped", "C:\\escaped"])
def test_no_path_leads_out(practice: SmallPractice, name: str) -> None:
    path = _backup(practice)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"gotcha")
    before = contents(practice.paths.root.parent)
    with pytest.raises(ForeignFile):
        verify_backup(path, PASSPHRASE)
    assert contents(practice.paths.root.parent) == before


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("practice.db", "practice.key", "practice.anchor", "manifest.json"):
            archive.writestr(name, b"0" * 30_000_000)
    with pytest.raises(DamagedFile):
        verify_backup(path, PASSPHRASE)


def test_a_doubled_member_is_refused(practice: SmallPractice) -> None:
    path = _backup(practice)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("practice.key", b"{}")
    with pytest.raises(ForeignFile):
        verify_backup(path, PASSPHRASE)


# --- keeping ------------------------------------------------------------------------------------


def _touch(folder: Path, day: date, minute: int = 800, ending: str = "") -> str:
    folder.mkdir(exist_ok=True)
    name = f"carecoord-{day}-{minute:04}{ending}.ccbackup"
    (folder / name).touch()
    return name


def test_list_is_newest_first_and_ignores_the_rest(tmp_path: Path) -> None:
    late = _touch(tmp_path, date(2026, 11, 30), 1700)
    old = _touch(tmp_path, date(2026, 1, 2))
    again = _touch(tmp_path, date(2026, 11, 30), 1700, "-10")
    labelled = _touch(tmp_path, date(2026, 11, 29), 900, "-before-upgrade")
    for other in ("notes.txt", f"{late}.part", f"{late}.db.part", "carecoord-2026-13-45-0800.ccbackup"):
        (tmp_path / other).touch()
    assert [entry.path.name for entry in list_backups(tmp_path)] == [again, late, labelled, old]
    assert list_backups(tmp_path)[2].label == "before-upgrade"
    assert list_backups(tmp_path / "nowhere") == []


def test_first_open_of_the_day(tmp_path: Path) -> None:
    assert first_open_today(tmp_path / "backups", date(2026, 11, 30))
    _touch(tmp_path, date(2026, 11, 29))
    assert first_open_today(tmp_path, date(2026, 11, 30))
    _touch(tmp_path, date(2026, 11, 30))
    assert not first_open_today(tmp_path, date(2026, 11, 30))


def test_prune_keeps_days_then_weeks(tmp_path: Path) -> None:
    end = date(2026, 11, 30)
    for back in range(120):
        _touch(tmp_path, end - timedelta(days=back), 800)
        _touch(tmp_path, end - timedelta(days=back), 1700)
    removed = prune(tmp_path, daily=14, weekly=8)
    kept = list_backups(tmp_path)
    assert len(removed) == 240 - len(kept)
    assert all(entry.at.hour == 17 for entry in kept)
    assert [entry.day for entry in kept[:14]] == [end - timedelta(days=back) for back in range(14)]
    # Monday 30 Nov opens its week; the Sundays of the seven weeks before it stand for them.
    sundays = [end - timedelta(days=1 + 7 * week) for week in range(7)]
    assert {entry.day for entry in kept[14:]} == set(sundays) - {entry.day for entry in kept[:14]}
    assert prune(tmp_path, daily=14, weekly=8) == []


def test_prune_never_deletes_the_newest_nor_a_labelled_one(tmp_path: Path) -> None:
    newest = _touch(tmp_path, date(2026, 11, 30))
    _touch(tmp_path, date(2026, 11, 29))
    labelled = _touch(tmp_path, date(2020, 1, 1), 800, "-before-upgrade")
    prune(tmp_path, daily=0, weekly=0)
    assert [entry.path.name for entry in list_backups(tmp_path)] == [newest, labelled]


# --- restoring ----------------------------------------------------------------------------------


def test_restore_to_an_empty_computer(practice: SmallPractice, tmp_path: Path) -> None:
    target = PracticePaths(tmp_path / "new")
    done = restore(_backup(practice), PASSPHRASE, target, stamp=STAMP)
    target.require()
    assert done.set_aside is None
    assert names(target, keyfile.unlock(target.keyfile, practice.recovery_code)) == names(
        practice.paths, practice.data_key
    )
    assert anchor.read(target.anchor) == anchor.read(practice.paths.anchor)
    assert mode(target.root) == 0o700
    assert {mode(path) for path in target.root.iterdir()} == {0o600}
    assert not (target.root / "restore.part").exists()


def test_restore_refuses_to_replace_unless_told(practice: SmallPractice) -> None:
    path = _backup(practice)
    before = contents(practice.paths.root)
    with pytest.raises(AlreadyThere, match="--replace"):
        restore(path, PASSPHRASE, practice.paths, stamp=STAMP)
    assert contents(practice.paths.root) == before | {"practice.lock": b""}


def test_what_was_there_is_kept_and_still_opens(practice: SmallPractice) -> None:
    path = _backup(practice)
    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("INSERT INTO person (name) VALUES ('after the backup')")
    conn.close()
    keyfile.change_passphrase(practice.paths.keyfile, PASSPHRASE, "a newer passphrase", kdf=CHEAP)
    for expected in ("replaced-2026-11-30-0758", "replaced-2026-11-30-0758-2"):
        done = restore(path, PASSPHRASE, practice.paths, stamp=STAMP, replace=True)
        assert done.set_aside == practice.paths.root / expected
    assert "after the backup" not in names(practice.paths, practice.data_key)
    kept = PracticePaths(practice.paths.root / "replaced-2026-11-30-0758")
    assert mode(kept.root) == 0o700
    assert "after the backup" in names(kept, keyfile.unlock(kept.keyfile, "a newer passphrase"))


def test_a_damaged_practice_can_be_replaced(practice: SmallPractice) -> None:
    path = _backup(practice)
    practice.paths.database.write_bytes(b"rubbish")
    practice.paths.keyfile.unlink()
    done = restore(path, PASSPHRASE, practice.paths, stamp=STAMP, replace=True)
    assert len(names(practice.paths, practice.data_key)) == 500
    assert done.set_aside is not None
    assert (done.set_aside / "practice.db").read_bytes() == b"rubbish"


def test_a_pending_log_moves_with_its_database(practice: SmallPractice, tmp_path: Path) -> None:
    """The restored database must never meet the log of the one that was there."""
    path = _backup(practice)
    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("INSERT INTO person (name) VALUES ('only in the log')")
    killed = PracticePaths(tmp_path / "killed")
    shutil.copytree(practice.paths.root, killed.root)
    conn.close()
    done = restore(path, PASSPHRASE, killed, stamp=STAMP, replace=True)
    assert "only in the log" not in names(killed, practice.data_key)
    assert done.set_aside is not None
    assert "only in the log" in names(PracticePaths(done.set_aside), practice.data_key)


@pytest.mark.parametrize("problem", ["passphrase", "damage", "version"])
def test_a_refused_restore_changes_nothing(practice: SmallPractice, problem: str) -> None:
    path = _backup(practice)
    if problem == "damage":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    secret = "wrong passphrase" if problem == "passphrase" else PASSPHRASE
    before = contents(practice.paths.root)
    with pytest.raises((WrongPassphrase, DamagedFile, TooNew)):
        restore(path, secret, practice.paths, stamp=STAMP, replace=True, newest_version=2)
    after = contents(practice.paths.root)
    assert after.pop("unlock.lock", b"") == b""
    log = after.pop("unlock.log", b"")
    assert log.endswith(b" failed\n") == (problem == "passphrase")
    assert after == before | {"practice.lock": b""}


def test_wrong_secrets_of_a_backup_wait_as_those_of_the_practice_do(practice: SmallPractice) -> None:
    path, log = _backup(practice), practice.paths.unlock_log
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            restore(path, "wrong passphrase", practice.paths, stamp=STAMP, replace=True)
    for _ in range(6):  # more than a minute, so that a slow machine does not outlast it
        unlock_log.record(log, unlock_log.Unlock.FAILED)
    with pytest.raises(TryLater):
        restore(path, PASSPHRASE, practice.paths, stamp=STAMP, replace=True)
    assert unlock_log.failures_since_unlock(log) == FREE_TRIES + 6
    log.unlink()
    assert restore(path, PASSPHRASE, practice.paths, stamp=STAMP, replace=True).set_aside is not None


def test_an_open_practice_is_not_replaced(practice: SmallPractice) -> None:
    path = _backup(practice)
    conn = raw_connection(practice.paths.database, practice.data_key)
    with pytest.raises(Busy, match="close it before"):
        restore(path, PASSPHRASE, practice.paths, stamp=STAMP, replace=True)
    conn.close()
    restore(path, PASSPHRASE, practice.paths, stamp=STAMP, replace=True)


def test_a_practice_open_in_another_window_is_not_replaced(practice: SmallPractice) -> None:
    path = _backup(practice)
    code = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.errors import Busy
from carecoord_tui.store.restore import restore
try:
    target = PracticePaths(Path(sys.argv[1]))
    restore(Path(sys.argv[2]), sys.argv[3], target, stamp=datetime.now(UTC), replace=True)
except Busy as busy:
    print(busy)
"""
    conn = raw_connection(practice.paths.database, practice.data_key)
    done = run_python(code, practice.paths.root, path, PASSPHRASE)
    conn.close()
    assert "open in another carecoord window" in done.stdout, done.stderr


def test_an_unsafe_target(practice: SmallPractice, tmp_path: Path) -> None:
    with pytest.raises(UnsafeFolder):
        restore(_backup(practice), PASSPHRASE, PracticePaths(tmp_path / "Dropbox" / "c"), stamp=STAMP)
    assert not (tmp_path / "Dropbox").exists()


class _Killed(BaseException):
    """Stands for the process ending between two renames."""


@pytest.mark.parametrize("renames", range(12))
def test_a_restore_killed_anywhere_is_completed(
    practice: SmallPractice, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    path = _backup(practice)
    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("INSERT INTO person (name) VALUES ('after the backup')")
    conn.close()
    original, done = Path.replace, 0

    def counting(self: Path, target: Path) -> Path:
        nonlocal done
        if done == renames:
            raise _Killed
        done += 1
        return original(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", counting)
        try:
            restore(path, PASSPHRASE, practice.paths, stamp=STAMP, replace=True)
            killed = False
        except _Killed:
            killed = True
    if practice.paths.restore_journal.exists():
        assert killed
        with pytest.raises(InterruptedRestore):
            practice.paths.require()
        assert finish_interrupted(practice.paths)
    assert not finish_interrupted(practice.paths)
    practice.paths.require()
    restored = "after the backup" not in names(practice.paths, practice.data_key)
    # Killed before the journal was written, nothing has happened; after that, all of it does.
    assert restored == (renames > 0)
    if restored:
        aside = PracticePaths(practice.paths.root / "replaced-2026-11-30-0758")
        assert "after the backup" in names(aside, keyfile.unlock(aside.keyfile, PASSPHRASE))
    assert killed == (renames < 8)


def test_a_journal_that_points_elsewhere_is_refused(practice: SmallPractice, tmp_path: Path) -> None:
    practice.paths.restore_journal.write_text(json.dumps({"set_aside": "../../elsewhere", "step": 1}))
    before = contents(tmp_path)
    with pytest.raises(DamagedFile):
        finish_interrupted(practice.paths)
    assert contents(tmp_path) == before | {"p/practice.lock": b""}


# --- the lock file ------------------------------------------------------------------------------


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "practice.lock"
    code = """
import os, sys
from pathlib import Path
from carecoord_tui.store import lock
with lock.exclusive(Path(sys.argv[1])):
    os.kill(os.getpid(), 9)
"""
    assert run_python(code, path).returncode == -9
    assert path.exists()
    with lock.exclusive(path):
        pass


def test_only_one_process_works_exclusively(practice: SmallPractice) -> None:
    code = """
import sys
from pathlib import Path
from carecoord_tui.store import engine, errors
try:
    engine.raw_connection(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])).close()
    print("opened")
except errors.Busy:
    print("busy")
"""
    args = (code, practice.paths.database, practice.data_key.hex())
    with lock.exclusive(practice.paths.lock):
        # A migration opens its own connections under its own lock.
        raw_connection(practice.paths.database, practice.data_key).close()
        with pytest.raises(Busy), lock.exclusive(practice.paths.lock):
            pass
        assert run_python(*args).stdout == "busy\n"
    assert run_python(*args).stdout == "opened\n"


def test_a_connection_that_is_forgotten_is_not_counted_for_ever(practice: SmallPractice) -> None:
    conn = raw_connection(practice.paths.database, practice.data_key)
    assert lock.present_here(practice.paths.lock) == 1
    del conn
    assert lock.present_here(practice.paths.lock) == 0


def test_a_stamp_needs_a_zone(practice: SmallPractice) -> None:
    paths = practice.paths
    naive = datetime(2026, 11, 30, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        backup(paths.database, paths.keyfile, paths.anchor, paths.backups, practice.data_key, naive)


def test_backup_files_compare_by_what_they_are(tmp_path: Path) -> None:
    name = _touch(tmp_path, date(2026, 11, 30), 758, "-3-before-upgrade")
    expected = BackupFile(tmp_path / name, date(2026, 11, 30), STAMP.time(), 3, "before-upgrade")
    assert list_backups(tmp_path) == [expected]
