"""Every vector of ``domain.md`` section 2, the sentences that say why, and what holds for any date."""

from __future__ import annotations

import ast
import inspect
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord_tui.domain import calendar as calendar_module
from carecoord_tui.domain import deadlines as deadlines_module
from carecoord_tui.domain import rulepack as rulepack_module
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.deadlines import Deadline, compute, due, entered
from carecoord_tui.domain.rulepack import FiledWhen, Roll, Rule, RuleError, Unit, load_pack
from carecoord_tui.domain.vocabulary import Risk

PACK = load_pack()
CALENDAR = Calendar()
NEW_YORK = ZoneInfo("America/New_York")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")

RULES = st.sampled_from([rule for rule in PACK.rules if rule.unit is not Unit.HOUR])
HOUR_RULES = st.sampled_from([rule for rule in PACK.rules if rule.unit is Unit.HOUR])
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
CLOSURES = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20)


def day(text: str) -> date:
    return date.fromisoformat(text)


def deadline(rule_id: str, trigger: str, service: str | None = None, **extra: Risk) -> Deadline:
    on = day(trigger)
    return compute(
        PACK.get(rule_id, on=on),
        on,
        calendar=CALENDAR,
        service=day(service) if service else None,
        **extra,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("rule_id", "trigger", "legal_on", "target_on"),
    [
        ("tcm.contact", "2026-11-25", "2026-11-30", "2026-11-30"),
        ("tcm.contact", "2026-07-02", "2026-07-07", "2026-07-07"),
        ("tcm.visit.high", "2026-11-25", "2026-12-02", "2026-12-02"),
        ("tcm.visit.moderate", "2026-11-25", "2026-12-09", "2026-12-09"),
        ("tcm.period", "2026-11-25", "2026-12-24", "2026-12-24"),
        ("pa.federal.standard", "2026-11-24", "2026-12-01", "2026-12-01"),
        ("pa.federal.standard", "2025-12-31", "2026-01-14", "2026-01-14"),
        ("pa.exchange.standard", "2026-11-24", "2026-12-09", "2026-12-09"),
        ("pa.erisa.standard", "2026-11-27", "2026-12-12", "2026-12-11"),
        ("pa.ca.standard", "2026-11-24", "2026-12-02", "2026-12-02"),
        ("appeal.medicare.redetermination", "2026-08-01", "2026-12-04", "2026-12-04"),
        ("appeal.medicare.reconsideration", "2026-08-01", "2027-02-02", "2027-02-02"),
        ("appeal.medicare.alj", "2026-08-01", "2026-10-05", "2026-10-05"),
        ("appeal.ma.reconsideration", "2026-09-28", "2026-12-02", "2026-12-02"),
        ("appeal.ma.reconsideration", "2026-11-27", "2027-01-31", "2027-01-29"),
        ("appeal.ma.reconsideration", "2024-12-31", "2025-03-01", "2025-02-28"),
        ("appeal.aca.internal", "2026-06-08", "2026-12-05", "2026-12-04"),
        ("appeal.external", "2026-06-08", "2026-10-08", "2026-10-08"),
        ("appeal.external", "2026-10-29", "2027-03-01", "2027-03-01"),  # no 29 February 2027
        ("appeal.external", "2026-10-31", "2027-03-01", "2027-03-01"),
        ("appeal.external", "2027-10-29", "2028-02-29", "2028-02-29"),  # a leap year has it
        ("appeal.external", "2026-05-31", "2026-10-01", "2026-10-01"),
        ("appeal.medicaid.internal", "2026-11-27", "2027-01-26", "2027-01-26"),
        ("appeal.medicaid.hearing", "2026-11-27", "2027-03-27", "2027-03-26"),
        ("filing.medicare", "2026-11-25", "2027-11-25", "2027-11-24"),
        ("filing.medicare", "2028-02-29", "2029-02-28", "2029-02-28"),
        ("gfe.requested", "2026-11-25", "2026-12-01", "2026-12-01"),
        ("gfe.dispute", "2026-11-25", "2027-03-25", "2027-03-25"),
        ("denial.peer_to_peer", "2026-12-05", "2026-12-05", "2026-12-04"),
    ],
)
def test_days_others_set(rule_id: str, trigger: str, legal_on: str, target_on: str) -> None:
    result = deadline(rule_id, trigger)
    assert (result.legal_on, result.target_on) == (day(legal_on), day(target_on))
    assert result.legal_at is None
    assert result.rule_id == rule_id
    assert result.citation


