"""The synthetic practice: same rows every time, the people of the Monday, and a day that works."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.demo import DEMO_PASSPHRASE, DEMO_PATIENTS
from carecoord_tui.demo.build import build_demo
from carecoord_tui.demo.drafts import Batch, Days, Desk
from carecoord_tui.demo.people import Numbers, medicare_number
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.identifiers import normalize_mbi, normalize_npi, parse_phone
from carecoord_tui.domain.insurance_rows import InsuranceLane, lane_of
from carecoord_tui.domain.interpreter import Companion, Verdict, judge
from carecoord_tui.domain.next_actions import next_actions
from carecoord_tui.domain.quick_add import PatientRef, parse_quick_add
from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.vocabulary import Kind, WaitingOn
from carecoord_tui.domain.waiting import chase_day
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import facts, keyfile, ledger, undo
from carecoord_tui.store import tables as t
from carecoord_tui.store.actions.chase import chase
from carecoord_tui.store.actions.items import clear_move
from carecoord_tui.store.audit import verify
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.queries.patients import jump
from carecoord_tui.store.queries.payer_calls import read_payer_calls
from carecoord_tui.store.queries.person import PersonView, read_person
from carecoord_tui.store.queries.today import TodayView, items_of, read_today
from carecoord_tui.store.queries.waiting import read_parties_waited_for
from tests.conftest import FAST_KDF, MONDAY

ZONE = ZoneInfo("America/New_York")
FICTION = re.compile(r"\+155501\d{5}")
UNSTABLE = {"at", "mac"}  # of the audit: system time, and the key of this one practice


def _build(root: Path, now: str = MONDAY, patients: int = DEMO_PATIENTS) -> Practice:
    paths = PracticePaths(root / "practice")
    moment = parse_now(now, ZONE)
    build_demo(paths, patients=patients, now=moment, kdf=FAST_KDF)
    return open_practice(paths, keyfile.unlock(paths.keyfile, DEMO_PASSPHRASE), RunningClock(moment))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """The canonical demo. Tests of this module only read it."""
    opened = _build(tmp_path_factory.mktemp("demo"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def today(demo: Practice) -> TodayView:
    return read_today(demo.execute, demo.moment())


def _dump(practice: Practice) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as stored, without what differs between two practices on purpose."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for table in t.metadata.sorted_tables:
        kept = [c.name for c in table.columns if not (table.name == "audit_event" and c.name in UNSTABLE)]
        statement = sa.select(*(sa.type_coerce(table.c[name], sa.String) for name in kept))
        with practice.read() as connection:
            found = connection.execute(statement.order_by(*table.primary_key.columns))
            rows[table.name] = [tuple(row) for row in found]
    return rows


def _person(practice: Practice, family: str) -> PersonView:
    found = practice.execute("SELECT id FROM patient WHERE family_name = ? ORDER BY id", [family])
    assert len(found) == 1, f"{family} should be one person"
    person = read_person(practice.execute, found[0][0])
    assert person is not None
    return person


def _items(practice: Practice, family: str) -> dict[str, Any]:
    """The person's items by rule."""
    ranked = items_of(practice.execute, _person(practice, family).id, practice.moment())
    return {row.item.rule_id: row for row in ranked}


# --- the whole practice ---------------------------------------------------------------------------


def test_two_builds_hold_the_same_rows(demo: Practice, tmp_path: Path) -> None:
    again = _build(tmp_path)
    try:
        assert _dump(again) == _dump(demo)
    finally:
        again.close()


def test_exactly_the_wanted_active_patients_and_a_few_others(demo: Practice) -> None:
    counts = Counter(row[0] for row in demo.execute("SELECT status FROM patient"))
    assert counts == {"active": 214, "on_hold": 1, "discharged": 2, "deceased": 2}


@pytest.mark.parametrize("patients", [1, 7, 40, 300])
def test_other_sizes(tmp_path: Path, patients: int) -> None:
    practice = _build(tmp_path, patients=patients)
    try:
        view = read_today(practice.execute, practice.moment())
        assert view.active_patients == patients
        assert view.day.due[0].person.name == "Alvarez, Rosa"
        with practice.read() as connection:
            report = ledger.differences(connection, practice.context)
        assert report.is_equal
        assert report.missing == ()
    finally:
        practice.close()


