"""``import eligibility|authorizations|denials``: dry run in words and JSON, refusals in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from carecoord_tui.paths import PracticePaths
from tests.cli_running import Run, answer, made, run
from tests.exchange.test_pas import bundle, item
from tests.exchange.x12.make import authorization, eligibility, interchange, remittance, write

__all__ = ["made", "run"]

COPAY = "EB*B*IND*98*HM*GOLD*27*25.00*****Y"


def test_eligibility_as_json(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, eligibility("EB*1**30", COPAY, "EB*B*IND*98*HM*GOLD*27*60.00*****N"))
    found = run("import", "eligibility", str(path), "--dry-run", "--json", passphrase=None).json
    (transaction,) = found["transactions"]
    (member,) = transaction["members"]
    assert (member["name"], member["status"]) == ("ROSA M ALVAREZ", "active")
    assert [(one["amount"], one["in_network"]) for one in member["copays"]] == [
        ("25.00", "Y"),
        ("60.00", "N"),
    ]
    assert [(one["kind"], one["segment"], one["segment_id"]) for one in found["figures"]] == [
        ("active", 15, "EB"),
        ("copay", 16, "EB"),
        ("copay", 17, "EB"),
    ]
    assert found["problems"] == []


def test_a_transaction_without_members_is_an_empty_list(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, interchange("271", "HL*1**20*1", "AAA*Y**42*R"))
    found = run("import", "eligibility", str(path), "--dry-run", "--json").json
    assert found["transactions"][0]["members"] == []
    assert found["figures"] == []
    said = run("import", "eligibility", str(path), "--dry-run").out
    assert "not answered: reason 42" in said


def test_eligibility_in_words_with_what_to_look_at(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, eligibility(COPAY, "EB*B**98***27*1,000.00*****Y"))
    result = run("import", "eligibility", str(path), "--dry-run")
    assert result.code == 0
    assert "copay $25.00, a visit, individual, in network" in result.out
    assert "copay unknown" in result.out
    assert "To look at:\n  segment 16 (EB): the amount “1,000.00” is no plain number" in result.out


def test_authorizations_of_both_kinds(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, authorization("HL*4*3*EV*0", "HCR*A3**0V"))
    found = run("import", "authorizations", str(path), "--dry-run", "--json").json
    assert found["transactions"][0]["events"][0]["hcr"] == "A3"
    assert found["figures"][0]["outcome"] == "denied"
    fhir = write(tmp_path, json.dumps(bundle(item(1, "A1"), item(2, "A3"))), "pas.json")
    found = run("import", "authorizations", str(fhir), "--dry-run", "--json").json
    assert found["outcomes"] == ["partial"]
    assert [one["path"] for one in found["figures"]] == [
        "entry[0].resource.item[0]",
        "entry[0].resource.item[1]",
    ]
    assert "not certified [A3]" in run("import", "authorizations", str(fhir), "--dry-run").out


def test_denials(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, remittance("CLP*C1*4*10.00*0*0*12*P", "CAS*CO*29*10.00"))
    found = run("import", "denials", str(path), "--dry-run", "--json").json
    assert found["transactions"][0]["denied(status 4)"] == ["C1"]
    assert found["figures"][1]["reason_word"] == "late_filing"
    said = run("import", "denials", str(path), "--dry-run").out
    assert "denied, charge $10.00, paid $0.00" in said
    assert "CO 29, late filing: $10.00 (segment 10 (CAS))" in said


def test_escape_codes_of_a_file_never_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, eligibility(COPAY, "MSG*\x1b]0;gone\x07").replace("ALVAREZ", "\x1b[31mALVAREZ"))
    for options in (("--dry-run",), ("--dry-run", "--json")):
        result = run("import", "eligibility", str(path), *options)
        assert result.code == 0
        assert "\x1b" not in result.out
        assert "\x07" not in result.out


@pytest.mark.parametrize("what", ["eligibility", "authorizations", "denials"])
def test_refusals_are_one_sentence_and_print_nothing_else(run: Run, tmp_path: Path, what: str) -> None:
    command = ("import", what)
    run(*command, str(tmp_path / "none.x12"), "--dry-run").refused("There is no file")
    run(*command, str(tmp_path), "--dry-run").refused("There is no file")
    path = write(tmp_path, interchange("834", "BGN*00"))
    run(*command, str(path), "--json").refused("--yes", code=2)
    for options in ((), ("--json",)):
        run(*command, str(path), "--dry-run", *options).refused("segment 3 (ST)", "834")
    path = write(tmp_path, "<a/>")
    run(*command, str(path), "--dry-run", "--json").refused("XML")


def test_a_file_cut_at_its_end_prints_nothing(run: Run, tmp_path: Path) -> None:
    whole = remittance(*(f"CLP*{number}*4*10.00*0*0*12*P" for number in range(50)))
    path = write(tmp_path, whole[: whole.index("SE*")])
    for options in ((), ("--json",)):
        run("import", "denials", str(path), "--dry-run", *options).refused(
            "without its SE", "segment 58 (CLP)"
        )


@pytest.fixture
def denials(run: Run, made: PracticePaths, tmp_path: Path) -> Path:
    """A remittance with one denied claim, of somebody who is in the practice."""
    listed = tmp_path / "people.csv"
    listed.write_text(
        "First name,Last name,DOB,MRN,Payer,Member ID\nRosa,Alvarez,1955-03-14,M1,Acme,ACM123\n",
        encoding="utf-8",
    )
    assert run("import", "patients", str(listed), "--yes").code == 0
    claim = ("CLP*77*4*250.00*0.00*0*12*PAYER77", "NM1*QC*1*ALVAREZ*ROSA****MI*ACM123", "CAS*CO*197*250.00")
    return write(tmp_path, remittance(*claim))


def test_without_yes_it_is_shown_and_not_written(run: Run, denials: Path) -> None:
    shown = run("import", "denials", str(denials))
    assert shown.code == 1
    assert "To be written: 1" in shown.out
    assert "--yes" in shown.err
    assert "To be written: 1" in run("import", "denials", str(denials)).out


def test_yes_writes_once(run: Run, denials: Path) -> None:
    done = run("import", "denials", str(denials), "--yes")
    assert done.code == 0, done
    assert done.out.endswith("1 answer: 1 written.\n")
    again = run("import", "denials", str(denials), "--yes", "--json").json
    assert (again["new"], again["unchanged"], again["not_taken"]) == (0, 1, 0)
    assert again["each"][0]["where"] == "segment 9 (CLP)"


def test_at_a_terminal_it_is_asked(run: Run, denials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "n")
    refused = run("import", "denials", str(denials))
    assert refused.code == 1
    assert "Write this answer? [Y/n]" in refused.err
    answer(monkeypatch, "y")
    assert "1 answer: 1 written." in run("import", "denials", str(denials)).out
