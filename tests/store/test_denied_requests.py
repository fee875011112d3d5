"""What a payer's no leaves to do: one letter each, an appeal won is granted, levels keep their dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.denial_ending import Ending
from carecoord_tui.domain.settle import Choice, choices
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    DenialStatus,
    Kind,
    PayerClass,
    TrackKind,
    TrackStatus,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import ledger
from carecoord_tui.store.actions.appeals import Filing, file_appeal
from carecoord_tui.store.actions.authorization_moves import decide_items
from carecoord_tui.store.actions.authorization_units import give_back_use, use_units
from carecoord_tui.store.actions.authorizations import AuthorizationEntry, ItemEntry, add_authorization
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.denial_endings import Close
from carecoord_tui.store.actions.denials import DenialEntry, add_denial
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.authorizations import read_authorization
from carecoord_tui.store.queries.denials import DenialDetail, read_denial
from carecoord_tui.store.tables import Authorization
from tests.store.insurance_acts import (
    close_denial,
    decide_appeal,
    end_track,
    open_track,
    record_step,
)
from tests.store.test_denials import Desk

S = AuthorizationStatus
TODAY = date(2026, 11, 30)
SENT, DENIED_ON = date(2026, 11, 3), date(2026, 11, 9)
LOST = Close(ending=Ending.NOT_APPEALED, reason="cost")


@pytest.fixture
def desk(practice: Practice) -> Desk:
    return Desk(practice)


def asked(practice: Practice, desk: Desk, *services: str, taken: Sequence[Step] = ()) -> int:
    return add_authorization(
        practice,
        desk.otto,
        AuthorizationEntry(service="CT", coverage_id=desk.plans[PayerClass.MEDICARE_ADVANTAGE]),
        taken=[Step(to=S.SUBMITTED, on=SENT), *taken],
        items=[ItemEntry(service=one) for one in services],
    )


def letter(practice: Practice, desk: Desk, request: int, notice_on: date = DENIED_ON) -> int:
    entry = DenialEntry(
        service="CT",
        notice_on=notice_on,
        authorization_id=request,
        coverage_id=desk.plans[PayerClass.MEDICARE_ADVANTAGE],
    )
    return add_denial(practice, desk.otto, entry)


def decide(practice: Practice, request: int, *, on: date = DENIED_ON, **said: S) -> None:
    """What the payer said of services by their name."""
    with practice.change("answer") as session:
        numbers = dict(
            practice.execute(
                "SELECT service, id FROM authorization_item WHERE authorization_id = ?", [request]
            )
        )
        decided = {numbers[service]: status for service, status in said.items()}
        decide_items(session, practice, request, decided, Step(to=S.SUBMITTED, on=on))


def rules(practice: Practice, request: int) -> set[str]:
    """What the request owes, its number apart; the doctor must agree."""
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
    assert report.is_equal
    assert not report.missing
    sql = "SELECT rule_id FROM ledger WHERE kind = 'authorization' AND record_id = ?"
    return {rule for (rule,) in practice.execute(sql, [request])} - {"auth.number"}


def statuses(practice: Practice, request: int) -> tuple[S, list[S]]:
    found = read_authorization(practice.execute, request)
    assert found is not None
    return found.status, [item.status for item in found.items]


def detail(practice: Practice, denial: int) -> DenialDetail:
    found = read_denial(practice.execute, denial)
    assert found is not None
    return found


def last_day(practice: Practice, denial: int) -> date | None:
    window = detail(practice, denial).window(practice.context)
    return window.legal_on if window is not None else None


# --- the letter is owed once for each no -------------------------------------------------------------


def test_a_request_denied_again_owes_its_new_letter(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, taken=[Step(to=S.DENIED, on=DENIED_ON)])
    assert rules(practice, request) == {"denial.triage"}
    denial = letter(practice, desk, request)
    assert rules(practice, request) == set()
    file_appeal(practice, denial, Filing(on=date(2026, 11, 10)))
    decide_appeal(practice, denial, AppealOutcome.OVERTURNED, on=date(2026, 11, 12))
    record_step(practice, request, Step(to=S.DENIED, on=date(2026, 11, 20)))
    assert rules(practice, request) == {"denial.triage"}


def test_a_closed_denial_answers_until_the_payer_grants_something(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, taken=[Step(to=S.DENIED, on=DENIED_ON)])
    close_denial(practice, letter(practice, desk, request, date(2026, 11, 6)), LOST)
    assert rules(practice, request) == set(), "a letter dated before the denial was recorded is its letter"
    record_step(practice, request, Step(to=S.APPROVED, on=date(2026, 11, 12), valid_to=date(2027, 3, 1)))
    record_step(practice, request, Step(to=S.DENIED, on=date(2026, 11, 20)))
    assert rules(practice, request) == {"denial.triage"}


def test_each_denied_service_owes_its_letter(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, "a", "b", "c")
    decide(practice, request, a=S.APPROVED, b=S.DENIED, c=S.APPROVED)
    assert rules(practice, request) == {"auth.denied_part"}
    denial = letter(practice, desk, request)
    assert rules(practice, request) == {"auth.validity"}
    decide(practice, request, c=S.DENIED, on=date(2026, 11, 20))
    assert rules(practice, request) == {"auth.denied_part"}, "the open denial is of b alone"
    close_denial(practice, denial, LOST)
    assert rules(practice, request) == {"auth.denied_part"}
    letter(practice, desk, request, date(2026, 11, 20))
    assert rules(practice, request) == {"auth.validity"}
    decide(practice, request, a=S.DENIED)
    assert statuses(practice, request)[0] is S.DENIED
    assert rules(practice, request) == {"denial.triage"}, "two of three letters are here"


def test_a_service_denied_a_second_time_owes_a_second_letter(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, "a", "b")
    decide(practice, request, a=S.APPROVED, b=S.DENIED)
    close_denial(practice, letter(practice, desk, request), LOST)
    decide(practice, request, b=S.APPROVED, on=date(2026, 11, 16))
    assert rules(practice, request) == {"auth.validity"}
    decide(practice, request, b=S.DENIED, on=date(2026, 11, 20))
    assert rules(practice, request) == {"auth.denied_part"}


def choice(rule_id: str, key: str) -> Choice:
    (found,) = [one for one in choices(Kind.AUTHORIZATION, rule_id) if one.key == key]
    return found


def test_a_denial_without_a_letter_is_let_go_with_a_reason(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, taken=[Step(to=S.DENIED, on=DENIED_ON)])
    ref = ItemRef(Kind.AUTHORIZATION, request, "denial.triage", desk.otto)
    with pytest.raises(Refused, match="a word or two"):
        settle(practice, [ref], choice("denial.triage", "l"))
    settle(practice, [ref], choice("denial.triage", "l"), text="payer sends no letter")
    assert rules(practice, request) == set()
    assert practice.execute("SELECT status, notice_on, note FROM denial") == [
        ("closed", "2026-11-09", "Closed: not appealed (payer sends no letter).")
    ]


def test_the_same_letter_is_entered_once(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, taken=[Step(to=S.DENIED, on=DENIED_ON)])
    ref = ItemRef(Kind.AUTHORIZATION, request, "denial.triage", desk.otto)
    settle(practice, [ref], choice("denial.triage", "x"), When(DENIED_ON, None))
    with pytest.raises(Refused, match="settled meanwhile"):
        settle(practice, [ref], choice("denial.triage", "x"), When(DENIED_ON, None))
    assert practice.execute("SELECT count(*) FROM denial") == [(1,)]


def test_a_road_that_led_somewhere_is_not_taken_again_by_asking(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, taken=[Step(to=S.DENIED, on=DENIED_ON)])
    denial = letter(practice, desk, request)
    open_track(practice, denial, TrackKind.ASSISTANCE)
    ref = ItemRef(Kind.DENIAL, denial, "denial.assistance", desk.otto)
    (still,) = [one for one in choices(ref.kind, ref.rule_id) if one.key == "s"]
    end_track(practice, denial, TrackKind.ASSISTANCE, TrackStatus.SUCCEEDED)
    with pytest.raises(Refused, match="settled meanwhile"):
        settle(practice, [ref], still)
    assert practice.execute("SELECT status FROM denial_track") == [("succeeded",)]


# --- a no that was overturned ------------------------------------------------------------------------


def test_overturning_a_part_grants_that_part(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, "a", "b", "c")
    decide(practice, request, a=S.APPROVED, b=S.DENIED, c=S.APPROVED)
    denial = letter(practice, desk, request)
    decide(practice, request, c=S.DENIED, on=date(2026, 11, 20))
    file_appeal(practice, denial, Filing(on=date(2026, 11, 10)))
    decide_appeal(practice, denial, AppealOutcome.OVERTURNED)
    assert statuses(practice, request) == (S.PARTIAL, [S.APPROVED, S.APPROVED, S.DENIED])
    second = letter(practice, desk, request, date(2026, 11, 20))
    file_appeal(practice, second, Filing(on=date(2026, 11, 24)))
    decide_appeal(practice, second, AppealOutcome.OVERTURNED)
    assert statuses(practice, request) == (S.APPROVED, [S.APPROVED] * 3)


def test_overturning_the_whole_grants_its_services_too(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, "a", "b")
    record_step(practice, request, Step(to=S.DENIED, on=DENIED_ON))
    denial = letter(practice, desk, request)
    close_denial(practice, denial, Close(ending=Ending.OVERTURNED))
    assert statuses(practice, request) == (S.APPROVED, [S.APPROVED] * 2)


# --- levels ------------------------------------------------------------------------------------------


def lost_level(practice: Practice, desk: Desk, kind: PayerClass, **changes: date) -> int:
    entry = DenialEntry(service="Rehab", notice_on=date(2026, 6, 1), coverage_id=desk.plans[kind], **changes)
    denial = add_denial(practice, desk.otto, entry)
    file_appeal(practice, denial, Filing(on=date(2026, 6, 10)))
    decide_appeal(practice, denial, AppealOutcome.UPHELD, on=date(2026, 6, 20))
    return denial


def test_the_last_day_of_the_first_letter_is_not_that_of_the_next_level(
    practice: Practice, desk: Desk
) -> None:
    plain = lost_level(practice, desk, PayerClass.ERISA)
    printed = lost_level(practice, desk, PayerClass.ERISA, letter_deadline_on=date(2026, 11, 28))
    assert last_day(practice, printed) == last_day(practice, plain) == date(2026, 10, 20)


def test_a_dismissed_second_level_is_open_again_from_the_first_decision(
    practice: Practice, desk: Desk
) -> None:
    denial = lost_level(practice, desk, PayerClass.MEDICARE)
    before = detail(practice, denial)
    legal = last_day(practice, denial)
    file_appeal(practice, denial, Filing(on=date(2026, 9, 20)))
    decide_appeal(practice, denial, AppealOutcome.DISMISSED, on=date(2026, 10, 1))
    after = detail(practice, denial)
    assert (after.status, after.level, after.filed_on, after.decided_on) == (
        DenialStatus.UPHELD,
        before.level,
        before.filed_on,
        before.decided_on,
    )
    assert last_day(practice, denial) == legal == date(2026, 12, 22)  # 20 June + 5 + 180 days
    file_appeal(practice, denial, Filing())
    assert detail(practice, denial).level == "appeal.medicare.reconsideration"


def test_a_dismissal_keeps_the_last_day_printed_on_the_letter(practice: Practice, desk: Desk) -> None:
    entry = DenialEntry(
        service="Rehab",
        notice_on=date(2026, 11, 2),
        letter_deadline_on=date(2026, 12, 18),
        coverage_id=desk.plans[PayerClass.ERISA],
    )
    denial = add_denial(practice, desk.otto, entry, filing=Filing())
    decide_appeal(practice, denial, AppealOutcome.DISMISSED)
    assert last_day(practice, denial) == date(2026, 12, 18)


def test_an_expedited_appeal_is_asked_about_after_three_days(practice: Practice, desk: Desk) -> None:
    denial = add_denial(
        practice,
        desk.otto,
        DenialEntry(service="Rehab", notice_on=DENIED_ON, coverage_id=desk.plans[PayerClass.ERISA]),
        filing=Filing(is_expedited=True),
    )
    sql = "SELECT rule_id, target_on FROM ledger WHERE kind = 'denial' AND record_id = ?"
    assert practice.execute(sql, [denial]) == [("denial.appealed.expedited", "2026-12-03")]


# --- a step and what was chosen before it ------------------------------------------------------------


def test_a_date_moved_before_a_step_is_forgotten_with_it(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk)
    ((rule_id,),) = practice.execute(
        "SELECT rule_id FROM ledger WHERE kind = 'authorization' AND record_id = ?", [request]
    )
    move(practice, [ItemRef(Kind.AUTHORIZATION, request, rule_id, desk.otto)], When(date(2026, 12, 8), None))
    record_step(practice, request, Step(to=S.APPROVED, valid_to=date(2027, 3, 1)))
    assert practice.execute("SELECT count(*) FROM moved_date") == [(0,)]


def test_a_date_moved_before_a_decision_is_forgotten_with_it(practice: Practice, desk: Desk) -> None:
    denial = add_denial(
        practice,
        desk.otto,
        DenialEntry(service="Rehab", notice_on=DENIED_ON, coverage_id=desk.plans[PayerClass.ERISA]),
        filing=Filing(),
    )
    ref = ItemRef(Kind.DENIAL, denial, "denial.appealed", desk.otto)
    move(practice, [ref], When(date(2026, 12, 8), None))
    decide_appeal(practice, denial, AppealOutcome.UPHELD)
    assert practice.execute("SELECT count(*) FROM moved_date") == [(0,)]


def test_a_step_of_a_new_request_is_that_of_its_services(practice: Practice, desk: Desk) -> None:
    request = asked(
        practice, desk, "a", "b", taken=[Step(to=S.APPROVED, on=DENIED_ON, valid_to=date(2027, 3, 1))]
    )
    assert statuses(practice, request) == (S.APPROVED, [S.APPROVED] * 2)
    decide(practice, request, b=S.DENIED, on=date(2026, 11, 20))
    assert statuses(practice, request) == (S.PARTIAL, [S.APPROVED, S.DENIED])


def test_a_letter_that_says_the_same_again_leaves_its_facts(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, "a", taken=[Step(to=S.APPROVED, on=DENIED_ON)])
    item = _first_item(practice, request)
    with practice.change("a later letter") as session:
        step = Step(
            to=S.APPROVED, on=date(2026, 11, 20), valid_from=date(2026, 11, 4), valid_to=date(2027, 2, 1)
        )
        decide_items(session, practice, request, {item: S.APPROVED}, step)
    found = read_authorization(practice.execute, request)
    assert found is not None
    assert (found.valid_from, found.valid_to, found.decided_on) == (
        date(2026, 11, 4),
        date(2027, 2, 1),
        DENIED_ON,
    )
    assert (found.events[-1].happened_on, found.events[-1].note) == (date(2026, 11, 20), "1 approved")


def test_a_second_question_of_the_payer_brings_its_own_last_day(practice: Practice, desk: Desk) -> None:
    request = asked(
        practice,
        desk,
        "a",
        "b",
        taken=[Step(to=S.PENDED, on=DENIED_ON, information_due_on=date(2026, 11, 20))],
    )
    item = _first_item(practice, request)
    with practice.change("asked again") as session:
        step = Step(to=S.PENDED, on=date(2026, 11, 23), information_due_on=date(2026, 12, 9))
        decide_items(session, practice, request, {item: S.PENDED}, step)
    sql = "SELECT status, decided_on, information_due_on FROM authorization WHERE id = ?"
    assert practice.execute(sql, [request]) == [("pended", "2026-11-23", "2026-12-09")]
    decide(practice, request, a=S.APPROVED)
    assert practice.execute(sql, [request]) == [("pended", "2026-11-23", "2026-12-09")], "b still waits"


def _first_item(practice: Practice, request: int) -> int:
    sql = "SELECT min(id) FROM authorization_item WHERE authorization_id = ?"
    return int(practice.execute(sql, [request])[0][0])


def test_a_count_put_right_is_not_lowered_by_a_use_it_no_longer_holds(practice: Practice, desk: Desk) -> None:
    request = asked(practice, desk, taken=[Step(to=S.APPROVED, on=DENIED_ON, valid_to=date(2027, 3, 1))])
    first, second = use_units(practice, request, 11), use_units(practice, request, 1)
    give_back_use(practice, second)
    sql = "SELECT units_used FROM authorization WHERE id = ?"
    assert practice.execute(sql, [request]) == [(11,)]
    with practice.change("counted again") as session:
        session.get_one(Authorization, request).units_used = 2
    give_back_use(practice, first)
    assert practice.execute(sql, [request]) == [(2,)]
