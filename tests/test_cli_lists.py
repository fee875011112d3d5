"""``carecoord list``: the rows and words of the screens, plain and as JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from carecoord_tui.cli.lists import _SUMMARIES
from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain.packet import PART2_NOTICE
from carecoord_tui.domain.vocabulary import AuthorizationStatus, HistoryKind, Kind, ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.tables import Authorization, HistoryItem, MovedDate, Patient, Referral
from tests.cli_running import Run, made, run
from tests.conftest import MONDAY, PASSPHRASE, ZONE
from tests.screens.bench import fill

__all__ = ["made", "run"]


@pytest.mark.parametrize("name", _SUMMARIES)
def test_an_empty_list_says_so(run: Run, made: PracticePaths, name: str) -> None:
    result = run("list", name)
    assert (result.code, result.out) == (0, "")
    assert name in result.err
    assert run("list", name, "--json").json["items"] == []
    run("list", name, "--json", "--plain").refused(code=2)


@pytest.fixture
def filled(run: Run, made: PracticePaths) -> None:
    """A practice with a few people, offices, plans and open records, as the screens' tests have it."""
    clock = RunningClock(parse_now(MONDAY, ZONE))
    fill(made, clock)


def test_lists_are_those_of_the_screens(run: Run, filled: None) -> None:
    now = ("--now", MONDAY)
    patients = run("list", "patients", *now).out.splitlines()
    assert patients[0].split()[:2] == ["Name", "Born"]
    assert [line.split(",")[0] for line in patients[1:4]] == ["Brandt", "Cole", "Cole"]
    referrals = run("list", "referrals", *now).out.splitlines()
    assert referrals[0] == "SENT  1"
    assert "Silva Cardiology" in referrals[2]
    insurance = run("list", "insurance", *now).out
    assert insurance.startswith("AUTHORIZATIONS  1\n")
    assert "CGM sensors" in insurance
    assert "Humana" in run("list", "payers", *now).out
    assert "cardiology" in run("list", "providers", *now).out


def test_json_has_the_words_and_the_values_behind_them(run: Run, filled: None) -> None:
    found = run("list", "referrals", "--json", "--now", MONDAY).json
    assert (found["list"], found["date"]) == ("referrals", "2026-11-30")
    (item,) = found["items"]
    assert item["heading"] == "SENT  1"
    assert item["words"]["patient"] == "Cole, James"
    assert item["record"]["stage"] == "sent"
    assert item["record"]["sent_on"] == "2026-11-16"
    people = run("list", "patients", "--json", "--now", MONDAY).json["items"]
    assert len(people) == 5
    assert {"2026-11-30"} <= {one["record"]["next_on"] for one in people}


def opened(made: PracticePaths) -> Practice:
    clock = RunningClock(parse_now(MONDAY, ZONE))
    return open_practice(made, keyfile.unlock(made.keyfile, PASSPHRASE), clock)


def recorded(made: PracticePaths) -> list[str]:
    practice = opened(made)
    labels = practice.execute("SELECT label FROM audit_event WHERE change_kind = 'export' ORDER BY seq")
    practice.close()
    return [label for (label,) in labels]


def test_a_list_of_people_that_leaves_is_recorded(run: Run, filled: None, made: PracticePaths) -> None:
    run("list", "patients", "--json", "--now", MONDAY)
    run("list", "referrals")
    run("list", "waiting", "--json")  # nobody is waited for
    run("list", "payers", "--json")
    run("today", "--json", "--now", MONDAY)
    run("today", "--line")
    assert recorded(made) == ["list of patients as JSON", "list of referrals as text", "Today as JSON"]


