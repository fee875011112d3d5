"""Rows written in bulk are the rows a session would have written, audited in the same chain."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.vocabulary import EligibilityResult, FollowUpKind, Risk, Sex
from carecoord_tui.store import audit, bulk, ledger, rows, undo
from carecoord_tui.store.codec import canonical
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import (
    Coverage,
    EligibilityCheck,
    FollowUp,
    Note,
    Patient,
    PatientPhone,
    Payer,
    Record,
)

AWKWARD = (
    "",
    'quo"te',
    "100% \\ back",
    "line\nbreak\ttab",
    "Łukasz 王小明 👩‍⚕️",
    "\u2028",
    "\x1b[31m",
    "%s%%(x)s",
)
TIME = datetime(2026, 11, 30, 13, 0, 0, 5, tzinfo=timezone(timedelta(hours=-5)))
PEOPLE: list[dict[str, Any]] = [
    {
        "family_name": f"Name{text}",
        "given_name": text,
        "mrn": f"M{number}",
        "birth_date": date(1961, 3, 14) if number % 2 else None,
        "sex": Sex.FEMALE,
        "risk": Risk.HIGH if number % 3 else Risk.LOW,
        "call_from": time(9, 30),
        "detailed_voicemail": [None, True, False][number % 3],
        "is_first_check_in": bool(number % 2),
        "check_in_on": date(2026, 12, 1),
        "status_on": date(2026, 11, 30),
    }
    for number, text in enumerate(AWKWARD)
]


def stored(practice: Practice, table: str) -> list[tuple[Any, ...]]:
    return practice.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - a table of ours


def audited(practice: Practice, table: str) -> list[tuple[Any, ...]]:
    return practice.execute(
        "SELECT action, record_id, patient_id, before, after FROM audit_event"
        " WHERE table_name = ? ORDER BY seq",
        [table],
    )


def assert_whole(practice: Practice) -> None:
    with practice.read() as connection:
        assert audit.verify(connection, practice.audit_key()).broken_at is None
        assert ledger.differences(connection, practice.context).is_equal


def test_same_rows_and_history_as_one_by_one(practice: Practice) -> None:
    children: list[tuple[type[Record], dict[str, Any]]] = [
        (Payer, {"name": "Humana"}),
        (PatientPhone, {"patient_id": 1, "number": "+16175550123"}),
        (Coverage, {"patient_id": 1, "payer_id": 1, "member_id": "A%1"}),
        (
            EligibilityCheck,
            {
                "patient_id": 1,
                "coverage_id": 1,
                "checked_on": date(2026, 11, 2),
                "as_of": date(2026, 11, 30),
                "result": EligibilityResult.ACTIVE,
                "copay": Decimal("20.50"),
            },
        ),
        (
            FollowUp,
            {
                "patient_id": 1,
                "title": "Call",
                "kind": FollowUpKind.CALL,
                "due_on": date(2026, 12, 3),
                "due_at": TIME,
            },
        ),
        (Note, {"patient_id": 1, "at": TIME, "text": "Two\nlines"}),
    ]
    tables = ["patient", *(str(model.__tablename__) for model, _ in children)]

    with practice.change("bulk") as session:
        bulk.insert(session, Patient, PEOPLE)
        for model, row in children:
            bulk.insert(session, model, [row])
    in_bulk = {table: (stored(practice, table), audited(practice, table)) for table in tables}
    assert_whole(practice)

    undo.undo(practice)
    before = {table: len(audited(practice, table)) for table in tables}
    with practice.change("one by one") as session:
        for number, row in enumerate(PEOPLE, 1):
            session.add(Patient(id=number, **row))
        session.flush()
        for model, row in children:
            session.add(model(id=1, **row))
            session.flush()
    for table in tables:
        assert stored(practice, table) == in_bulk[table][0], table
        assert audited(practice, table)[before[table] :] == in_bulk[table][1], table
    assert_whole(practice)


@pytest.mark.parametrize("count", [1, 499, 500, 501, 5_001])
def test_every_row_arrives_whatever_the_count(practice: Practice, count: int) -> None:
    people = [{"family_name": f"Name{number}", "check_in_on": date(2026, 12, 1)} for number in range(count)]
    with practice.change("bulk") as session:
        ids = bulk.insert(session, Patient, people)
    assert ids == list(range(1, count + 1))
    assert practice.execute("SELECT id, family_name FROM patient ORDER BY id") == [
        (number + 1, f"Name{number}") for number in range(count)
    ]
    assert practice.execute("SELECT count(*) FROM ledger") == [(count,)]
    with practice.read() as connection:
        assert audit.verify(connection, practice.audit_key()).broken_at is None


def test_no_rows_write_nothing(practice: Practice) -> None:
    before = practice.execute("SELECT count(*) FROM audit_event")
    with practice.change("bulk") as session:
        assert bulk.insert(session, Patient, []) == []
    assert practice.execute("SELECT count(*) FROM audit_event") == before


def test_numbers_are_given_once(practice: Practice) -> None:
    for expected in ([1, 2], [3, 4]):
        with practice.change("bulk") as session:
            assert bulk.insert(session, Payer, [{"name": "One"}, {"name": "Two"}]) == expected
        undo.undo(practice)


def test_rows_may_leave_out_different_columns(practice: Practice) -> None:
    with practice.change("bulk") as session:
        bulk.insert(session, Payer, [{"name": "One", "phone": "+16175550123"}, {"name": "Two", "fax": "1"}])
    assert practice.execute("SELECT name, phone, fax, version FROM payer ORDER BY id") == [
        ("One", "+16175550123", "", 1),
        ("Two", "", "1", 1),
    ]


def test_unknown_columns_and_words_are_refused(practice: Practice) -> None:
    with pytest.raises(ValueError, match="payer has no column nonsense"), practice.change("bulk") as session:
        bulk.insert(session, Payer, [{"name": "One", "nonsense": 1}])
    with pytest.raises(ValueError, match="purple"), practice.change("bulk") as session:
        bulk.insert(session, Patient, [{"family_name": "Cole", "risk": "purple"}])
    assert practice.execute("SELECT count(*) FROM payer") == [(0,)]


def test_a_broken_constraint_leaves_nothing(practice: Practice) -> None:
    twice = [{"family_name": "A", "mrn": "1"}, {"family_name": "B", "mrn": "1"}]
    with pytest.raises(sa.exc.IntegrityError), practice.change("bulk") as session:
        bulk.insert(session, Patient, twice)
    assert practice.execute("SELECT count(*) FROM patient") == [(0,)]
    assert_whole(practice)


def test_a_tampered_bulk_row_breaks_the_chain(practice: Practice) -> None:
    with practice.change("bulk") as session:
        bulk.insert(session, Payer, [{"name": "One"}, {"name": "Two"}])
    with practice._writes.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        connection.exec_driver_sql(
            "UPDATE audit_event SET after = replace(after, 'Two', 'Too') WHERE seq > 1"
        )
        assert audit.verify(connection, practice.audit_key()).broken_at is not None
        transaction.rollback()


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(Risk),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b%s": VALUES, 'é"': VALUES}), min_size=1), VALUES)
def test_canonical_rows_is_canonical(people: list[dict[str, object]], same: object) -> None:
    columns: dict[str, rows.Column] = {name: [row[name] for row in people] for name in people[0]}
    columns["same"] = rows.Same(same)
    expected = [canonical({**row, "same": same}) for row in people]
    assert rows.canonical_rows(columns, len(people)) == expected
