"""Possible duplicates: what is reported, what is not, and how well on data with known answers."""

from __future__ import annotations

import random
import string
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from carecoord_tui.exchange.duplicates import (
    DuplicatePair,
    PersonKey,
    against,
    fold_name,
    possible_duplicates,
    within_edits,
)
from carecoord_tui.exchange.import_plan import plan_import
from carecoord_tui.exchange.patient_rows import PatientRow, read_patients
from carecoord_tui.exchange.spreadsheet import open_table

BORN = date(1961, 3, 14)
PHONE = ("+15550100134",)


def pair(a: PersonKey, b: PersonKey) -> DuplicatePair | None:
    found = possible_duplicates([a, b])
    assert len(found) <= 1
    return found[0] if found else None


def person(key: int, family: str, given: str, born: date | None = BORN, **more: object) -> PersonKey:
    return PersonKey(key, family, given, born, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        (person(1, "Gómez", "José"), person(2, "GOMEZ", "Jose"), "same name"),
        (person(1, "O'Neil", "Ann"), person(2, "ONeil", "Ann"), "same name"),
        (person(1, "Chen", "Wei"), person(2, "Wei", "Chen"), "first and last name swapped"),
        (person(1, "Alvarez", "Rosa"), person(2, "Alvares", "Rosa"), "similar name"),
        (person(1, "Alvarez", "Robert"), person(2, "Alvarez", "Rob"), "similar name"),
        (person(1, "Alvarez", "R."), person(2, "Alvarez", "Rosa"), "similar name"),
        (
            person(1, "Alvarez", "Rosa"),
            person(2, "Alvarez", "Rosa", date(1961, 3, 15)),
            "differs by one digit",
        ),
        (
            person(1, "Alvarez", "Rosa", date(1961, 3, 5)),
            person(2, "Alvarez", "Rosa", date(1961, 5, 3)),
            "day and month swapped",
        ),
        (person(1, "Alvarez", "Rosa"), person(2, "Alvarez", "Rosa", None), "birth date missing"),
        (person(1, "Alvarez", "Rosa", mrn="A1"), person(2, "Chen", "Wei", None, mrn="a1"), "same MRN"),
        (
            person(1, "Alvarez", "Rosa", None, phones=PHONE),
            person(2, "Alvares", "Rosa", phones=PHONE),
            "same phone",
        ),
        (
            person(1, "Alvarez", "Rosa", phones=PHONE),
            person(2, "Brown", "Rosa", phones=PHONE),
            "same first name",
        ),
        (
            person(1, "Alvarez", "Rosa", None, address="12 Main Street", postal_code="01013"),
            person(2, "Alvares", "Rosa", address="12 Main Sreet", postal_code="01013"),
            "same or similar address",
        ),
    ],
)
def test_reported(a: PersonKey, b: PersonKey, reason: str) -> None:
    found = pair(a, b)
    assert found is not None
    assert (found.a, found.b) == (1, 2)
    assert 0 < found.score <= 1
    assert any(reason in said for said in found.reasons)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        # Twins share everything but the first name.
        (
            person(1, "Alvarez", "Rosa", phones=PHONE, address="1 Oak St"),
            person(2, "Alvarez", "Luis", phones=PHONE, address="1 Oak St"),
        ),
        # A household shares phone and family name.
        (
            person(1, "Alvarez", "Rosa", phones=PHONE),
            person(2, "Alvarez", "Luis", date(1959, 8, 2), phones=PHONE),
        ),
        (person(1, "Smith", "John"), person(2, "Smith", "John", date(1984, 9, 30))),
        (person(1, "Chen", "Wei"), person(2, "Brown", "Wei")),
        (person(1, "Chen", "Wei", mrn=""), person(2, "Brown", "Ann", date(1950, 1, 1), mrn="")),
    ],
)
def test_not_reported(a: PersonKey, b: PersonKey) -> None:
    assert pair(a, b) is None