def test_reading_ones_own_list_in_a_terminal_is_no_export(
    run: Run, filled: None, made: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "Cole" in run("list", "patients").out
    assert "Cole" in run("today").out
    assert recorded(made) == []
    assert run("list", "patients", "--json").code == 0
    assert recorded(made) == ["list of patients as JSON"]


def test_what_cannot_be_recorded_is_not_printed(
    run: Run, filled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr("carecoord_tui.store.practice.Practice.record_event", full)
    run("list", "patients", "--json").refused("The disk is full")
    run("today").refused("The disk is full")


def test_no_control_character_of_a_name_reaches_the_terminal(run: Run, filled: None) -> None:
    assert "\x1b" not in run("list", "patients", "--now", MONDAY).out


def test_who_is_waited_for_stands_with_the_chase_date(run: Run, filled: None, made: PracticePaths) -> None:
    practice = opened(made)
    item = next(
        one for one in practice.execute("SELECT kind, record_id, rule_id FROM ledger WHERE kind = 'referral'")
    )
    with practice.change("waits") as session:
        session.add(
            MovedDate(
                kind=Kind(item[0]), record_id=item[1], rule_id=item[2], patient_id=2,
                until_on=date(2026, 12, 3),
                original_on=date(2026, 11, 18),
                moved_at=datetime(2026, 11, 30, 13, tzinfo=UTC), waiting_on="Silva Cardiology",
            )
        )  # fmt: skip
    practice.close()
    out = run("list", "waiting", "--now", MONDAY).out
    assert out.startswith("Silva Cardiology")
    assert "Thu 3 Dec" in out
    (one,) = run("list", "waiting", "--json", "--now", MONDAY).json["items"]
    assert one["heading"].startswith("Silva Cardiology")
    assert one["record"]["facts"]["chase_on"] == "2026-12-03"


# --- records marked Part 2 ----------------------------------------------------------------------------


@pytest.fixture
def marked(filled: None, made: PracticePaths) -> None:
    """Of Zoe a referral and an authorization for what her history marks Part 2; a clinic is waited for.

    The same clinic is waited for about James's echo, which nothing marks.
    """
    practice = opened(made)
    on = date(2026, 11, 2)
    with practice.change("people") as session:
        zoe = Patient(family_name="Zander", given_name="Zoe", mrn="Z1")
        session.add(zoe)
        session.flush()
        session.add(
            HistoryItem(
                patient_id=zoe.id, kind=HistoryKind.CONDITION, text="Use", code="F11.20", is_part2=True
            )
        )
        told = Referral(
            patient_id=zoe.id, specialty="Methadone program", diagnoses="F11.21", stage=ReferralStage.SENT,
            stage_on=on, ordered_on=on, sent_on=on,
        )  # fmt: skip
        asked = Authorization(
            patient_id=zoe.id, service="Methadone intake", diagnoses="F11.20", opened_on=on,
            status=AuthorizationStatus.NEEDED,
        )  # fmt: skip
        session.add_all([told, asked])
    slots = practice.execute(
        "SELECT kind, record_id, rule_id, patient_id FROM ledger WHERE kind = 'referral' ORDER BY patient_id"
    )
    assert len(slots) == 2
    with practice.change("waits") as session:
        for kind, number, rule, patient in slots:
            session.add(
                MovedDate(
                    kind=Kind(kind), record_id=number, rule_id=rule, patient_id=patient, original_on=on,
                    until_on=date(2026, 12, 1), moved_at=datetime(2026, 11, 27, 13, tzinfo=UTC),
                    waiting_on="Harbor House" if patient == slots[-1][3] else "Silva Cardiology",
                )
            )  # fmt: skip
    practice.close()


TELLING = ("methadone", "f11", "harbor")
LEAVING = [("list", name) for name in ("patients", "referrals", "insurance", "waiting")] + [
    ("today", "--all")
]


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize("command", LEAVING)
def test_what_leaves_says_nothing_of_a_marked_record(
    run: Run, marked: None, made: PracticePaths, command: tuple[str, ...], form: tuple[str, ...]
) -> None:
    told = run(*command, *form, "--now", MONDAY)
    assert told.code == 0
    assert not [word for word in TELLING if word in told.out.casefold()]
    assert "Part 2" not in told.out
    assert "Cole" in told.out or command[-1] == "insurance"
    assert "marked Part 2 or sensitive" in told.err and "--with-part2" in told.err
    assert "marked Part 2 or sensitive left out" in recorded(made)[-1]


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize("command", LEAVING)
def test_marked_records_leave_with_their_notice_when_somebody_says_so(
    run: Run, marked: None, made: PracticePaths, command: tuple[str, ...], form: tuple[str, ...]
) -> None:
    told = run(*command, *form, "--with-part2", "--now", MONDAY)
    assert "methadone" in told.out.casefold()
    assert PART2_NOTICE in told.out
    assert told.err == ""
    assert "marked Part 2 or sensitive in it" in recorded(made)[-1]


def test_rows_around_a_marked_one_keep_their_counts(run: Run, marked: None) -> None:
    now = ("--now", MONDAY)
    assert run("list", "referrals", *now).out.startswith("SENT  1\n")
    waiting = run("list", "waiting", "--json", *now).json["items"]
    assert {one["heading"].split(" ")[0] for one in waiting} == {"Silva"}
    people = {one["words"]["name"]: one for one in run("list", "patients", "--json", *now).json["items"]}
    zoe = people["Zander, Zoe"]
    assert zoe["words"]["next"] == zoe["record"]["next_title"]
    assert zoe["record"]["next_title"].endswith(": see the record")
    assert "see the record" not in people["Cole, James"]["record"]["next_title"]


def test_a_terminal_shows_them_as_the_screen_does(
    run: Run, marked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for command in LEAVING:
        told = run(*command, "--now", MONDAY)
        assert "ethadone" in told.out
        assert told.err == ""


def test_today_that_leaves_names_nobody_who_may_not_be_confirmed(
    run: Run, marked: None, made: PracticePaths
) -> None:
    practice = opened(made)
    with practice.change("discretion") as session:
        session.get_one(Patient, 2).safe_contact = "Say Maple Street."
    practice.close()
    for form in ((), ("--json",)):
        assert "Cole, James" not in run("today", "--all", *form, "--now", MONDAY).out
