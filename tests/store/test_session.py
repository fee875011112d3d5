"""Every change: audited row by row, versioned, all or nothing, and followed by the ledger."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlmodel import col, delete, insert, select, update

from carecoord_tui.clock import RunningClock
from carecoord_tui.domain.vocabulary import EligibilityResult, PayerClass
from carecoord_tui.store import anchor, audit, bulk, ledger, undo
from carecoord_tui.store.actions.patients import PatientEntry, edit_patient
from carecoord_tui.store.codec import audited_columns
from carecoord_tui.store.errors import Conflict, ReadOnly
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    RECORDS,
    Coverage,
    EligibilityCheck,
    FollowUp,
    Note,
    Patient,
    Payer,
    PayerLimit,
    Provider,
    Referral,
)
from tests.store.caseload import TODAY, add_one_of_each, add_people


class Abandoned(Exception):
    """Raised in the middle of a change."""


def last_rows(practice: Practice) -> list[dict[str, object]]:
    """The audit rows of the newest change, with before and after read."""
    with practice.read() as connection:
        newest = connection.execute(sa.select(sa.func.max(audit.events.c.change_id))).scalar_one()
        rows = connection.execute(
            sa.select(audit.events).where(audit.events.c.change_id == newest).order_by(audit.events.c.seq)
        ).mappings()
        return [
            {**row, **{side: json.loads(row[side]) if row[side] else None for side in ("before", "after")}}
            for row in rows
        ]


def due(practice: Practice, patient_id: int) -> list[tuple[str, int, str]]:
    """The ledger's keys of one person."""
    rows = practice.execute(
        "SELECT kind, record_id, target_on FROM ledger WHERE patient_id = ? ORDER BY 1, 2", [patient_id]
    )
    return [(kind, record_id, on) for kind, record_id, on in rows]


# --- audit rows -----------------------------------------------------------------------------------


def test_an_insert_is_audited_with_every_column(practice: Practice) -> None:
    with practice.change("new patient") as session:
        session.add(
            Patient(
                family_name="O'Neil [Jr]", birth_date=date(1961, 3, 14), call_from=time(9), deceased_on=None
            )
        )
    (row,) = last_rows(practice)
    assert (row["action"], row["table_name"], row["record_id"], row["patient_id"]) == (
        "insert",
        "patient",
        1,
        1,
    )
    assert (row["user_id"], row["change_kind"], row["label"]) == (practice.user.id, "do", "new patient")
    assert row["before"] is None
    after = row["after"]
    assert isinstance(after, dict)
    assert set(after) == {column.name for column in audited_columns(Patient.__table__)}  # type: ignore[attr-defined]
    assert after["birth_date"] == "1961-03-14"
    assert after["call_from"] == "09:00:00"
    assert after["deceased_on"] is None
    assert {"version", "search_text", "sort_name", "last_contact_at"}.isdisjoint(after)


def test_an_update_is_audited_with_what_changed_alone(practice: Practice) -> None:
    add_people(practice, 1)
    with practice.change("patient edited") as session:
        patient = session.get_one(Patient, 1)
        patient.city, patient.language = "Boston", "Spanish"
        patient.given_name = "Ana"  # as it was
    (row,) = last_rows(practice)
    assert row["action"] == "update"
    assert row["before"] == {"city": "", "language": ""}
    assert row["after"] == {"city": "Boston", "language": "Spanish"}


def test_a_delete_is_audited_with_every_column_as_it_stood(practice: Practice) -> None:
    add_people(practice, 1)
    with practice.change("note") as session:
        session.add(Note(patient_id=1, at=datetime(2026, 11, 30, 9, tzinfo=UTC), text="kept"))
    with practice.change("note removed") as session:
        note = session.get_one(Note, 1)
        note.text = "changed in the same breath"
        session.delete(note)
    (row,) = last_rows(practice)
    assert (row["action"], row["patient_id"], row["after"]) == ("delete", 1, None)
    before = row["before"]
    assert isinstance(before, dict)
    assert set(before) == {column.name for column in audited_columns(Note.__table__)}  # type: ignore[attr-defined]
    assert before["text"] == "kept"
    assert before["at"] == "2026-11-30T09:00:00.000000+00:00"


def test_before_is_complete_for_a_record_whose_values_were_not_loaded(practice: Practice) -> None:
    add_people(practice, 1)
    with practice.change("patient edited") as session:
        patient = session.get_one(Patient, 1)
        session.expire(patient)
        patient.city = "Boston"
    (row,) = last_rows(practice)
    assert row["before"] == {"city": ""}


