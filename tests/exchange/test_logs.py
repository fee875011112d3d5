"""Record logs from the file to the store: one undoable change, nothing guessed, safe to run twice."""

from __future__ import annotations

import csv
import stat
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.exchange import import_steps
from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.exchange.logs import (
    KINDS,
    ImportCancelled,
    LogJob,
    LogPlan,
    NeedsDateOrder,
    NeedsMeaning,
    RowFate,
)
from carecoord_tui.exchange.referral_statuses import StatusError
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.store import ledger, undo
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import FollowUp, Patient, Payer

Write = Callable[..., Path]
FATES = tuple(fate.value for fate in RowFate)
_TABLES = (
    *("coverage", "authorization", "authorization_event", "authorization_item", "denial", "appointment"),
    *("follow_up", "provider", "provider_network", "payer", "import_record", "note"),
)


@pytest.fixture(autouse=True)
def people(practice: Practice) -> None:
    with practice.change("people") as session:
        session.add_all(
            [
                Patient(mrn="M1", family_name="Álvarez", given_name="Rosa", birth_date=date(1961, 3, 14)),
                Patient(mrn="M2", family_name="Cole", given_name="James", birth_date=date(1980, 7, 4)),
                Patient(family_name="Kim", given_name="Ann"),
                Patient(family_name="Kim", given_name="Bo", birth_date=date(1990, 1, 1)),
                Patient(
                    mrn="M9",
                    family_name="Late",
                    given_name="Leo",
                    status=PatientStatus.DECEASED,
                    deceased_on=date(2026, 1, 1),
                ),
            ]
        )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(text: str, name: str = "log.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return put


def counts(plan: LogPlan) -> dict[str, int]:
    """The fates that occur; all rows balance."""
    found = asdict(plan.counts)
    assert sum(found[fate] for fate in FATES) == found["rows"] == len(plan.rows)
    return {fate: found[fate] for fate in FATES if found[fate]}


def reasons(plan: LogPlan, fate: RowFate = RowFate.REJECTED) -> dict[int, str]:
    return {row.line: row.reason for row in plan.of(fate)}


def dump(practice: Practice) -> dict[str, list[Any]]:
    return {name: practice.execute(f"SELECT * FROM {name} ORDER BY id") for name in _TABLES}  # noqa: S608


def brought(practice: Practice, kind: str, path: Path, **options: Any) -> LogPlan:
    """Write a file, see that the ledger is what a rebuild gives, and that it changes nothing again."""
    plan = LogJob(practice, kind, path, **options).write()
    with practice.read() as connection:
        assert ledger.differences(connection, practice.context).is_equal
    again = LogJob(practice, kind, path, **options).read()
    assert again.counts.created == again.counts.changed == 0
    assert again.counts.unchanged == plan.counts.created + plan.counts.unchanged + plan.counts.changed
    return plan


def owed(practice: Practice, kind: str) -> list[tuple[Any, ...]]:
    return practice.execute("SELECT rule_id, target_on FROM ledger WHERE kind = ? ORDER BY id", (kind,))


# --- every kind ------------------------------------------------------------------------------------------

COVERAGES = """\
MRN,Patient name,DOB,Payer,Plan,Member ID,Group,Class,Effective,Term date,Relationship,Priority,Status
M1,"Alvarez, Rosa",3/14/1961,Aetna,Choice POS,W100,G7,,1/1/2026,12/31/9999,Self,Primary,Active
M1,"Alvarez, Rosa",3/14/1961,Humana Gold,,H5,,Medicare Advantage,1/13/2024,12/31/2024,Self,,Active
M2,James Cole,7/4/1980,Aetna,Choice POS,W200,G7,,1/1/2026,,Spouse,Secondary,
"""


def test_coverages_come_with_their_payers_and_order(practice: Practice, write: Write) -> None:
    plan = brought(practice, "coverages", write(COVERAGES))
    assert counts(plan) == {"created": 3} and plan.counts.new_payers == 2
    assert practice.execute(
        "SELECT c.member_id, c.rank, c.status, c.ends_on, p.name, p.payer_class FROM coverage c "
        "JOIN payer p ON p.id = c.payer_id ORDER BY c.id"
    ) == [
        ("W100", 1, "active", None, "Aetna", "unknown"),
        ("H5", 2, "cancelled", "2024-12-31", "Humana Gold", "medicare_advantage"),
        ("W200", 2, "unknown", None, "Aetna", "unknown"),
    ]
    assert [one.reason for one in plan.warnings] == ["it has ended: not taken as active"]
    ((text,),) = practice.execute("SELECT text FROM note")
    assert "relationship to subscriber Spouse" in text
    ((search,),) = practice.execute("SELECT search_text FROM patient WHERE mrn = 'M2'")
    assert "w200" in search  # found by its member id from now on


AUTHORIZATIONS = """\
MRN,Patient name,Payer,Service,CPT,Status,Submitted,Decided,Auth no,Valid from,Valid to,Units,Used,Urgency
M1,"Alvarez, Rosa",Aetna,MRI lumbar,72148,Approved,11/2/2026,11/9/2026,A77,11/9/2026,2/7/2027,10,0,Routine
M1,"Alvarez, Rosa",Aetna,PT,"97110, 97140",Approved,1/13/2025,1/15/2025,A12,1/15/2025,4/15/2025,12,12,
M2,James Cole,Aetna,Sleep study,95810,Denied,10/1/2026,10/14/2026,,,,,,
M2,James Cole,Aetna,CPAP,E0601,In review,11/24/2026,,,,,,,Expedited
M2,James Cole,Aetna,Knee brace,L1833,Cancelled,10/2/2026,,,,,,,
"""


def test_authorizations_owe_only_what_is_still_open(practice: Practice, write: Write) -> None:
    brought(practice, "coverages", write(COVERAGES, "coverages.csv"))
    plan = brought(practice, "authorizations", write(AUTHORIZATIONS))
    assert counts(plan) == {"created": 5}
    assert practice.execute("SELECT service, status, coverage_id, is_expedited FROM authorization") == [
        ("MRI lumbar", "approved", 1, 0),
        ("PT", "expired", 1, 0),
        ("Sleep study", "denied", 3, 0),
        ("CPAP", "submitted", 3, 1),
        ("Knee brace", "cancelled", 3, 0),
    ]
    rules = practice.execute("SELECT record_id, rule_id FROM ledger WHERE kind = 'authorization'")
    assert {record for record, _ in rules} == {1, 4}
    assert (1, "auth.renewal") in rules
    assert owed(practice, "denial") == []
    assert practice.execute("SELECT status, notice_on, authorization_id FROM denial") == [
        ("closed", "2026-10-14", 3)
    ]
    assert practice.execute("SELECT code FROM authorization_item") == [("97110",), ("97140",)]
    assert practice.execute(
        "SELECT status, happened_on FROM authorization_event WHERE authorization_id = 1"
    ) == [
        ("submitted", "2026-11-02"),
        ("approved", "2026-11-09"),
    ]
    assert "it has run out: taken as expired, no renewal is asked for" in [w.reason for w in plan.warnings]


def test_an_authorization_without_its_coverage_says_so(practice: Practice, write: Write) -> None:
    plan = brought(practice, "authorizations", write(AUTHORIZATIONS))
    said = "no coverage by this payer on file: kept in the notes, no payer's clock runs"
    assert [one.line for one in plan.warnings if one.reason == said] == [2, 5]  # those that are open
    assert practice.execute("SELECT count(*) FROM payer") == [(0,)]
    assert practice.execute("SELECT DISTINCT note FROM authorization") == [("Payer Aetna (from the log).",)]


def test_a_later_log_moves_an_authorization_on(practice: Practice, write: Write) -> None:
    brought(practice, "authorizations", write(AUTHORIZATIONS))
    later = AUTHORIZATIONS.replace(
        "In review,11/24/2026,,,,", "Approved,11/24/2026,11/30/2026,A90,11/30/2026,5/29/2027"
    )
    plan = brought(practice, "authorizations", write(later, "later.csv"))
    assert counts(plan) == {"changed": 1, "unchanged": 4}
    (row,) = plan.of(RowFate.CHANGED)
    assert {one.field for one in row.differences if one.is_taken} == {
        "status", "decided", "authorization number", "valid from", "valid to",
    }  # fmt: skip
    assert practice.execute("SELECT status, number FROM authorization WHERE service = 'CPAP'") == [
        ("approved", "A90")
    ]
    assert practice.execute("SELECT status FROM authorization_event WHERE authorization_id = 4") == [
        ("submitted",),
        ("approved",),
    ]
    assert ("auth.renewal", "2027-05-14") in owed(practice, "authorization")


def test_a_status_that_cannot_follow_stays(practice: Practice, write: Write) -> None:
    brought(practice, "authorizations", write(AUTHORIZATIONS))
    back = AUTHORIZATIONS.replace("Knee brace,L1833,Cancelled", "Knee brace,L1833,In review")
    plan = LogJob(practice, "authorizations", write(back, "back.csv")).write()
    assert counts(plan) == {"unchanged": 5} and plan.counts.kept == 1
    (difference,) = plan.rows[4].differences
    assert (difference.in_file, difference.stored, difference.is_taken) == ("submitted", "cancelled", False)


APPOINTMENTS = """\
MRN,Patient name,Appt date,Appt time,Provider,Type,Status
M1,"Alvarez, Rosa",12/15/2026,2:30 PM,Dr. Ito,Follow-up,Scheduled
M1,"Alvarez, Rosa",11/20/2026,09:00,Dr. Ito,Visit,No show
M2,James Cole,11/24/2026,10:00,Dr. Ito,Visit,No show
M2,James Cole,3/13/2026,10:00,,Visit,Cancelled by patient
M2,James Cole,10/13/2026,10:00,,Visit,Kept
"""


def test_old_missed_visits_are_history(practice: Practice, write: Write) -> None:
    plan = brought(practice, "appointments", write(APPOINTMENTS))
    assert counts(plan) == {"created": 5} and plan.counts.new_offices == 1
    assert practice.execute("SELECT id, starts_at, provider_id, settled_on FROM appointment") == [
        (1, "2026-12-15T19:30:00.000000+00:00", 1, None),
        (2, "2026-11-20T14:00:00.000000+00:00", 1, "2026-11-30"),  # followed by another visit
        (3, "2026-11-24T15:00:00.000000+00:00", 1, None),
        (4, "2026-03-13T14:00:00.000000+00:00", None, "2026-11-30"),
        (5, "2026-10-13T14:00:00.000000+00:00", None, None),
    ]
    assert [rule for rule, _ in owed(practice, "appointment")].count("appointment.noshow") == 1


FOLLOW_UPS = """\
Patient,DOB,To do,Due,Done,Priority,Notes
"Alvarez, Rosa",3/14/1961,Call about ride,12/1/2026,no,High,asks for mornings
"Alvarez, Rosa",3/14/1961,Fax records,11/2/2026,11/3/2026,,
James Cole,7/4/1980,Call with results,12/14/2026,,,
"""


def test_follow_ups_come_open_or_done(practice: Practice, write: Write) -> None:
    plan = brought(practice, "follow-ups", write(FOLLOW_UPS))
    assert counts(plan) == {"created": 3}
    assert practice.execute("SELECT title, kind, status, due_on, done_on, priority, note FROM follow_up") == [
        ("Call about ride", "call", "open", "2026-12-01", None, "high", "asks for mornings"),
        ("Fax records", "paperwork", "done", "2026-11-02", "2026-11-03", "normal", ""),
        ("Call with results", "call", "open", "2026-12-14", None, "normal", ""),
    ]
    assert len(owed(practice, "follow_up")) == 2


PROVIDERS = """\
Name,Specialty,Phone,Fax,NPI,Address,City,State,ZIP,Plans
"Ito, Ken, MD",Dermatology,(555) 010-0134,555-010-0135,1234567893,1 Main St,Salem,MA,01970,"Aetna, Moonlight"
Lakeside GI Clinic,Gastroenterology,555 010 0200,,,2 Main St,Salem,MA,01970,
Lakeside GI Clinic,Gastroenterology,555 010 0201,,,9 High St,Lynn,MA,01901,
"""


def test_offices_come_with_the_plans_they_take(practice: Practice, write: Write) -> None:
    with practice.change("payer") as session:
        session.add(Payer(name="Aetna"))
    plan = brought(practice, "providers", write(PROVIDERS))
    assert counts(plan) == {"created": 3}
    assert practice.execute("SELECT name, kind, npi, phone, address, note FROM provider") == [
        (
            *("Ito, Ken, MD", "person", "1234567893", "+15550100134", "1 Main St, Salem, MA 01970"),
            "Takes Moonlight (from the directory).",
        ),
        ("Lakeside GI Clinic", "organization", None, "+15550100200", "2 Main St, Salem, MA 01970", ""),
        ("Lakeside GI Clinic", "organization", None, "+15550100201", "9 High St, Lynn, MA 01901", ""),
    ]
    assert practice.execute("SELECT provider_id, payer_id, status FROM provider_network") == [
        (1, 1, "in_network")
    ]


# --- one change ------------------------------------------------------------------------------------------

_FILES = {
    "coverages": COVERAGES,
    "authorizations": AUTHORIZATIONS,
    "appointments": APPOINTMENTS,
    "follow-ups": FOLLOW_UPS,
    "providers": PROVIDERS,
}


def test_every_kind_has_a_file_here() -> None:
    assert set(_FILES) == {kind.name for kind in KINDS}


@pytest.mark.parametrize("kind", _FILES)
def test_undo_takes_everything_back_and_redo_brings_it(practice: Practice, write: Write, kind: str) -> None:
    before = dump(practice)
    LogJob(practice, kind, write(_FILES[kind])).write()
    done = {name: [row[1:] for row in rows] for name, rows in dump(practice).items()}
    change = undo.undo(practice)
    assert change is not None and change.label.startswith("import of ")
    assert dump(practice) == before
    undo.redo(practice)
    assert {name: [row[1:] for row in rows] for name, rows in dump(practice).items()} == done
    with practice.read() as connection:
        assert ledger.differences(connection, practice.context).is_equal


@pytest.mark.parametrize("kind", _FILES)
def test_reading_writes_nothing(practice: Practice, write: Write, kind: str) -> None:
    before = dump(practice)
    plan = LogJob(practice, kind, write(_FILES[kind])).read()
    assert plan.counts.created and not plan.is_written and plan.rejects_path is None
    assert dump(practice) == before and undo.next_undo(practice).label == "people"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "phase", ["Reading rows", "Comparing with the practice", "Saving", "Updating the worklist"]
)
def test_stopping_leaves_nothing_behind(practice: Practice, write: Write, phase: str) -> None:
    before, seen = dump(practice), list[str]()
    job = LogJob(practice, "coverages", write(COVERAGES + "M7,Nobody,,Aetna,,,,,,,,,\n"))
    with pytest.raises(ImportCancelled):
        job.write(lambda now, done, total: seen.append(now), lambda: bool(seen) and seen[-1] == phase)
    assert phase in seen
    assert dump(practice) == before
    assert not practice.paths.rejects.exists() or not list(practice.paths.rejects.iterdir())


