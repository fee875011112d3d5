"""A merge keeps or names everything: every column of a person, every table that hangs on one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.merging import BY_NAME, FIELDS, PROTECTING, MergePreview
from carecoord_tui.domain.vocabulary import (
    CoverMark,
    FollowUpKind,
    InterpreterMode,
    Kind,
    Outcome,
    PatientStatus,
    Risk,
    Sex,
)
from carecoord_tui.store import doctor, undo
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.care_team import MemberEntry, put_care_team_member
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.actions.follow_ups import add_follow_up, add_note
from carecoord_tui.store.actions.merge import merge_patients
from carecoord_tui.store.actions.patients import (
    PatientEntry,
    edit_patient,
    put_related_person,
    set_status,
)
from carecoord_tui.store.codec import audited_columns
from carecoord_tui.store.errors import MergedAway, StoreError
from carecoord_tui.store.merged import OWNED
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.merging import read_merge
from carecoord_tui.store.tables import (
    RECORDS,
    FollowUp,
    IncomingCall,
    ItemCover,
    MovedDate,
    Patient,
    PatientPhone,
    metadata,
)
from carecoord_tui.store.tables.base import Money, UtcDateTime, Word

OURS, THEIRS = 1, 2
DAY = date(2026, 12, 7)
AT = datetime(2026, 12, 7, 15, tzinfo=UTC)
WHOLE = tuple(
    metadata.tables[name] for name in metadata.tables if name not in ("audit_event", "ledger_state")
)
PERSON = metadata.tables["patient"]


@pytest.fixture(autouse=True)
def two(practice: Practice) -> None:
    with practice.change("people") as session:
        session.add_all([Patient(family_name="Nguyen", mrn="A-1"), Patient(family_name="Nguyen", mrn="B-2")])


def preview(practice: Practice) -> MergePreview:
    found = read_merge(practice.execute, OURS, THEIRS)
    assert found is not None
    return found


def change(practice: Practice, patient_id: int, **values: object) -> None:
    with practice.change("facts") as session:
        person = session.get_one(Patient, patient_id)
        for name, value in values.items():
            setattr(person, name, value)
        session.add(person)


def note(practice: Practice) -> str:
    ((text,),) = practice.execute("SELECT text FROM note WHERE source = 'merge'")
    return str(text)


def person(practice: Practice, column: str) -> object:
    with practice.read() as connection:
        return connection.execute(sa.select(PERSON.c[column]).where(PERSON.c.id == OURS)).scalar_one()


def everything(practice: Practice) -> dict[str, list[dict[str, Any]]]:
    """Every row of the database, without what only counts: versions and the ledger's numbers."""
    found: dict[str, list[dict[str, Any]]] = {}
    with practice.read() as connection:
        for table in WHOLE:
            hidden = {"version", *(["id"] if table.name == "ledger" else [])}
            rows = connection.execute(sa.select(table)).mappings().all()
            kept = [{name: row[name] for name in row if name not in hidden} for row in rows]
            found[table.name] = sorted(kept, key=repr)
    return found


# --- every column ----------------------------------------------------------------------------------------

VALUES: dict[str, tuple[object, object, tuple[str, str]]] = {
    "sex": (Sex.FEMALE, Sex.MALE, ("female", "male")),
    "status": (PatientStatus.ON_HOLD, PatientStatus.DISCHARGED, ("on hold", "discharged")),
    "risk": (Risk.HIGH, Risk.RISING, ("high", "rising")),
    "interpreter_mode": (InterpreterMode.VIDEO, InterpreterMode.PHONE, ("video", "phone")),
    "interpreter_needed": (True, False, ("interpreter", "Spanish")),
    "detailed_voicemail": (True, False, ("in detail", "name and number only")),
    "birth_date": (date(1961, 3, 14), date(1962, 4, 15), ("1961", "1962")),
    "hold_until": (date(2026, 12, 8), date(2026, 12, 9), ("8 Dec 2026", "9 Dec 2026")),
    "deceased_on": (date(2026, 11, 8), date(2026, 11, 9), ("8 Nov 2026", "9 Nov 2026")),
    "call_from": (time(9), time(10), ("09:00", "10:00")),
    "call_until": (time(15), time(16), ("15:00", "16:00")),
    "time_zone": ("America/Chicago", "America/Denver", ("America/Chicago", "America/Denver")),
}
"""Ours, theirs, and their words, where any text will not do."""
OF_THE_PROGRAM = {"status_on", "check_in_on", "is_first_check_in"}
"""When the standing was written down, and the target the program set by it: they go with the status."""
DERIVED = {"sort_name", "search_text", "last_contact_at"}
CHOSEN = [column for field in FIELDS for column in field.columns]