@pytest.mark.parametrize(
    ("rule_id", "trigger", "target_on"),
    [
        ("referral.draft", "2026-11-25", "2026-11-27"),
        ("referral.acknowledge", "2026-11-25", "2026-11-30"),
        ("referral.urgent", "2026-11-25", "2026-11-27"),  # Saturday: the day before, not after
        ("referral.schedule", "2026-11-23", "2026-11-30"),
        ("referral.schedule", "2026-11-19", "2026-11-25"),  # Thanksgiving
        ("referral.stalled", "2026-11-23", "2026-11-30"),
        ("referral.report", "2026-12-02", "2026-12-16"),
        ("referral.reviewed", "2026-11-30", "2026-12-02"),
        ("referral.inform", "2026-11-30", "2026-12-02"),
        ("referral.redirect", "2026-11-27", "2026-11-30"),
        ("referral.hold", "2026-11-25", "2026-12-28"),
        ("referral.noshow", "2026-11-25", "2026-11-27"),
        ("eligibility.before_visit", "2026-12-02", "2026-11-27"),
        ("eligibility.before_visit", "2026-12-05", "2026-12-02"),
        ("auth.needed", "2026-11-27", "2026-11-30"),
        ("auth.submitted.none", "2026-11-24", "2026-12-01"),
        ("auth.renewal", "2026-12-11", "2026-11-27"),
        ("auth.renewal", "2026-12-10", "2026-11-25"),
        ("denial.triage", "2026-11-27", "2026-12-01"),
        ("appointment.confirm", "2026-11-30", "2026-11-27"),
        ("appointment.outcome", "2026-11-27", "2026-11-30"),
        ("outreach.next_attempt", "2026-11-25", "2026-11-27"),
        ("outreach.letter", "2026-11-30", "2026-12-01"),
        ("outreach.close", "2026-11-25", "2026-12-07"),
        ("waiting.fallback", "2026-11-25", "2026-12-01"),
        ("handoff.accept", "2026-11-28", "2026-11-28"),
        ("followup.due", "2026-11-28", "2026-11-28"),
        ("awv.next", "2025-12-18", "2026-12-01"),
        ("awv.next", "2025-12-01", "2026-12-01"),
        ("awv.next", "2025-12-31", "2026-12-01"),
        ("awv.next", "2026-01-31", "2027-01-01"),  # a holiday stays: it is the day from which it counts
        ("recall.mammogram", "2024-11-30", "2026-11-30"),
        ("recall.mammogram", "2024-02-29", "2026-02-28"),
        ("recall.colorectal.fit", "2025-11-29", "2026-11-29"),
        ("recall.colorectal.stool_dna", "2024-03-14", "2027-03-14"),
        ("recall.colorectal.ct_colonography", "2024-03-14", "2029-03-14"),
        ("recall.colorectal.colonoscopy", "2024-03-14", "2034-03-14"),
        ("recall.cervical.pap21", "2024-03-14", "2027-03-14"),
        ("recall.cervical.pap30", "2024-03-14", "2027-03-14"),
        ("recall.cervical.hpv30", "2024-03-14", "2029-03-14"),
        ("recall.ldct", "2025-11-30", "2026-11-30"),
        ("recall.a1c.stable", "2026-08-31", "2027-02-28"),
        ("recall.a1c.other", "2026-08-31", "2026-11-30"),
    ],
)
def test_own_targets_have_no_last_day(rule_id: str, trigger: str, target_on: str) -> None:
    result = deadline(rule_id, trigger)
    assert (result.legal_on, result.legal_at, result.warn_on) == (None, None, None)
    assert result.target_on == day(target_on)