def test_rows_not_taken_are_handed_back_in_a_private_file(practice: Practice, write: Write) -> None:
    plan = LogJob(practice, "coverages", write(COVERAGES + "M7,Nobody,,Aetna,,,,,,,,,\n")).write()
    assert plan.rejects_path is not None
    assert stat.S_IMODE(plan.rejects_path.stat().st_mode) == 0o600
    rows = list(csv.reader(plan.rejects_path.open(encoding="utf-8-sig", newline="")))
    assert rows[1][:5] == ["5", "Patient name", "nobody of this name is in the caseload", "M7", "Nobody"]
    fixed = write(plan.rejects_path.read_text("utf-8-sig").replace("M7,Nobody", "M2,James Cole"), "fixed.csv")
    assert counts(LogJob(practice, "coverages", fixed).read()) == {"unchanged": 1}  # the same plan of M2


def test_what_somebody_changed_since_is_not_overwritten(practice: Practice, write: Write) -> None:
    brought(practice, "follow-ups", write(FOLLOW_UPS))
    with practice.change("edited") as session:
        first, third = session.get(FollowUp, 1), session.get(FollowUp, 3)
        assert first is not None and third is not None
        first.note = "my own words"
        third.due_on = date(2027, 1, 4)
        session.add_all([first, third])
    assert counts(LogJob(practice, "follow-ups", write(FOLLOW_UPS)).read()) == {"unchanged": 3}
    other = FOLLOW_UPS.replace("asks for mornings", "asks for evenings").replace("no,High", "no,Low")
    plan = LogJob(practice, "follow-ups", write(other)).write()
    assert counts(plan) == {"changed": 1, "unchanged": 2} and plan.counts.kept == 1
    assert practice.execute("SELECT note, priority FROM follow_up WHERE id = 1") == [("my own words", "low")]
    assert practice.execute("SELECT due_on FROM follow_up WHERE id = 3") == [("2027-01-04",)]