def test_every_column_of_a_person_is_chosen_protected_or_the_programs_own() -> None:
    columns = {column.name for column in PERSON.columns} - {"id", "version", "merged_into_id"} - DERIVED
    assert columns == {*CHOSEN, *PROTECTING}
    assert len(CHOSEN) == len(set(CHOSEN))
    assert not set(CHOSEN) & set(PROTECTING)


@pytest.mark.parametrize("is_taken", [False, True])
@pytest.mark.parametrize("column", [name for name in CHOSEN if name not in OF_THE_PROGRAM])
def test_a_value_that_is_on_neither_record_stands_in_the_note(
    practice: Practice, column: str, is_taken: bool
) -> None:
    ours, theirs, words = VALUES.get(column, ("Ouris", "Teyrs", ("Ouris", "Teyrs")))
    both = {"language": "Spanish"} if column == "interpreter_needed" else {}
    change(practice, OURS, **{**both, column: ours})
    change(practice, THEIRS, **{**both, column: theirs})
    name = next(field.name for field in FIELDS if column in field.columns)
    merge_patients(practice, preview(practice), {name} if is_taken else set())
    assert person(practice, column) == (theirs if is_taken else ours)
    assert words[0 if is_taken else 1] in note(practice)


@pytest.mark.parametrize("column", [name for name in CHOSEN if name not in {*OF_THE_PROGRAM, *VALUES, "mrn"}])
@pytest.mark.parametrize("is_ours", [True, False])
def test_a_value_against_none_is_kept_or_named(practice: Practice, column: str, is_ours: bool) -> None:
    """Also where the user chooses the empty one."""
    change(practice, OURS if is_ours else THEIRS, **{column: "Ouris"})
    change(practice, THEIRS if is_ours else OURS, **{column: ""})
    name = next(field.name for field in FIELDS if column in field.columns)
    merge_patients(practice, preview(practice), {name} if is_ours else set())
    assert person(practice, column) == ""
    _, label, words = note(practice).partition(f"{BY_NAME[name].label} ")
    assert label and "Ouris" in words


def test_the_note_names_nothing_where_nothing_is_dropped(practice: Practice) -> None:
    change(practice, THEIRS, mrn=None, status_on=DAY, check_in_on=DAY)
    merge_patients(practice, preview(practice), ())
    assert note(practice) == "Merged with another record of this person, Nguyen."


@pytest.mark.parametrize("column", PROTECTING)
@pytest.mark.parametrize("whose", ["ours", "theirs", "both"])
def test_what_protects_a_person_is_never_dropped(practice: Practice, column: str, whose: str) -> None:
    is_flag = column == "confidential_channel"
    if whose in ("ours", "both"):
        change(practice, OURS, **{column: is_flag or "Service of ours"})
    if whose in ("theirs", "both"):
        change(practice, THEIRS, **{column: is_flag or "Service of theirs"})
    merge_patients(practice, preview(practice), ())
    found = person(practice, column)
    words = {"ours": "Service of ours", "theirs": "Service of theirs"}
    words["both"] = " · ".join(words.values())
    assert found == (True if is_flag else words[whose])
    if not is_flag:
        assert "Service" not in note(practice)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("safe_contact", "on safe contact"),
        ("safe_contact_reason", "on safe contact"),
        ("minor_consent", "on the minor's consent"),
    ],
)
def test_protecting_words_that_do_not_fit_in_one_are_refused_and_never_cut(
    practice: Practice, column: str, words: str
) -> None:
    change(practice, OURS, **{column: "a" * 200})
    change(practice, THEIRS, **{column: "b" * 198})  # one too many, with what stands between them
    before = everything(practice)
    with pytest.raises(Refused, match=f"{words} of both do not fit in one"):
        merge_patients(practice, preview(practice), ())
    assert everything(practice) == before
    change(practice, THEIRS, **{column: "b" * 197})
    merge_patients(practice, preview(practice), ())
    assert person(practice, column) == "a" * 200 + " · " + "b" * 197


def test_the_note_says_that_there_was_an_address_but_not_which(practice: Practice) -> None:
    change(practice, OURS, confidential_channel=True, address_line="2 Main Street", email="our@example.org")
    change(practice, THEIRS, address_line="1 Hidden Way", email="their@example.org")
    merge_patients(practice, preview(practice), {"email"})
    text = note(practice)
    assert "address (not kept in a note)" in text and "e-mail (not kept in a note)" in text
    assert not any(hidden in text for hidden in ("Hidden", "Main", "example.org"))


# --- numbers and check-ins -------------------------------------------------------------------------------


