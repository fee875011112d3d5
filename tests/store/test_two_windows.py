"""Two windows on one practice: whoever comes second works by what is stored, not by what it remembers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from carecoord_tui.clock import RunningClock
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import doctor, ledger
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.chase import chase
from carecoord_tui.store.actions.follow_ups import add_follow_up
from carecoord_tui.store.actions.settings import add_closure, put_settings, remove_closure
from carecoord_tui.store.fingerprint import fingerprint
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.ruling import ruling_of, ruling_rows
from carecoord_tui.store.tables import Closure, Setting, User
from tests.store.caseload import add_one_of_each, add_people

CLOSED = date(2026, 12, 1)


@pytest.fixture
def other(practice: Practice, clock: RunningClock) -> Iterator[Practice]:
    """A second window on the practice."""
    opened = open_practice(practice.paths, practice.data_key, clock)
    yield opened
    opened.close()


@pytest.fixture
def people(practice: Practice) -> list[int]:
    """Two people, the first with a record of each kind."""
    found = add_people(practice, 2)
    add_one_of_each(practice, found[0])
    return found


def sound(practice: Practice) -> None:
    report = doctor.examine(practice)
    assert report.ok, [(check.name, check.detail) for check in report.checks if not check.ok]


def stored(practice: Practice) -> str:
    ((found,),) = practice.execute("SELECT fingerprint FROM ledger_state")
    return str(found)


@pytest.mark.parametrize(
    "what", ["closure", "calling hours", "time zone", "calls a day", "who the user is", "closure undone"]
)
def test_a_change_follows_what_another_window_rules(
    practice: Practice, other: Practice, people: list[int], what: str
) -> None:
    if what == "closure":
        add_closure(practice, CLOSED, "Inventory")
    elif what == "calling hours":
        put_settings(practice, {"call_from": "10am", "call_until": "3pm"})
    elif what == "time zone":
        put_settings(practice, {"timezone": "Pacific/Honolulu"})
    elif what == "calls a day":
        put_settings(practice, {"check_in_capacity": "3"})
    elif what == "who the user is":
        with practice.change("user edited") as session:
            session.get_one(User, practice.user.id).is_clinical = False
    else:
        add_closure(practice, CLOSED, "Inventory")
        add_follow_up(other, patient_id=people[0], title="Look", due=When(date(2026, 12, 2)))
        remove_closure(practice, CLOSED)
    for person in people:
        add_follow_up(other, patient_id=person, title="Call the clinic", due=When(date(2026, 12, 2)))
    assert other.settings == practice.settings
    assert other.context == practice.context
    assert stored(practice) == fingerprint(practice.context)
    sound(practice)
    sound(other)


def test_a_change_between_a_closure_and_its_ledger_brings_the_ledger_along(
    practice: Practice, other: Practice, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a window leaves it that was killed in between, or that is of a version before this one."""
    before = stored(practice)
    with monkeypatch.context() as broken:
        broken.setattr("carecoord_tui.store.practice._make_current", lambda *_: False)
        add_closure(practice, CLOSED, "Inventory")
    assert stored(practice) == before
    add_follow_up(other, patient_id=people[1], title="Call", due=When(date(2026, 12, 2)))
    assert stored(practice) == fingerprint(practice.context) != before
    sound(other)


def test_a_closure_and_its_ledger_are_one_transaction(
    practice: Practice, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(Exception):
        pass

    def full(*_: object) -> None:
        raise Full

    monkeypatch.setattr(ledger, "rebuild", full)
    with pytest.raises(Full):
        add_closure(practice, CLOSED, "Inventory")
    assert practice.execute("SELECT count(*) FROM closure") == [(0,)]
    assert CLOSED not in practice.context.calendar.closures
    sound(practice)


def test_another_time_zone_dates_the_touches_of_referrals_anew(practice: Practice, people: list[int]) -> None:
    ((number, rule),) = practice.execute("SELECT record_id, rule_id FROM ledger WHERE kind = 'referral'")
    chase(practice, [ItemRef(Kind.REFERRAL, number, rule, people[0])])  # 8:00 on Monday in New York
    assert practice.execute("SELECT touched_on FROM referral") == [("2026-11-30",)]
    put_settings(practice, {"timezone": "Pacific/Auckland"})
    assert practice.execute("SELECT touched_on FROM referral") == [("2026-12-01",)]
    sound(practice)


def test_doctor_goes_by_the_file_and_not_by_what_its_window_remembers(
    practice: Practice, other: Practice, people: list[int]
) -> None:
    add_closure(practice, CLOSED, "Inventory")
    assert CLOSED not in other.context.calendar.closures
    sound(other)


def test_a_setting_put_back_by_a_window_that_never_saw_it_changed_is_put_back(
    practice: Practice, other: Practice
) -> None:
    put_settings(practice, {"people_shown": "40"})
    assert other.settings.people_shown == 25
    assert put_settings(other, {"people_shown": "25"})
    practice.reload_settings()
    assert practice.settings.people_shown == 25
    assert not put_settings(practice, {"people_shown": "25"})


def test_calling_hours_are_checked_against_what_is_stored(practice: Practice, other: Practice) -> None:
    put_settings(practice, {"call_from": "2pm"})
    with pytest.raises(Refused, match="end before they begin"):
        put_settings(other, {"call_until": "1pm"})
    assert practice.execute("SELECT value FROM setting WHERE key = 'call_until'") == []


def test_a_day_closed_in_another_window_is_refused_in_words(practice: Practice, other: Practice) -> None:
    add_closure(practice, CLOSED, "Inventory")
    with pytest.raises(Refused, match="is a closure already"):
        add_closure(other, CLOSED, "Inventory")
    assert practice.execute("SELECT count(*) FROM closure") == [(1,)]


def test_what_rules_is_read_the_same_way_by_every_reader(practice: Practice) -> None:
    with practice.change("rules") as session:
        session.add_all([Closure(closed_on=CLOSED), Setting(key="call_from", value="09:00")])
    with practice.read() as connection:
        found = ruling_of(ruling_rows(connection.exec_driver_sql))
    assert (found.settings, found.user, found.context) == (practice.settings, practice.user, practice.context)
    assert found.context.calendar.closures == {CLOSED}


def test_a_rebuild_goes_by_what_is_stored(practice: Practice, other: Practice, people: list[int]) -> None:
    add_closure(other, CLOSED, "Staff day")
    with practice.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger_state SET fingerprint = 'of another release'")
    assert practice.ensure_ledger()
    assert stored(practice) == fingerprint(other.context)
    sound(practice)
