"""What a safety call owes, what a caller may be told, and a new person read from one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from carecoord_tui.domain import incoming
from carecoord_tui.domain.dates import DateError, DateOrder
from carecoord_tui.domain.facts import IncomingCallFacts
from carecoord_tui.domain.next_actions import next_actions, without_action
from carecoord_tui.domain.ranking import Lane, lane_of
from carecoord_tui.domain.rows import RelatedRow
from carecoord_tui.domain.settle import Need, choices
from carecoord_tui.domain.vocabulary import Basis, Consequence, Disposition, Kind, PatientStatus
from tests.domain.make import CONTEXT, moment, patient

MONDAY = date(2026, 11, 30)
CALL = IncomingCallFacts(
    id=7,
    at=datetime(2026, 11, 30, 13, 2, tzinfo=UTC),
    reason="chest pain",
    disposition=Disposition.HANDED_TO_CLINICIAN,
    handed_to="Dr. Patel",
    handed_at=datetime(2026, 11, 30, 13, 4, tzinfo=UTC),
)
AMY = RelatedRow(
    id=1,
    name="Amy",
    relationship="daughter",
    phone="",
    is_authorized=True,
    scope="appointments",
    scope_until=date(2026, 11, 30),
    is_emergency_contact=False,
    note="",
)


@pytest.mark.parametrize("status", list(PatientStatus))
def test_a_safety_call_is_owed_first_whatever_became_of_the_person(status: PatientStatus) -> None:
    facts = patient(status=status, calls=(CALL,))
    items = next_actions(facts, CONTEXT)
    item = next(item for item in items if item.kind is Kind.HANDOFF)
    assert (item.rule_id, item.record_id, item.basis) == ("handoff.accept", 7, Basis.SAFETY)
    assert (item.target_on, item.consequence) == (MONDAY, Consequence.CARE)
    assert item.title == "Accepted? chest pain, Dr. Patel"
    assert "8:02am: chest pain." in item.why
    assert "Handed to Dr. Patel at 8:04am." in item.why
    assert item.citation == "practice safety rule, unconfirmed"
    assert lane_of(item, moment()) is Lane.SAFETY
    assert without_action(facts, items) == []


def test_told_911_and_nobody_to_hand_to_is_still_owed() -> None:
    call = replace(CALL, handed_to="", handed_at=None, disposition=Disposition.TOLD_911)
    (item,) = incoming.owed(patient(calls=(call,)), CONTEXT)
    assert item.title == "Hand to a clinician: chest pain"
    assert "told to call 911. No clinician is named yet." in item.why


def test_a_call_no_rule_names_would_be_found() -> None:
    facts = patient(calls=(CALL,))
    others = [item for item in next_actions(facts, CONTEXT) if item.kind is not Kind.HANDOFF]
    assert (Kind.HANDOFF, 7) in [(one.kind, one.record_id) for one in without_action(facts, others)]


def test_what_settles_it() -> None:
    named = choices(Kind.HANDOFF, incoming.RULE, handed_to="Dr. Patel")
    first = named[0]
    assert (first.key, first.label, first.need) == ("x", "accepted by Dr. Patel", Need.NOTHING)
    assert [one.asks for one in choices(Kind.HANDOFF, incoming.RULE)] == ["asks who", "asks who"]
    for offered in (named, choices(Kind.HANDOFF, incoming.RULE)):
        assert len({one.key for one in offered}) == len(offered)


@pytest.mark.parametrize(
    ("related", "safe", "words"),
    [
        (None, False, incoming.NOT_AUTHORIZED),
        (replace(AMY, is_authorized=False), False, incoming.NOT_AUTHORIZED),
        (AMY, False, "authorized: appointments until Mon 30 Nov"),
        (replace(AMY, scope_until=None), False, "authorized: appointments"),
        (
            replace(AMY, scope_until=date(2026, 11, 29)),
            False,
            f"{incoming.NOT_AUTHORIZED} (expired Sun 29 Nov; was: appointments)",
        ),
        (
            replace(AMY, scope_until=None),
            True,
            "authorized: appointments; the safe-contact instructions come first",
        ),
    ],
)
def test_what_a_caller_may_be_told(related: RelatedRow | None, safe: bool, words: str) -> None:
    assert incoming.may_be_told(related, MONDAY, has_safe_contact=safe) == words


@pytest.mark.parametrize(
    ("typed", "name", "birth"),
    [
        ("Lee, Ana 3/4/1980", "Lee, Ana", date(1980, 3, 4)),
        ("Ana Lee 4 Mar 1980", "Lee, Ana", date(1980, 3, 4)),
        ("Ana Lee Mar 4 1980", "Lee, Ana", date(1980, 3, 4)),
        ("Ana Lee 1980-03-04", "Lee, Ana", date(1980, 3, 4)),
        ("Lee", "Lee", None),
    ],
)
def test_a_new_person_from_one_line(typed: str, name: str, birth: date | None) -> None:
    person = incoming.read_new_person(typed, today=MONDAY, order=DateOrder.MDY)
    assert person is not None
    assert (person.name, person.birth_date) == (name, birth)


@pytest.mark.parametrize("typed", ["", "  ", "0134", "3/4/1980"])
def test_digits_name_nobody(typed: str) -> None:
    assert incoming.read_new_person(typed, today=MONDAY, order=DateOrder.MDY) is None


def test_a_birth_date_that_cannot_be() -> None:
    for typed in ("Lee 13/45/1980", "Lee 3/4/80", "Lee 2099-01-01", "Lee 1980"):
        with pytest.raises(DateError):
            incoming.read_new_person(typed, today=MONDAY, order=DateOrder.MDY)
