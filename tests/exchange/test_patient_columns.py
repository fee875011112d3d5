"""Recognising columns by their headers."""

from __future__ import annotations

import pytest

from carecoord_tui.exchange.header_words import IDENTITY, NAMES, SENSITIVE
from carecoord_tui.exchange.patient_columns import (
    ColumnError,
    column_letters,
    field_of,
    is_known_header,
    map_columns,
    parse_overrides,
)

_SYNTHEA = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,"
    "BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE"
)
_FEBRL = (
    "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state,"
    " date_of_birth, soc_sec_id"
)
SYNTHEA = _SYNTHEA.split(",")
FEBRL = _FEBRL.split(",")


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("First Name", "given_name"),
        ("FIRST_NAME", "given_name"),
        ("firstName", "given_name"),
        (" given_name", "given_name"),
        ("Patient's Last Name:", "family_name"),
        ("Apellido / Surname", None),
        ("Súrname", "family_name"),
        ("Patient", "full_name"),
        ("Pt. Name", "full_name"),
        ("D.O.B.", "birth_date"),
        ("DOB (mm/dd/yyyy)", "birth_date"),
        ("Patient DOB*", "birth_date"),
        ("MRN #", "mrn"),
        ("Chart no.", "mrn"),
        ("Member #", "member_id"),
        ("Member ID", "member_id"),
        ("Group #", "group_number"),
        ("Phone #", "phone"),
        ("Cell", "mobile_phone"),
        ("Tel.", "phone"),
        ("Ph", "phone"),
        ("Ph. #", "phone"),
        ("E-mail", "email"),
        ("Zip/Postal Code", "postal_code"),
        ("Next step", "next_step"),
        ("To-Do", "next_step"),
        ("due", "due_on"),
        ("Follow-up date", "due_on"),
        ("Last contact", "last_contact_on"),
        ("Last seen", "last_contact_on"),
        ("PCP", "primary_provider"),
        ("Primary insurance", "payer_name"),
        ("Emergency contact phone", None),
        ("Emergency contact name", None),
        ("Mother's name", None),
        ("Provider phone", None),
        ("", None),
    ],
)
def test_usual_headers(header: str, field: str | None) -> None:
    assert field_of(header) == field


def test_no_header_stands_for_two_fields_and_none_is_withheld() -> None:
    owners: dict[str, str] = {}
    for field, names in NAMES.items():
        for name in (*names, field):
            assert field_of(name) == field, (name, field, owners.get(name))
    assert not {field_of(name) for name in (*IDENTITY, *SENSITIVE)} - {None}


def test_synthea_columns() -> None:
    found = map_columns(SYNTHEA)
    assert {field: found.headers[index] for field, index in found.fields.items()} == {
        "mrn": "Id",
        "birth_date": "BIRTHDATE",
        "deceased_on": "DEATHDATE",
        "prefix": "PREFIX",
        "given_name": "FIRST",
        "family_name": "LAST",
        "suffix": "SUFFIX",
        "sex": "GENDER",
        "address_line": "ADDRESS",
        "city": "CITY",
        "state": "STATE",
        "postal_code": "ZIP",
    }
    reasons = {out.header: out.reason for out in found.left_out}
    assert reasons["SSN"] == reasons["DRIVERS"] == reasons["PASSPORT"] == "identity numbers are not imported"
    assert reasons["RACE"] == reasons["LAT"] == "not needed for care coordination, not imported"
    assert len(found.fields) + len(found.left_out) == len(SYNTHEA)


def test_febrl_columns_with_leading_blanks() -> None:
    found = map_columns(FEBRL)
    assert found.fields["family_name"] == 2
    assert found.fields["birth_date"] == 9
    assert found.fields["address_number"] == 3
    assert [(out.index, out.reason) for out in found.left_out] == [(10, "identity numbers are not imported")]


def test_clearer_header_wins_and_the_other_is_said() -> None:
    found = map_columns(["Patient", "Patient Name", "Id", "MRN"])
    assert found.fields == {"full_name": 1, "mrn": 3}
    assert [out.reason for out in found.left_out] == [
        "“Patient Name” is used for full name",
        "“MRN” is used for MRN",
    ]


def test_separate_names_beat_a_full_name() -> None:
    found = map_columns(["Name", "First", "Last"])
    assert found.fields == {"given_name": 1, "family_name": 2}
    assert found.left_out[0].header == "Name"


