"""``measures referrals`` and ``measures insurance``: the numbers of the practice as text and JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    DenialStatus,
    EligibilityResult,
    PayerClass,
    ReferralStage,
)
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store.practice import open_practice
from carecoord_tui.store.tables import (
    Appeal,
    Appointment,
    Authorization,
    AuthorizationEvent,
    Coverage,
    Denial,
    EligibilityCheck,
    Patient,
    Payer,
    Referral,
)
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


@pytest.mark.parametrize("of_what", ["referrals", "insurance"])
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
def test_a_wrong_period_is_one_sentence(run: Run, of_what: str, options: tuple[str, ...], words: str) -> None:
    run("measures", of_what, *options).refused(words, code=2)


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


INSURANCE_SHARES = ("inside_clock", "denial_rate", "appeal_rate", "overturn_rate", "eligibility")


@pytest.fixture
def insured(made: PracticePaths) -> PracticePaths:
    """One authorization denied after eight days, then approved on appeal; a visit with a fresh check."""
    practice = open_practice(
        made, keyfile.unlock(made.keyfile, PASSPHRASE), RunningClock(parse_now(MONDAY, ZONE))
    )
    sent, denied = datetime(2026, 11, 2, 15, tzinfo=UTC), date(2026, 11, 10)
    with practice.change("insurance") as session:
        payer = Payer(name="Humana", payer_class=PayerClass.MEDICARE_ADVANTAGE)
        person = Patient(family_name="Secret", given_name="Ana", check_in_on=denied)
        session.add_all([payer, person])
        session.flush()
        patient_id = person.id or 0
        plan = Coverage(patient_id=patient_id, payer_id=payer.id or 0)
        session.add(plan)
        session.flush()
        request = Authorization(
            patient_id=patient_id, coverage_id=plan.id, service="MRI", status=AuthorizationStatus.APPROVED,
            opened_on=date(2026, 11, 2), submitted_at=sent, decided_on=denied,
        )  # fmt: skip
        denial = Denial(
            patient_id=patient_id, coverage_id=plan.id, service="MRI", status=DenialStatus.OVERTURNED,
            notice_on=denied,
        )  # fmt: skip
        session.add_all([request, denial])
        session.flush()
        session.add_all(
            [
                AuthorizationEvent(
                    patient_id=patient_id, authorization_id=request.id or 0,
                    status=AuthorizationStatus.DENIED, happened_on=denied, recorded_at=sent,
                ),
                Appeal(
                    patient_id=patient_id, denial_id=denial.id or 0, filed_on=denied,
                    decided_on=date(2026, 11, 20), outcome=AppealOutcome.OVERTURNED,
                ),
                Appointment(
                    patient_id=patient_id, starts_at=datetime(2026, 11, 20, 15, tzinfo=UTC), booked_on=denied,
                ),
                Appointment(
                    patient_id=patient_id, starts_at=datetime(2026, 12, 8, 15, tzinfo=UTC), booked_on=denied,
                ),
                EligibilityCheck(
                    patient_id=patient_id, coverage_id=plan.id or 0, checked_on=date(2026, 11, 18),
                    as_of=date(2026, 11, 20), result=EligibilityResult.ACTIVE,
                ),
            ]
        )  # fmt: skip
    practice.close()
    return made


def test_measures_of_insurance_as_json_and_text(run: Run, insured: PracticePaths) -> None:
    result = run("measures", "insurance", "--now", MONDAY, "--json")
    assert result.code == 0, result.err
    found = result.json
    assert set(found) == {"as_of", "period", "turnaround", *INSURANCE_SHARES}
    assert found["turnaround"]["standard"] == {"n": 1, "median": 8.0, "p90": 8, "longest": 8}
    numbers = {name: (found[name]["numerator"], found[name]["denominator"]) for name in INSURANCE_SHARES}
    assert numbers == {
        "inside_clock": (0, 1),  # seven days ended on 9 November
        "denial_rate": (1, 1),
        "appeal_rate": (1, 1),
        "overturn_rate": (1, 1),
        "eligibility": (1, 1),
    }
    assert all(found[name]["percent"] is None for name in INSURANCE_SHARES)
    named = run("measures", "insurance", "--help").out
    for key in (*found, *SHARE, *SPREAD, "standard", "expedited", "undated"):
        assert key in named
    out = run("measures", "insurance", "--now", MONDAY).out
    assert max(map(len, out.splitlines())) <= 80
    assert "Overturned on appeal" in out
    assert "%" not in out.replace("no percentages", "")
    assert "Secret" not in out + result.out


@pytest.mark.parametrize(
    ("options", "period", "decided", "appeals"),
    [
        ((), ("2025-12-01", "2026-11-30"), 1, 1),
        (("--year", "2026"), ("2026-01-01", "2026-12-31"), 1, 1),
        (("--year", "2025"), ("2025-01-01", "2025-12-31"), 0, 0),
        (("--from", "2026-11-15"), ("2026-11-15", "2026-11-30"), 0, 1),
        (("--to", "2026-11-15"), ("2025-11-16", "2026-11-15"), 1, 0),
        (("--from", "2026-11-10", "--to", "2026-11-10"), ("2026-11-10", "2026-11-10"), 1, 0),
    ],
)
def test_a_period_of_insurance_can_be_asked_for(
    run: Run,
    insured: PracticePaths,
    options: tuple[str, ...],
    period: tuple[str, str],
    decided: int,
    appeals: int,
) -> None:
    found = run("measures", "insurance", "--now", MONDAY, "--json", *options).json
    assert tuple(found["period"].values()) == period
    assert found["turnaround"]["standard"]["n"] == decided
    assert found["denial_rate"]["denominator"] == decided
    assert found["overturn_rate"]["denominator"] == appeals


def test_measures_of_insurance_load_no_sqlalchemy(insured: PracticePaths, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE)
    secret.chmod(0o600)
    code = (
        "import sys; from carecoord_tui.cli import main; main(sys.argv[1:]);"
        "print('loaded', [name for name in ('textual', 'sqlmodel', 'sqlalchemy') if name in sys.modules])"
    )
    tail = ("--passphrase-file", str(secret), "--data-dir", str(insured.root))
    done = in_child("measures", "insurance", *tail, code=code)
    assert done.stdout.endswith("loaded []\n"), done.stdout + done.stderr