def test_more_evidence_scores_higher_and_comes_first() -> None:
    same = person(1, "Alvarez", "Rosa", phones=PHONE), person(2, "Alvarez", "Rosa", phones=PHONE)
    close = person(3, "Chen", "Wei"), person(4, "Chen", "Wei", date(1961, 3, 15))
    found = possible_duplicates([*close, *same])
    assert [(one.a, one.b) for one in found] == [(1, 2), (3, 4)]
    assert found[0].score > found[1].score


def test_against_reports_only_pairs_of_both_sides() -> None:
    existing = [person(1, "Alvarez", "Rosa"), person(2, "Alvarez", "Rosa")]
    incoming = [person(3, "Alvarez", "Rosa"), person(4, "Alvarez", "Rosa")]
    found = {(one.a, one.b) for one in against(existing, incoming)}
    assert found == {(1, 3), (1, 4), (2, 3), (2, 4)}
    assert against(existing, []) == against([], incoming) == []


def test_one_birth_date_for_everybody_stays_fast_and_still_finds_neighbours() -> None:
    rng = random.Random(7)
    people = [
        person(index, "".join(rng.choices(string.ascii_lowercase, k=8)), "ann", phones=PHONE)
        for index in range(20_000)
    ]
    people.append(person(20_000, people[500].family_name + "x", "ann", phones=PHONE))
    started = time.process_time()
    found = possible_duplicates(people)
    assert time.process_time() - started < 30  # all pairs would be 200 million
    assert (500, 20_000) in {(one.a, one.b) for one in found}


def test_work_grows_in_step_with_the_list() -> None:
    def made(count: int) -> list[PersonKey]:
        rng = random.Random(11)
        return [
            person(
                index,
                "".join(rng.choices(string.ascii_lowercase, k=7)),
                "".join(rng.choices(string.ascii_lowercase, k=5)),
                date(1930, 1, 1) + timedelta(days=rng.randrange(30_000)),
            )
            for index in range(count)
        ]

    def cost(count: int) -> float:
        people = made(count)
        started = time.process_time()
        possible_duplicates(people)
        return time.process_time() - started

    cost(1_000)  # warm up
    assert cost(20_000) < 4 * 4 * max(cost(5_000), 0.01)


def test_febrl_precision_and_recall(sample_data: Path) -> None:
    """FEBRL dataset 1: 500 people twice, with typing errors. The identity number is not used."""
    table = open_table(sample_data / "duplicates" / "febrl_dataset1.csv")
    plan = plan_import(table)
    rows = read_patients(table, plan.columns, today=date(2010, 1, 1), date_order=plan.orders)
    people = [row.person_key(row.mrn) for row in rows if isinstance(row, PatientRow)]
    # The record number tells who is who; it must not help to find them.
    people = [
        PersonKey(
            one.key,
            one.family_name,
            one.given_name,
            one.birth_date,
            address=one.address,
            postal_code=one.postal_code,
        )
        for one in people
    ]
    found = possible_duplicates(people)
    right = sum(str(one.a).split("-")[1] == str(one.b).split("-")[1] for one in found)
    assert right / len(found) >= 0.97
    assert right / 500 >= 0.83


def test_distinct_sample_people_are_left_alone(sample_data: Path) -> None:
    for name in ("synthea_ma_1171_csv", "medscheduler_A"):
        table = open_table(sample_data / name / "patients.csv")
        plan = plan_import(table)
        rows = read_patients(table, plan.columns, today=date(2026, 11, 30), date_order=plan.orders)
        assert possible_duplicates([row.person_key() for row in rows if isinstance(row, PatientRow)]) == []


@pytest.mark.parametrize(
    ("a", "b", "edits"),
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("abc", "acb", 1),
        ("abc", "ab", 1),
        ("abc", "xbcd", 2),
        ("ab", "ba", 1),
    ],
)
def test_edit_distance_with_swapped_neighbours(a: str, b: str, edits: int) -> None:
    assert within_edits(a, b, edits)
    assert within_edits(b, a, edits)
    assert edits == 0 or not within_edits(a, b, edits - 1)


def test_fold_name() -> None:
    assert fold_name("  O’Néil-Łuk ") == "oneilluk"
