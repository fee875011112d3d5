"""Random walks over authorizations, denials and appeals: no payer's no is forgotten, all can be undone."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.store import ledger, undo
from carecoord_tui.store.practice import Practice
from tests.store.test_denials import Desk
from tests.store.walking_insurance import InsuranceWalk

FORGOTTEN = """
SELECT a.id FROM "authorization" a WHERE a.status = 'denied'
AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.kind = 'authorization' AND l.record_id = a.id)
AND NOT EXISTS (SELECT 1 FROM denial d WHERE d.authorization_id = a.id AND (
    d.status IN ('open', 'appealed', 'upheld') OR (d.status = 'closed' AND d.notice_on >= coalesce(
        (SELECT max(e.happened_on) FROM authorization_event e WHERE e.authorization_id = a.id
         AND e.status IN ('approved', 'modified')), d.notice_on))))
"""
FORGOTTEN_PARTS = """
SELECT i.id FROM authorization_item i JOIN "authorization" a ON a.id = i.authorization_id
WHERE i.status = 'denied' AND i.denial_id IS NULL AND a.status IN ('approved', 'partial', 'modified')
AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.kind = 'authorization' AND l.record_id = a.id
                AND l.rule_id = 'auth.denied_part')
AND NOT EXISTS (SELECT 1 FROM denial d WHERE d.authorization_id = a.id AND d.id NOT IN (
    SELECT coalesce(o.denial_id, 0) FROM authorization_item o WHERE o.authorization_id = a.id))
"""
"""Written without the test the rules use, which may be wrong."""


@pytest.fixture
def desk(practice: Practice) -> Desk:
    return Desk(practice)


def walk(practice: Practice, desk: Desk, seed: int, steps: int) -> None:
    plans = [desk.plans[kind] for kind in (PayerClass.MEDICARE_ADVANTAGE, PayerClass.ERISA)]
    walker = InsuranceWalk(practice, seed, desk.otto, [*plans, desk.plans[PayerClass.CA_STATE]])
    base, done = undo.next_undo(practice), 0
    for _ in range(steps):
        before = practice.execute("SELECT max(seq) FROM audit_event")
        if walker.step():
            done += 1
        else:
            assert practice.execute("SELECT max(seq) FROM audit_event") == before, "a refusal changes nothing"
        assert practice.execute(FORGOTTEN) == []
        assert practice.execute(FORGOTTEN_PARTS) == []
    assert done > steps // 8
    assert_sound(practice)
    while undo.next_undo(practice) != base:
        undo.undo(practice)
    assert practice.execute("SELECT count(*) FROM denial") == [(0,)]
    assert_sound(practice)


def assert_sound(practice: Practice) -> None:
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
    assert report.is_equal and not report.missing, report


@pytest.mark.parametrize("seed", [5, 7, 13])
def test_no_denial_is_forgotten(practice: Practice, desk: Desk, seed: int) -> None:
    walk(practice, desk, seed, 80)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 40))
def test_no_denial_is_forgotten_on_a_long_walk(practice: Practice, desk: Desk, seed: int) -> None:
    walk(practice, desk, seed, 300)
