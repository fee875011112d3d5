"""Two records of one person made one: everything moves, nothing is lost, and it can be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from carecoord_tui.domain.merging import MergePreview, first_choice
from carecoord_tui.domain.vocabulary import FollowUpKind, Kind, PatientStatus
from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.exchange.logs import LogJob
from carecoord_tui.store import doctor, undo
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.merge import merge_patients
from carecoord_tui.store.errors import Conflict
from carecoord_tui.store.merged import OWNED
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.merging import read_merge
from carecoord_tui.store.queries.patients import NameOrder, jump, mrn_owner
from carecoord_tui.store.tables import (
    Coverage,
    FollowUp,
    MovedDate,
    Patient,
    PatientPhone,
    Payer,
    Referral,
)

OURS, THEIRS = 1, 2
DAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def two(practice: Practice) -> None:
    with practice.change("people") as session:
        ours = Patient(family_name="Nguyen", given_name="Thi", birth_date=date(1961, 3, 14), mrn="A-1")
        theirs = Patient(
            family_name="Nguyen", given_name="Tina", mrn="B-2", email="t@example.org", check_in_on=DAY
        )
        ours.check_in_on = DAY
        payer = Payer(name="Aetna")
        session.add_all([ours, theirs, payer])
        session.flush()
        session.add_all(
            [
                PatientPhone(patient_id=OURS, number="+15550100134"),
                PatientPhone(patient_id=THEIRS, number="+15550100134"),
                PatientPhone(patient_id=THEIRS, number="+15550100177"),
                Coverage(patient_id=OURS, payer_id=payer.id, member_id="M1"),
                Coverage(patient_id=THEIRS, payer_id=payer.id, member_id="M2"),
                FollowUp(patient_id=THEIRS, title="Call", kind=FollowUpKind.CALL, due_on=DAY),
                Referral(patient_id=THEIRS, specialty="GI", stage_on=DAY, ordered_on=DAY),
                MovedDate(
                    patient_id=THEIRS,
                    kind=Kind.PATIENT,
                    record_id=THEIRS,
                    rule_id="check_in",
                    until_on=DAY,
                    original_on=DAY,
                    moved_at=datetime(2026, 11, 30, 13, tzinfo=UTC),
                ),
            ]
        )


def preview(practice: Practice) -> MergePreview:
    found = read_merge(practice.execute, OURS, THEIRS)
    assert found is not None
    return found


def contents(practice: Practice) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every person, without the version that each change counts up."""
    found = {}
    for table in ("patient", *OWNED):
        columns = [row[1] for row in practice.execute(f"PRAGMA table_info({table})") if row[1] != "version"]
        found[table] = practice.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")  # noqa: S608
    return found


def healthy(practice: Practice) -> None:
    report = doctor.examine(practice)
    assert report.ok, [(check.name, check.detail) for check in report.checks if not check.ok]


def test_everything_moves_and_undo_and_redo_are_whole(practice: Practice) -> None:
    before = contents(practice)
    shown = preview(practice)
    assert dict(shown.moves) == {
        "patient phone": 2, "coverage": 1, "referral": 1, "follow up": 1, "moved date": 1,
    }  # fmt: skip
    merge_patients(practice, shown, first_choice(shown))
    for table in OWNED:
        left = practice.execute(f"SELECT count(*) FROM {table} WHERE patient_id = ?", [THEIRS])  # noqa: S608
        assert left == [(0,)], table
    assert practice.execute("SELECT email, mrn FROM patient WHERE id = 1") == [("t@example.org", "A-1")]
    assert practice.execute("SELECT status, merged_into_id, mrn FROM patient WHERE id = 2") == [
        ("discharged", OURS, "B-2")
    ]
    numbers = practice.execute("SELECT number, rank FROM patient_phone ORDER BY rank")
    assert numbers == [("+15550100134", 1), ("+15550100177", 2)]
    assert practice.execute("SELECT member_id, rank FROM coverage ORDER BY rank") == [("M1", 1), ("M2", 2)]
    ((note,),) = practice.execute("SELECT text FROM note")
    assert "MRN B-2" in note and "first name Tina" in note
    healthy(practice)
    after = contents(practice)
    undo.undo(practice)
    assert contents(practice) == before
    healthy(practice)
    undo.redo(practice)
    assert contents(practice) == after
    healthy(practice)


def test_the_merged_record_is_in_no_list_and_its_mrn_finds_the_one_that_stays(practice: Practice) -> None:
    merge_patients(practice, preview(practice), ())
    assert NameOrder(practice.execute).ids(everybody=True) == [OURS]
    for typed in ("nguyen", "tina", "B-2", "0177", "M2"):
        assert [row.id for row in jump(practice.execute, typed)] == [OURS], typed
    assert mrn_owner(practice.execute, "B-2") == OURS
    undo.undo(practice)
    assert [row.id for row in jump(practice.execute, "tina")] == [THEIRS]


