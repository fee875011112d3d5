"""Undo and redo of everything, also after a restart; refused whole when something came after."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
import sqlalchemy as sa

from carecoord_tui.clock import RunningClock
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.settle import choices
from carecoord_tui.domain.vocabulary import (
    FollowUpKind,
    Kind,
    Outcome,
    PatientStatus,
    PayerClass,
    Priority,
    ReferralStage,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import audit, bulk, derived, ledger, undo
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.actions.follow_ups import add_follow_up, add_note, edit_follow_up
from carecoord_tui.store.actions.items import complete, drop, move
from carecoord_tui.store.actions.patients import (
    CoverageEntry,
    PatientEntry,
    PhoneEntry,
    add_patient,
    edit_patient,
    put_related_person,
    set_status,
)
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.errors import Superseded
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.tables import RECORDS, FollowUp, Note, Patient, PatientPhone
from tests.store.caseload import add_one_of_each, add_people
from tests.store.walking import Walk

Tables = dict[str, list[tuple[object, ...]]]
FOLLOW_UP = ItemRef(Kind.FOLLOW_UP, 1, "followup.due", 1)
THURSDAY = When(date(2026, 12, 3))


def everything(practice: Practice) -> Tables:
    """Every source table and the ledger, without version numbers and the ledger's own numbering."""
    found: Tables = {}
    for name in [*(str(model.__tablename__) for model in RECORDS), "ledger"]:
        (sql,) = practice.execute(
            "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info(?) "
            "WHERE name <> 'version' AND NOT (name = 'id' AND ? = 'ledger')",
            [name, name],
        )[0]
        found[name] = sorted(practice.execute(f'SELECT {sql} FROM "{name}"'), key=repr)  # noqa: S608
    return found


def assert_sound(practice: Practice) -> None:
    """Ledger, derived columns and audit chain are what they must be."""
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
        assert report.is_equal and not report.missing, report
        ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM patient")]
        assert derived.count_stale(connection, ids, practice.zone) == 0
        assert audit.verify(connection, practice.audit_key()).broken_at is None


@pytest.fixture
def practice(practice: Practice) -> Practice:
    """Three people; the first has one open record of every kind, and the follow-up recurs."""
    first, *_ = add_people(practice, 3)
    add_one_of_each(practice, first)
    with practice.change("made recurring") as session:
        session.get_one(FollowUp, 1).recurrence = "FREQ=WEEKLY"
    return practice


def reopened(practice: Practice, clock: RunningClock) -> Practice:
    """The same practice, as after a restart."""
    practice.close()
    return open_practice(practice.paths, practice.data_key, clock)


# --- every verb ------------------------------------------------------------------------------------


def _settle(practice: Practice, kind: Kind, rule_id: str, key: str, when: When | None = None) -> None:
    sql = "SELECT record_id, patient_id FROM ledger WHERE kind = ? AND rule_id = ? ORDER BY record_id"
    record_id, patient_id = practice.execute(sql, [kind, rule_id])[0]
    stage = ReferralStage.SENT if kind is Kind.REFERRAL else None
    (choice,) = [choice for choice in choices(kind, rule_id, stage) if choice.key == key]
    settle(practice, [ItemRef(kind, record_id, rule_id, patient_id)], choice, when)


def _bulk_import(practice: Practice) -> None:
    with practice.change("import of patients") as session:
        people = [{"family_name": f"Import {n}", "check_in_on": date(2026, 12, 7)} for n in range(5)]
        ids = bulk.insert(session, Patient, people)
        bulk.insert(session, PatientPhone, [{"patient_id": n, "number": f"+1617555000{n}"} for n in ids])


def _move_three(practice: Practice) -> None:
    sql = "SELECT kind, record_id, rule_id, patient_id FROM ledger WHERE kind IN ('follow_up', 'patient')"
    refs = [ItemRef(Kind(kind), *rest) for kind, *rest in practice.execute(sql)]
    assert len(refs) == 3
    move(practice, refs, THURSDAY, waiting_on="the office")


