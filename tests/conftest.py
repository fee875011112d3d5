"""Fixtures everybody uses: a fresh practice on a real encrypted file, opened on the Monday."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store.creating import NewPractice, create_practice
from carecoord_tui.store.practice import Practice, open_practice

ZONE = ZoneInfo("America/New_York")
MONDAY = "2026-11-30T08:00"
PASSPHRASE = "four small words here"
FAST_KDF = keyfile.Kdf(memory_kib=8 * 1024, iterations=1, lanes=1)


@pytest.fixture
def sample_data() -> Path:
    """The folder of third-party sample files; skips where it is not given."""
    folder = os.environ.get("CARECOORD_SAMPLE_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("CARECOORD_SAMPLE_DATA does not name the sample data folder")
    return Path(folder)


@pytest.fixture
def clock() -> RunningClock:
    """The Monday of the acceptance day, 8:00 in New York, running."""
    return RunningClock(parse_now(MONDAY, ZONE))


@pytest.fixture
def paths(tmp_path: Path) -> PracticePaths:
    """Where a practice of this test lies."""
    return PracticePaths(tmp_path / "practice")


@pytest.fixture
def practice(paths: PracticePaths, clock: RunningClock) -> Iterator[Practice]:
    """An open, empty practice of one clinical user."""
    create_practice(
        paths,
        PASSPHRASE,
        NewPractice(user_name="Dana Reyes", timezone="America/New_York", is_clinical=True),
        clock,
        kdf=FAST_KDF,
    )
    opened = open_practice(paths, keyfile.unlock(paths.keyfile, PASSPHRASE), clock)
    yield opened
    opened.close()
