"""``carecoord export``: everything and one patient, private files, the MRN of a record that was merged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from carecoord_tui.cli.stopping import tidying_up
from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store.practice import open_practice
from carecoord_tui.store.tables import Coverage, Patient, Payer
from tests.cli_running import Run, made, run
from tests.conftest import MONDAY, PASSPHRASE, ZONE

__all__ = ["made", "run"]


@pytest.fixture
def merged(made: PracticePaths) -> None:
    """Rosa under her new MRN, and the emptied record her old one stands on; Ann stays without an MRN."""
    clock = RunningClock(parse_now(MONDAY, ZONE))
    practice = open_practice(made, keyfile.unlock(made.keyfile, PASSPHRASE), clock)
    gone = PatientStatus.DISCHARGED
    with practice.change("people") as session:
        rosa = Patient(family_name="Alvarez", given_name="Rosa", mrn="A1")
        ann = Patient(family_name="Kim", given_name="Ann")
        session.add_all([rosa, ann])
        payer = Payer(name="Humana")
        session.add(payer)
        session.flush()
        session.add(Coverage(patient_id=rosa.id, payer_id=payer.id, member_id="H123"))
        for mrn, owner in (("OLD7", rosa), ("OLD8", ann)):
            session.add(Patient(family_name="Alvarez", mrn=mrn, status=gone, merged_into_id=owner.id))
    practice.close()


def test_the_mrn_of_a_merged_record_leads_to_the_one_that_stays(
    run: Run, merged: None, tmp_path: Path
) -> None:
    said = run("export", "patient", "OLD7", str(tmp_path / "rosa.md"))
    assert said.code == 0
    assert "MRN OLD7 was merged: this is the record of Alvarez, Rosa, MRN A1." in said.err
    assert "H123" in (tmp_path / "rosa.md").read_text("utf-8")
    said = run("export", "patient", "OLD8", str(tmp_path / "ann.md"))
    assert "Kim, Ann, no MRN." in said.err
    said = run("export", "patient", "A1", str(tmp_path / "again.md"))
    assert "merged" not in said.err
    run("export", "patient", "NONE", str(tmp_path / "x.md")).refused("No patient has that MRN")


def test_everything_as_a_folder_says_how_much(run: Run, merged: None, tmp_path: Path) -> None:
    found = run("export", "all", str(tmp_path / "out"), "--json").json
    assert found["rows"]["Merged records"] == 2
    assert {Path(name).parent for name in found["files"]} == {tmp_path / "out"}
    assert len(list((tmp_path / "out").iterdir())) == len(found["files"]) == len(found["rows"])
    run("export", "all", str(tmp_path / "out")).refused("--replace")


def test_a_notice_that_is_there_is_not_written_over(run: Run, merged: None, tmp_path: Path) -> None:
    (tmp_path / "log.notice.txt").write_text("mine")
    told = ("export", "referrals", str(tmp_path / "log.csv"))
    run(*told, "--with-part2").refused("log.notice.txt already", "--replace")
    assert run(*told).code == 0
    assert (tmp_path / "log.notice.txt").read_text() == "mine"


SLOW = """
import sys, time
from carecoord_tui.cli import main
from carecoord_tui.exchange.exports import everything
read = everything._Reading._of_subject
def slow(self, connection, subject):
    print(subject.name, flush=True)
    time.sleep(0 if subject.name == "Patients" else 0.2)
    return read(self, connection, subject)
everything._Reading._of_subject = slow
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("target", ["folder", "all.xlsx"])
def test_an_export_that_is_told_to_end_leaves_nothing(
    merged: None, made: PracticePaths, tmp_path: Path, target: str, number: signal.Signals
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    environ = {**os.environ, "CARECOORD_DATA_DIR": str(made.root), "CARECOORD_PASSPHRASE": PASSPHRASE}
    command = [sys.executable, "-c", SLOW, "export", "all", str(out / target)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while running.stdout.readline() != "Coverages\n":
            assert running.poll() is None
        assert [one.name for one in out.iterdir()] != []
        running.send_signal(number)
        assert running.wait(30) == 128 + number
    assert list(out.iterdir()) == []


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with tidying_up():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
