"""Records marked Part 2 or sensitive leave with what belongs to them, or not at all."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from carecoord_tui.documents.patient_paper import make_patient_paper
from carecoord_tui.domain.day_papers import Record
from carecoord_tui.domain.packet import PART2_NOTICE
from carecoord_tui.domain.vocabulary import AuthorizationStatus, HistoryKind, Kind, ReferralStage
from carecoord_tui.exchange import referral_export
from carecoord_tui.exchange.exports import everything
from carecoord_tui.exchange.exports.everything import export_everything
from carecoord_tui.exchange.import_referrals import import_referrals
from carecoord_tui.exchange.referral_export import export_referrals
from carecoord_tui.store.errors import DiskFull
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.withheld import count_marked, withheld_records
from carecoord_tui.store.tables import (
    Appeal,
    Appointment,
    AssistanceProgram,
    Authorization,
    AuthorizationItem,
    AuthorizationUse,
    Denial,
    Document,
    Estimate,
    GoodFaithEstimate,
    HistoryItem,
    Referral,
)
from tests.exchange.released import events, marked, rosa, whole

__all__ = ["marked", "rosa"]


def test_marked_records_stay_in_the_practice_unless_somebody_says_so(
    practice: Practice, rosa: int, marked: int, tmp_path: Path
) -> None:
    done = export_everything(practice, tmp_path / "out")
    assert "Harbor" not in whole(tmp_path / "out") and "HARBOR" not in whole(tmp_path / "out")
    assert done.withheld == count_marked(practice.execute) == 5
    assert events(practice) == ["export of everything, 5 records marked Part 2 or sensitive left out"]
    done = export_everything(practice, tmp_path / "with", with_part2=True)
    text = whole(tmp_path / "with")
    for word in ("program", "intake", "denied", "visit", "note", "call"):
        assert f"Harbor {word}" in text
    assert done.withheld == 0
    assert PART2_NOTICE in (tmp_path / "with" / "notices.csv").read_text("utf-8-sig")
    assert events(practice)[1:] == ["export of everything, 5 records marked Part 2 or sensitive in it"]


def test_the_referral_log_leaves_marked_ones_out_too(practice: Practice, marked: int, tmp_path: Path) -> None:
    done = export_referrals(practice, tmp_path / "log.csv")
    assert (done.count, done.withheld, done.notice) == (0, 1, None)
    done = export_referrals(practice, tmp_path / "with.csv", with_part2=True)
    assert (done.count, done.withheld, done.notice) == (1, 0, tmp_path / "with.notice.txt")
    assert events(practice) == [
        "export of 0 referrals, 1 record marked Part 2 or sensitive left out",
        "export of 1 referral, 1 record marked Part 2 or sensitive in it",
    ]


def test_the_notice_goes_along_with_a_referral_log(practice: Practice, marked: int, tmp_path: Path) -> None:
    """As a sheet of a workbook, as a file beside a CSV; both are read back as ever."""
    for name in ("log.csv", "log.xlsx"):
        export_referrals(practice, tmp_path / name, with_part2=True)
        counts = import_referrals(practice, tmp_path / name).counts
        assert (counts.unchanged, counts.rows) == (1, 1)
    beside = tmp_path / "log.notice.txt"
    assert beside.read_text("utf-8") == f"{PART2_NOTICE}\n"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    book = load_workbook(tmp_path / "log.xlsx")
    assert book.sheetnames == ["Referrals", "Notices"]
    assert [cell.value for (cell,) in book["Notices"].iter_rows()] == ["Notice", PART2_NOTICE]


def test_no_notice_goes_along_with_what_is_not_marked(practice: Practice, rosa: int, tmp_path: Path) -> None:
    for name in ("log.csv", "log.xlsx"):
        assert export_referrals(practice, tmp_path / name, with_part2=True).notice is None
    assert load_workbook(tmp_path / "log.xlsx").sheetnames == ["Referrals"]
    assert not list(tmp_path.glob("*.txt"))


def test_neither_file_is_there_without_its_record(
    practice: Practice, marked: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFull

    monkeypatch.setattr(practice, "record_event", full)
    with pytest.raises(DiskFull):
        export_referrals(practice, tmp_path / "log.csv", with_part2=True)
    assert [one.name for one in tmp_path.glob("*log*")] == []


@pytest.mark.parametrize("name", ["all", "all.xlsx", "referrals.csv"])
def test_what_is_withheld_is_told_by_the_same_look_as_the_rows(
    practice: Practice, rosa: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Another window marks a line, and enters a referral for it, right after the gate was read."""

    def later(execute: Execute) -> frozenset[Record]:
        found = withheld_records(execute)
        mark_opioid_use(practice, rosa)
        with practice.change("another window") as session:
            session.add(
                Referral(
                    patient_id=rosa, specialty="Harbor program", diagnoses="F11.20",
                    stage=ReferralStage.DRAFT, stage_on=date(2026, 11, 20), ordered_on=date(2026, 11, 20),
                )
            )  # fmt: skip
        return found

    for module in (everything, referral_export):
        monkeypatch.setattr(module, "withheld_records", later)
    target = tmp_path / name
    if name.startswith("all"):
        export_everything(practice, target)
    else:
        assert export_referrals(practice, target).count == 0
    if target.suffix == ".xlsx":
        rows = load_workbook(target)["Referrals"].iter_rows(values_only=True)
        assert "Harbor" not in str(list(rows))
    else:
        assert "Harbor" not in (whole(target) if target.is_dir() else target.read_text("utf-8-sig"))


