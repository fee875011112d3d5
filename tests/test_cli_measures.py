"""``measures referrals``: the numbers of the practice as text and JSON, for the period that was asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store.practice import open_practice
from carecoord_tui.store.tables import Patient, Referral
from tests.cli_running import MONDAY, Result, Run, in_child, made, run
from tests.conftest import PASSPHRASE, ZONE

__all__ = ["made", "run"]

SHARE = {
    "title", "numerator", "denominator", "percent", "numerator_words", "denominator_words", "apart", "source",
}  # fmt: skip
SPREAD = {"n", "median", "p90", "longest"}


@pytest.fixture
def filled(made: PracticePaths) -> PracticePaths:
    """Twelve closed in June, one sent in June and one in November of 2026, one sent in 2025."""
    practice = open_practice(
        made, keyfile.unlock(made.keyfile, PASSPHRASE), RunningClock(parse_now(MONDAY, ZONE))
    )
    june, july = date(2026, 6, 1), date(2026, 7, 1)
    with practice.change("referrals") as session:
        people = [Patient(family_name=f"Secret{n}", given_name="Ana", check_in_on=july) for n in range(15)]
        session.add_all(people)
        session.flush()
        for number, person in enumerate(people):
            ordered = {12: june, 13: date(2026, 11, 20), 14: date(2025, 3, 1)}.get(number, june)
            record = Referral(
                patient_id=person.id or 0, specialty="Cardiology", stage=ReferralStage.SENT, stage_on=ordered,
                ordered_on=ordered, sent_on=ordered,
            )  # fmt: skip
            if number < 12:
                record.stage, record.visit_on = ReferralStage.CLOSED, july
                record.report_received_on = record.reviewed_on = record.patient_informed_on = july
            session.add(record)
    practice.close()
    return made


def measures(run: Run, *options: str) -> Result:
    result = run("measures", "referrals", "--now", MONDAY, *options)
    assert result.code == 0, result.err
    assert result.err == ""
    return result


def test_json_has_the_keys_that_its_help_names(run: Run, filled: PracticePaths) -> None:
    said = measures(run, "--json").json
    assert set(said) == {
        "as_of", "period", "year", "cms50", "loop_closure", "scheduling", "days_to_appointment", "open_ages"
    }  # fmt: skip
    assert said["as_of"] == "2026-11-30"
    assert said["period"] == {"from": "2025-12-01", "to": "2026-11-30"}
    for share in ("cms50", "loop_closure", "scheduling"):
        assert set(said[share]) == SHARE
    for one in said["days_to_appointment"]:
        assert set(one) == {"urgency", "seen", "unseen", "seen_without_day"}
        assert set(one["seen"]) == set(one["unseen"]) == SPREAD
    assert said["open_ages"] == [{"stage": "sent", "n": 3, "median": 182.0, "p90": 639, "longest": 639}]
    named = run("measures", "referrals", "--help").out
    for key in (*said, *SHARE, *SPREAD, "urgency", "seen", "unseen", "seen_without_day", "stage"):
        assert key in named


def test_numbers_are_those_of_the_practice(run: Run, filled: PracticePaths) -> None:
    said = measures(run, "--json").json
    numbers = {name: (said[name]["numerator"], said[name]["denominator"], said[name]["percent"])
               for name in ("cms50", "loop_closure", "scheduling")}  # fmt: skip
    assert numbers == {
        "cms50": (12, 13, 92.3),
        "loop_closure": (12, 13, 92.3),
        "scheduling": (12, 14, 85.7),
    }
    (routine,) = [one for one in said["days_to_appointment"] if one["urgency"] == "routine"]
    assert routine["seen"] == {"n": 12, "median": 30.0, "p90": 30, "longest": 30}
    assert routine["unseen"] == {"n": 2, "median": 96.0, "p90": 182, "longest": 182}


def test_a_year_and_a_period_can_be_asked_for(run: Run, filled: PracticePaths) -> None:
    past = measures(run, "--json", "--year", "2025").json
    assert (past["year"], past["period"]) == (2025, {"from": "2025-01-01", "to": "2025-12-31"})
    assert (past["cms50"]["numerator"], past["cms50"]["denominator"]) == (0, 1)
    assert past["cms50"]["percent"] is None
    part = measures(run, "--json", "--from", "2026-11-01", "--to", "2026-11-30").json
    assert part["scheduling"]["denominator"] == 1
    assert part["cms50"]["denominator"] == 13  # of the year, by its definition
    until = measures(run, "--json", "--to", "2025-06-30").json
    assert (until["period"]["from"], until["year"]) == ("2024-07-01", 2025)
    since = measures(run, "--json", "--from", "2026-11-01").json
    assert since["period"] == {"from": "2026-11-01", "to": "2026-11-30"}


def test_text_fits_eighty_columns_and_names_nobody(run: Run, filled: PracticePaths) -> None:
    out = measures(run).out
    assert max(map(len, out.splitlines())) <= 80
    assert "Scheduling rate" in out
    assert "12 of 14, 85.7 %" in out
    assert "  12  have an appointment date\n  14  referrals sent\n" in out
    assert "Secret" not in out + measures(run, "--json").out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--year", "26"), "--year 26"),
        (("--year", "two"), "--year two"),
        (("--year", "２０２６"), "--year"),
        (("--from", "12/01/2026"), "--from 12/01/2026"),
        (("--to", "0001-01-01"), "--to 0001-01-01"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "before"),
        (("--year", "2026", "--to", "2026-01-01"), "not both"),
    ],
)
def test_a_wrong_period_is_one_sentence(run: Run, options: tuple[str, ...], words: str) -> None:
    run("measures", "referrals", *options).refused(words, code=2)


def test_help_imports_nothing_heavy_and_reading_no_sqlalchemy(filled: PracticePaths, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE)
    secret.chmod(0o600)
    code = (
        "import sys; from carecoord_tui.cli import main; main(sys.argv[1:]);"
        "print('loaded', [name for name in ('textual', 'sqlmodel', 'sqlalchemy') if name in sys.modules])"
    )
    for tail in (("--help",), ("--passphrase-file", str(secret), "--data-dir", str(filled.root))):
        done = in_child("measures", "referrals", *tail, code=code)
        assert done.stdout.endswith("loaded []\n"), done.stdout + done.stderr