def test_a_large_caseload_adds_nothing_to_today(tmp_path: Path, today: TodayView) -> None:
    practice = _build(tmp_path, patients=1_500)
    try:
        view = read_today(practice.execute, practice.moment())
        assert len(view.day.due) + view.more_due == len(today.day.due) + today.more_due
        per_day = Counter(
            row[0] for row in practice.execute("SELECT target_on FROM ledger WHERE target_on > '2026-12-31'")
        )
        assert max(per_day.values()) <= 30
    finally:
        practice.close()


def test_nonsense_is_refused(tmp_path: Path) -> None:
    paths = PracticePaths(tmp_path / "practice")
    with pytest.raises(ValueError, match="at least one"):
        build_demo(paths, patients=0, now=datetime(2026, 11, 30, 13, tzinfo=UTC), kdf=FAST_KDF)
    with pytest.raises(ValueError, match="time zone"):
        build_demo(paths, now=datetime(2026, 11, 30, 8), kdf=FAST_KDF)
    assert not paths.exists


def test_progress_ends_with_everybody(tmp_path: Path) -> None:
    seen: list[int] = []
    build_demo(
        PracticePaths(tmp_path / "practice"),
        patients=35,
        now=parse_now(MONDAY, ZONE),
        kdf=FAST_KDF,
        progress=seen.append,
    )
    assert seen == [35]


def test_ledger_is_whole_and_the_audit_verifies(demo: Practice) -> None:
    with demo.read() as connection:
        report = ledger.differences(connection, demo.context)
        chain = verify(connection, demo.audit_key())
    assert report.is_equal
    assert report.missing == ()
    assert report.people == 219
    assert chain.broken_at is None


def test_undo_does_not_offer_the_demo_itself(demo: Practice) -> None:
    assert undo.next_undo(demo) is None


def test_every_moved_date_starts_from_what_its_rule_says(demo: Practice) -> None:
    """A demo may not invent a deferral: the item exists, and its first date is the rule's."""
    with demo.read() as connection:
        moves = connection.execute(sa.select(t.MovedDate.__table__)).mappings().all()
        people = facts.load(connection, sorted({m["patient_id"] for m in moves}), demo.zone)
    owed = {
        (item.kind, item.record_id, item.rule_id): item
        for person in people
        for item in next_actions(replace(person, moves=()), demo.context)
    }
    assert len(moves) == 31
    for move in moves:
        item = owed[move["kind"], move["record_id"], move["rule_id"]]
        assert move["original_on"] == item.target_on
        assert item.legal_on is None or move["until_on"] <= item.legal_on


def test_no_real_phone_numbers(demo: Practice) -> None:
    stored = [
        row[0]
        for sql in (
            "SELECT number FROM patient_phone",
            "SELECT phone FROM related_person",
            "SELECT phone FROM payer",
            "SELECT authorization_phone FROM payer",
            "SELECT fax FROM payer",
            "SELECT phone FROM provider",
            "SELECT fax FROM provider",
            "SELECT value FROM setting WHERE key = 'callback_number'",
        )
        for row in demo.execute(sql)
    ]
    assert len(stored) > 250
    assert len(set(stored)) == len(stored), "a number names one person or office"
    for number in stored:
        assert FICTION.fullmatch(number), number
        assert parse_phone(number) == number
    written = " ".join(
        row[0] for row in demo.execute("SELECT after FROM audit_event WHERE after IS NOT NULL")
    )
    assert not re.findall(r"\d{3}[-. )]+\d{3}[-. ]\d{4}", written), "a number hides in a text"


def test_directory_is_complete_and_valid(demo: Practice) -> None:
    npis = [row[0] for row in demo.execute("SELECT npi FROM provider")]
    assert len(npis) >= 12
    assert [normalize_npi(npi) for npi in npis] == npis
    assert len(set(npis)) == len(npis)
    classes = {row[0] for row in demo.execute("SELECT payer_class FROM payer")}
    assert len(classes) >= 8


