"""Dates of record logs as offices write them: with an offset, without a year, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import AppointmentStatus, PayerClass
from carecoord_tui.exchange.logs import LogJob, LogPlan, RowFate
from carecoord_tui.exchange.logs.appointments import BookStatus
from carecoord_tui.exchange.logs.looking import signature
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.decide import read_undecided
from carecoord_tui.store.queries.today import items_of, read_today
from carecoord_tui.store.tables import Coverage, Patient, Payer

Write = Callable[[str], Path]
HEAD = "MRN,What to do,Call back on,Stat,Prio,Notes - dana\n"


@pytest.fixture(autouse=True)
def people(practice: Practice) -> None:
    """Two people, the first of them insured."""
    with practice.change("people") as session:
        payer = Payer(name="Aetna", payer_class=PayerClass.COMMERCIAL)
        rosa = Patient(mrn="M1", family_name="Cole", given_name="Rosa", birth_date=date(1961, 3, 14))
        session.add_all([payer, rosa, Patient(mrn="M2", family_name="Cole", given_name="James")])
        session.flush()
        session.add(Coverage(patient_id=rosa.id, payer_id=payer.id, member_id="W1"))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(text: str) -> Path:
        path = tmp_path / "log.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return put


def job_of(practice: Practice, kind: str, path: Path, **options: Any) -> LogJob:
    return LogJob(practice, kind, path, date_order=DateOrder.MDY, **options)


def move_to(practice: Practice, text: str) -> None:
    practice.clock = RunningClock(parse_now(text, practice.zone))


def follow_ups(practice: Practice) -> list[tuple[Any, ...]]:
    return practice.execute("SELECT title, due_on, due_at, note FROM follow_up ORDER BY id")


def remarks(plan: LogPlan) -> list[tuple[str, ...]]:
    return [row.remarks for row in plan.rows]


# --- with an offset ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "starts_at"),
    [
        ("2026-12-02T09:20:00-05:00", "2026-12-02T14:20"),
        ("2026-12-02T14:20:00Z", "2026-12-02T14:20"),
        ("2026-12-02T14:20:00.000Z", "2026-12-02T14:20"),
        ("2026-12-02T14:20Z", "2026-12-02T14:20"),
        ("2026-12-02T08:20:00-0600", "2026-12-02T14:20"),
        ("2026-12-03T01:30:00Z", "2026-12-03T01:30"),  # the evening before, in the practice
        ("2027-11-07 01:30-05:00", "2027-11-07T06:30"),  # the hour that clocks pass twice
        ("2027-11-07 01:30-04:00", "2027-11-07T05:30"),
        ("2026-12-02T09:20:00", "2026-12-02T14:20"),  # no offset: the practice's own clock
    ],
)
def test_a_fhir_date_time_is_read_with_its_offset(
    practice: Practice, write: Write, written: str, starts_at: str
) -> None:
    plan = job_of(practice, "appointments", write(f"MRN,start,status\nM1,{written},booked\n")).write()
    assert plan.counts.created == 1
    ((found,),) = practice.execute("SELECT starts_at FROM appointment")
    assert datetime.fromisoformat(found) == datetime.fromisoformat(f"{starts_at}:00+00:00")


def test_midnight_with_an_offset_is_a_day_without_a_time(practice: Practice, write: Write) -> None:
    text = "MRN,Task,Due\nM1,Call,2026-12-02T00:00:00Z\nM2,Call,2026-12-02T23:30:00Z\n"
    job_of(practice, "follow-ups", write(text)).write()
    assert [row[1:3] for row in follow_ups(practice)] == [
        ("2026-12-02", None),
        ("2026-12-02", "2026-12-02T23:30:00.000000+00:00"),
    ]


# --- in words, without a year ------------------------------------------------------------------------------


def test_no_task_is_lost_for_its_date(practice: Practice, write: Write) -> None:
    rows = [
        "M1,Call lab,asap,open,high,",
        "M1,Call daughter,fri,open,,likes mornings",
        "M1,Fax records,next week,open,,",
        "M1,Ask for report,11/25,open,,",
        "M1,Book eye exam,1/5,open,,",
        "M1,Send form,2/30/2026,open,,",
        "M1,Check labs,,open,,",
        "M1,Home visit,12/4/2026,open,,",
    ]
    path = write(HEAD + "\n".join(rows))
    plan = job_of(practice, "follow-ups", path).write()
    assert plan.counts.created == len(rows)
    assert [(title, due, note) for title, due, _, note in follow_ups(practice)] == [
        ("Call lab", "2026-11-30", "Due: asap"),
        ("Call daughter", "2026-11-30", "likes mornings · Due: fri"),
        ("Fax records", "2026-11-30", "Due: next week"),
        ("Ask for report", "2026-11-25", ""),
        ("Book eye exam", "2027-01-05", ""),
        ("Send form", "2026-11-30", "Due: 2/30/2026"),
        ("Check labs", "2026-11-30", ""),
        ("Home visit", "2026-12-04", ""),
    ]
    said = remarks(plan)
    assert said[0] == ("Call back on: no calendar date: due today, the words kept in the note",)
    assert said[3] == ("Call back on: no year: read as 25 Nov 2026",)
    assert said[6] == ("Call back on: no day: due today",) and said[7] == ()
    assert "due today" in plan.rows[0].words


def test_what_has_no_day_keeps_the_one_it_came_in_on(practice: Practice, write: Write) -> None:
    path = write(HEAD + "M1,Call lab,asap,open,,\nM1,Call lab,fri,open,,\nM2,Fax,,done,,\n")
    assert job_of(practice, "follow-ups", path).write().counts.created == 3
    before = follow_ups(practice)
    move_to(practice, "2026-12-03T09:00")
    plan = job_of(practice, "follow-ups", path).write()
    assert plan.counts.unchanged == 3 and plan.counts.kept == 0
    assert follow_ups(practice) == before


# --- visits that have passed, and confirmed ones -----------------------------------------------------------

BOOK = "MRN,Appt date,Appt time,Type of visit,Appt status\n"


def shown_of(practice: Practice) -> set[str]:
    """What Today shows of the first person's visits."""
    day = read_today(practice.execute, practice.moment()).day
    return {
        one.item.rule_id for one in (*day.due, *day.more_due, *day.upcoming) if one.item.kind != "patient"
    }