def test_a_deceased_person_gets_nothing_open(practice: Practice, write: Write) -> None:
    text = "MRN,To do,Due,Done on\nM9,Call,12/14/2026,\nM9,Send card,1/13/2026,1/14/2026\n"
    plan = brought(practice, "follow-ups", write(text))
    assert counts(plan) == {"created": 1, "rejected": 1}
    assert "has died" in reasons(plan)[2]


# --- bad rows --------------------------------------------------------------------------------------------

_AUTH = "MRN,Patient name,Payer,Service,Status,Submitted,Decided,Valid from,Valid to,Units\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "M1,Rosa Alvarez,Aetna,MRI,Approved,11/2/2026,11/9/2026,11/9/2026,2/7/2027,12/1/2026",
            "a date stands",
        ),
        (
            "M1,Rosa Alvarez,Aetna,MRI,Approved,11/2/2026,11/9/2026,11/9/2026,2/7/2027,-3",
            "cannot be negative",
        ),
        (
            "M1,Rosa Alvarez,Aetna,MRI,Approved,11/2/2026,11/9/2026,11/9/2026,2/7/2027,99999999",
            "must be 1 to",
        ),
        (
            "M1,Rosa Alvarez,Aetna,MRI,Approved,11/2/2026,11/9/2026,11/9/2026,2/30/2027,3",
            "not a calendar date",
        ),
        ("M1,Rosa Alvarez,Aetna,MRI,Approved,11/2/2026,11/9/2026,11/9/2026,2/7/2027,3,x,y", "12 cells"),
        ("M1,Rosa Alvarez,MRI,Approved,11/2/2026,11/9/2026,11/9/2026,2/7/2027,3", "9 cells"),
        (
            "M1,Rosa Alvarez,Aetna,MRI,Approved,11/2/2026,,,,3M2,James Cole,Aetna,CT,Approved,11/2/2026,,,,3",
            "19 cells",
        ),
        (
            "Rosa Alvarez,Aetna,MRI,Approved,11/2/2026,11/9/2026,11/9/2026,2/7/2027,3,M1",
            "not a calendar date",
        ),
        ("M1,Rosa Alvarez,11/2/2026,MRI,Approved,11/2/2026,,,,3", "a date stands where a name belongs"),
        ("M1,Rosa Alvarez,100.00,MRI,Approved,11/2/2026,,,,3", "a number stands where a name belongs"),
        ("M1,Rosa Alvarez,Aetna,MRI,11/2/2026,11/2/2026,,,,3", "where a status belongs"),
        ("M1,Rosa Alvarez,Aetna,MRI,Approved,11/9/2026,11/2/2026,,,3", "decided before it was submitted"),
        (
            "M1,Rosa Alvarez,Aetna,MRI,Approved,11/2/2026,11/9/2026,2/7/2027,11/9/2026,3",
            "ends before it begins",
        ),
        ("M1,Rosa Alvarez,Aetna,MRI,Submitted,12/2/2026,,,,3", "the day is ahead"),
        ("M1,Rosa Alvarez,Aetna,MRI,Approved,11/2/1926,,,,3", "the year cannot be right"),
        ("M1,Rosa Alvarez,Aetna,,Approved,11/2/2026,,,,3", "no service and no code"),
        ("M1,Rosa Alvarez,Aetna,#REF!,Approved,11/2/2026,,,,3", "Excel error"),
        ("M7,Nobody Here,Aetna,MRI,Approved,11/2/2026,,,,3", "nobody of this name"),
        (",,Aetna,MRI,Approved,11/2/2026,,,,3", "no name"),
    ],
)
def test_a_corrupt_row_is_reported_with_its_line(
    practice: Practice, write: Write, row: str, reason: str
) -> None:
    good = "M2,James Cole,Aetna,CT,Approved,10/15/2026,10/20/2026,10/20/2026,1/20/2027,3\n"
    plan = brought(practice, "authorizations", write(f"{_AUTH}{row}\n{good}"))
    assert counts(plan) == {"created": 1, "rejected": 1}
    assert reason in reasons(plan)[2]
    assert "Rosa" not in reasons(plan)[2] and "Nobody" not in reasons(plan)[2]
    assert plan.of(RowFate.REJECTED)[0].cells  # as it stands, for the one who corrects it