def phones(practice: Practice) -> list[tuple[Any, ...]]:
    return practice.execute("SELECT number, label, note, is_permitted FROM patient_phone ORDER BY rank, id")


def test_what_the_other_record_says_of_one_number_stays_with_it(practice: Practice) -> None:
    with practice.change("phones") as session:
        number = "+15550100134"
        session.add(PatientPhone(patient_id=OURS, number=number, note="evenings"))
        session.add(PatientPhone(patient_id=THEIRS, number=number, label="work", note="ask for Lan"))
    merge_patients(practice, preview(practice), ())
    assert phones(practice) == [("+15550100134", "mobile", "evenings · work · ask for Lan", 0)]


def test_words_on_one_number_that_do_not_fit_are_refused(practice: Practice) -> None:
    with practice.change("phones") as session:
        for patient_id, letter in ((OURS, "a"), (THEIRS, "b")):
            session.add(PatientPhone(patient_id=patient_id, number="+15550100134", note=letter * 101))
    with pytest.raises(Refused, match="on a number of both do not fit"):
        merge_patients(practice, preview(practice), ())


def test_a_number_that_no_channel_permitted_is_not_permitted_by_a_merge(practice: Practice) -> None:
    """The mark means nothing on a record without a confidential channel."""
    change(practice, OURS, confidential_channel=True, safe_contact="At work")
    with practice.change("phones") as session:
        session.add(PatientPhone(patient_id=THEIRS, number="+15550100134", is_permitted=True))
    merge_patients(practice, preview(practice), ())
    assert [row[3] for row in phones(practice)] == [0]


@pytest.mark.parametrize("takes_status", [False, True])
def test_the_moved_check_in_goes_with_the_standing_that_stays(practice: Practice, takes_status: bool) -> None:
    with practice.change("moved") as session:
        for patient_id, who in ((OURS, "Ouris"), (THEIRS, "Teyrs")):
            key = {
                "patient_id": patient_id,
                "kind": Kind.PATIENT,
                "record_id": patient_id,
                "rule_id": "check_in",
            }
            session.add(
                MovedDate(**key, until_on=DAY, original_on=DAY, moved_at=AT, waiting_on=who, reason="away")
            )
            session.add(ItemCover(**key, mark=CoverMark.HOLD, until_on=DAY, note=f"{who} said"))
    before = everything(practice)
    merge_patients(practice, preview(practice), {"status"} if takes_status else ())
    kept, ended = ("Teyrs", "Ouris") if takes_status else ("Ouris", "Teyrs")
    assert practice.execute("SELECT patient_id, record_id, waiting_on FROM moved_date") == [(1, 1, kept)]
    assert practice.execute("SELECT patient_id, record_id, note FROM item_cover") == [(1, 1, f"{kept} said")]
    assert f"check-in moved to Mon 7 Dec 2026, waiting on {ended}, away" in note(practice)
    assert f"check-in marked hold until Mon 7 Dec 2026 {ended} said" in note(practice)
    undo.undo(practice)
    assert everything(practice) == before


# --- every table -----------------------------------------------------------------------------------------


def test_every_reference_to_a_person_is_known() -> None:
    """A table that names its person otherwise would be left behind."""
    found = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if column.references(PERSON.c.id) or column.name.endswith("patient_id")
    }
    known = {(name, "patient_id") for name in (*OWNED, "ledger", "audit_event")}
    assert found == {*known, ("patient", "merged_into_id")}


def _value(column: sa.Column[Any], parents: dict[str, int]) -> object:
    kind = column.type
    for reference in column.foreign_keys:
        return parents.get(reference.column.table.name)
    if isinstance(kind, Word):
        return next(iter(kind.words))
    for sort, value in (
        (UtcDateTime, AT),
        (Money, Decimal("12.50")),
        (sa.Boolean, True),
        (sa.Integer, 3),
        (sa.Date, DAY),
        (sa.Time, time(9)),
    ):
        if isinstance(kind, sort):
            return value
    return f"{column.table.name[:12]} {column.name}"[: getattr(kind, "length", None) or 60]


PLAIN = {
    "time_zone": "America/Chicago",
    "recurrence": "FREQ=WEEKLY",
    "unit": "business_day",
    "sha256": hashlib.sha256(b"abc").hexdigest(),
}
"""Text that means something."""