VERBS: dict[str, Callable[[Practice], object]] = {
    "new patient": lambda p: add_patient(
        p,
        PatientEntry(family_name="Lee", mrn="X1"),
        phones=[PhoneEntry(number="+16175550001"), PhoneEntry(number="+16175550002")],
        coverage=CoverageEntry(payer_name="Cigna", payer_class=PayerClass.ERISA, member_id="C1"),
    ),
    "patient edited": lambda p: edit_patient(
        p,
        1,
        PatientEntry(family_name="Łukasz", birth_date=date(1960, 2, 29), call_from=time(9, 30)),
        phones=[],
        coverage=CoverageEntry(payer_name="Cigna", member_id="C1"),
    ),
    "hold": lambda p: set_status(p, 2, PatientStatus.ON_HOLD, hold_until=date(2026, 12, 20)),
    "deceased": lambda p: set_status(p, 1, PatientStatus.DECEASED, deceased_on=date(2026, 11, 29)),
    "related person": lambda p: put_related_person(p, 1, name="Rosa", is_authorized=True, scope="results"),
    "new follow-up": lambda p: add_follow_up(p, patient_id=2, title="call", due=THURSDAY),
    "follow-up edited": lambda p: edit_follow_up(
        p,
        1,
        title="call again",
        due=THURSDAY,
        kind=FollowUpKind.CALL,
        priority=Priority.HIGH,
        recurrence="",
    ),
    "follow-up done, the next opened": lambda p: complete(p, [FOLLOW_UP]),
    "follow-up dropped": lambda p: drop(p, [FOLLOW_UP]),
    "note": lambda p: add_note(p, patient_id=1, text="prefers mornings", about=FOLLOW_UP),
    "contact reached": lambda p: log_contact(
        p, patient_id=1, outcome=Outcome.REACHED_PATIENT, about=FOLLOW_UP, minutes=4
    ),
    "contact failed": lambda p: log_contact(p, patient_id=1, outcome=Outcome.NO_ANSWER, about=FOLLOW_UP),
    "callback": lambda p: log_contact(
        p, patient_id=1, outcome=Outcome.CALLBACK, about=FOLLOW_UP, next_try=When(date(2026, 12, 2), time(14))
    ),
    "bulk move": _move_three,
    "referral acknowledged": lambda p: _settle(p, Kind.REFERRAL, "referral.acknowledge", "x"),
    "authorization submitted": lambda p: _settle(p, Kind.AUTHORIZATION, "auth.needed", "x"),
    "denial triaged": lambda p: _settle(p, Kind.DENIAL, "denial.triage", "x"),
    "discharge visit booked": lambda p: _settle(
        p, Kind.TRANSITION, "tcm.visit.moderate", "x", When(date(2026, 12, 4), time(10, 20))
    ),
    "visit confirmed": lambda p: _settle(p, Kind.APPOINTMENT, "appointment.confirm", "x"),
    "eligibility checked": lambda p: _settle(p, Kind.ELIGIBILITY, "eligibility.before_visit", "x"),
    "import": _bulk_import,
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_every_verb_is_undone_and_redone_also_after_a_restart(
    practice: Practice, clock: RunningClock, verb: Callable[[Practice], object]
) -> None:
    start = everything(practice)
    verb(practice)
    done = everything(practice)
    assert done != start

    practice = reopened(practice, clock)
    change = undo.undo(practice)
    assert change is not None
    assert everything(practice) == start
    assert_sound(practice)

    practice = reopened(practice, clock)
    again = undo.redo(practice)
    assert again is not None and again.change_id == change.change_id
    assert everything(practice) == done
    assert_sound(practice)

    undo.undo(practice)
    assert everything(practice) == start
    practice.close()


def test_a_bulk_move_is_one_change(practice: Practice) -> None:
    _move_three(practice)
    change = undo.next_undo(practice)
    assert change is not None
    assert (change.label, change.rows, change.patient_ids) == ("waiting, 3 items", 3, {1, 2, 3})
    undo.undo(practice)
    assert practice.execute("SELECT count(*) FROM moved_date") == [(0,)]


def test_the_audit_shows_do_undo_and_redo(practice: Practice) -> None:
    add_note(practice, patient_id=1, text="x")
    change = undo.undo(practice)
    undo.redo(practice)
    assert change is not None
    rows = practice.execute(
        "SELECT change_kind, target, label, action, table_name, before, after FROM audit_event "
        "WHERE seq >= ? ORDER BY seq",
        [change.change_id],
    )
    kinds = [(kind, target, label, action, table) for kind, target, label, action, table, _, _ in rows]
    assert kinds == [
        ("do", None, "note", "insert", "note"),
        ("undo", change.change_id, "undo: note", "delete", "note"),
        ("redo", change.change_id, "redo: note", "insert", "note"),
    ]
    done, undone, redone = (tuple(row[5:]) for row in rows)
    assert undone == done[::-1] and redone == done
    assert json.loads(done[1])["text"] == "x"


# --- the stacks ------------------------------------------------------------------------------------


def test_undo_goes_back_step_by_step_and_redo_forward(practice: Practice) -> None:
    states = [everything(practice)]
    for text in ("one", "two", "three"):
        add_note(practice, patient_id=2, text=text)
        states.append(everything(practice))
    for state in states[-2::-1]:
        undo.undo(practice)
        assert everything(practice) == state
    for state in states[1:]:
        undo.redo(practice)
        assert everything(practice) == state
    assert undo.redo(practice) is None


def test_nothing_to_undo_in_a_new_practice(practice: Practice) -> None:
    while undo.undo(practice) is not None:
        pass
    assert practice.execute("SELECT count(*) FROM patient") == [(0,)]
    assert practice.execute('SELECT name FROM "user"') == [("Dana Reyes",)]  # made by the program itself
    assert undo.next_undo(practice) is None


def test_a_new_change_clears_redo(practice: Practice) -> None:
    add_note(practice, patient_id=1, text="first")
    undo.undo(practice)
    assert undo.next_redo(practice) is not None
    add_note(practice, patient_id=1, text="second")
    assert undo.next_redo(practice) is None
    assert undo.redo(practice) is None


def test_looking_at_a_patient_keeps_redo(practice: Practice) -> None:
    add_note(practice, patient_id=1, text="first")
    undo.undo(practice)
    practice.record_event("patient viewed", patient_id=1)
    assert undo.redo(practice) is not None


def test_undo_after_redo_takes_the_same_change_back(practice: Practice) -> None:
    add_note(practice, patient_id=1, text="one")
    add_note(practice, patient_id=1, text="two")
    start = everything(practice)
    for _ in range(3):
        assert undo.undo(practice) is not None and undo.undo(practice) is not None
        assert undo.redo(practice) is not None and undo.redo(practice) is not None
        assert everything(practice) == start


def test_a_label_of_full_length_can_be_undone(practice: Practice) -> None:
    with practice.change("x" * 200) as session:
        session.get_one(Patient, 1).city = "Boston"
    undo.undo(practice)
    assert practice.execute("SELECT max(length(label)) FROM audit_event") == [(200,)]


def test_an_undone_number_is_not_given_to_another(practice: Practice) -> None:
    first = add_patient(practice, PatientEntry(family_name="Typed twice"))
    undo.undo(practice)
    second = add_patient(practice, PatientEntry(family_name="Somebody else"))
    assert second == first + 1


# --- superseded --------------------------------------------------------------------------------------


def _later(practice: Practice, label: str, city: str) -> None:
    """A change undo does not reach: made by the program, or by another user."""
    with practice.change(label, kind="system") as session:
        session.get_one(Patient, 1).city = city


def test_a_change_overwritten_since_is_refused_by_the_name_of_the_later_one(practice: Practice) -> None:
    with practice.change("address typed") as session:
        session.get_one(Patient, 1).city = "Boston"
        session.get_one(Patient, 2).city = "Boston"
    _later(practice, "import of patients", "Salem")
    before, rows = everything(practice), practice.execute("SELECT count(*) FROM audit_event")
    with pytest.raises(Superseded) as caught:
        undo.undo(practice)
    assert str(caught.value) == (
        "“address typed” cannot be taken back: it was superseded by “import of patients”. "
        "Nothing was changed."
    )
    assert everything(practice) == before
    assert practice.execute("SELECT count(*) FROM audit_event") == rows
    assert_sound(practice)


def test_a_later_change_of_another_field_does_not_stand_in_the_way(practice: Practice) -> None:
    with practice.change("address typed") as session:
        session.get_one(Patient, 1).language = "Spanish"
    _later(practice, "import of patients", "Salem")
    undo.undo(practice)
    assert practice.execute("SELECT language, city FROM patient WHERE id = 1") == [("", "Salem")]


def test_a_new_record_with_something_hung_on_it_since_stays(practice: Practice) -> None:
    number = add_patient(practice, PatientEntry(family_name="Lee"))
    with practice.change("letter filed", kind="system") as session:
        session.add(Note(patient_id=number, at=datetime(2026, 11, 30, tzinfo=UTC), text="x"))
    before = everything(practice)
    with pytest.raises(Superseded, match="superseded by something added since"):
        undo.undo(practice)
    assert everything(practice) == before
    assert_sound(practice)


def test_a_number_given_away_meanwhile_is_not_taken_again(practice: Practice) -> None:
    edit_patient(practice, 2, PatientEntry(family_name="Lee", mrn=None))
    with practice.change("import of patients", kind="system") as session:
        session.get_one(Patient, 3).mrn = "M1"  # what the second person had
    before = everything(practice)
    with pytest.raises(Superseded, match="cannot be taken back"):
        undo.undo(practice)
    assert everything(practice) == before


def test_a_redo_that_no_longer_fits_is_refused_too(practice: Practice) -> None:
    with practice.change("address typed") as session:
        session.get_one(Patient, 1).city = "Boston"
    undo.undo(practice)
    _later(practice, "import of patients", "Salem")
    with pytest.raises(Superseded, match="superseded by “import of patients”"):
        undo.redo(practice)
    assert practice.execute("SELECT city FROM patient WHERE id = 1") == [("Salem",)]


def test_undo_names_the_change_that_deleted_the_record(practice: Practice) -> None:
    number = add_note(practice, patient_id=1, text="x")
    with practice.change("note removed", kind="system") as session:
        session.delete(session.get_one(Note, number))
    with pytest.raises(Superseded, match="superseded by “note removed”"):
        undo.undo(practice)


# --- a long day ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_a_day_of_random_work_is_undone_to_the_start_and_redone_to_the_end(
    practice: Practice, seed: int
) -> None:
    start, base = everything(practice), undo.next_undo(practice)
    walk = Walk(practice, seed)
    for _ in range(40):
        before = practice.execute("SELECT max(seq) FROM audit_event")
        if walk.random.random() < 0.15 and undo.next_undo(practice) != base:
            undo.undo(practice)
            if walk.random.random() < 0.5:
                undo.redo(practice)
        elif not walk.step():
            assert practice.execute("SELECT max(seq) FROM audit_event") == before
    assert_sound(practice)
    end, steps = everything(practice), 0
    while undo.next_undo(practice) != base:
        undo.undo(practice)
        steps += 1
    assert steps >= 10
    assert everything(practice) == start
    assert_sound(practice)
    while undo.redo(practice) is not None:
        steps -= 1
    assert steps <= 0  # also what had been undone on the way, when nothing followed it
    if steps == 0:
        assert everything(practice) == end
    assert_sound(practice)


def test_the_latest_change_of_a_row_is_found_by_row_and_not_by_table(practice: Practice) -> None:
    with practice.change("address typed") as session:
        session.get_one(Patient, 1).city = "Boston"
    with practice.change("of another person", kind="system") as session:
        session.get_one(Patient, 2).city = "Salem"
    assert undo.undo(practice) is not None
    with practice.read() as connection:
        assert connection.execute(sa.select(Patient.__table__.c.city)).scalars().all() == ["", "Salem", ""]  # type: ignore[attr-defined]
