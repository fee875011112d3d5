"""``rules list | show | due``."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.rulepack import load_pack
from tests.cli_running import Run, run

__all__ = ["run"]

KEYS = ["rule_id", "legal_on", "legal_at", "target_on", "warn_on", "citation", "confirmed"]


def due(run: Run, rule_id: str, start: str, *more: str) -> dict[str, object]:
    result = run("rules", "due", rule_id, "--from", start, *more, "--json", passphrase=None)
    assert result.code == 0, result.err
    found: dict[str, object] = result.json
    assert list(found) == KEYS
    return found


@pytest.mark.parametrize(
    ("rule_id", "start", "more", "expected"),
    [
        ("tcm.contact", "2026-11-25", (), {"legal_on": "2026-11-30"}),
        ("tcm.contact", "2026-07-02", (), {"legal_on": "2026-07-07"}),
        (
            "appeal.ma.reconsideration",
            "2026-11-27",
            (),
            {"legal_on": "2027-01-31", "warn_on": "2027-01-26", "target_on": "2027-01-29"},
        ),
        ("appeal.medicare.redetermination", "2026-08-01", (), {"legal_on": "2026-12-04"}),
        ("gfe.scheduled", "2026-11-30", ("--service", "2026-12-14"), {"legal_on": "2026-12-03"}),
        ("gfe.scheduled", "2026-11-30", ("--service", "2026-12-02"), {"legal_on": None, "target_on": None}),
    ],
)
def test_due(run: Run, rule_id: str, start: str, more: tuple[str, ...], expected: dict[str, str]) -> None:
    found = due(run, rule_id, start, *more)
    assert {key: found[key] for key in expected} == expected


def test_hour_clocks_count_in_the_zone_that_is_given(run: Run) -> None:
    start = "2026-11-27T15:30"
    assert due(run, "pa.federal.expedited", start)["legal_at"] == "2026-11-30T20:30:00+00:00"
    west = due(run, "pa.federal.expedited", start, "--timezone", "America/Los_Angeles")
    assert west["legal_at"] == "2026-11-30T23:30:00+00:00"


def test_due_in_words(run: Run) -> None:
    said = run("rules", "due", "appeal.ma.reconsideration", "--from", "2026-11-27", passphrase=None).out
    assert "last day   Sun 31 Jan 2027" in said
    assert "do by      Fri 29 Jan 2027" in said
    assert "(unconfirmed)" in said
    last = run("rules", "due", "pa.federal.expedited", "--from", "2026-11-27T15:30").out
    assert "Mon 30 Nov 2026, 3:30pm (America/New_York)" in last


def test_list_names_every_rule_with_its_source(run: Run) -> None:
    lines = run("rules", "list", passphrase=None).out.splitlines()
    assert [line.split()[0] for line in lines] == list(load_pack().ids())
    assert any(line.endswith("(unconfirmed)") for line in lines)
    assert [rule["id"] for rule in run("rules", "list", "--json").json] == list(load_pack().ids())


def test_show_tells_all_of_a_rule(run: Run) -> None:
    said = run("rules", "show", "tcm.contact", passphrase=None).out
    for words in ("77 FR 68978", "Reach after hospital discharge", "business_day", "confirmed"):
        assert words in said
    shown = run("rules", "show", "gfe.scheduled", "--json").json
    assert shown[0]["tiers"][0].keys() == {"n", "risk", "lead_business_days"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "no.such"), "no.such"),
        (("due", "no.such", "--from", "2026-11-25"), "no.such"),
        (("due", "tcm.contact", "--from", "25/11/2026"), "25/11/2026"),
        (("due", "tcm.contact", "--from", "2026-02-30"), "2026-02-30"),
        (("due", "pa.federal.expedited", "--from", "2026-11-25"), "72 hours"),
        (("due", "gfe.scheduled", "--from", "2026-11-25"), "--service"),
        (("due", "tcm.contact", "--from", "2026-11-25", "--timezone", "Mars/Base"), "Mars/Base"),
    ],
)
def test_what_cannot_be_worked_out_is_said(run: Run, arguments: tuple[str, ...], words: str) -> None:
    run("rules", *arguments, passphrase=None).refused(words)