def test_a_visit_that_has_passed_is_only_recorded(practice: Practice, write: Write) -> None:
    path = write(f"{BOOK}M1,11/20/2026,9:00 AM,Recheck,Booked\n")
    assert job_of(practice, "appointments", path).write().counts.created == 1
    held = {rule for (rule,) in practice.execute("SELECT rule_id FROM ledger WHERE kind <> 'patient'")}
    assert held == {
        "appointment.confirm",
        "appointment.outcome",
        "eligibility.before_visit",
    }  # no "now" there
    assert shown_of(practice) == {"appointment.outcome"}
    ((number,),) = practice.execute("SELECT patient_id FROM appointment")
    mine = items_of(practice.execute, number, practice.moment())
    assert {one.item.rule_id for one in mine if one.item.kind != "patient"} == {"appointment.outcome"}
    view = read_today(practice.execute, practice.moment())
    assert read_undecided(practice.execute, view) == [] and view.unread_due == 0


def test_a_visit_is_confirmed_until_it_begins(practice: Practice, write: Write) -> None:
    job_of(practice, "appointments", write(f"{BOOK}M1,11/30/2026,10:00 AM,Recheck,Booked\n")).write()
    ahead = {"appointment.confirm", "eligibility.before_visit"}
    assert ahead < shown_of(practice) | {"appointment.outcome"}
    move_to(practice, "2026-11-30T10:00")
    assert not ahead & shown_of(practice)