def test_member_ids(demo: Practice) -> None:
    rows = demo.execute("SELECT c.member_id, p.payer_class FROM coverage c JOIN payer p ON p.id = c.payer_id")
    medicare = [member for member, payer_class in rows if payer_class == "medicare"]
    assert len(medicare) > 10
    assert [normalize_mbi(member) for member in medicare] == medicare
    assert all(member for member, payer_class in rows if payer_class != "self_pay")
    assert len({member for member, _ in rows if member}) == sum(1 for member, _ in rows if member)


def test_number_series_do_not_repeat() -> None:
    numbers = Numbers()
    assert len({numbers.npi() for _ in range(500)}) == 500
    assert len({medicare_number(n) for n in range(0, 8_000_000, 997)}) == len(range(0, 8_000_000, 997))
    assert normalize_mbi(medicare_number(7_999_999)) == medicare_number(7_999_999)


def test_referral_history_ends_where_the_referral_stands(demo: Practice) -> None:
    steps: dict[int, list[tuple[str, str]]] = {}
    for referral_id, stage, day in demo.execute(
        "SELECT referral_id, stage, happened_on FROM referral_stage ORDER BY id"
    ):
        steps.setdefault(referral_id, []).append((stage, day))
    rows = demo.execute("SELECT id, stage, stage_on, ordered_on, sent_on, visit_on FROM referral")
    assert len(rows) >= 38
    for referral_id, stage, stage_on, ordered_on, sent_on, visit_on in rows:
        history = steps[referral_id]
        days = [day for _, day in history]
        assert history[-1] == (stage, stage_on)
        assert history[0] == ("draft", ordered_on)
        assert days == sorted(days)
        assert dict(history).get("sent") == sent_on
        assert visit_on or stage not in ("scheduled", "seen")


def test_nothing_recorded_lies_in_the_future(demo: Practice) -> None:
    now = demo.moment().now.isoformat(timespec="microseconds")
    for sql in (
        "SELECT count(*) FROM contact WHERE at > ?",
        "SELECT count(*) FROM note WHERE at > ?",
        "SELECT count(*) FROM moved_date WHERE moved_at > ?",
        "SELECT count(*) FROM referral_stage WHERE recorded_at > ?",
        "SELECT count(*) FROM eligibility_check WHERE checked_on > substr(?, 1, 10)",
    ):
        assert demo.execute(sql, [now])[0][0] == 0, sql


def test_a_broken_reference_is_said_plainly() -> None:
    batch = Batch()
    note = batch.add(t.Note, patient_id=batch.add(t.Patient, family_name="X"))
    with pytest.raises(LookupError, match="patient"):
        note.resolved()


# --- Today on the Monday --------------------------------------------------------------------------


def test_the_day_starts_with_alvarez(today: TodayView) -> None:
    top = today.day.due[0]
    assert (top.person.name, top.title, top.item.progress) == (
        "Alvarez, Rosa",
        "Reach after hospital discharge",
        "0/3",
    )
    assert top.lane is Lane.DEADLINE
    assert top.item.legal_on == date(2026, 11, 30)
    assert "Thanksgiving" in top.item.why


def test_the_day_has_a_size_one_person_can_work(today: TodayView) -> None:
    day = today.day
    own = [r for r in (*day.due, *day.more_due) if r.lane in (Lane.DEADLINE, Lane.OWN)]
    late = {r.person.name for r in own if r.days_late}
    assert late == {"Nguyen, Thi", "Cole, James", "Hernandez, Luis"}
    assert len({r.person.id for r in own}) - len(late) == 16
    assert len({r.person.id for r in day.due}) == 25
    assert today.more_due == 9
    assert {r.lane for r in day.more_due} == {Lane.BROKEN_PROMISE, Lane.CHECK_IN}
    assert today.waiting == 31
    assert today.past_promise == 4
    assert 5 <= today.week_ahead <= 40


def test_visits_to_prepare(today: TodayView) -> None:
    unchecked = {
        r.person.name: r.item.visit_on for r in today.day.due if r.item.rule_id == "eligibility.before_visit"
    }
    assert Counter(unchecked.values()) == {date(2026, 12, 2): 4, date(2026, 12, 3): 2}
    interpreter = [r for r in today.day.due if r.item.rule_id == "appointment.interpreter"]
    assert [r.person.name for r in interpreter] == ["Petrov, Ivan"]
    assert interpreter[0].title == "Confirm interpreter, 9am"