def test_one_header_twice_needs_a_choice_unless_the_content_is_the_same() -> None:
    headers = ["Name", "DOB", "Sex", "D.O.B."]
    with pytest.raises(ColumnError, match=r"#2 and #4.*--map birth_date=#2"):
        map_columns(headers)
    with pytest.raises(ColumnError):
        map_columns(headers, same_content=lambda first, second: False)
    asked: list[tuple[int, int]] = []

    def same(first: int, second: int) -> bool:
        asked.append((first, second))
        return True

    assert map_columns(headers, same_content=same).fields["birth_date"] == 1
    assert asked == [(1, 3)]
    assert map_columns(headers, {"birth_date": "#4"}).fields["birth_date"] == 3


def test_missing_name_is_refused_with_the_columns_and_the_way_out() -> None:
    with pytest.raises(ColumnError) as caught:
        map_columns(["id", "", "age"])
    message = str(caught.value)
    assert "no column with the patient's name" in message
    assert "id, column B, age" in message
    assert "--map family_name=" in message


def test_missing_birth_date_and_mrn_are_noted() -> None:
    assert len(map_columns(["Name"]).notes) == 2
    assert map_columns(["Name", "DOB", "MRN"]).notes == ()


def test_overrides_win_and_blank_leaves_a_field_out() -> None:
    headers = ["Wer", "DOB", "DOB 2", "Status"]
    found = map_columns(headers, parse_overrides(["full_name=wer", "Birth-Date = DOB 2", "status="]))
    assert found.fields == {"full_name": 0, "birth_date": 2}
    assert {out.header for out in found.left_out} == {"DOB", "Status"}
    assert map_columns(["Name", "Last"], {"full_name": "Name"}).fields == {"full_name": 0, "family_name": 1}


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"dob": "DOB"}, "no field “dob”; the fields are: family_name, given_name"),
        ({"birth_date": "Born"}, "no such column; the columns are: Name, DOB, SSN, DOB"),
        ({"birth_date": "#9"}, "no such column"),
        (
            {"birth_date": "DOB"},
            "2 columns have this header; give its place, for example --map birth_date=#2",
        ),
        ({"mrn": "SSN"}, "identity numbers are never imported"),
        ({"full_name": "Name", "family_name": "Name"}, "use it once"),
    ],
)
def test_wrong_overrides_are_refused(overrides: dict[str, str], said: str) -> None:
    with pytest.raises(ColumnError) as caught:
        map_columns(["Name", "DOB", "SSN", "DOB"], overrides)
    assert said in str(caught.value)


@pytest.mark.parametrize("items", [["birth_date"], ["=DOB"], ["mrn=A", "MRN=B"]])
def test_malformed_overrides_are_refused(items: list[str]) -> None:
    with pytest.raises(ColumnError):
        parse_overrides(items)


def test_headers_in_messages_are_harmless() -> None:
    with pytest.raises(ColumnError) as caught:
        map_columns(["\x1b[31mred", "x" * 500])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_known_headers_include_those_left_out_on_purpose() -> None:
    assert is_known_header("SSN")
    assert is_known_header("Race")
    assert not is_known_header("Rosa")
    assert not is_known_header("phone " * 50)


def test_column_letters() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Home ph", "home_phone"),
        ("Cell ph", "mobile_phone"),
        ("PCP / provider", "primary_provider"),
        ("Notes - dana", "notes"),
    ],
)
def test_headers_of_an_office(header: str, field: str) -> None:
    assert map_columns(["Last name", header]).fields[field] == 1


def test_the_notes_of_one_person_stand_behind_notes() -> None:
    mapped = map_columns(["Last name", "Notes - dana", "Notes", "Notes - kim"])
    assert mapped.fields["notes"] == 2
    assert [left.reason for left in mapped.left_out] == ["“Notes” is used for notes"] * 2
    assert map_columns(["Last name", "Notes - dana", "Notes - kim"]).fields["notes"] == 1


def test_a_field_whose_column_another_field_took_is_said() -> None:
    headers = ["Last name", "Chart no.", "Payer"]
    said = "“Chart no.” is read as payer name, so MRN is left empty."
    assert said in map_columns(headers, {"payer_name": "#2"}).notes
    assert not [note for note in map_columns(headers).notes if "is read as" in note]
    with_other = map_columns([*headers, "MRN"], {"payer_name": "#2"})
    assert not [note for note in with_other.notes if "MRN is left empty" in note]