def test_the_same_record_twice_in_one_file_is_taken_once(practice: Practice, write: Write) -> None:
    plan = brought(practice, "coverages", write(COVERAGES + COVERAGES.splitlines()[1] + "\n"))
    assert counts(plan) == {"created": 3, "rejected": 1}
    assert reasons(plan) == {5: "the same coverage stands on line 2"}


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("25:00", "not a time"), ("2:30", "night or afternoon"), ("soon", "not a time"), ("", "no time")],
)
def test_a_time_is_never_guessed(practice: Practice, write: Write, cell: str, reason: str) -> None:
    text = f"MRN,Appt date,Appt time,Status\nM1,12/15/2026,{cell},Booked\n"
    assert reason in reasons(LogJob(practice, "appointments", write(text)).read())[2]


def test_a_visit_ahead_cannot_have_been_kept(practice: Practice, write: Write) -> None:
    text = "MRN,Appt date,Appt time,Status\nM1,12/15/2026,9:00 AM,Kept\nM2,10/15/2026,9:00 AM,\n"
    found = reasons(LogJob(practice, "appointments", write(text)).read())
    assert "cannot have been kept" in found[2] and "say how the visit went" in found[3]


# --- questions -------------------------------------------------------------------------------------------


def test_unknown_words_are_asked_and_nothing_is_written_before(practice: Practice, write: Write) -> None:
    path = write(AUTHORIZATIONS.replace("In review", "Pending").replace("Denied", "Closed"))
    job = LogJob(practice, "authorizations", path)
    plan = job.read()
    assert counts(plan) == {"created": 3, "asked": 2}
    assert [(one.words, one.rows, one.examples[0].line) for one in plan.asked] == [
        ("Closed", 1, 4), ("Pending", 1, 5),
    ]  # fmt: skip
    before = dump(practice)
    with pytest.raises(NeedsMeaning, match="“Closed”"):
        job.write()
    assert dump(practice) == before
    with pytest.raises(StatusError, match="no status here"):
        job.set_status("pending", "perhaps")
    job.set_status("pending", "submitted")
    job.set_status("CLOSED", None)
    assert counts(job.read()) == {"created": 4, "left_out": 1}
    assert counts(job.write()) == {"created": 4, "left_out": 1}