def test_several_flushes_of_one_change_share_its_number_and_keep_their_order(practice: Practice) -> None:
    add_people(practice, 1)
    with practice.change("several") as session:
        patient = session.get_one(Patient, 1)
        patient.city = "Boston"
        session.flush()
        patient.city = "Salem"
        session.add(Note(patient_id=1, at=datetime(2026, 11, 30, 9, tzinfo=UTC), text="moved"))
    rows = last_rows(practice)
    assert [row["action"] for row in rows] == ["update", "insert", "update"]
    assert [row["after"] for row in rows if row["action"] == "update"] == [
        {"city": "Boston"},
        {"city": "Salem"},
    ]
    assert rows[2]["before"] == {"city": "Boston"}
    assert len({row["change_id"] for row in rows}) == 1 and rows[0]["change_id"] == rows[0]["seq"]


def test_parents_are_audited_before_children_and_removed_after_them(practice: Practice) -> None:
    with practice.change("in any order") as session:
        payer = Payer(name="Aetna")
        patient = Patient(family_name="Lee")
        session.add_all([payer, patient])
        session.flush()
        assert patient.id is not None and payer.id is not None
        session.add_all(
            [
                Note(patient_id=patient.id, at=datetime(2026, 11, 30, tzinfo=UTC), text="x"),
                Coverage(patient_id=patient.id, payer_id=payer.id),
            ]
        )
    assert [row["table_name"] for row in last_rows(practice)] == ["patient", "payer", "coverage", "note"]


def test_values_of_every_kind_survive_the_way_to_json(practice: Practice) -> None:
    add_people(practice, 1)
    with practice.change("check") as session:
        session.add(
            EligibilityCheck(
                patient_id=1,
                coverage_id=1,
                checked_on=date(2026, 11, 30),
                as_of=date(2026, 12, 3),
                result=EligibilityResult.ACTIVE,
                copay=Decimal("25.00"),
            )
        )
    after = last_rows(practice)[0]["after"]
    assert isinstance(after, dict)
    assert (after["copay"], after["result"], after["as_of"]) == ("25.00", "active", "2026-12-03")


def test_a_change_of_nothing_leaves_no_trace(practice: Practice) -> None:
    add_people(practice, 1)
    before = practice.execute("SELECT count(*) FROM audit_event")
    with practice.change("looked") as session:
        patient = session.get_one(Patient, 1)
        patient.city = patient.city
        session.add(patient)
    assert practice.execute("SELECT count(*) FROM audit_event") == before


def test_bulk_rows_are_audited_like_single_ones(practice: Practice) -> None:
    with practice.change("one by one") as session:
        session.add(Provider(name="Heart Center", npi="1234567893"))
    single = last_rows(practice)[0]
    with practice.change("at once") as session:
        numbers = bulk.insert(session, Provider, [{"name": "Heart Center", "npi": "1234567893"}] * 2)
    rows = last_rows(practice)
    assert [row["record_id"] for row in rows] == numbers == [2, 3]
    for row in rows:
        assert isinstance(row["after"], dict) and isinstance(single["after"], dict)
        assert {**row["after"], "id": 1} == single["after"]
    with practice.read() as connection:
        assert audit.verify(connection, practice.audit_key()).broken_at is None


def test_the_chain_and_its_anchor_follow_every_change(practice: Practice) -> None:
    add_people(practice, 3)
    practice.record_event("viewed", patient_id=2)
    with practice.read() as connection:
        report = audit.verify(connection, practice.audit_key())
    assert report.broken_at is None
    known = anchor.read(practice.paths.anchor)
    assert anchor.check(known, report.last_seq, report.last_mac) is anchor.AnchorState.MATCHES


def test_stamps_are_system_time_under_any_clock(practice: Practice) -> None:
    began = datetime.now(UTC)
    add_people(practice, 1)
    ended = datetime.now(UTC)
    assert all(began <= row["at"] <= ended for row in last_rows(practice))  # type: ignore[operator]


# --- all or nothing -------------------------------------------------------------------------------


def test_an_error_in_a_change_leaves_nothing(practice: Practice) -> None:
    add_people(practice, 1)
    told: list[int] = []
    practice.listeners.append(lambda: told.append(1))

    def everything() -> list[object]:
        tables = [*(str(model.__tablename__) for model in RECORDS), "ledger", "audit_event"]
        return [practice.execute(f'SELECT * FROM "{name}" ORDER BY 1') for name in tables]  # noqa: S608

    before, anchored = everything(), practice.paths.anchor.read_bytes()
    with pytest.raises(Abandoned), practice.change("half") as session:
        session.get_one(Patient, 1).city = "Boston"
        session.add(FollowUp(patient_id=1, title="never", due_on=date(2026, 12, 1)))
        session.flush()
        raise Abandoned
    assert everything() == before
    assert practice.paths.anchor.read_bytes() == anchored
    assert told == []


