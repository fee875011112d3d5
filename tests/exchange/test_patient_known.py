"""People of a patient list who are on file already: found by name and birth date, asked about in doubt."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.exchange.import_report import ImportReport
from carecoord_tui.exchange.patient_known import Who
from carecoord_tui.store.actions.patients import PatientEntry, add_patient
from carecoord_tui.store.practice import Practice
from tests.exchange.test_import_patients import assert_sound, content, counts, write

BORN = date(1943, 5, 25)


def add(practice: Practice, family: str = "Alvarez", given: str = "Rosa", mrn: str = "1003") -> None:
    add_patient(practice, PatientEntry(family_name=family, given_name=given, birth_date=BORN, mrn=mrn))


def listed(
    practice: Practice, folder: Path, text: str, answers: dict[int, int | Who] | None = None
) -> ImportReport:
    return import_patients(practice, write(folder / "list.csv", text), answers=answers)


def people(practice: Practice) -> list[tuple[object, ...]]:
    return practice.execute("SELECT family_name, given_name, mrn FROM patient ORDER BY id")


def test_one_person_of_this_name_and_birth_date_is_the_same(practice: Practice, tmp_path: Path) -> None:
    add(practice)
    before = content(practice)
    text = 'Name,DOB\n"Alvarez, Rosa",5/25/1943\n'
    report = listed(practice, tmp_path, text)
    assert counts(report) == (1, 0, 0, 1, 0, 0, 0, 1)
    assert [(one.line, one.stored_mrn) for one in report.by_name] == [(2, "1003")]
    assert "On file already, by name and birth date: 1" in report.lines()
    assert content(practice) == before
    report = listed(practice, tmp_path, text.replace("DOB\n", "DOB,City\n").replace("1943\n", "1943,Salem\n"))
    assert counts(report)[:6] == (1, 0, 1, 0, 0, 0)
    assert practice.execute("SELECT city FROM patient") == [("Salem",)]
    assert_sound(practice)


def test_capitals_are_the_same_person_and_what_is_on_file_stays(practice: Practice, tmp_path: Path) -> None:
    add(practice, "O'Neil-Gómez", "Rosa")
    text = "Last name,First name,DOB,MRN\nONEIL GOMEZ,ROSA,5/25/1943,{}\n"
    for mrn in ("1003", ""):
        report = listed(practice, tmp_path, text.format(mrn))
        assert counts(report) == (1, 0, 0, 1, 0, 0, 0, 1), report.conflicts
    assert people(practice) == [("O'Neil-Gómez", "Rosa", "1003")]


def test_a_file_may_write_its_own_names_better_but_not_in_capitals(
    practice: Practice, tmp_path: Path
) -> None:
    text = "Last name,First name,DOB,MRN\n{},Rosa,5/25/1943,1003\n"
    for family, kept in (("GOMEZ", "GOMEZ"), ("Gómez", "Gómez"), ("GOMEZ", "Gómez")):
        report = listed(practice, tmp_path, text.format(family))
        assert report.conflicts == () and people(practice) == [(kept, "Rosa", "1003")]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("MRN,Last name,First name,DOB\n2009,Alvarez,Rosa,5/25/1943\n", "another MRN"),
        (
            "Last name,First name,DOB,Payer,Member ID\nAlvarez,Rosa,5/25/1943,HUMANA,W-99\n",
            "another member ID",
        ),
    ],
)
def test_another_identifier_is_doubtful_and_decided_by_a_person(
    practice: Practice, tmp_path: Path, row: str, words: str
) -> None:
    listed(
        practice,
        tmp_path,
        "MRN,Last name,First name,DOB,Payer,Member ID\n1003,Alvarez,Rosa,5/25/1943,Humana,W-1\n",
    )
    report = listed(practice, tmp_path, row)
    assert counts(report)[:7] == (1, 0, 0, 0, 0, 1, 0) and report.counts.doubtful == 1
    [doubtful] = report.doubtful
    assert words in doubtful.reason
    [candidate] = doubtful.candidates
    assert (candidate.patient_id, candidate.mrn) == (1, "1003") and words in candidate.reasons
    assert len(people(practice)) == 1 and report.rejects_path is not None
    with report.rejects_path.open(encoding="utf-8-sig", newline="") as stream:
        assert words in list(csv.reader(stream))[1][2]

    left_out = listed(practice, tmp_path, row, {2: Who.LEAVE_OUT})
    assert left_out.doubtful == () and left_out.counts.left_out == 1 and left_out.counts.refused == 0
    same = import_patients(practice, tmp_path / "list.csv", answers={2: 1}, dry_run=True)
    assert same.doubtful == () and same.counts.created == 0
    assert [one.field for one in same.conflicts] == (["mrn"] if words == "another MRN" else [])
    assert listed(practice, tmp_path, row, {2: Who.NEW}).counts.created == 1
    assert len(people(practice)) == 2 and people(practice)[0] == ("Alvarez", "Rosa", "1003")
    assert listed(practice, tmp_path, row).counts.unchanged == 1  # known from now on
    assert_sound(practice)


def test_the_same_member_id_in_other_punctuation_is_no_contradiction(
    practice: Practice, tmp_path: Path
) -> None:
    text = "MRN,Last name,First name,DOB,Payer,Member ID\n{},Alvarez,Rosa,5/25/1943,{},{}\n"
    listed(practice, tmp_path, text.format("1003", "Humana", "W-1"))
    report = listed(practice, tmp_path, text.format("", "humana", "w1"))
    assert (report.counts.by_name, report.counts.doubtful, report.counts.created) == (1, 0, 0)


def test_several_on_file_are_never_chosen_from(practice: Practice, tmp_path: Path) -> None:
    add(practice)
    add(practice, mrn="1004")
    text = 'Name,DOB\n"Alvarez, Rosa",5/25/1943\n'
    report = listed(practice, tmp_path, text)
    assert counts(report)[:6] == (1, 0, 0, 0, 0, 1)
    [doubtful] = report.doubtful
    assert doubtful.reason == "2 people on file have this name and birth date"
    assert [one.mrn for one in doubtful.candidates] == ["1003", "1004"]
    # Somebody who is no candidate cannot be named.
    add(practice, "Cole", "James", mrn="1005")
    assert listed(practice, tmp_path, text, {2: 3}).counts.doubtful == 1
    said = listed(practice, tmp_path, text, {2: 2})
    assert counts(said)[:6] == (1, 0, 0, 1, 0, 0)


def test_rows_of_one_file_are_never_made_one(practice: Practice, tmp_path: Path) -> None:
    add(practice)
    report = listed(practice, tmp_path, 'Name,DOB\n"Alvarez, Rosa",5/25/1943\n"ALVAREZ, ROSA",5/25/1943\n')
    assert (report.counts.by_name, report.counts.doubtful, report.counts.created) == (1, 1, 0)
    [doubtful] = report.doubtful
    assert doubtful.line == 3 and "another row of this file" in doubtful.reason


def test_without_a_birth_date_nobody_is_taken(practice: Practice, tmp_path: Path) -> None:
    add(practice)
    report = listed(practice, tmp_path, 'Name,City\n"Alvarez, Rosa",Salem\n')
    assert counts(report)[:2] == (1, 1) and report.counts.possible_duplicates == 1


def test_what_is_said_of_many_rows_is_one_line(practice: Practice, tmp_path: Path) -> None:
    rows = "".join(f"P{number},Name{number},{'Pending' if number % 2 else 'Called'}\n" for number in range(9))
    report = listed(practice, tmp_path, f"MRN,Last name,Status\n{rows}")
    lines = report.lines()
    assert lines[lines.index("Notes on rows: 2") + 1 :][:2] == [
        "  line 2, “Status”: status “Called” not understood: left blank, kept in the notes (5 times)",
        "  line 3, “Status”: status “Pending” not understood: left blank, kept in the notes (4 times)",
    ]
