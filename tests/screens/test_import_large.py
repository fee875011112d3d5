"""20,000 rows through the import screens: the screen answers all the while, and stopping leaves nothing."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.progress_line import ProgressLine
from tests.exchange.large_files import ROWS, write_list
from tests.screens.bench import arrive, at_work, front, paste, rows

pytestmark = pytest.mark.slow

MOST_MS = 50.0
"""Of the processor, for what the screen does at one go: a key waits no longer."""
MOST_READ_ANEW_MS = 250.0
"""The one step of a finished import that may take longer: Today, behind it, reads its list anew."""
_TABLES = {
    "patients": "patient",
    "referrals": "referral",
    "follow-ups": "follow_up",
    "appointments": "appointment",
}


@dataclass
class Beats:
    """The longest the event loop was busy with one thing, and the longest it came to nothing, in ms."""

    busy: float = 0.0
    late: float = 0.0


@asynccontextmanager
async def watched() -> AsyncIterator[Beats]:
    """Count, beside what the block does, how long each turn of the loop keeps its thread."""
    beats = Beats()

    async def beat() -> None:
        while True:
            started, used = time.monotonic(), time.thread_time()
            await asyncio.sleep(0.001)
            beats.busy = max(beats.busy, (time.thread_time() - used) * 1000)
            beats.late = max(beats.late, (time.monotonic() - started) * 1000 - 1)

    task = asyncio.get_running_loop().create_task(beat())
    try:
        yield beats
    finally:
        task.cancel()


async def in_time(pilot: Pilot[None], condition: object, seconds: float = 240.0) -> None:
    """Wait long, in small steps that leave the loop to the app."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this did not happen in time"
        await asyncio.sleep(0.01)
    await pilot.pause()


def counted(practice: Practice, kind: str) -> list[tuple[object, ...]]:
    table = _TABLES[kind]
    sql = f"SELECT (SELECT count(*) FROM {table}), (SELECT count(*) FROM audit_event)"  # noqa: S608
    return rows(practice, sql)


def progress(app: CarecoordApp) -> str:
    return str(app.screen.query_one(ProgressLine).render())


@pytest.mark.parametrize("kind", list(_TABLES))
async def test_the_screen_answers_while_it_imports(paths: PracticePaths, tmp_path: Path, kind: str) -> None:
    gc.freeze()  # as a start in a terminal does
    async with at_work(paths) as (pilot, app, practice):
        if kind != "patients":
            await asyncio.to_thread(import_patients, practice, write_list(tmp_path, "patients"))
        write = "enter" if kind in ("patients", "referrals") else "ctrl+s"
        await pilot.press("I")
        await arrive(pilot, app, "ImportScreen")
        await paste(pilot, str(write_list(tmp_path, kind)))
        async with watched() as reading:
            await pilot.press("enter")
            await in_time(pilot, lambda: app.screen.has_class("-preview"))
        before = counted(practice, kind)
        async with watched() as stopping:
            await pilot.press(write)
            await in_time(pilot, lambda: "Saving" in progress(app))
            await pilot.press("escape")
            await in_time(pilot, lambda: not app.screen.has_class("-busy"))
        assert "nothing was changed" in str(app.screen.query_one("#said", Static).content)
        assert counted(practice, kind) == before
        if not app.screen.has_class("-preview"):
            await pilot.press("enter")
            await in_time(pilot, lambda: app.screen.has_class("-preview"))
        async with watched() as writing:
            await pilot.press(write)
            await in_time(pilot, lambda: app.screen.has_class("-done"))
        assert counted(practice, kind)[0][0] == before[0][0] + ROWS  # type: ignore[operator]
        assert front(app) in ("ImportScreen", "ImportLog")
        for what, beats in (("reading", reading), ("stopping", stopping), ("writing", writing)):
            print(f"{kind}, {what}: busy {beats.busy:.0f} ms, late {beats.late:.0f} ms")
        assert max(reading.busy, stopping.busy) < MOST_MS
        assert writing.busy < MOST_READ_ANEW_MS