def test_a_doubtful_person_is_offered_and_decided(practice: Practice, write: Write) -> None:
    text = (
        "Patient name,DOB,MRN,To do,Due\n"
        "Ann Kim,,,Call,12/14/2026\n"
        "Rosie Alvarez,3/14/1961,,Call,12/14/2026\n"
        "James Cole,7/4/1980,M1,Call,12/14/2026\n"
        "Ann Kim,,,Fax records,12/14/2026\n"
        "Zoe Zzz,1/1/1950,,Call,12/14/2026\n"
    )
    job = LogJob(practice, "follow-ups", write(text))
    plan = job.read()
    assert counts(plan) == {"doubtful": 4, "rejected": 1}
    found = {
        row.line: [(one.name, one.reasons) for one in row.candidates] for row in plan.of(RowFate.DOUBTFUL)
    }
    assert found[2] == [("Kim, Ann", ("same name",))]
    assert found[3] == [("Álvarez, Rosa", ("same birth date and last name",))]
    assert {name for name, _ in found[4]} == {"Álvarez, Rosa", "Cole, James"}
    ann, rosa = plan.rows[0].candidates[0].patient_id, plan.rows[1].candidates[0].patient_id
    job.decide_match(2, ann)
    job.decide_match(3, rosa)
    job.decide_match(4, None)
    plan = job.read()
    assert counts(plan) == {"created": 2, "doubtful": 1, "left_out": 1, "rejected": 1}
    assert reasons(plan, RowFate.LEFT_OUT) == {4: "left out, as you answered"}
    job.undecide_match(3)
    assert counts(job.write()) == {"created": 1, "doubtful": 2, "left_out": 1, "rejected": 1}
    assert practice.execute("SELECT patient_id FROM follow_up") == [(ann,)]
    assert counts(LogJob(practice, "follow-ups", write(text), accept_name_only=True).read())["created"] == 1


