"""The promise: whatever the facts, nothing open is ever without a next action."""

from __future__ import annotations

import ast
import dataclasses
import random
import typing
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carecoord_tui import domain
from carecoord_tui.domain import payer_limit
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.facts import (
    AppointmentFacts,
    AssistanceFacts,
    AuthorizationFacts,
    AuthorizationItemFacts,
    BillingCaseFacts,
    ContactFacts,
    CoverageFacts,
    DenialFacts,
    EligibilityFacts,
    FollowUpFacts,
    GoodFaithFacts,
    InstallmentFacts,
    LimitFacts,
    MoveFacts,
    PatientFacts,
    PaymentPlanFacts,
    ReferralFacts,
    TrackFacts,
    TransitionFacts,
)
from carecoord_tui.domain.next_actions import MissingAction, next_actions, without_action
from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    Basis,
    Consequence,
    FollowUpKind,
    Kind,
    MoveEvent,
    Outcome,
    PatientStatus,
    Priority,
)
from tests.domain.make import (
    CONTEXT,
    MONDAY,
    NOON_CLOSING,
    ZONE,
    at,
    authorization,
    contact,
    coverage,
    day,
    denial,
    discharge,
    follow_up,
    items,
    moment,
    moved,
    only,
    patient,
    ranked,
    referral,
    tries,
    visit,
)

SINGLE_ITEM_KINDS = set(Kind) - {Kind.TRANSITION, Kind.APPOINTMENT, Kind.DENIAL}
"""Their rows on Today are told apart by kind and record alone (``widgets.today_rows``)."""

# --- any combination of facts -------------------------------------------------------------------

DAYS = st.integers(-400, 400).map(lambda n: MONDAY + timedelta(days=n))
MOMENTS = st.builds(lambda d, h: datetime.combine(d, time(h), tzinfo=ZONE), DAYS, st.integers(0, 23))
UNITS = st.none() | st.integers(0, 40)
NAMES = st.sampled_from(["the payer", "{office}", "Humana", "Ärzte & Söhne [/b]"])
TYPES: dict[Any, st.SearchStrategy[Any]] = {
    date: DAYS,
    datetime: MOMENTS,
    str: NAMES,
    int: st.integers(1, 3),
}
LEVELS = st.sampled_from(["", "appeal.medicare.alj", "appeal.external", "2nd level"])