def fill_every_table(practice: Practice) -> dict[str, int]:
    """A row of every table, each column filled, those of a person theirs; numbers by table."""
    numbers = {"patient": THEIRS, "user": practice.user.id}
    with practice.change("everything") as session:
        content = {"sha256": PLAIN["sha256"], "content": b"abc"}
        session.connection().execute(sa.insert(metadata.tables["document_content"]).values(**content))
        for model in RECORDS:
            table: sa.Table = model.__table__  # type: ignore[attr-defined]
            if table.name in (*numbers, "setting", "closure"):
                continue
            values = {
                column.name: PLAIN.get(column.name) or _value(column, numbers)
                for column in audited_columns(table)
                if column.name != "id"
            }
            record = model(**values)
            session.add(record)
            session.flush()
            assert record.id is not None
            numbers[table.name] = record.id
    return numbers


def test_every_row_of_every_table_moves_whole_and_undo_puts_back_exactly_what_was(practice: Practice) -> None:
    numbers = fill_every_table(practice)
    before = everything(practice)
    assert all(len(before[name]) == 1 for name in OWNED)
    shown = preview(practice)
    merge_patients(practice, shown, ())
    after = everything(practice)
    for table in WHOLE:
        if table.name in ("patient", "ledger"):
            continue
        was = [
            {**row, "patient_id": OURS} if row.get("patient_id") == THEIRS else row
            for row in before[table.name]
        ]
        rows = [row for row in after[table.name] if row.get("source") != "merge"]
        assert rows == sorted(was, key=repr), table.name
    assert {row["patient_id"] for row in after["ledger"]} == {OURS}
    assert dict(shown.moves).keys() == {name.replace("_", " ") for name in OWNED} - {"import record"}
    assert len(numbers) == len(RECORDS) - 2  # settings and closures rule and belong to nobody
    report = doctor.examine(practice)
    assert next(check for check in report.checks if check.name == "merged records").ok
    undo.undo(practice)
    assert everything(practice) == before
    undo.redo(practice)
    assert everything(practice) == after


# --- afterwards ------------------------------------------------------------------------------------------

LATE: dict[str, Callable[[Practice], object]] = {
    "follow-up": lambda p: add_follow_up(p, patient_id=THEIRS, title="Call", due=When(DAY)),
    "note": lambda p: add_note(p, patient_id=THEIRS, text="Said so"),
    "contact": lambda p: log_contact(p, patient_id=THEIRS, outcome=Outcome.NO_ANSWER),
    "status": lambda p: set_status(p, THEIRS, PatientStatus.ACTIVE),
    "patient": lambda p: edit_patient(p, THEIRS, PatientEntry(family_name="Nguyen", given_name="Tina")),
    "related": lambda p: put_related_person(p, THEIRS, name="Lan"),
    "care team": lambda p: put_care_team_member(p, THEIRS, MemberEntry(name="Dr. Silva")),
    "merge": lambda p: merge_patients(p, LATE_PREVIEW[0], ()),
    "row": lambda p: _add(p, FollowUp(patient_id=THEIRS, title="x", due_on=DAY, kind=FollowUpKind.CALL)),
    "call": lambda p: _add(p, IncomingCall(patient_id=THEIRS, at=AT)),
}
LATE_PREVIEW: list[MergePreview] = []


def _add(practice: Practice, record: Any) -> None:
    with practice.change("added") as session:
        session.add(record)


@pytest.mark.parametrize("what", LATE)
def test_work_on_a_record_that_was_merged_away_is_refused_in_one_sentence(
    practice: Practice, what: str
) -> None:
    """As a form does that was open before the merge."""
    merge_patients(practice, preview(practice), ())
    LATE_PREVIEW[:] = [
        MergePreview(
            our_id=THEIRS,
            their_id=OURS,
            our_name="",
            their_name="",
            versions=tuple(
                row[0] for row in practice.execute("SELECT version FROM patient ORDER BY id DESC")
            ),  # type: ignore[arg-type]
            lines=(),
            moves=(),
            makes_confidential=False,
        )
    ]
    before = everything(practice)
    with pytest.raises((Refused, StoreError)) as refused:
        LATE[what](practice)
    assert str(refused.value) == MergedAway.default
    assert everything(practice) == before


def test_doctor_tells_of_open_work_on_a_merged_record(practice: Practice) -> None:
    merge_patients(practice, preview(practice), ())
    with practice._writes.connect() as connection, connection.begin():
        connection.execute(
            sa.insert(FollowUp.__table__).values(  # type: ignore[attr-defined]
                version=1, patient_id=THEIRS, title="Lost", kind="call", due_on=DAY, status="open"
            )
        )
        connection.execute(
            sa.insert(PERSON).values(
                version=1, family_name="Third", status="discharged", merged_into_id=THEIRS
            )
        )
    found = next(check for check in doctor.examine(practice).checks if check.name == "merged records")
    assert not found.ok
    assert found.detail.startswith(
        "Left on records that were merged away: 1 follow up; 1 of them points at no record that stays."
    )