def test_a_medicaid_check_for_another_day_is_stale(demo: Practice) -> None:
    person = _person(demo, "Sandoval")
    checks = demo.execute("SELECT as_of FROM eligibility_check WHERE patient_id = ?", [person.id])
    assert checks == [("2026-11-20",)]
    assert _items(demo, "Sandoval")["eligibility.before_visit"].item.visit_on == date(2026, 12, 2)


@pytest.mark.parametrize(
    ("family", "rule_id", "target_on", "legal_on", "warn_on"),
    [
        ("Okafor", "pa.federal.standard", date(2026, 11, 30), date(2026, 12, 1), None),
        ("Brandt", "denial.triage", date(2026, 12, 1), None, None),
        (
            "Brandt",
            "appeal.ma.reconsideration",
            date(2027, 1, 29),
            date(2027, 1, 31),
            date(2027, 1, 26),
        ),
        ("Whitfield", "appeal.medicare.redetermination", date(2026, 12, 4), date(2026, 12, 4), None),
        ("Hernandez", "auth.renewal", date(2026, 11, 27), None, None),
        ("Nguyen", "outreach.next_attempt", date(2026, 11, 27), None, None),
        ("Cole", "referral.report", date(2026, 11, 27), None, None),
        ("Mbeki", "outreach.next_attempt", date(2026, 11, 30), None, None),
        ("Fontaine", "appointment.outcome", date(2026, 11, 30), None, None),
        ("Bergstrom", "followup.due", date(2026, 12, 1), None, None),
        ("Alvarez", "tcm.visit.high", date(2026, 11, 30), date(2026, 12, 2), None),
        ("Hernandez", "billing.installment", date(2026, 11, 27), None, None),
        ("Lomax", "gfe.requested", date(2026, 12, 2), date(2026, 12, 2), None),
        ("Ames", "billing.case", date(2026, 12, 2), None, None),
        ("Nguyen", "assistance.renewal", date(2026, 12, 15), None, None),
    ],
)
def test_dates_of_the_monday(
    demo: Practice, family: str, rule_id: str, target_on: date, legal_on: date | None, warn_on: date | None
) -> None:
    item = _items(demo, family)[rule_id].item
    assert (item.target_on, item.legal_on, item.warn_on) == (target_on, legal_on, warn_on)


def test_every_kind_of_billing_is_owed_by_somebody(demo: Practice) -> None:
    lane = {
        (person, kind)
        for person, kind, rule_id in demo.execute(
            "SELECT p.family_name, l.kind, l.rule_id FROM ledger l JOIN patient p ON p.id = l.patient_id"
        )
        if lane_of(Kind(kind), rule_id) is InsuranceLane.BILLING
    }
    assert lane == {
        ("Ames", "billing"),
        ("Hernandez", "payment_plan"),
        ("Lomax", "good_faith"),
        ("Nguyen", "assistance"),
    }


def test_what_care_costs_adds_up(demo: Practice) -> None:
    assert demo.execute("SELECT service, low, high FROM estimate") == [("MRI knee", "410.00", "410.00")]
    assert demo.execute("SELECT total FROM payment_plan") == [("1240.00",)]
    paid = "SELECT count(paid_on), count(*), sum(amount) FROM installment"
    assert demo.execute(paid) == [(2, 8, 1240)]


# --- the people -----------------------------------------------------------------------------------


def test_alvarez_as_the_pane_shows_her(demo: Practice) -> None:
    person = _person(demo, "Alvarez")
    assert person.birth_date == date(1955, 3, 14)
    assert (person.language, person.interpreter_needed, person.detailed_voicemail) == ("Spanish", True, False)
    assert person.call_until is not None
    assert person.call_until.hour == 17
    assert person.phones[0].number == "+15550100134"
    assert (person.coverages[0].payer_name, person.coverages[0].plan_name) == ("Humana", "Gold Plus")
    assert person.coverages[0].last_checked_on == date(2026, 11, 27)
    planner = next(c for c in person.contacts if c.spoke_with == "hospital discharge planner")
    assert not planner.outcome.is_reached
    assert "tcm.contact" in _items(demo, "Alvarez"), "a hospital planner is not the patient"
    waiting = _items(demo, "Alvarez")["referral.acknowledge"]
    assert waiting.lane is Lane.WAITING
    assert waiting.item.since_on == date(2026, 11, 21)


