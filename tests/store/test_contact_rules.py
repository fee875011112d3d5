"""The sealed reason: read on request alone, and never without a line in the audit."""

from __future__ import annotations

import pytest

from carecoord_tui.clock import RunningClock
from carecoord_tui.store.actions.contact_rules import (
    REVEALED,
    ContactRules,
    put_contact_rules,
    reveal_reason,
)
from carecoord_tui.store.errors import DiskFull, ReadOnly
from carecoord_tui.store.practice import Practice, open_practice
from tests.store.caseload import add_people

REASON = "brother-in-law reads her letters"
LOOKS = "SELECT action, patient_id, label FROM audit_event WHERE change_kind = 'view'"


@pytest.fixture
def person(practice: Practice) -> int:
    """Somebody with a sealed reason."""
    _, number = add_people(practice, 2)
    put_contact_rules(practice, number, ContactRules(safe_contact="text only", reason=REASON), version=1)
    return number


def test_each_look_at_the_reason_is_in_the_audit_and_the_reason_is_not(
    practice: Practice, person: int
) -> None:
    assert practice.execute(LOOKS) == []
    assert reveal_reason(practice, person) == REASON
    assert practice.execute(LOOKS) == [("event", person, REVEALED)]
    assert reveal_reason(practice, person) == REASON
    assert len(practice.execute(LOOKS)) == 2


def test_a_look_that_cannot_be_recorded_shows_nothing(
    practice: Practice, person: int, clock: RunningClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_only = open_practice(practice.paths, practice.data_key, clock, is_read_only=True)
    with pytest.raises(ReadOnly):
        reveal_reason(read_only, person)
    read_only.close()

    def full(*_: object, **__: object) -> None:
        raise DiskFull

    monkeypatch.setattr("carecoord_tui.store.audit.Trail.write", full)
    with pytest.raises(DiskFull):
        reveal_reason(practice, person)
    assert practice.execute(LOOKS) == []
