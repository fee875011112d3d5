"""A small real practice on disk, with a key derivation cheap enough for tests."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import anchor, engine, keyfile

CHEAP = keyfile.Kdf(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = "correct horse battery"
SECRET_WORD = "Zyxwvutsrq-Patient"  # what a scan of the files must never find


@dataclass(frozen=True)
class SmallPractice:
    """The files of a practice and what opens them."""

    paths: PracticePaths
    data_key: bytes
    recovery_code: str


def make_practice(root: Path, *, passphrase: str = PASSPHRASE, rows: int = 500) -> SmallPractice:
    """Create database, key file and anchor in ``root``, with ``rows`` recognisable rows at version 3."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths = PracticePaths(root)
    data_key, code = keyfile.create(paths.keyfile, passphrase, kdf=CHEAP)
    engine.create_database(paths.database, data_key)
    conn = engine.raw_connection(paths.database, data_key)
    conn.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)")
    conn.execute("CREATE VIRTUAL TABLE person_search USING fts5(name)")
    conn.execute("BEGIN IMMEDIATE")
    conn.executemany("INSERT INTO person (name) VALUES (?)", [(f"{SECRET_WORD} {n}",) for n in range(rows)])
    conn.execute("INSERT INTO person_search (rowid, name) SELECT id, name FROM person")
    conn.execute("PRAGMA user_version = 3")
    conn.execute("COMMIT")
    conn.close()
    anchor.write(paths.anchor, 7, "ab" * 32)
    return SmallPractice(paths, data_key, code)


def names(paths: PracticePaths, data_key: bytes) -> list[str]:
    """Every name in the database, in order."""
    conn = engine.raw_connection(paths.database, data_key)
    try:
        return [row[0] for row in conn.execute("SELECT name FROM person ORDER BY id")]
    finally:
        conn.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mode(path: Path) -> int:
    """A file's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def run_python(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a process of its own (with ``sys.argv[1:]`` set to ``args``)."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
