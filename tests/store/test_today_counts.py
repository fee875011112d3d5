"""The numbers in the header of Today count what was not read as if it had been."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries import today
from carecoord_tui.store.queries.today import read_today
from carecoord_tui.store.tables import FollowUp, MovedDate, Patient

MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_the_same_however_little_is_read(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    draw = random.Random(seed)
    with practice.change("a long list") as session:
        for number in range(40):
            patient = Patient(
                family_name=f"Full{number}",
                given_name="A",
                check_in_on=MONDAY + timedelta(draw.randint(-9, 9)),
            )
            session.add(patient)
            session.flush()
            for _ in range(draw.randint(0, 3)):
                due = MONDAY + timedelta(draw.randint(-9, 9))
                task = FollowUp(patient_id=patient.id, title="Sort it", due_on=due)
                session.add(task)
                session.flush()
                if draw.random() < 0.2:
                    session.add(
                        MovedDate(
                            patient_id=patient.id,
                            kind="follow_up",
                            record_id=task.id,
                            rule_id="followup.due",
                            until_on=due,
                            original_on=due,
                            moved_at=practice.moment().now,
                            waiting_on="the office",
                        )
                    )

    def counts() -> tuple[int, ...]:
        view = read_today(practice.execute, practice.moment())
        return view.past_due, view.due_today, view.check_ins, view.waiting, view.past_promise, view.more_due

    whole = counts()
    assert all(whole), "each count has something to count"
    monkeypatch.setattr(today, "CANDIDATES", 3)
    view = read_today(practice.execute, practice.moment())
    assert view.unread_late and view.unread_today and view.unread_check_ins
    assert counts()[:5] == whole[:5]