@pytest.mark.parametrize(
    ("service", "due_on"), [("2026-12-14", "2026-12-03"), ("2026-12-03", "2026-12-01"), ("2026-12-02", None)]
)
def test_good_faith_estimate_by_lead_time(service: str, due_on: str | None) -> None:
    result = deadline("gfe.scheduled", "2026-11-30", service)
    expected = day(due_on) if due_on else None
    assert (result.legal_on, result.target_on) == (expected, expected)
    assert result.warn_on is None
    assert ("nothing is due unless the patient asks" in result.why) == (due_on is None)


def test_medicare_advantage_warns_at_60_days() -> None:
    assert deadline("appeal.ma.reconsideration", "2026-11-27").warn_on == day("2027-01-26")
    assert deadline("appeal.ma.reconsideration", "2024-11-27").warn_on is None


@pytest.mark.parametrize(
    ("risk", "target_on"), [(Risk.HIGH, "2026-12-14"), (Risk.RISING, "2026-12-30"), (Risk.LOW, "2027-03-01")]
)
def test_check_in_by_risk(risk: Risk, target_on: str) -> None:
    assert deadline("caseload.review", "2026-11-30", risk=risk).target_on == day(target_on)


def test_check_in_without_a_risk_takes_the_middle_interval() -> None:
    assert deadline("caseload.review", "2026-11-30").target_on == day("2026-12-30")


# --- Hours ------------------------------------------------------------------------------------


def test_an_hour_clock_ends_at_a_moment_in_utc_and_on_a_practice_day() -> None:
    submitted = datetime(2026, 11, 24, 22, 30, tzinfo=NEW_YORK)
    result = compute(PACK.get("pa.federal.expedited"), submitted, calendar=CALENDAR, tz=NEW_YORK)
    assert result.legal_at == datetime(2026, 11, 28, 3, 30, tzinfo=UTC)
    assert result.legal_at is not None and result.legal_at.tzinfo is UTC
    assert (result.legal_on, result.target_on) == (day("2026-11-27"), day("2026-11-27"))


def test_an_hour_clock_counts_real_hours_over_a_clock_change() -> None:
    submitted = datetime(2026, 10, 30, 9, 0, tzinfo=NEW_YORK)  # clocks go back on 1 November
    result = compute(PACK.get("pa.erisa.expedited"), submitted, calendar=CALENDAR, tz=NEW_YORK)
    assert result.legal_at == submitted.astimezone(UTC) + timedelta(hours=72)
    assert "last moment is Mon 2 Nov 8am" in result.why


def test_the_practice_zone_decides_the_day() -> None:
    rule = PACK.get("pa.partd.expedited")
    late = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    assert compute(rule, late, calendar=CALENDAR, tz=LOS_ANGELES).legal_on == day("2026-11-24")
    assert compute(rule, late, calendar=CALENDAR, tz=UTC).legal_on == day("2026-11-25")
    assert compute(rule, late, calendar=CALENDAR).legal_on == day("2026-11-25")


def test_a_time_starts_a_day_clock_on_its_practice_day() -> None:
    discharged = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # Wednesday evening in New York
    result = compute(PACK.get("tcm.contact"), discharged, calendar=CALENDAR, tz=NEW_YORK)
    assert result == deadline("tcm.contact", "2026-11-25")


@pytest.mark.parametrize("trigger", [day("2026-11-24"), datetime(2026, 11, 24, 9, 30)])
def test_an_hour_clock_needs_a_time_and_a_zone(trigger: date) -> None:
    with pytest.raises(ValueError, match=r"give the time too|has no time zone"):
        compute(PACK.get("pa.federal.expedited"), trigger, calendar=CALENDAR)


def test_a_time_without_a_zone_is_refused_for_day_clocks_too() -> None:
    with pytest.raises(RuleError, match="09:30 has no time zone"):
        compute(PACK.get("tcm.contact"), datetime(2026, 11, 24, 9, 30), calendar=CALENDAR)


# --- Closures ---------------------------------------------------------------------------------