def test_their_number_may_be_taken(practice: Practice) -> None:
    merge_patients(practice, preview(practice), {"mrn", "given_name"})
    assert practice.execute("SELECT mrn, given_name FROM patient ORDER BY id") == [
        ("B-2", "Tina"), ("A-1", "Tina"),
    ]  # fmt: skip
    assert [row.id for row in jump(practice.execute, "A-1")] == [OURS]
    healthy(practice)
    undo.undo(practice)
    assert practice.execute("SELECT mrn FROM patient ORDER BY id") == [("A-1",), ("B-2",)]


def test_an_import_that_names_the_merged_record_is_about_the_one_that_stays(
    practice: Practice, tmp_path: Path
) -> None:
    merge_patients(practice, preview(practice), ())
    log = tmp_path / "log.csv"
    log.write_text("MRN,Patient name,To do,Due\nB-2,Tina Nguyen,Fax form,2026-12-14\n", encoding="utf-8")
    LogJob(practice, "follow-ups", log).write()
    assert practice.execute("SELECT patient_id FROM follow_up WHERE title = 'Fax form'") == [(OURS,)]
    people = tmp_path / "people.csv"
    people.write_text("MRN,Last,First,City\nB-2,Nguyen,Thi,Salem\n", encoding="utf-8")
    assert import_patients(practice, people).counts.created == 0
    assert practice.execute("SELECT city FROM patient ORDER BY id") == [("Salem",), ("",)]


def test_a_confidential_channel_binds_the_person_afterwards(practice: Practice) -> None:
    with practice.change("channel") as session:
        theirs = session.get_one(Patient, THEIRS)
        theirs.confidential_channel, theirs.safe_contact = True, "Call at work only"
        phone = session.get_one(PatientPhone, 3)
        phone.is_permitted = True
        session.add_all([theirs, phone])
    shown = preview(practice)
    assert shown.makes_confidential
    merge_patients(practice, shown, ())
    found = practice.execute("SELECT confidential_channel, safe_contact FROM patient WHERE id = 1")
    assert found == [(1, "Call at work only")]
    assert practice.execute("SELECT number FROM patient_phone WHERE is_permitted") == [("+15550100177",)]


def test_what_changed_since_or_was_merged_is_refused(practice: Practice) -> None:
    shown = preview(practice)
    with practice.change("edit") as session:
        theirs = session.get_one(Patient, THEIRS)
        theirs.city = "Salem"
        session.add(theirs)
    with pytest.raises(Conflict):
        merge_patients(practice, shown, ())
    merge_patients(practice, preview(practice), ())
    assert read_merge(practice.execute, OURS, THEIRS) is None
    with pytest.raises((Refused, Conflict)):
        merge_patients(practice, shown, ())


def test_an_open_standing_is_proposed_over_a_discharge(practice: Practice) -> None:
    with practice.change("status") as session:
        ours = session.get_one(Patient, OURS)
        ours.status, ours.check_in_on = PatientStatus.DISCHARGED, None
        session.add(ours)
    shown = preview(practice)
    assert "status" in first_choice(shown)
    merge_patients(practice, shown, first_choice(shown))
    assert practice.execute("SELECT status FROM patient ORDER BY id") == [("active",), ("discharged",)]
    healthy(practice)


def _change(practice: Practice, patient_id: int, **values: object) -> None:
    with practice.change("facts") as session:
        person = session.get(Patient, patient_id)
        assert person is not None
        for name, value in values.items():
            setattr(person, name, value)
        session.add(person)


def test_a_death_on_either_record_is_never_proposed_away(practice: Practice) -> None:
    _change(practice, OURS, status=PatientStatus.DECEASED, deceased_on=date(2026, 11, 20))
    assert "status" not in first_choice(preview(practice))
    _change(practice, OURS, status=PatientStatus.ACTIVE, deceased_on=None)
    _change(practice, THEIRS, status=PatientStatus.DECEASED, deceased_on=date(2026, 11, 20))
    assert "status" in first_choice(preview(practice))


def test_what_reaches_a_confidential_person_is_not_kept_in_a_note(practice: Practice) -> None:
    _change(practice, OURS, email="our@example.org", address_line="2 Main Street")
    _change(practice, THEIRS, confidential_channel=True, address_line="1 Hidden Way")
    merge_patients(practice, preview(practice), frozenset())
    notes = " ".join(str(row[0]) for row in practice.execute("SELECT text FROM note", []))
    assert "Merged with another record" in notes
    for hidden in ("t@example.org", "Hidden Way"):
        assert hidden not in notes