def test_a_member_id_tells_people_of_one_name_apart(practice: Practice, write: Write) -> None:
    brought(practice, "coverages", write(COVERAGES, "coverages.csv"))
    text = "Patient name,Member ID,Service,Status,Submitted\nJames Cole,w-200,CT,Submitted,11/24/2026\n"
    plan = brought(practice, "authorizations", write(text))
    assert counts(plan) == {"created": 1}
    assert practice.execute("SELECT coverage_id FROM authorization") == [(3,)]


def test_the_mapping_can_be_looked_at_and_edited(practice: Practice, write: Write) -> None:
    path = write("Chart,Thing,Wann\nM1,Call,12/14/2026\n")
    job = LogJob(practice, "follow-ups", path)
    look = job.look()
    assert look.headers == ("Chart", "Thing", "Wann") and look.mapping == {"mrn": 0}
    assert look.missing == ("title", "due_on") and look.samples == (("M1", "Call", "12/14/2026"),)
    with pytest.raises(TableError, match="--map title=HEADER"):
        job.read()
    job.remap({"mrn": 0, "title": 1, "due_on": 2})
    assert job.look().missing == ()
    assert counts(job.read()) == {"created": 1}
    assert job.look().signature == look.signature
    with pytest.raises(TableError):
        job.remap({"mrn": 9})
    with pytest.raises(TableError):
        job.remap({"colour": 0})