def test_listeners_are_told_after_the_commit(practice: Practice) -> None:
    seen: list[object] = []
    practice.listeners.append(lambda: seen.append(practice.execute("SELECT count(*) FROM patient")))
    add_people(practice, 2)
    assert seen == [[(1,)], [(2,)]]


def test_a_read_only_practice_refuses_changes_and_records_no_views(
    practice: Practice, clock: RunningClock
) -> None:
    add_people(practice, 1)
    other = open_practice(practice.paths, practice.data_key, clock, is_read_only=True)
    with pytest.raises(ReadOnly), other.change("no") as session:
        session.add(Payer(name="never"))
    before = practice.execute("SELECT count(*) FROM audit_event")
    other.record_event("viewed", patient_id=1)
    assert practice.execute("SELECT count(*) FROM audit_event") == before
    other.close()


# --- another window -------------------------------------------------------------------------------


def test_a_record_changed_in_another_window_meanwhile_is_a_conflict(practice: Practice) -> None:
    add_people(practice, 1)
    with practice.change("look") as session:
        stale = session.get_one(Patient, 1)
        session.expunge(stale)
    edit_patient(practice, 1, PatientEntry(family_name="Changed there"))
    stale.city = "Boston"
    count = practice.execute("SELECT count(*) FROM audit_event")
    with (
        pytest.raises(Conflict, match="changed in another window; nothing was saved"),
        practice.change("late") as session,
    ):
        session.add(stale)
    assert practice.execute("SELECT family_name, city FROM patient") == [("Changed there", "")]
    assert practice.execute("SELECT count(*) FROM audit_event") == count


def test_a_record_removed_in_another_window_meanwhile_is_a_conflict(practice: Practice) -> None:
    add_people(practice, 1)
    with practice.change("note") as session:
        note = Note(patient_id=1, at=datetime(2026, 11, 30, tzinfo=UTC), text="here")
        session.add(note)
        session.flush()
        session.expunge(note)
    with practice.change("removed") as session:
        session.delete(session.get_one(Note, 1))
    note.text = "late"
    with pytest.raises(Conflict), practice.change("late") as session:
        session.add(note)


def test_every_change_raises_the_version_by_one(practice: Practice) -> None:
    add_people(practice, 1)
    for city in ("Boston", "Salem"):
        with practice.change("patient edited") as session:
            session.get_one(Patient, 1).city = city
    assert practice.execute("SELECT version FROM patient") == [(3,)]


# --- statements that bypass the audit -------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        update(Patient).values(city="Boston"),
        delete(Patient).where(col(Patient.id) == 1),
        insert(Payer).values(name="Cigna", version=1),
    ],
    ids=["update", "delete", "insert"],
)
def test_bulk_statements_on_records_are_refused(practice: Practice, statement: sa.Executable) -> None:
    add_people(practice, 1)
    with pytest.raises(RuntimeError, match="bypass the audit"), practice.change("bulk") as session:
        session.execute(statement)
    assert practice.execute("SELECT city FROM patient") == [("",)]


@pytest.mark.parametrize("how", ["bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"])
def test_legacy_bulk_methods_are_refused(practice: Practice, how: str) -> None:
    add_people(practice, 1)
    with pytest.raises(RuntimeError, match="bypass the audit"), practice.change("bulk") as session:
        if how == "bulk_save_objects":
            session.bulk_save_objects([Payer(name="Cigna")])
        elif how == "bulk_insert_mappings":
            session.bulk_insert_mappings(sa.inspect(Payer), [{"name": "Cigna", "version": 1}])
        else:
            session.bulk_update_mappings(sa.inspect(Patient), [{"id": 1, "city": "Boston"}])


# --- the ledger follows in the same transaction ---------------------------------------------------


def test_the_ledger_is_refreshed_before_the_commit(practice: Practice) -> None:
    add_people(practice, 1)
    assert [kind for kind, _, _ in due(practice, 1)] == ["patient"]
    with practice.change("new follow-up") as session:
        session.add(FollowUp(patient_id=1, title="call", due_on=date(2026, 12, 1)))
        session.commit()
        rows = session.connection().exec_driver_sql("SELECT kind, target_on FROM ledger WHERE patient_id = 1")
        assert rows.all() == [("follow_up", "2026-12-01")]
    assert due(practice, 1) == [("follow_up", 1, "2026-12-01")]


