"""What the tests of the command line share: a quickly made practice, and one command run in process."""

from __future__ import annotations

import json
import operator
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from carecoord_tui import store
from carecoord_tui.cli import main
from carecoord_tui.clock import SystemClock
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.creating import NewPractice, create_practice
from tests.conftest import FAST_KDF, PASSPHRASE

MONDAY = "2026-11-30T08:00"


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, read as JSON."""
        return json.loads(self.out)

    def refused(self, *words: str, code: int = 1) -> None:
        """Assert one sentence on stderr that holds these words, nothing on stdout, and the exit code."""
        assert self.code == code, self
        assert self.out == ""
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err


Run = Callable[..., Result]


@pytest.fixture
def run(
    paths: PracticePaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Run a command on the test's folder; the passphrase is in the environment unless told otherwise."""
    for name in (
        "creating.create_practice",
        "keyfile.change_passphrase",
        "keyfile.new_recovery_code",
    ):
        costly = operator.attrgetter(name)(store)
        monkeypatch.setattr(f"carecoord_tui.store.{name}", partial(costly, kdf=FAST_KDF))

    def call(*arguments: str, passphrase: str | None = PASSPHRASE, **environ: str) -> Result:
        with monkeypatch.context() as patch:
            patch.setenv("CARECOORD_DATA_DIR", str(paths.root))
            patch.setenv("CARECOORD_CONFIG", str(paths.root.parent / "config.toml"))
            patch.delenv("CARECOORD_NOW", raising=False)
            patch.delenv("CARECOORD_PASSPHRASE", raising=False)
            if passphrase is not None:
                patch.setenv("CARECOORD_PASSPHRASE", passphrase)
            for name, value in environ.items():
                patch.setenv(name, value)
            (paths.root.parent / "config.toml").touch()
            capsys.readouterr()
            code = main(list(arguments))
            said = capsys.readouterr()
            return Result(code, said.out, said.err)

    yield call


@pytest.fixture
def made(paths: PracticePaths) -> PracticePaths:
    """An empty practice that nobody has open."""
    create_practice(
        paths,
        PASSPHRASE,
        NewPractice(user_name="Dana Reyes", timezone="America/New_York", is_clinical=True),
        SystemClock(),
        kdf=FAST_KDF,
    )
    return paths


@pytest.fixture
def patient_file(tmp_path: Path) -> Path:
    """A small patient list; one row cannot be read."""
    path = tmp_path / "people.csv"
    path.write_text(
        "Last name,First name,DOB,MRN,Next step,Due\n"
        "Alvarez,Rosa,03/14/1955,A1,Call about ride,11/27/2026\n"
        "中村,\x1b[31mYūki,05/30/1948,A2,,\n"
        ",Nobody,13/45/1950,A3,,\n",
        encoding="utf-8",
    )
    return path


def answer(monkeypatch: pytest.MonkeyPatch, *lines: str, secrets: tuple[str, ...] = ()) -> list[str]:
    """Pretend that somebody sits at a terminal and types; returns the prompts for secrets as they come."""
    typed, hidden, prompts = iter(lines), iter(secrets), list[str]()

    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return next(typed, "")

    def getpass(prompt: str) -> str:
        prompts.append(prompt)
        return next(hidden)

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("carecoord_tui.cli.invocation.is_interactive", lambda: True)
    monkeypatch.setattr("carecoord_tui.cli.importing.is_interactive", lambda: True)
    monkeypatch.setattr("carecoord_tui.cli.backups.is_interactive", lambda: True)
    monkeypatch.setattr("getpass.getpass", getpass)
    return prompts


def in_child(*arguments: str, code: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program, or ``code``, in a process of its own with nothing of ours in the environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARECOORD_")}
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "carecoord_tui"]
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**kept, **environ},
        timeout=60,
        check=False,
    )