def test_a_confirmed_visit_is_booked_and_asks_for_no_confirmation(practice: Practice, write: Write) -> None:
    path = write(f"{BOOK}M1,12/1/2026,10:00 AM,Recheck,confirmed\nM2,12/1/2026,9:00 AM,Recheck,Booked\n")
    job = job_of(practice, "appointments", path)
    (asked,) = job.read().asked
    assert asked.proposed is BookStatus.CONFIRMED
    job.set_status("confirmed", asked.proposed)
    assert job.write().counts.created == 2
    assert practice.execute("SELECT status, confirmed_on FROM appointment ORDER BY id") == [
        ("booked", "2026-11-30"),
        ("booked", None),
    ]
    owed = practice.execute("SELECT record_id FROM ledger WHERE rule_id = 'appointment.confirm'")
    assert owed == practice.execute("SELECT id FROM appointment WHERE confirmed_on IS NULL")
    move_to(practice, "2026-12-01T08:00")
    assert job.read().counts.unchanged == 2


def test_a_later_book_confirms_a_visit(practice: Practice, write: Write) -> None:
    row = "M1,12/4/2026,10:00 AM,Recheck"
    job_of(practice, "appointments", write(f"{BOOK}{row},Booked\n")).write()
    answers = {"confirmed": BookStatus.CONFIRMED}
    plan = job_of(practice, "appointments", write(f"{BOOK}{row},Confirmed\n"), statuses=answers).write()
    assert plan.counts.changed == 1
    assert practice.execute("SELECT status, confirmed_on FROM appointment") == [("booked", "2026-11-30")]
    assert practice.execute("SELECT * FROM ledger WHERE rule_id = 'appointment.confirm'") == []


def test_a_book_knows_every_status_of_a_visit() -> None:
    assert {one.status for one in BookStatus} == set(AppointmentStatus)


# --- columns and rows that are not taken -------------------------------------------------------------------


def test_a_refused_row_says_whose_it_is(practice: Practice, write: Write) -> None:
    text = "MRN,Name,Appt date,Appt time\nM1,Rosa Cole,soon,9:00 AM\nM2,,12/9/2026,\n,,soon,\n"
    plan = job_of(practice, "appointments", write(text)).read()
    assert [row.name for row in plan.of(RowFate.REJECTED)] == ["Cole, Rosa", "MRN M2", ""]


def test_headers_kept_by_hand_are_known(practice: Practice, write: Write) -> None:
    look = LogJob(
        practice, "follow-ups", write("Who,What to do,Call back on,Prio,Stat,Notes - dana\n")
    ).look()
    assert list(look.mapping) and set(look.mapping) == {
        "full_name", "title", "due_on", "priority", "status", "note",
    }  # fmt: skip
    look = LogJob(
        practice, "appointments", write("Who,Appt date,Type of visit,Appt status,Notes: lee\n")
    ).look()
    assert set(look.mapping) == {"full_name", "date", "title", "status", "note"}


def test_of_two_columns_of_notes_one_is_read(practice: Practice, write: Write) -> None:
    text = "MRN,Task,Due,Notes - dana,Notes - lee\nM1,Call,12/1/2026,first,second\n"
    plan = job_of(practice, "follow-ups", write(text)).read()
    assert [one.header for one in plan.left_out] == ["Notes - lee"]


def test_a_rejects_file_is_known_as_its_source(practice: Practice, write: Write) -> None:
    headers = ["MRN", "Task", "Due"]
    handed_back = ["Row of the file", "Column at fault", "Not taken because", *headers]
    assert signature("follow-ups", handed_back) == signature("follow-ups", headers)
    text = f"{','.join(handed_back)}\n2,,nobody of this name,M1,Call,12/1/2026\n"
    plan = job_of(practice, "follow-ups", write(text)).read()
    assert plan.look.of_rejects == 3 and plan.left_out == () and plan.counts.created == 1
