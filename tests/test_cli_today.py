"""``today``: the same day as the screen, as text and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from carecoord_tui.clock import parse_now
from carecoord_tui.demo import DEMO_PASSPHRASE
from carecoord_tui.demo.build import build_demo
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.opening import unlock
from carecoord_tui.store.queries.today import read_today
from tests.cli_running import MONDAY, Result, Run, in_child, patient_file, run
from tests.conftest import FAST_KDF, ZONE

__all__ = ["patient_file", "run"]

KEYS = {
    *("lane", "kind", "verb", "patient", "mrn", "legal_on", "target_on", "rule_id", "why", "citation"),
    *("rank_reasons", "title", "target_at", "lane_name", "consequence", "days_late", "progress"),
    *("waiting_on", "record_id", "patient_id"),
}


@pytest.fixture(scope="module")
def monday(tmp_path_factory: pytest.TempPathFactory) -> PracticePaths:
    """The demo of the Monday; nothing here changes it."""
    paths = PracticePaths(tmp_path_factory.mktemp("demo") / "practice")
    build_demo(paths, now=parse_now(MONDAY, ZONE), kdf=FAST_KDF)
    return paths


def today(run: Run, monday: PracticePaths, *options: str) -> Result:
    result = run(
        "today", "--data-dir", str(monday.root), "--now", MONDAY, *options, passphrase=DEMO_PASSPHRASE
    )
    assert result.code == 0, result.err
    assert result.err == ""
    return result


def test_json_is_the_day_of_the_screen_in_its_order(run: Run, monday: PracticePaths) -> None:
    said = today(run, monday, "--json").json
    look = unlock(monday, DEMO_PASSPHRASE, now=MONDAY).look
    assert look is not None
    view = read_today(look.execute, look.moment())
    look.close()
    due = [*view.day.due, *view.day.more_due]
    assert [(item["record_id"], item["rule_id"]) for item in said["items"]] == [
        (ranked.item.record_id, ranked.item.rule_id) for ranked in due
    ]
    assert [item["is_shown"] for item in said["items"]].count(True) == len(view.day.due)
    assert [item["patient_id"] for item in said["waiting"]] == [r.person.id for r in view.day.waiting]
    titles = dict(zip([r.title for r in view.day.upcoming], said["upcoming"], strict=True))
    hidden = {was: item for was, item in titles.items() if item["title"] != was}
    assert [(was, item["title"]) for was, item in hidden.items()] == [
        ("Call: counseling intake date", "Follow-up: see the record")
    ]
    assert {item["patient"][:4] for item in hidden.values()} == {"MRN "}  # asked for discretion
    assert said["counts"]["active_patients"] == 214
    assert said["counts"]["without_next_action"] == 0
    counted = sum(said["counts"][name] for name in ("past_due", "due_today", "past_promise", "check_ins"))
    assert counted == len(due)
    assert (said["date"], said["now"][:16]) == ("2026-11-30", MONDAY)


def test_every_item_has_what_scripts_rely_on(run: Run, monday: PracticePaths) -> None:
    said = today(run, monday, "--json").json
    for item in (*said["items"], *said["upcoming"], *said["waiting"]):
        assert item.keys() >= KEYS
        assert item["rank_reasons"][0].casefold() == item["lane_name"].casefold()
    first = said["items"][0]
    assert first["patient"] == "Alvarez, Rosa"
    assert (first["lane"], first["rule_id"], first["legal_on"]) == (1, "tcm.contact", "2026-11-30")
    assert "Thanksgiving" in first["why"]


def test_all_has_no_limit_and_the_same_order(run: Run, monday: PracticePaths) -> None:
    limited, everything = today(run, monday, "--json").json, today(run, monday, "--json", "--all").json
    strip = [{**item, "is_shown": True} for item in limited["items"]]
    assert everything["items"] == strip
    assert limited["counts"]["more_due"] > 0
    assert everything["counts"]["more_due"] == 0


def test_json_is_pure_ascii_and_keeps_every_name(run: Run, monday: PracticePaths) -> None:
    result = today(run, monday, "--json")
    assert result.out.isascii()
    assert any(item["patient"].startswith("中村") for item in result.json["items"])


def test_plain_has_the_sections_and_words_of_the_screen(run: Run, monday: PracticePaths) -> None:
    said = today(run, monday).out
    headings = [line for line in said.splitlines() if line.isupper()]
    assert headings[0] == "DO NOW"
    assert [line.split()[0] for line in headings] == ["DO", "VISITS", "DUE", "THIS"]
    assert "! today  Alvarez, Rosa  Reach after hospital discharge  0/3" in said
    assert "O'Neil [Jr] [/b], Sean" in said
    assert "more due: decide" in said
    assert "WAITING 31 · 4 past promise" in said
    assert " · 6 check-ins · " in said
    assert said == today(run, monday, "--plain").out
    everything = today(run, monday, "--all").out
    assert "more due: decide" not in everything
    assert len(everything.splitlines()) > len(said.splitlines()) + 25


def test_plain_columns_stand_under_each_other_whatever_the_names(run: Run, monday: PracticePaths) -> None:
    from rich.cells import cell_len

    lines = today(run, monday).out.splitlines()
    titles = ("Have clinician review", "Apply: inhaler", "Fax work form", "Submit authorization")
    starts = {cell_len(line[: line.index(title)]) for title in titles for line in lines if title in line}
    assert len(starts) == 1


def test_plain_output_of_an_ascii_terminal_is_ascii(monday: PracticePaths) -> None:
    done = in_child(
        *("today", "--all", "--now", MONDAY),
        CARECOORD_DATA_DIR=str(monday.root),
        CARECOORD_PASSPHRASE=DEMO_PASSPHRASE,
        PYTHONIOENCODING="ascii",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "Alvarez, Rosa" in done.stdout


def test_hostile_text_cannot_act_on_the_terminal(run: Run, patient_file: Path) -> None:
    assert run("init", "--user", "D\x1b[2Jana", "--timezone", "America/New_York").code == 0
    assert run("import", "patients", str(patient_file)).code == 0
    for options in ((), ("--all",), ("--json",)):
        said = run("today", *options).out
        assert "\x1b" not in said
        assert all(char == "\n" or char.isprintable() for char in said)


def test_looking_changes_nothing_and_needs_no_sqlalchemy(monday: PracticePaths) -> None:
    before = monday.database.read_bytes()
    code = (
        "import sys; from carecoord_tui.cli import main\n"
        "code = main(['today', '--json']); print(code, 'sqlalchemy' in sys.modules, 'textual' in sys.modules,"
        " file=sys.stderr)"
    )
    done = in_child(
        code=code,
        CARECOORD_DATA_DIR=str(monday.root),
        CARECOORD_PASSPHRASE=DEMO_PASSPHRASE,
        CARECOORD_NOW=MONDAY,
    )
    assert done.stderr == "0 False False\n"
    assert monday.database.read_bytes() == before


def test_a_time_that_does_not_exist_is_said(run: Run, monday: PracticePaths) -> None:
    skipped = ("today", "--data-dir", str(monday.root), "--now", "2026-03-08T02:30")
    run(*skipped, passphrase=DEMO_PASSPHRASE).refused("clocks go forward", code=2)