def test_derived_columns_follow_too(practice: Practice) -> None:
    add_people(practice, 1)
    edit_patient(practice, 1, PatientEntry(family_name="Łukasz", given_name="Zoë"))
    assert practice.execute("SELECT sort_name FROM patient") == [("lukasz zoe",)]
    found = "SELECT rowid FROM patient_search WHERE patient_search MATCH ?"
    assert practice.execute(found, ["lukasz*"]) == [(1,)]
    assert practice.execute(found, ["neil*"]) == []


def test_a_payers_class_redates_the_authorizations_of_its_patients(practice: Practice) -> None:
    first, second = add_people(practice, 2)
    add_one_of_each(practice, first)
    asked = "SELECT rule_id FROM ledger WHERE patient_id = ? AND kind = 'authorization' ORDER BY record_id"
    before = practice.execute(asked, [first])
    with practice.change("payer edited") as session:
        payer = session.exec(select(Payer)).one()
        payer.payer_class = PayerClass.MEDICARE_ADVANTAGE
    after = practice.execute(asked, [first])
    assert before != after and len(before) == len(after)
    with practice.read() as connection:
        assert ledger.differences(connection, practice.context).is_equal
    assert [kind for kind, _, _ in due(practice, second)] == ["patient"]


def test_a_payers_limit_redates_the_authorizations_of_its_patients_also_when_undone(
    practice: Practice,
) -> None:
    first, _ = add_people(practice, 2)
    add_one_of_each(practice, first)
    asked = "SELECT legal_on, citation FROM ledger WHERE rule_id = 'pa.erisa.standard'"
    before = practice.execute(asked)
    assert [row[0] for row in before] == ["2026-12-08"]
    with practice.change("limit entered") as session:
        payer = session.exec(select(Payer)).one()
        session.add(
            PayerLimit(
                payer_id=payer.id, rule_id="pa.erisa.standard", n=10, unit="calendar_day", entered_on=TODAY
            )
        )
    limited = practice.execute(asked)
    assert limited == [("2026-12-03", "contract: 10 calendar days · the rule says 15, 29 CFR 2560.503-1(f)")]
    with practice.change("limit edited") as session:
        session.exec(select(PayerLimit)).one().n = 12
    assert practice.execute(asked)[0][0] == "2026-12-05"
    for wanted in (limited, before):
        assert undo.undo(practice) is not None
        assert practice.execute(asked) == wanted
    assert undo.redo(practice) is not None
    assert practice.execute(asked) == limited
    with practice.read() as connection:
        assert ledger.differences(connection, practice.context).is_equal


def test_a_providers_name_reaches_the_referrals_that_show_it(practice: Practice) -> None:
    (first,) = add_people(practice, 1)
    add_one_of_each(practice, first)
    with practice.change("provider edited") as session:
        session.exec(select(Provider)).one().name = "Lakeside Cardiology"
    titles = practice.execute("SELECT title FROM ledger WHERE kind = 'referral'")
    assert titles == [("Confirm receipt: Lakeside Cardiology",)]


def test_a_record_that_changes_hands_refreshes_both_people(practice: Practice) -> None:
    first, second = add_people(practice, 2)
    with practice.change("new follow-up") as session:
        session.add(FollowUp(patient_id=first, title="call", due_on=date(2026, 12, 1)))
    with practice.change("handed over") as session:
        session.get_one(FollowUp, 1).patient_id = second
    assert [kind for kind, _, _ in due(practice, first)] == ["patient"]
    assert due(practice, second) == [("follow_up", 1, "2026-12-01")]
    with practice.read() as connection:
        assert ledger.differences(connection, practice.context).is_equal


def test_a_referral_of_another_person_does_not_disturb_the_rows_of_the_rest(practice: Practice) -> None:
    first, second = add_people(practice, 2)
    numbers = practice.execute("SELECT id FROM ledger WHERE patient_id = ?", [second])
    add_one_of_each(practice, first)
    assert practice.execute("SELECT id FROM ledger WHERE patient_id = ?", [second]) == numbers
    with practice.read() as connection:
        referral = connection.execute(sa.select(sa.func.count()).select_from(Referral.__table__)).scalar()  # type: ignore[attr-defined]
    assert referral == 1


def test_a_session_knows_whom_it_touched(practice: Practice) -> None:
    first, second = add_people(practice, 2)
    with practice.change("note") as session:
        assert isinstance(session, AuditedSession)
        session.add(Note(patient_id=second, at=datetime(2026, 11, 30, tzinfo=UTC), text="x"))
        session.flush()
        assert session.touched == {second}
    assert first != second