def test_a_mark_taken_away_while_it_is_read_counts_for_the_rows_read(
    practice: Practice, rosa: int, marked: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_a_change(execute: Execute) -> frozenset[Record]:
        with practice.change("another window") as session:
            session.get_one(Document, 1).is_part2 = False
        return withheld_records(execute)

    monkeypatch.setattr(everything, "withheld_records", after_a_change)
    export_everything(practice, tmp_path / "out")
    assert "Harbor" not in whole(tmp_path / "out")


def test_the_paper_of_a_patient_leaves_marked_records_out(practice: Practice, rosa: int, marked: int) -> None:
    made = make_patient_paper(practice, rosa, suffix=".md")
    assert made.withheld == 5
    text = made.path.read_text("utf-8")
    assert "Harbor" not in text and "Part 2" not in text and PART2_NOTICE not in text
    assert "Echo" in text
    made = make_patient_paper(practice, rosa, suffix=".md", with_part2=True)
    text = made.path.read_text("utf-8")
    for word in ("intake", "denied", "visit", "note", "call"):
        assert f"Harbor {word}" in text
    assert PART2_NOTICE in text
    assert made.withheld == 0


def test_somebody_elses_marked_records_are_not_counted(practice: Practice, rosa: int, marked: int) -> None:
    assert make_patient_paper(practice, rosa + 1, suffix=".md", with_part2=True).withheld == 0
    assert events(practice) == ["export of one patient"]


def test_a_diagnosis_that_tells_the_same_is_held_back_with_its_referral(
    practice: Practice, rosa: int, tmp_path: Path
) -> None:
    with practice.change("history") as session:
        for code in ("F11.21", "I50.9"):
            session.add(
                Referral(
                    patient_id=rosa, specialty=f"about {code}", stage=ReferralStage.DRAFT, diagnoses=code,
                    stage_on=date(2026, 11, 20), ordered_on=date(2026, 11, 20),
                )
            )  # fmt: skip
        session.add(
            HistoryItem(patient_id=rosa, kind=HistoryKind.CONDITION, text="Use", code="F11.20", is_part2=True)
        )
    export_everything(practice, tmp_path / "out")
    text = whole(tmp_path / "out")
    assert "about I50.9" in text
    assert "F11" not in text


def asked(rosa: int, service: str, **more: Any) -> Authorization:
    return Authorization(patient_id=rosa, service=service, opened_on=date(2026, 11, 20), **more)


def mark_opioid_use(practice: Practice, rosa: int) -> None:
    with practice.change("history") as session:
        session.add(
            HistoryItem(patient_id=rosa, kind=HistoryKind.CONDITION, text="Use", code="F11.20", is_part2=True)
        )


def test_an_authorization_s_own_diagnosis_holds_it_back(
    practice: Practice, rosa: int, tmp_path: Path
) -> None:
    mark_opioid_use(practice, rosa)
    with practice.change("requests") as session:
        told, other = (
            asked(rosa, "Harbor program", diagnoses="I10, F11.21"),
            asked(rosa, "Echo stress", diagnoses="I50.9"),
        )
        session.add_all([told, other])
        session.flush()
        denial = Denial(
            patient_id=rosa, authorization_id=told.id, service="Harbor denied", notice_on=date(2026, 11, 20)
        )
        session.add(denial)
        session.flush()
        help_ = AssistanceProgram(
            patient_id=rosa, denial_id=denial.id, program="Harbor fund", applied_on=date(2026, 11, 20)
        )
        session.add_all(
            [
                help_,
                Appeal(
                    patient_id=rosa, denial_id=denial.id, note="Harbor appeal", filed_on=date(2026, 11, 20)
                ),
            ]
        )  # fmt: skip
        session.flush()
        found = {
            (Kind.AUTHORIZATION, told.id), (Kind.DENIAL, denial.id), (Kind.ASSISTANCE, help_.id),
        }  # fmt: skip
    assert withheld_records(practice.execute) == withheld_records(practice.execute, rosa) == found
    assert withheld_records(practice.execute, rosa + 1) == frozenset()
    export_everything(practice, tmp_path / "out")
    text = whole(tmp_path / "out")
    assert "Harbor" not in text and "F11" not in text
    assert "Echo stress" in text


def test_what_is_tied_to_a_withheld_visit_alone_is_held_back_with_it(
    practice: Practice, rosa: int, marked: int, tmp_path: Path
) -> None:
    """The visit's title stands wherever a record names it; so does what was asked, owed and priced for it."""
    ((visit,),) = practice.execute("SELECT id FROM appointment WHERE referral_id = ?", [marked])
    on = date(2026, 12, 9)
    with practice.change("around the visit") as session:
        for_visit = asked(rosa, "Harbor second", appointment_id=visit)
        session.add_all([for_visit, units := asked(rosa, "Harbor units"), kept := asked(rosa, "Echo stress")])
        session.flush()
        renewal = asked(rosa, "Harbor renewal")
        session.add(renewal)
        session.flush()
        for_visit.renewed_by_id = renewal.id
        itemised = Denial(patient_id=rosa, service="Harbor item denied", notice_on=date(2026, 11, 20))
        session.add(itemised)
        session.flush()
        again = Referral(
            patient_id=rosa, specialty="Harbor again", stage=ReferralStage.DRAFT, redirected_from_id=marked,
            stage_on=date(2026, 11, 20), ordered_on=date(2026, 11, 20),
        )  # fmt: skip
        session.add_all(
            [
                again,
                AuthorizationUse(
                    patient_id=rosa, authorization_id=units.id, appointment_id=visit, used_on=on
                ),
                AuthorizationItem(
                    patient_id=rosa, authorization_id=for_visit.id, service="Harbor item",
                    status=AuthorizationStatus.DENIED, denial_id=itemised.id,
                ),
                AssistanceProgram(
                    patient_id=rosa, denial_id=itemised.id, program="Harbor fund", applied_on=on
                ),
                Estimate(patient_id=rosa, appointment_id=visit, service="Harbor estimate", made_on=on),
                owed := GoodFaithEstimate(patient_id=rosa, appointment_id=visit, service="Harbor price"),
            ]
        )  # fmt: skip
        session.flush()
        held = {(Kind.AUTHORIZATION, one.id) for one in (for_visit, units, renewal)}
        held |= {(Kind.DENIAL, itemised.id), (Kind.GOOD_FAITH, owed.id), (Kind.REFERRAL, again.id)}
        free = (Kind.AUTHORIZATION, kept.id)
    assert held < withheld_records(practice.execute)
    assert free not in withheld_records(practice.execute)
    export_everything(practice, tmp_path / "out")
    assert "Harbor" not in whole(tmp_path / "out")
    assert "Echo stress" in whole(tmp_path / "out")
    made = make_patient_paper(practice, rosa, suffix=".md")
    assert "Harbor" not in made.path.read_text("utf-8")


def test_the_visit_and_the_referral_of_a_telling_authorization_are_held_back_with_it(
    practice: Practice, rosa: int, tmp_path: Path
) -> None:
    mark_opioid_use(practice, rosa)
    with practice.change("requests") as session:
        referral = Referral(
            patient_id=rosa, specialty="Harbor program", stage=ReferralStage.DRAFT,
            stage_on=date(2026, 11, 20), ordered_on=date(2026, 11, 20),
        )  # fmt: skip
        session.add(referral)
        session.flush()
        visit = Appointment(
            patient_id=rosa, referral_id=referral.id, title="Harbor visit",
            starts_at=datetime(2026, 12, 9, 15, tzinfo=UTC), booked_on=date(2026, 11, 20),
        )  # fmt: skip
        session.add(visit)
        session.flush()
        session.add(asked(rosa, "Harbor intake", diagnoses="F11.20", appointment_id=visit.id))
    export_everything(practice, tmp_path / "out")
    assert "Harbor" not in whole(tmp_path / "out")