def test_an_unclear_date_order_is_asked(practice: Practice, write: Write) -> None:
    path = write("MRN,To do,Due\nM1,Call,1/2/2027\n")
    job = LogJob(practice, "follow-ups", path)
    with pytest.raises(NeedsDateOrder):
        job.read()
    job.set_date_order(DateOrder.DMY)
    job.write()
    assert practice.execute("SELECT due_on FROM follow_up") == [("2027-02-01",)]


# --- files -----------------------------------------------------------------------------------------------


def test_a_workbook_of_the_1904_epoch_is_read_from_the_sheet_asked_for(
    practice: Practice, tmp_path: Path
) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "Appts"
    sheet.append(["MRN", "Appt date", "Appt time", "Status"])
    sheet.append(["M1", date(2026, 12, 15), "9:00 AM", "Booked", "", "ask again"])
    book.create_sheet("Other").append(["MRN", "Appt date", "Appt time"])
    path = tmp_path / "book.xlsx"
    book.save(path)
    with pytest.raises(TableError, match="no sheet"):
        LogJob(practice, "appointments", path, "Missing").read()
    plan = brought(practice, "appointments", path, sheet="Appts")
    assert counts(plan) == {"created": 1}
    assert [one.reason for one in plan.warnings] == ["cells beside the table are left out"]
    assert practice.execute("SELECT starts_at FROM appointment") == [("2026-12-15T14:00:00.000000+00:00",)]


@pytest.mark.parametrize(
    ("name", "text"), [("a.xlsx", "MRN,To do,Due\n"), ("a.csv", ""), ("a.csv", "<html>")]
)
def test_a_file_that_is_no_table_is_refused(practice: Practice, write: Write, name: str, text: str) -> None:
    with pytest.raises(TableError):
        LogJob(practice, "follow-ups", write(text, name)).look()