def made(cls: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any value of a facts class; required fields not given here follow from their types."""
    required = {field.name for field in dataclasses.fields(cls) if field.default is dataclasses.MISSING}
    hints = typing.get_type_hints(cls)
    follow = {name: TYPES[hints[name]] for name in required - set(fields) if hints[name] in TYPES}
    return st.builds(cls, **follow, **fields)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Up to two of them, numbered from 1."""
    return st.lists(strategy, max_size=2).map(
        lambda found: tuple(replace(record, id=n) for n, record in enumerate(found, 1))
    )


OPTIONAL_DAY = st.none() | DAYS
FOLLOW_UPS = made(FollowUpFacts, title=NAMES, due_at=st.none() | MOMENTS, legal_on=OPTIONAL_DAY)
REFERRALS = made(
    ReferralFacts, specialty=NAMES, provider_name=NAMES, sent_on=OPTIONAL_DAY, visit_on=OPTIONAL_DAY
)
LIMITS = st.lists(
    made(
        LimitFacts,
        rule_id=st.sampled_from(
            [rule for rule in CONTEXT.pack.ids() if rule.split(".")[0] in payer_limit.TOPICS]
        ),
        n=st.integers(1, 400),
        unit=st.sampled_from(payer_limit.UNITS),
    ),
    max_size=3,
).map(tuple)
AUTHORIZATIONS = made(
    AuthorizationFacts,
    appointment_id=st.none() | st.integers(1, 3),
    valid_from=OPTIONAL_DAY,
    extended_on=OPTIONAL_DAY,
    peer_to_peer_by=OPTIONAL_DAY,
    has_denial=st.booleans(),
    items=st.lists(made(AuthorizationItemFacts, units=UNITS, valid_to=OPTIONAL_DAY), max_size=3).map(tuple),
    limits=LIMITS,
    is_drug=st.booleans(),
    is_expedited=st.booleans(),
    submitted_at=st.none() | MOMENTS,
    information_due_on=OPTIONAL_DAY,
    decided_on=OPTIONAL_DAY,
    service_on=OPTIONAL_DAY,
    valid_to=OPTIONAL_DAY,
    units_authorized=UNITS,
    units_used=UNITS,
    units_updated_on=OPTIONAL_DAY,
    is_renewed=st.booleans(),
)
TRACKS = made(TrackFacts, next_on=OPTIONAL_DAY, closed_on=OPTIONAL_DAY)
DENIALS = made(
    DenialFacts,
    peer_to_peer_by=OPTIONAL_DAY,
    peer_to_peer_on=OPTIONAL_DAY,
    tracks=st.lists(TRACKS, max_size=3).map(tuple),
    limits=LIMITS,
    received_on=OPTIONAL_DAY,
    level=LEVELS,
    letter_deadline_on=OPTIONAL_DAY,
    is_expedited=st.booleans(),
    triaged_on=OPTIONAL_DAY,
    filed_on=OPTIONAL_DAY,
    decided_on=OPTIONAL_DAY,
)
VISITS = made(
    AppointmentFacts,
    confirmed_on=OPTIONAL_DAY,
    interpreter_needed=st.booleans(),
    interpreter_confirmed_on=OPTIONAL_DAY,
    transition_id=st.none() | st.integers(1, 2),
    status_on=OPTIONAL_DAY,
)
DISCHARGES = made(TransitionFacts, handed_to=NAMES)
DOLLARS = st.integers(1, 100_000).map(lambda n: Decimal(n) / 100)
GOOD_FAITHS = made(
    GoodFaithFacts,
    is_closed=st.booleans(),
    appointment_id=st.none() | st.integers(1, 3),
    scheduled_on=OPTIONAL_DAY,
    requested_on=OPTIONAL_DAY | st.just(date(2021, 6, 1)),
    service_on=OPTIONAL_DAY,
    given_on=OPTIONAL_DAY,
)
BILLING_CASES = made(BillingCaseFacts, title=NAMES, payer_name=st.just("") | NAMES)
INSTALLMENTS = made(InstallmentFacts, amount=DOLLARS, paid_on=OPTIONAL_DAY)
PAYMENT_PLANS = made(
    PaymentPlanFacts, title=st.just("") | NAMES, installments=st.lists(INSTALLMENTS, max_size=3).map(tuple)
)
ASSISTANCES = made(AssistanceFacts, decided_on=OPTIONAL_DAY, renew_on=OPTIONAL_DAY)
COVERAGES = made(CoverageFacts, rank=st.integers(1, 3))
CHECKS = made(EligibilityFacts, coverage_id=st.integers(1, 2))
CONTACTS = made(
    ContactFacts,
    about_kind=st.none() | st.sampled_from(Kind),
    about_id=st.none() | st.integers(1, 3),
    by_clinical_staff=st.booleans(),
)
PATIENTS = st.builds(
    PatientFacts,
    id=st.integers(1, 3),
    check_in_on=OPTIONAL_DAY,
    is_first_check_in=st.booleans(),
    hold_until=OPTIONAL_DAY,
    added_on=OPTIONAL_DAY,
    call_from=st.none() | st.just(time(9)),
    call_until=st.none() | st.just(time(17)),
    coverages=some(COVERAGES),
    checks=st.lists(CHECKS, max_size=2).map(tuple),
    follow_ups=some(FOLLOW_UPS),
    referrals=some(REFERRALS),
    authorizations=some(AUTHORIZATIONS),
    denials=some(DENIALS),
    appointments=some(VISITS),
    transitions=some(DISCHARGES),
    good_faith=some(GOOD_FAITHS),
    billing_cases=some(BILLING_CASES),
    payment_plans=some(PAYMENT_PLANS),
    assistance=some(ASSISTANCES),
    contacts=st.lists(CONTACTS, max_size=6).map(tuple),
)
CLOSURES = st.frozensets(DAYS, max_size=3)
RULES_OF_LIFE = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def practice(closures: frozenset[date], is_clinical: bool = True) -> Context:
    """The practice with its closed days and its user."""
    return Context(CONTEXT.pack, Calendar(closures), ZONE, is_clinical)


@given(PATIENTS, CLOSURES, st.booleans())
@RULES_OF_LIFE
def test_no_open_record_is_without_an_item(
    facts: PatientFacts, closures: frozenset[date], is_clinical: bool
) -> None:
    context = practice(closures, is_clinical)
    owed = next_actions(facts, context)
    assert without_action(facts, owed) == []
    if facts.status in (PatientStatus.ACTIVE, PatientStatus.ON_HOLD):
        assert owed, "an active person is never without a date"
    keys = [(item.kind, item.record_id, item.rule_id) for item in owed]
    assert len(set(keys)) == len(keys), "unique by kind, record and rule"
    rows = [(item.kind, item.record_id) for item in owed if item.kind in SINGLE_ITEM_KINDS]
    assert len(set(rows)) == len(rows), "one row of Today each"
    for item in owed:
        assert item.patient_id == facts.id
        assert item.title.strip() or item.kind is Kind.FOLLOW_UP
        assert item.why.strip() == item.why != ""
        assert item.citation
        assert context.pack.get(item.rule_id)
        assert bool(item.after_legal) is (item.legal_on is not None)
        assert item.legal_at is None or context.day_of(item.legal_at) == item.legal_on
        assert item.target_at is None or context.day_of(item.target_at) == item.target_on or not item.progress
        assert len(item.group_key) <= 60
        ranked(item)


@given(PATIENTS, CLOSURES)
@RULES_OF_LIFE
def test_a_legal_item_is_done_by_its_last_day(facts: PatientFacts, closures: frozenset[date]) -> None:
    for item in next_actions(facts, practice(closures)):
        if item.basis is Basis.LEGAL and not item.progress.strip("0/3"):
            assert item.legal_on is not None
            assert item.target_on <= item.legal_on, item


@given(PATIENTS, st.randoms(use_true_random=False))
@RULES_OF_LIFE
def test_the_order_of_the_facts_does_not_matter(facts: PatientFacts, dice: random.Random) -> None:
    contacts = list(facts.contacts)
    dice.shuffle(contacts)
    when = [(c.at, c.about_kind, c.about_id) for c in contacts]
    if len(set(when)) == len(when):
        assert next_actions(replace(facts, contacts=tuple(contacts)), CONTEXT) == next_actions(facts, CONTEXT)


@given(PATIENTS, DAYS, st.none() | MOMENTS, OPTIONAL_DAY)
@RULES_OF_LIFE
def test_moving_every_item_keeps_the_promise(
    facts: PatientFacts, until: date, hour: datetime | None, moved_on: date | None
) -> None:
    before = next_actions(facts, CONTEXT)
    moves = tuple(
        MoveFacts(
            kind=item.kind,
            record_id=item.record_id,
            rule_id=item.rule_id,
            until_on=until,
            until_at=hour,
            original_on=item.target_on,
            moved_on=moved_on,
        )
        for item in before
    )
    after = next_actions(replace(facts, moves=moves), CONTEXT)
    assert [item.ref for item in after] == [item.ref for item in before]
    assert without_action(facts, after) == []
    for old, new in zip(before, after, strict=True):
        assert new.moved_from == old.target_on, "a defer stays a miss"
        assert (new.legal_on, new.why) == (old.legal_on, old.why)
        capped = new.legal_on is not None and new.target_on == new.legal_on
        assert new.target_on == until or (capped and new.basis is Basis.LEGAL)


def test_items_do_not_depend_on_now() -> None:
    """No module of the rules reads a clock."""
    for module in Path(str(domain.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            assert not (
                isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow")
            ) or _is_moment(node), f"{module.name}:{node.lineno}"


def _is_moment(node: ast.Attribute) -> bool:
    """``moment.today``: the instant that was handed in; ``datetime.now`` is a clock."""
    return not (isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date", "time"))


# --- what the promise reports -------------------------------------------------------------------


def test_a_hole_is_reported() -> None:
    facts = patient(follow_ups=(follow_up(id=4),), denials=(denial(id=5),))
    owed = [item for item in next_actions(facts, CONTEXT) if item.kind is Kind.DENIAL]
    assert without_action(facts, owed) == [MissingAction(Kind.FOLLOW_UP, 4, facts.id)]
    assert without_action(patient(), []) == [MissingAction(Kind.PATIENT, facts.id, facts.id)]
    assert without_action(patient(status=PatientStatus.DISCHARGED), []) == []


def test_a_check_in_is_owed_only_when_nothing_else_is() -> None:
    assert set(items(patient())) == {"caseload.review"}
    assert set(items(patient(follow_ups=(follow_up(),)))) == {"followup.due"}


def test_death_stops_outreach_and_visits_while_appeals_and_billing_go_on() -> None:
    everything = patient(
        status=PatientStatus.DECEASED,
        coverages=(coverage(),),
        follow_ups=tuple(follow_up(id=n, kind=kind) for n, kind in enumerate(FollowUpKind)),
        referrals=(referral(),),
        authorizations=(
            authorization(id=1),
            authorization(AuthorizationStatus.APPROVED, id=2, valid_to=day("2026-12-11")),
        ),
        denials=(denial(),),
        appointments=(visit(),),
        transitions=(discharge(),),
    )
    owed = next_actions(everything, CONTEXT)
    kinds = {
        follow_up_kind for n, follow_up_kind in enumerate(FollowUpKind) if _names(owed, Kind.FOLLOW_UP, n)
    }
    assert kinds == {
        FollowUpKind.PAPERWORK,
        FollowUpKind.CHASE,
        FollowUpKind.ASSISTANCE,
        FollowUpKind.OTHER,
    }
    assert {item.rule_id for item in owed if item.kind is Kind.DENIAL} == {
        "denial.triage",
        "appeal.ma.reconsideration",
    }
    assert _names(owed, Kind.AUTHORIZATION, 1)
    assert not _names(owed, Kind.AUTHORIZATION, 2), "nothing is renewed for the dead"
    assert {item.kind for item in owed} == {Kind.FOLLOW_UP, Kind.AUTHORIZATION, Kind.DENIAL}
    assert without_action(everything, owed) == []
    assert without_action(everything, []) != [], "a denial without its item is still a hole"


def _names(owed: list[Any], kind: Kind, number: int) -> bool:
    return any((item.kind, item.record_id) == (kind, number) for item in owed)


def test_an_unconfirmed_rule_says_so_where_it_is_cited() -> None:
    found = items(patient(transitions=(discharge(),)))
    assert found["tcm.contact"].citation == "77 FR 68978, unconfirmed"
    assert items(patient())["caseload.review"].citation == "Own default"


# --- moved --------------------------------------------------------------------------------------


def test_a_moved_item_waits_for_somebody() -> None:
    facts = patient(referrals=(referral(),))
    item = only(facts)
    office = only(replace(facts, moves=(moved(item, "2026-12-03", waiting_on="cardiology office"),)))
    assert (office.target_on, office.moved_from, office.waiting_on) == (
        day("2026-12-03"),
        day("2026-11-25"),
        "cardiology office",
    )
    assert ranked(office, moment("2026-12-02T18:00")).lane is Lane.WAITING
    assert ranked(office, moment("2026-12-03T08:00")).lane is Lane.BROKEN_PROMISE, "on the day itself"
    event = only(replace(facts, moves=(moved(item, "2026-12-03", event=MoveEvent.REPORT),)))
    assert event.waiting_on == "until the report is in"


@pytest.mark.parametrize("facts", [patient(follow_ups=(follow_up(),)), patient(check_in_on=MONDAY)])
def test_a_moved_time_is_a_promise(facts: PatientFacts) -> None:
    timed = moved(only(facts), "2026-12-01", until_at="2026-12-01T14:00")
    item = only(replace(facts, moves=(timed,)))
    assert item.basis is Basis.PROMISE
    assert ranked(item, moment("2026-12-01T13:50")).lane is Lane.PROMISE


def test_a_legal_item_stays_legal_when_it_is_moved() -> None:
    facts = patient(transitions=(discharge(discharged_on="2026-11-27"),))
    item = items(facts)["tcm.contact"]
    earlier = items(replace(facts, moves=(moved(item, "2026-11-30", until_at="2026-11-30T14:00"),)))[
        "tcm.contact"
    ]
    assert (earlier.basis, earlier.legal_on) == (Basis.LEGAL, day("2026-12-01"))
    assert ranked(earlier).lane is Lane.DEADLINE


# --- follow-ups ---------------------------------------------------------------------------------


def test_a_follow_up_with_a_time_is_a_promise_until_it_was_tried() -> None:
    promised = follow_up(due_at="2026-11-30T14:00")
    item = only(patient(follow_ups=(promised,)))
    assert (item.basis, item.target_at, item.verb) == (Basis.PROMISE, at("2026-11-30T14:00"), "contact")
    run = tuple(tries(Kind.FOLLOW_UP, 1, "2026-11-30T14:05"))
    tried = only(patient(follow_ups=(promised,), contacts=run))
    assert (tried.basis, tried.rule_id, tried.progress) == (Basis.OWN, "outreach.next_attempt", "1/3")
    assert (tried.target_on, tried.target_at) == (day("2026-12-01"), at("2026-12-01T09:30"))


def test_a_follow_up_goes_through_the_protocol() -> None:
    run = tries(Kind.FOLLOW_UP, 1, "2026-11-23T09:00", "2026-11-24T14:00", "2026-11-25T09:30")
    letter = only(patient(follow_ups=(follow_up(),), contacts=tuple(run)))
    assert (letter.rule_id, letter.title) == ("outreach.letter", "Send letter: Call: CGM supply order")
    run += tries(Kind.FOLLOW_UP, 1, "2026-11-27T09:30", outcome=Outcome.LETTER_SENT)
    closing = only(patient(follow_ups=(follow_up(),), contacts=tuple(run)))
    assert (closing.rule_id, closing.target_on) == ("outreach.close", day("2026-12-07"))
    assert closing.title.startswith("Ask clinician to close")


def test_tries_keep_to_the_persons_hours() -> None:
    run = tuple(tries(Kind.FOLLOW_UP, 1, "2026-11-27T09:30"))
    item = only(patient(follow_ups=(follow_up(),), contacts=run, **NOON_CLOSING))
    assert item.target_at == at("2026-11-30T09:30"), "not 2pm: calls are taken until noon"


def test_chasing_an_office_gets_no_letter_to_the_patient() -> None:
    run = tuple(tries(Kind.FOLLOW_UP, 1, "2026-11-23T09:00", "2026-11-24T14:00", "2026-11-25T09:30"))
    chase = follow_up(kind=FollowUpKind.CHASE, title="Chase records")
    item = only(patient(follow_ups=(chase,), contacts=run))
    assert (item.title, item.rule_id, item.verb) == ("Chase records", "outreach.next_attempt", "done")


def test_a_follow_up_of_a_legal_date() -> None:
    item = only(patient(follow_ups=(follow_up(legal_on=day("2026-12-04")),)))
    assert (item.basis, item.legal_on) == (Basis.LEGAL, day("2026-12-04"))
    late = ranked(item, moment("2026-12-05T08:00"))
    assert late.title == "Too late: record and escalate Call: CGM supply order"
    contradictory = only(patient(follow_ups=(follow_up(due_on="2026-12-09", legal_on=day("2026-12-06")),)))
    assert contradictory.target_on == day("2026-12-04"), "the Friday before the Sunday"


@pytest.mark.parametrize(
    ("kind", "priority", "consequence"),
    [
        (FollowUpKind.CALL, Priority.NORMAL, Consequence.CARE),
        (FollowUpKind.CALL, Priority.HIGH, Consequence.CARE),
        (FollowUpKind.CALL, Priority.LOW, Consequence.COVERAGE),
        (FollowUpKind.ASSISTANCE, Priority.NORMAL, Consequence.MONEY),
        (FollowUpKind.OTHER, Priority.HIGH, Consequence.MONEY),
        (FollowUpKind.PAPERWORK, Priority.LOW, Consequence.PAPERWORK),
    ],
)
def test_what_is_lost_when_a_follow_up_slips(
    kind: FollowUpKind, priority: Priority, consequence: Consequence
) -> None:
    item = only(patient(follow_ups=(follow_up(kind=kind, priority=priority),)))
    assert item.consequence is consequence


# --- visits -------------------------------------------------------------------------------------


def test_a_booked_visit_is_prepared_confirmed_and_recorded() -> None:
    found = items(patient(appointments=(visit("2026-12-02T09:00", interpreter_needed=True),)))
    assert {
        rule: (item.title, item.target_on) for rule, item in found.items() if item.kind is Kind.APPOINTMENT
    } == {
        "appointment.interpreter": ("Confirm interpreter, 9am", day("2026-11-30")),
        "appointment.confirm": ("Confirm visit Wed 2 Dec, 9am", day("2026-12-01")),
        "appointment.outcome": ("Record visit of Wed 2 Dec: kept?", day("2026-12-03")),
    }
    ready = visit(confirmed_on="2026-11-30", interpreter_needed=True, interpreter_confirmed_on="2026-11-30")
    owed = [
        i.rule_id for i in next_actions(patient(appointments=(ready,)), CONTEXT) if i.kind is Kind.APPOINTMENT
    ]
    assert owed == ["appointment.outcome"]


def missed(status: str, *contacts: ContactFacts, **changes: Any) -> Any:
    from carecoord_tui.domain.vocabulary import AppointmentStatus

    record = visit("2026-11-27T10:00", AppointmentStatus(status), **changes)
    return only(patient(appointments=(record,), contacts=contacts))


def test_a_no_show_counts_from_the_visit_however_late_it_was_recorded() -> None:
    item = missed("noshow", status_on="2026-12-01")
    assert (item.title, item.target_on, item.since_on) == (
        "Rebook no-show: Lab visit",
        day("2026-11-30"),
        day("2026-11-27"),
    )
    cancelled = missed("cancelled", status_on="2026-11-20")
    assert (cancelled.title, cancelled.target_on) == ("Rebook cancelled visit: Lab visit", day("2026-11-23"))


def test_confirming_calls_before_the_visit_are_no_tries_after_it() -> None:
    before = tries(Kind.APPOINTMENT, 1, "2026-11-25T09:00", "2026-11-27T08:30")
    assert missed("noshow", *before).progress == ""
    after = tries(Kind.APPOINTMENT, 1, "2026-11-27T11:00", "2026-11-30T14:00", "2026-12-01T09:00")
    assert missed("noshow", *before, *after[:1]).progress == "1/3"
    assert missed("noshow", *before, *after).title == "Send letter, no-show: Lab visit"
    letter = contact("2026-12-02T09:00", Outcome.LETTER_SENT, about_kind=Kind.APPOINTMENT, about_id=1)
    closing = missed("noshow", *before, *after, letter)
    assert (closing.title, closing.target_on) == (
        "Ask clinician to close no-show: Lab visit",
        day("2026-12-14"),
    )


# --- words --------------------------------------------------------------------------------------


def test_titles_fit_the_column_with_ordinary_names() -> None:
    facts = patient(
        coverages=(coverage(),),
        referrals=(referral(),),
        authorizations=(
            authorization(id=1),
            authorization(AuthorizationStatus.PENDED, id=2),
            authorization(AuthorizationStatus.APPROVED, id=3),
            authorization(AuthorizationStatus.DENIED, id=4),
        ),
        denials=(denial(service="MRI"),),
        appointments=(visit(interpreter_needed=True),),
        transitions=(discharge(),),
    )
    for item in next_actions(facts, CONTEXT):
        assert len(item.title) <= 36, item.title
        assert " MA " not in item.title + item.why