def test_quick_add_finds_the_one_nguyen(demo: Practice) -> None:
    read = parse_quick_add(
        "call Nguyen thu 2pm CGM assistance",
        today=demo.today(),
        find_patients=lambda text: [
            PatientRef(row.id, row.name, row.birth_date, row.mrn) for row in jump(demo.execute, text)
        ],
    )
    assert read.problems == ()
    assert read.patient is not None
    assert read.patient.display_name == "Nguyen, Thi"
    assert read.on == date(2026, 12, 3)


def test_a_caller_is_found_by_the_last_four_digits(demo: Practice) -> None:
    assert [row.name for row in jump(demo.execute, "0134")] == ["Alvarez, Rosa"]


def test_the_confidential_channel_shows_one_number(demo: Practice) -> None:
    person = _person(demo, "Lowell")
    assert person.confidential_channel
    assert [phone.is_permitted for phone in person.phones] == [True]
    assert person.hidden_phones == 2
    assert person.address_line == ""


def test_the_newborn_has_both_parents_and_both_plans(demo: Practice) -> None:
    person = _person(demo, "Ferreira")
    assert person.birth_date == date(2026, 11, 24)
    notes = {one.relationship: one.note for one in person.related}
    assert "2 Mar" in notes["mother"]
    assert "20 Jan" in notes["father"]
    assert len(person.coverages) == 2
    assert all(one.is_authorized and one.scope and one.scope_until for one in person.related)


def test_names_that_break_careless_programs(demo: Practice) -> None:
    names = {row[0] for row in demo.execute("SELECT family_name || '|' || given_name FROM patient")}
    assert "O'Neil [Jr] [/b]|Sean" in names
    assert "中村|Yu\u0304ki 🌸" in names
    assert max(len(name) for name in names) > 90


def test_a_death_stops_outreach_but_not_the_appeal(demo: Practice) -> None:
    items = _items(demo, "Kessler")
    assert set(items) == {"denial.appealed"}
    assert _person(demo, "Kessler").deceased_on == date(2026, 11, 5)


def test_the_minor_may_not_interpret(demo: Practice) -> None:
    (linh,) = _person(demo, "Nguyen").related
    assert linh.birth_date == date(2013, 5, 1)
    found = judge("Linh", [Companion(linh.name, linh.relationship, linh.birth_date)], on=demo.today())
    assert found.verdict is Verdict.REFUSED


WAITED = (
    "SELECT m.waiting_on, m.waiting_kind, m.payer_id, m.provider_id, m.waiting_since, m.promised_on,"
    " m.until_on, m.event FROM moved_date m"
)


def test_who_is_waited_for_is_a_payer_an_office_a_patient_by_number(demo: Practice) -> None:
    named = {
        WaitingOn.PAYER.value: dict(demo.execute("SELECT id, name FROM payer")),
        WaitingOn.OFFICE.value: dict(demo.execute("SELECT id, name FROM provider")),
    }
    found = demo.execute(WAITED)
    assert {row[1] for row in found} == {"payer", "office", "patient", "other"}
    for who, kind, payer, provider, since, promised, until, event in found:
        assert (since is not None, event) == (True, None)
        if kind in named:
            assert named[kind][payer or provider] == who
        if promised is not None:
            chased = chase_day(date.fromisoformat(promised), demo.context.calendar, date.fromisoformat(since))
            assert until == chased.isoformat()
    parties = read_parties_waited_for(demo.execute, demo.today())
    assert max(len(one.keys) for one in parties if one.kind is WaitingOn.PAYER) == 5, "one call settles five"
    assert sum(one.past for one in parties) == 4


