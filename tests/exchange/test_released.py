"""What of a person leaves with an export: records marked Part 2, the confidential channel, authorities."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from carecoord_tui.documents.patient_paper import make_patient_paper
from carecoord_tui.domain.packet import PART2_NOTICE
from carecoord_tui.domain.release import postal_address
from carecoord_tui.domain.vocabulary import HistoryKind, Kind, Outcome, ReferralStage
from carecoord_tui.exchange.exports.everything import export_everything
from carecoord_tui.exchange.referral_export import export_referrals
from carecoord_tui.store.actions.documents import attach
from carecoord_tui.store.errors import ReadOnly
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.phones import MAY_LEAVE, read_phones
from carecoord_tui.store.queries.withheld import count_marked
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    Contact,
    Denial,
    HistoryItem,
    Note,
    Patient,
    PatientPhone,
    Provider,
    Referral,
    RelatedPerson,
)


@pytest.fixture
def rosa(practice: Practice) -> int:
    """Rosa with a visit here, and Ivy behind her, who may be reached at one number only."""
    with practice.change("people") as session:
        rosa = Patient(family_name="Alvarez", given_name="Rosa", mrn="A1", birth_date=date(1955, 3, 14))
        ivy = Patient(family_name="Quiet", given_name="Ivy", mrn="Q1", confidential_channel=True)
        session.add(rosa)
        session.flush()
        session.add(ivy)
        session.flush()
        at = datetime(2026, 12, 14, 15, 20, tzinfo=UTC)
        session.add(Appointment(patient_id=rosa.id, title="Echo", starts_at=at, booked_on=date(2026, 11, 20)))
        return int(rosa.id or 0)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def events(practice: Practice) -> list[str]:
    rows = practice.execute("SELECT label FROM audit_event WHERE change_kind = 'export' ORDER BY seq")
    return [row[0] for row in rows]


# --- records marked Part 2 ----------------------------------------------------------------------------------


@pytest.fixture
def marked(practice: Practice, rosa: int, tmp_path: Path) -> int:
    """Rosa's referral to a clinic whose report is a substance-use record, with all that followed from it.

    Five records: the report, the referral, its authorization, visit and denial.
    """
    with practice.change("clinic") as session:
        clinic = Provider(name="Harbor Recovery", specialty="Addiction medicine")
        session.add(clinic)
        session.flush()
        referral = Referral(
            patient_id=rosa, provider_id=clinic.id, specialty="Harbor program", stage=ReferralStage.SENT,
            stage_on=date(2026, 11, 20), ordered_on=date(2026, 11, 20), sent_on=date(2026, 11, 20),
        )  # fmt: skip
        session.add(referral)
        session.flush()
        asked = Authorization(
            patient_id=rosa,
            referral_id=referral.id,
            service="Harbor intake",
            number="HARBOR-1",
            opened_on=date(2026, 11, 20),
        )
        session.add(asked)
        session.flush()
        session.add_all(
            [
                Denial(
                    patient_id=rosa, authorization_id=asked.id, service="Harbor denied",
                    notice_on=date(2026, 11, 20),
                ),
                Appointment(
                    patient_id=rosa, referral_id=referral.id, title="Harbor visit",
                    starts_at=datetime(2026, 12, 9, 15, tzinfo=UTC), booked_on=date(2026, 11, 20),
                ),
                Note(
                    patient_id=rosa, at=datetime(2026, 11, 21, 14, tzinfo=UTC), text="Harbor note",
                    about_kind=Kind.REFERRAL, about_id=referral.id,
                ),
                Contact(
                    patient_id=rosa, at=datetime(2026, 11, 21, 14, tzinfo=UTC), outcome=Outcome.NO_ANSWER,
                    note="Harbor call", about_kind=Kind.AUTHORIZATION, about_id=asked.id,
                ),
            ]
        )  # fmt: skip
        session.flush()
        number = int(referral.id or 0)
    report = tmp_path / "report.txt"
    report.write_text("Seen.\n", "utf-8")
    attach(practice, rosa, report, referral_id=number, is_part2=True)
    return number


def whole(folder: Path) -> str:
    """Every table but the directory, which names the clinic as any other office."""
    return "".join(p.read_text("utf-8-sig") for p in folder.iterdir() if p.name != "providers.csv")


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
    assert export_referrals(practice, tmp_path / "log.csv") == 0
    assert export_referrals(practice, tmp_path / "with.csv", with_part2=True) == 1
    assert events(practice) == [
        "export of 0 referrals, 1 record marked Part 2 or sensitive left out",
        "export of 1 referral, 1 record marked Part 2 or sensitive in it",
    ]


def test_the_paper_of_a_patient_leaves_marked_records_out(practice: Practice, rosa: int, marked: int) -> None:
    made = make_patient_paper(practice, rosa, suffix=".md")
    assert made.withheld == 4
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


# --- what of a person --------------------------------------------------------------------------------------


def test_the_condition_of_the_tables_is_the_rule_of_release(practice: Practice) -> None:
    """Four people: bound or not, each with a permitted number and another."""
    with practice.change("people") as session:
        for number, is_bound in enumerate((False, True)):
            person = Patient(family_name=f"P{number}", given_name="A", confidential_channel=is_bound)
            session.add(person)
            session.flush()
            for place, is_permitted in enumerate((False, True)):
                session.add(
                    PatientPhone(
                        patient_id=person.id, number=f"+1555010{number}00{place}", is_permitted=is_permitted
                    )
                )
    by_rule = {phone.number for phones in read_phones(practice.execute, [1, 2]).values() for phone in phones}
    joined = "SELECT n.number FROM patient_phone n JOIN patient p ON p.id = n.patient_id WHERE "
    by_table = practice.execute(joined + MAY_LEAVE)
    assert {row[0] for row in by_table} == by_rule
    assert by_rule == {"+15550100000", "+15550100001", "+15550101001"}


def test_a_confidential_channel_leaves_no_address_whatever_is_permitted() -> None:
    parts = ("1 Hidden Way", "Ashbrook", "NY", "10001")
    assert postal_address(*parts, is_confidential=True) == ()
    assert postal_address(*parts, is_confidential=False) == ("1 Hidden Way", "Ashbrook", "NY 10001")


def test_an_authority_that_ended_is_exported_as_none(practice: Practice, rosa: int, tmp_path: Path) -> None:
    with practice.change("people") as session:
        for name, until in (("Old Scope", date(2026, 11, 20)), ("New Scope", date(2026, 12, 20))):
            session.add(
                RelatedPerson(
                    patient_id=rosa, name=name, is_authorized=True, scope="visits", scope_until=until,
                    email=f"{name[:3].lower()}@home.example",
                )
            )  # fmt: skip
        session.add(RelatedPerson(patient_id=rosa, name="Parent", is_authorized=True, is_guardian=True))
        session.add(
            RelatedPerson(patient_id=rosa + 1, name="Kept", email="kept@home.example", phone="+15550100198")
        )
    export_everything(practice, tmp_path / "out")
    found = {row["Name"]: row for row in read(tmp_path / "out" / "people.csv")}
    assert (found["Old Scope"]["Authorized person"], found["Old Scope"]["Authority"]) == (
        "no",
        "expired Fri 20 Nov",
    )
    assert (found["New Scope"]["Authorized person"], found["New Scope"]["Authority"]) == ("yes", "in force")
    assert found["New Scope"]["Email"] == "new@home.example"
    assert (found["Parent"]["Authorized person"], found["Parent"]["Parent or guardian"]) == ("no", "yes")
    assert "turned 18" in found["Parent"]["Authority"]
    assert (found["Kept"]["Phone"], found["Kept"]["Email"], found["Kept"]["Authority"]) == ("", "", "")


def test_what_cannot_be_recorded_is_not_exported(practice: Practice, rosa: int, tmp_path: Path) -> None:
    practice.is_read_only = True
    for leave in (
        lambda: export_everything(practice, tmp_path / "all.xlsx"),
        lambda: export_everything(practice, tmp_path / "folder"),
        lambda: export_referrals(practice, tmp_path / "log.csv"),
        lambda: make_patient_paper(practice, rosa, tmp_path / "one.pdf"),
    ):
        with pytest.raises(ReadOnly):
            leave()
    assert [one.name for one in tmp_path.iterdir() if one.name != "practice"] == []