def test_closures_bring_a_target_forward_and_leave_the_last_day() -> None:
    closed = Calendar(frozenset({day("2026-12-04")}))
    rule = PACK.get("appeal.medicare.redetermination")
    result = compute(rule, day("2026-08-01"), calendar=closed)
    assert (result.legal_on, result.target_on) == (day("2026-12-04"), day("2026-12-03"))
    assert "last day is Fri 4 Dec, which is a practice closure: do by Thu 3 Dec." in result.why


def test_a_closed_practice_does_not_push_a_target_before_the_trigger() -> None:
    closed = Calendar(frozenset({day("2026-11-25"), day("2026-11-27"), day("2026-11-30")}))
    result = compute(PACK.get("tcm.contact"), day("2026-11-25"), calendar=closed)
    assert (result.legal_on, result.target_on) == (day("2026-11-30"), day("2026-11-30"))
    schedule = PACK.get("referral.urgent")
    shut = Calendar(frozenset(day("2026-11-23") + timedelta(days=i) for i in range(7)))
    assert compute(schedule, day("2026-11-24"), calendar=shut).target_on == day("2026-11-30")


def test_own_targets_wait_for_the_practice_to_open() -> None:
    closed = Calendar(frozenset({day("2026-11-27")}))
    result = compute(PACK.get("outreach.next_attempt"), day("2026-11-25"), calendar=closed)
    assert result.target_on == day("2026-11-30")
    assert (
        "Thu 26 Nov is a holiday (Thanksgiving Day) and Fri 27 Nov is a practice closure: do by Mon 30 Nov."
        in result.why
    )


# --- Why --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_id", "trigger", "service", "why"),
    [
        (
            "tcm.contact",
            "2026-11-25",
            None,
            "Hospital discharge Wed 25 Nov. Contact within 2 business days; Thu 26 Nov is a holiday "
            "(Thanksgiving Day), so the last day is Mon 30 Nov.",
        ),
        (
            "appeal.medicare.redetermination",
            "2026-08-01",
            None,
            "Denial notice Sat 1 Aug, presumed received Thu 6 Aug. Redetermination request within 120 "
            "calendar days, so the last day is Fri 4 Dec. It must ARRIVE by then.",
        ),
        (
            "appeal.ma.reconsideration",
            "2026-11-27",
            None,
            "Denial notice Fri 27 Nov 2026. Appeal within 65 calendar days, so the last day is "
            "Sun 31 Jan 2027, which falls on a weekend: do by Fri 29 Jan 2027. It must ARRIVE by then. "
            "Warning from Tue 26 Jan 2027.",
        ),
        (
            "appeal.external",
            "2026-10-31",
            None,
            "Final denial received Sat 31 Oct 2026. External review request within 4 months; that month "
            "has no day 31, so the last day is Mon 1 Mar 2027.",
        ),
        (
            "filing.medicare",
            "2026-11-25",
            None,
            "Service Wed 25 Nov 2026. Claim within 1 year, so the last day is Thu 25 Nov 2027, which is a "
            "holiday (Thanksgiving Day): do by Wed 24 Nov 2027. It must ARRIVE by then.",
        ),
        (
            "gfe.scheduled",
            "2026-11-30",
            "2026-12-03",
            "Booked Mon 30 Nov. Service Thu 3 Dec is 3 business days ahead. Good-faith estimate within "
            "1 business day, so the last day is Tue 1 Dec.",
        ),
        (
            "gfe.scheduled",
            "2026-11-30",
            "2026-12-02",
            "Booked Mon 30 Nov. Service Wed 2 Dec is 2 business days ahead, fewer than 3: nothing is due "
            "unless the patient asks.",
        ),
        (
            "eligibility.before_visit",
            "2026-11-30",
            None,
            "Visit Mon 30 Nov. Check eligibility 3 business days before; Thu 26 Nov is a holiday "
            "(Thanksgiving Day): do by Tue 24 Nov.",
        ),
        (
            "auth.renewal",
            "2026-12-11",
            None,
            "Authorization ends Fri 11 Dec. Renew 14 calendar days before: do by Fri 27 Nov.",
        ),
        (
            "referral.schedule",
            "2026-11-19",
            None,
            "Sent Thu 19 Nov. Appointment date within 7 calendar days; Thu 26 Nov is a holiday "
            "(Thanksgiving Day): do by Wed 25 Nov.",
        ),
        (
            "awv.next",
            "2025-12-18",
            None,
            "Last annual wellness visit Thu 18 Dec 2025. The next one 11 full months later: "
            "from Tue 1 Dec 2026.",
        ),
        (
            "recall.mammogram",
            "2024-11-30",
            None,
            "Last mammogram Sat 30 Nov 2024. The next one 2 years later: from Mon 30 Nov 2026.",
        ),
        ("followup.due", "2026-12-04", None, "Follow-up date Fri 4 Dec. Do it that day."),
    ],
)
def test_why_names_trigger_count_and_skipped_days(
    rule_id: str, trigger: str, service: str | None, why: str
) -> None:
    assert deadline(rule_id, trigger, service).why == why


