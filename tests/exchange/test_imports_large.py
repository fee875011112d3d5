"""Imports of 20,000 rows: stopped midway they leave nothing behind, carried out they take bounded time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from carecoord_tui.exchange.import_patients import ImportCancelled, import_patients
from carecoord_tui.exchange.import_referrals import import_referrals
from carecoord_tui.exchange.import_steps import SAVING
from carecoord_tui.exchange.logs import LogJob
from carecoord_tui.store.practice import Practice
from tests.exchange.large_files import ROWS, write_list

pytestmark = pytest.mark.slow

Importer = Callable[..., Any]
MOST_SECONDS = 120.0
"""Of the processor for one import: a wide bound against something that grows with the square."""


def importer(practice: Practice, kind: str, path: Path) -> Importer:
    """The import of a list, which takes ``progress`` and ``cancelled``."""
    if kind == "patients":
        return partial(import_patients, practice, path)
    if kind == "referrals":
        return partial(import_referrals, practice, path)
    return LogJob(practice, kind, path).write


def everything(practice: Practice) -> dict[str, str]:
    """Every table of the database, the audit included, by a digest of its rows."""
    names = practice.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    found = {}
    for (name,) in names:
        rows = practice.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - names of the database itself
        digest = hashlib.sha256()
        for row in sorted(map(repr, rows)):
            digest.update(row.encode())
        found[name] = f"{len(rows)} {digest.hexdigest()}"
    return found


@pytest.mark.parametrize("kind", ["patients", "referrals", "follow-ups", "appointments"])
def test_twenty_thousand_rows_stopped_and_carried_out(
    practice: Practice, tmp_path: Path, kind: str, record_property: Callable[[str, object], None]
) -> None:
    if kind != "patients":
        import_patients(practice, write_list(tmp_path, "patients"))
    path = write_list(tmp_path, kind)
    before, seen = everything(practice), list[tuple[str, int]]()

    def progress(phase: str, done: int, total: int) -> None:
        seen.append((phase, done))

    def is_half_saved() -> bool:
        return bool(seen) and seen[-1][0] == SAVING and seen[-1][1] >= ROWS // 2

    with pytest.raises(ImportCancelled):
        importer(practice, kind, path)(progress=progress, cancelled=is_half_saved)
    assert is_half_saved() and len({phase for phase, _ in seen}) >= 4
    assert everything(practice) == before
    assert not practice.paths.rejects.exists() or not list(practice.paths.rejects.iterdir())

    started = time.process_time()
    done = importer(practice, kind, path)()
    seconds = time.process_time() - started
    record_property("processor_seconds", round(seconds, 1))
    print(f"{kind}: {ROWS:,} rows in {seconds:.1f} processor seconds")
    assert done.counts.created == ROWS and done.counts.rejected == 0
    assert seconds < MOST_SECONDS