def test_a_wait_of_the_demo_is_what_the_program_writes(tmp_path: Path) -> None:
    practice = _build(tmp_path, patients=7)
    try:
        (chen,) = [
            one.item.ref
            for one in items_of(practice.execute, _person(practice, "Chen").id, practice.moment())
            if one.item.kind is Kind.REFERRAL
        ]
        where = f"{WAITED} WHERE m.kind = 'referral' AND m.record_id = {chen.record_id}"
        before = practice.execute(where)
        with practice.change("taken away") as session:
            clear_move(session, chen)
        chase(practice, [chen], until=When(date(2026, 12, 2)))
        after = practice.execute(where)
        assert [row[:4] + row[5:] for row in after] == [row[:4] + row[5:] for row in before]
        assert len(after) == 1
    finally:
        practice.close()


def test_hours_zones_and_care_teams(demo: Practice) -> None:
    closed = {
        one.name: one.closed(demo.moment())
        for one in read_payer_calls(demo.execute, demo.moment())
        if one.closed(demo.moment())
    }
    assert closed == {"Harbor Marketplace Health": "closed, opens 9am their time (noon here)"}
    assert demo.execute("SELECT count(*) FROM provider WHERE call_from IS NOT NULL") == [(3,)]
    assert demo.execute("SELECT family_name FROM patient WHERE time_zone <> ''") == [("Lomax",)]
    assert [one.role for one in _person(demo, "Alvarez").care_team] == ["cardiologist", "home nurse"]
    assert all(
        FICTION.fullmatch(row[0]) for row in demo.execute("SELECT phone FROM care_team WHERE phone > ''")
    )


# --- other days -----------------------------------------------------------------------------------


@pytest.mark.parametrize("now", ["2026-12-24T08:00", "2027-01-04T08:00", "2028-02-29T08:00"])
def test_another_working_day_looks_like_the_monday(tmp_path: Path, today: TodayView, now: str) -> None:
    practice = _build(tmp_path, now)
    try:
        view = read_today(practice.execute, practice.moment())
        assert [(r.person.name, r.title.split(" of ")[0].split(" due ")[0]) for r in view.day.due[:20]] == [
            (r.person.name, r.title.split(" of ")[0].split(" due ")[0]) for r in today.day.due[:20]
        ]
        assert (view.waiting, view.more_due) == (today.waiting, today.more_due)
        assert view.past_promise == today.past_promise
    finally:
        practice.close()


def test_a_weekend_turns_on_the_next_working_day() -> None:
    days = Days(parse_now("2026-11-28T09:00", ZONE), ZONE, Calendar())
    assert days.today == date(2026, 11, 30)
    assert days.bd(-1) == date(2026, 11, 27)
    assert days.bd(-2) == date(2026, 11, 25)
    assert days.at(days.today, 8) == datetime(2026, 11, 30, 13, tzinfo=UTC)
    assert days.before(days.today, 1) == date(2026, 11, 27)


def test_admitting_takes_the_next_record_number(demo: Practice) -> None:
    days = Days(parse_now(MONDAY, ZONE), ZONE, Calendar())
    desk = Desk(days, demo.context)
    first = desk.admit("A", "B", date(1950, 1, 1), t.Patient.model_fields["sex"].default)
    second = desk.admit("C", "D", date(1950, 1, 1), t.Patient.model_fields["sex"].default)
    assert int(second.patient.values["mrn"][2:]) - int(first.patient.values["mrn"][2:]) == 1
    assert first.patient.values["status_on"] <= days.today - timedelta(days=400)


def test_audit_rows_are_system_time_and_one_change(demo: Practice) -> None:
    rows = demo.execute("SELECT DISTINCT change_kind, label FROM audit_event ORDER BY 2")
    assert rows == [("system", "demo practice"), ("system", "practice created")]
    stamps = [datetime.fromisoformat(row[0]) for row in demo.execute("SELECT at FROM audit_event")]
    assert max(stamps) <= datetime.now(UTC)
    assert min(stamps) > datetime.now(UTC) - timedelta(hours=1)
    after = demo.execute("SELECT after FROM audit_event WHERE table_name = 'patient' ORDER BY seq LIMIT 1")
    assert json.loads(after[0][0])["family_name"] == "Alvarez"