def test_a_date_from_the_letter_overrides_the_rule() -> None:
    rule = PACK.get("appeal.ma.reconsideration")
    result = entered(rule, day("2026-12-19"), calendar=CALENDAR)
    assert (result.legal_on, result.target_on) == (day("2026-12-19"), day("2026-12-18"))
    assert (result.confirmed, result.filed_when) == (True, FiledWhen.RECEIVED)
    assert result.citation == "Entered from the letter"
    assert result.why == (
        "The last day is Sat 19 Dec, as entered from the letter; it falls on a weekend: do by Fri 18 Dec. "
        "It must ARRIVE by then."
    )


# --- Text in, JSON values out -----------------------------------------------------------------


def test_due_prints_the_seven_fields() -> None:
    assert due(PACK, "appeal.ma.reconsideration", "2026-11-27", None, NEW_YORK, CALENDAR) == {
        "rule_id": "appeal.ma.reconsideration",
        "legal_on": "2027-01-31",
        "legal_at": None,
        "target_on": "2027-01-29",
        "warn_on": "2027-01-26",
        "citation": "42 CFR 422.582",
        "confirmed": False,
    }


@pytest.mark.parametrize(
    ("text", "legal_at"),
    [
        ("2026-11-24T09:30", "2026-11-27T14:30:00+00:00"),
        ("2026-11-24T09:30:00-08:00", "2026-11-27T17:30:00+00:00"),
        ("2026-11-24T14:30Z", "2026-11-27T14:30:00+00:00"),
    ],
)
def test_due_reads_times_in_the_practice_zone_or_with_their_offset(text: str, legal_at: str) -> None:
    result = due(PACK, "pa.federal.expedited", text, tz=NEW_YORK)
    assert (result["legal_at"], result["legal_on"]) == (legal_at, "2026-11-27")


def test_due_uses_the_version_of_that_day() -> None:
    assert due(PACK, "pa.federal.standard", "2025-12-31")["legal_on"] == "2026-01-14"
    new_year_in_utc = due(PACK, "pa.federal.standard", "2026-01-01T03:00Z", tz=NEW_YORK)
    assert new_year_in_utc["legal_on"] == "2026-01-14"


def test_due_ignores_a_time_where_days_are_counted() -> None:
    assert due(PACK, "tcm.contact", "2026-11-25T23:30")["legal_on"] == "2026-11-30"
    assert due(PACK, "caseload.review", "2026-11-30", risk=Risk.HIGH)["target_on"] == "2026-12-14"


def test_due_of_nothing_is_all_null() -> None:
    result = due(PACK, "gfe.scheduled", "2026-11-30", "2026-12-02")
    assert [key for key, value in result.items() if value is None] == [
        "legal_on",
        "legal_at",
        "target_on",
        "warn_on",
    ]