def test_twenty_thousand_rows(practice: Practice, tmp_path: Path) -> None:
    people = 2_000
    patients, log = tmp_path / "people.csv", tmp_path / "log.csv"
    with patients.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["MRN", "Last name", "First name", "DOB"])
        rows.writerows([f"P{n}", f"Name{n}", "Ana", "1950-01-02"] for n in range(people))
    with log.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["MRN", "Service", "Status", "Submitted", "Decided", "Auth no", "Valid to"])
        rows.writerows(
            [f"P{n % people}", f"Service {n}", "Approved", "2026-11-02", "2026-11-09", f"A{n}", "2027-02-07"]
            for n in range(20_000)
        )
    import_patients(practice, patients)
    said: list[tuple[str, int, int]] = []
    started = time.perf_counter()
    job = LogJob(practice, "authorizations", log)
    plan = job.write(lambda *now: said.append(now))
    took = time.perf_counter() - started
    assert counts(plan) == {"created": 20_000}
    assert took < 60, took
    assert {phase for phase, _, _ in said} >= {
        import_steps.READING,
        import_steps.SAVING,
        "Updating the worklist",
    }
    with practice.read() as connection:
        assert ledger.differences(connection, practice.context).is_equal
    assert counts(LogJob(practice, "authorizations", log).read()) == {"unchanged": 20_000}


# --- third-party samples ---------------------------------------------------------------------------------


def test_the_appointment_book_of_medscheduler(practice: Practice, sample_data: Path) -> None:
    folder = sample_data / "medscheduler_A"
    import_patients(practice, folder / "patients.csv")
    job = LogJob(practice, "appointments", folder / "appointments.csv")
    plan = job.read()
    assert counts(plan) == {"created": 1683, "asked": 9}
    assert {one.words: one.rows for one in plan.statuses} == {
        "attended": 1186, "cancelled": 260, "did not attend": 98, "unknown": 9, "scheduled": 139,
    }  # fmt: skip
    job.set_status("unknown", None)
    job.write()
    assert practice.execute("SELECT status, count(*) FROM appointment GROUP BY status ORDER BY status") == [
        ("booked", 139), ("cancelled", 260), ("fulfilled", 1186), ("noshow", 98),
    ]  # fmt: skip
    assert counts(job.read()) == {"unchanged": 1683, "left_out": 9}


def test_the_payer_transitions_of_synthea(practice: Practice, sample_data: Path, write: Write) -> None:
    folder = sample_data / "synthea_ma_1171_csv"
    import_patients(practice, folder / "patients.csv")
    path = folder / "payer_transitions.csv"
    plan = LogJob(practice, "coverages", path, overrides={"mrn": "PATIENT"}).read()
    assert counts(plan) == {"rejected": 3801}  # the payers are database ids
    assert set(reasons(plan).values()) == {"a database id, not a name: give a column with the name"}
    with (folder / "payers.csv").open(encoding="utf-8", newline="") as stream:
        names = {row["Id"]: row["NAME"] for row in csv.DictReader(stream)}
    text = path.read_text("utf-8")
    for number, name in names.items():
        text = text.replace(number, name)
    plan = brought(practice, "coverages", write(text), overrides={"mrn": "PATIENT"})
    assert counts(plan) == {"created": 3801} and plan.counts.new_payers == len(names)
    assert practice.execute("SELECT payer_class FROM payer WHERE name = 'NO_INSURANCE'") == [("self_pay",)]


@pytest.mark.parametrize(("name", "taken"), [("providers.csv", 5855), ("organizations.csv", 1112)])
def test_the_directories_of_synthea(practice: Practice, sample_data: Path, name: str, taken: int) -> None:
    plan = brought(practice, "providers", sample_data / "synthea_ma_1171_csv" / name)
    assert plan.counts.created == taken
    assert all("the same office stands on line" in reason for reason in reasons(plan).values())


def test_the_intake_log_of_a_coordinator(practice: Practice, sample_data: Path) -> None:
    with practice.change("person") as session:
        session.add(Patient(family_name="C.", given_name="Emily"))
    path = sample_data / "coordinator_logs" / "airtable_intake_forms.csv"
    overrides = {"title": "Form Name", "due_on": "Submission Date"}
    job = LogJob(practice, "follow-ups", path, overrides=overrides)
    plan = job.read()
    assert [(one.words, one.rows) for one in plan.statuses] == [
        ("Submitted", 1), ("Reviewed", 1), ("In Progress", 1), ("Incomplete", 1),
    ]  # fmt: skip
    assert {one.words for one in plan.asked} == {"Submitted", "Reviewed"}
    job.set_status("submitted", "open")
    job.set_status("reviewed", "done")
    assert counts(job.read()) == {"doubtful": 1, "rejected": 3}
    job.set_accept_name_only(True)
    assert counts(job.write()) == {"created": 1, "rejected": 3}
