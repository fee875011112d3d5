"""What is exported comes back as it was: odd titles, repeated hours, through CSV and workbooks."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlmodel import select

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import AppointmentStatus
from carecoord_tui.exchange.exports.everything import table_of
from carecoord_tui.exchange.exports.subject import Subject
from carecoord_tui.exchange.exports.tables import APPOINTMENTS, FOLLOW_UPS
from carecoord_tui.exchange.exports.writing import Table, write_one
from carecoord_tui.exchange.exports.xlsx import CUT, MAX_CELL, write_workbook
from carecoord_tui.exchange.logs import LogJob
from carecoord_tui.exchange.quoting import FORMULA_STARTS, Holds, Verbatim, quoted, unquoted
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment, FollowUp, Patient

_ODD = (
    *("12345", "n/a", "N/A", "-", "--", "'", "''", "'=x", "''=x", "=1+1", "+1 555 010 0134", "@home", "-3"),
    *("#N/A", "12/03/2026", "2026-12-03 call", "none", "unknown", "TBD", "'12345", "'n/a", "?", "0", "007"),
    *("'t Hooft", "Tell 'em", '"quoted"', "a, b; c|d", "1,5", "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
    *("a@b.example", "Ärzte – rufen", "<b>&amp;</b>", "_x000D_", "sep=;", "TRUE", "1e5", "12:30"),
)
_TEXTS = st.one_of(
    st.sampled_from(_ODD), st.text(max_size=40), st.text(alphabet="'=-+@#/.0na ", min_size=1, max_size=6)
)
titles = _TEXTS.map(lambda text: clean_text(text, 200)).filter(bool)
minutes = st.one_of(
    st.integers(0, 60 * 24 * 365).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n)),
    st.integers(-90, 210).map(lambda n: datetime(2026, 11, 1, 4, tzinfo=UTC) + timedelta(minutes=n)),
    st.integers(0, 300).map(lambda n: datetime(2026, 12, n % 28 + 1, 5, tzinfo=UTC)),  # midnight there
)
_SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_numbers = count(1)


@given(titles, st.sampled_from(Holds))
@settings(max_examples=400)
def test_one_apostrophe_is_set_and_one_taken(text: str, holds: Holds) -> None:
    cell = quoted(text, holds)
    assert unquoted(cell) == text
    assert not cell.startswith(FORMULA_STARTS)
    assert isinstance(unquoted(cell), Verbatim) is (cell != text)


@pytest.mark.parametrize("name", ["'t Hooft", "'Abd al-Rahman", "'Tis nothing", "O'Neil"])
def test_the_apostrophe_of_a_name_is_the_name_s(name: str) -> None:
    assert quoted(name, Holds.PERSON) == name
    assert unquoted(name) == name


@pytest.mark.parametrize("holds", list(Holds))
def test_numbers_stay_bare_where_an_identifier_belongs(holds: Holds) -> None:
    assert quoted("12345", holds) == ("12345" if holds is Holds.ANYTHING else "'12345")


def _patient(practice: Practice) -> int:
    number = next(_numbers)
    with practice.change("person") as session:
        patient = Patient(family_name="Kim", given_name="Ann", mrn=f"M{number}")
        session.add(patient)
        session.flush()
        return int(patient.id or 0)


def _file(practice: Practice, subject: Subject, patient_id: int, path: Path) -> Path:
    with path.open("wb") as out:
        write_one(out, path, table_of(practice, subject, patient_id))
    return path


def _stored(practice: Practice, sql: str, patient_id: int) -> list[tuple[object, ...]]:
    return sorted(practice.execute(sql, [patient_id]), key=repr)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@given(found=st.lists(st.tuples(titles, minutes), min_size=1, max_size=12, unique_by=lambda one: one[0]))
@_SLOW
def test_follow_ups_come_back_as_they_were(
    practice: Practice, tmp_path: Path, suffix: str, found: list[tuple[str, datetime]]
) -> None:
    patient_id = _patient(practice)
    with practice.change("follow-ups") as session:
        session.add_all(
            FollowUp(
                patient_id=patient_id,
                title=title,
                due_on=at.astimezone(practice.zone).date(),
                due_at=at,
                note=title,
            )
            for title, at in found
        )
    path = _file(practice, FOLLOW_UPS, patient_id, tmp_path / f"list{suffix}")
    _comes_back(practice, "follow-ups", path, "follow_up", "title, due_on, due_at, note", patient_id)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@given(found=st.lists(st.tuples(titles, minutes), min_size=1, max_size=12, unique_by=lambda one: one[1]))
@_SLOW
def test_visits_come_back_as_they_were(
    practice: Practice, tmp_path: Path, suffix: str, found: list[tuple[str, datetime]]
) -> None:
    patient_id = _patient(practice)
    with practice.change("visits") as session:
        session.add_all(
            Appointment(
                patient_id=patient_id,
                title=title,
                starts_at=at,
                booked_on=date(2025, 12, 1),
                status=AppointmentStatus.BOOKED,
                note=title,
            )
            for title, at in found
        )
    path = _file(practice, APPOINTMENTS, patient_id, tmp_path / f"list{suffix}")
    _comes_back(practice, "appointments", path, "appointment", "title, starts_at, note", patient_id)


def _comes_back(practice: Practice, kind: str, path: Path, table: str, columns: str, patient_id: int) -> None:
    """Read over what is there it changes nothing; read where nothing is, it makes the same again."""
    counts = LogJob(practice, kind, path).read().counts
    assert counts.unchanged == counts.rows, LogJob(practice, kind, path).read().rows
    sql = f"SELECT {columns} FROM {table} WHERE patient_id = ?"  # noqa: S608 - constants
    before = _stored(practice, sql, patient_id)
    model: type[FollowUp] | type[Appointment] = FollowUp if table == "follow_up" else Appointment
    with practice.change("taken away") as session:
        for record in session.exec(select(model).where(model.patient_id == patient_id)):
            session.delete(record)
    plan = LogJob(practice, kind, path, accept_odd=True).write()  # a title may read like a status
    assert plan.counts.created == len(before)
    assert _stored(practice, sql, patient_id) == before


def test_a_cell_longer_than_excel_takes_is_cut_there_and_whole_in_csv() -> None:
    long = "word 😀 " * 9_000
    table = Table("Notes", ("Note",), [[long], ["x" * MAX_CELL]])
    book = io.BytesIO()
    write_workbook(book, [table])
    sheet = load_workbook(book).active
    assert sheet is not None
    cut = str(sheet["A2"].value)
    assert cut.endswith(CUT) and long.startswith(cut.removesuffix(CUT))
    assert len(cut.encode("utf-16-le")) // 2 <= MAX_CELL
    assert sheet["A3"].value == "x" * MAX_CELL
    text = io.BytesIO()
    write_one(text, Path("notes.csv"), table)
    assert long.strip() in text.getvalue().decode("utf-8-sig")


def test_days_before_excel_s_first_are_text() -> None:
    book = io.BytesIO()
    write_workbook(book, [Table("Old", ("Born",), [[date(1899, 5, 1)], [date(1900, 3, 1)]])])
    sheet = load_workbook(book).active
    assert sheet is not None
    assert sheet["A2"].value == "1899-05-01"
    assert sheet["A3"].value.date() == date(1900, 3, 1)