@pytest.mark.parametrize(
    ("rule_id", "text", "service", "words"),
    [
        ("tcm.nothing", "tomorrow", None, "There is no rule 'tcm.nothing'"),
        ("tcm.contact", "11/25/2026", None, "The start date '11/25/2026' is not a date: write it as"),
        ("tcm.contact", "2026-02-30", None, "The start date '2026-02-30' is not a date"),
        ("tcm.contact", "20261125", None, "is not a date"),
        ("tcm.contact", "2026-11-25T25:00", None, "is not a date"),
        ("tcm.contact", "\x1b[31m2026-11-25", None, r"'\x1b[31m2026-11-25' is not a date"),
        ("tcm.contact", "", None, "The start date '' is not a date"),
        ("tcm.contact", "9999-12-31", None, "out of range: years 1900 to 2200"),
        ("tcm.contact", "0001-01-01", None, "out of range"),
        ("pa.federal.expedited", "2026-11-24", None, "counts 72 hours: give the time too"),
        ("pa.federal.expedited", "2026-11-24T09:30", None, "The time 09:30 has no time zone"),
        ("gfe.scheduled", "2026-11-30", None, "depends on when the visit is: give the service date"),
        ("gfe.scheduled", "2026-11-30", "soon", "The service date 'soon' is not a date"),
        ("gfe.scheduled", "2026-11-30", "2026-11-27", "2026-11-27 is before the start date 2026-11-30"),
        ("gfe.scheduled", "2021-11-30", "2021-12-20", "was not in force on 2021-11-30"),
    ],
)
def test_due_refuses_with_one_sentence(rule_id: str, text: str, service: str | None, words: str) -> None:
    with pytest.raises(RuleError) as caught:
        due(PACK, rule_id, text, service)
    message = str(caught.value)
    assert words in message
    assert message.isprintable()
    assert message.endswith(".")


# --- What holds for any date ------------------------------------------------------------------


def on_any_day(rule: Rule, start: date, calendar: Calendar) -> Deadline:
    return compute(rule, start, calendar=calendar, service=start + timedelta(days=40))


@settings(max_examples=300)
@given(RULES, DAYS, CLOSURES)
def test_a_target_is_a_business_day_never_after_the_last_day(
    rule: Rule, start: date, closures: frozenset[date]
) -> None:
    result = on_any_day(rule, start, Calendar(closures))
    assert result.target_on is not None
    if rule.binding:
        assert result.legal_on is not None
        assert result.target_on <= result.legal_on
        assert CALENDAR.is_business_day(result.target_on)
    elif rule.roll is not Roll.NONE or rule.unit is Unit.WORKING_DAY:
        assert Calendar(closures).is_working_day(result.target_on)


@settings(max_examples=200)
@given(RULES, DAYS, CLOSURES)
def test_closures_never_move_the_last_day(rule: Rule, start: date, closures: frozenset[date]) -> None:
    with_closures, without = (on_any_day(rule, start, Calendar(days)) for days in (closures, frozenset()))
    assert with_closures.legal_on == without.legal_on
    assert with_closures.warn_on == without.warn_on


@settings(max_examples=200)
@given(RULES, DAYS, st.integers(0, 60))
def test_a_later_trigger_never_gives_an_earlier_day(rule: Rule, start: date, later: int) -> None:
    first, second = (on_any_day(rule, start + timedelta(days=i), CALENDAR) for i in (0, later))
    assert first.target_on is not None and second.target_on is not None
    assert first.target_on <= second.target_on
    if first.legal_on and second.legal_on:
        assert first.legal_on <= second.legal_on


@given(HOUR_RULES, st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)))
def test_hours_are_exact_and_the_day_is_that_of_the_moment(rule: Rule, moment: datetime) -> None:
    start = moment.replace(tzinfo=NEW_YORK)
    result = compute(rule, start, calendar=CALENDAR, tz=NEW_YORK)
    assert result.legal_at is not None and result.target_on is not None and result.legal_on is not None
    assert result.legal_at - start.astimezone(UTC) == timedelta(hours=rule.n)
    assert result.legal_on == result.legal_at.astimezone(NEW_YORK).date()
    assert result.target_on <= result.legal_on
    assert CALENDAR.is_business_day(result.target_on)


@pytest.mark.parametrize("module", [calendar_module, deadlines_module, rulepack_module])
def test_no_clock_is_read(module: object) -> None:
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert called.isdisjoint({"today", "now", "utcnow", "monotonic", "localtime"})
