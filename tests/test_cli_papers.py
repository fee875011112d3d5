"""``paper``: the day's papers in pipes and files, and the boss's line."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from carecoord_tui.clock import parse_now
from carecoord_tui.demo import DEMO_PASSPHRASE
from carecoord_tui.demo.build import build_demo
from carecoord_tui.paths import PracticePaths
from tests.cli_running import MONDAY, Result, Run, run
from tests.conftest import FAST_KDF, ZONE

__all__ = ["run"]


@pytest.fixture(scope="module")
def monday(tmp_path_factory: pytest.TempPathFactory) -> PracticePaths:
    """A demo practice of the Monday."""
    paths = PracticePaths(tmp_path_factory.mktemp("demo") / "practice")
    build_demo(paths, patients=40, now=parse_now(MONDAY, ZONE), kdf=FAST_KDF)
    return paths


def on(monday: PracticePaths, run: Run, *arguments: str) -> Result:
    return run(
        *arguments, "--data-dir", str(monday.root), "--now", MONDAY, CARECOORD_PASSPHRASE=DEMO_PASSPHRASE
    )


def test_papers_are_printed(monday: PracticePaths, run: Run) -> None:
    today = on(monday, run, "paper", "today")
    assert today.code == 0
    assert "Alvarez, Rosa, born 14 Mar 1955: Reach after hospital discharge" in today.out
    assert "Thanksgiving" in today.out
    huddle = on(monday, run, "paper", "huddle", "--date", "2026-12-02")
    assert "Rosa A., 1955 (71), MRN" in huddle.out
    handoff = on(monday, run, "paper", "handoff", "--format", "markdown", "--until", "2026-12-03")
    assert "# Handoff, Tue 1 Dec 2026 to Wed 2 Dec 2026" in handoff.out
    assert "## Cover: somebody must be there" in handoff.out


def test_the_boss_line_is_one_line(monday: PracticePaths, run: Run) -> None:
    result = on(monday, run, "today", "--line")
    assert result.code == 0
    assert result.out.startswith("Done ")
    assert result.out.count("\n") == 1


def test_a_file_is_private_and_not_written_over(monday: PracticePaths, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "huddle.pdf"
    made = on(monday, run, "paper", "huddle", "--format", "pdf", "--output", str(path))
    assert made.code == 0
    assert "leaves the encrypted practice" in made.err
    assert path.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    on(monday, run, "paper", "huddle", "--output", str(path)).refused("already", "--replace")
    assert path.read_bytes().startswith(b"%PDF")
    assert on(monday, run, "paper", "huddle", "--output", str(path), "--replace").code == 0
    assert path.read_text("utf-8").startswith("Huddle, Mon 30 Nov 2026")


def test_wrong_days_are_one_sentence(monday: PracticePaths, run: Run) -> None:
    days = ("--from", "2026-12-04", "--until", "2026-12-02")
    on(monday, run, "paper", "handoff", *days).refused("is not after the first day off", code=2)
    on(monday, run, "paper", "huddle", "--date", "soon").refused("is no day", code=2)
