"""The shipped rules against ``domain.md``, and the loader against files that are wrong."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from carecoord_tui.domain.rulepack import (
    RuleError,
    RulePackError,
    Unit,
    load_pack,
    parse_pack,
)
from carecoord_tui.domain.vocabulary import PayerClass, Risk, TransitionComplexity

PACK = load_pack()
ON = date(2026, 11, 30)

STABLE_IDS = [
    "tcm.contact",
    "tcm.visit.high",
    "tcm.visit.moderate",
    "pa.federal.standard",
    "pa.federal.expedited",
    "pa.exchange.standard",
    "pa.erisa.standard",
    "pa.erisa.expedited",
    "pa.ca.standard",
    "appeal.medicare.redetermination",
    "appeal.medicare.reconsideration",
    "appeal.medicare.alj",
    "appeal.ma.reconsideration",
    "appeal.aca.internal",
    "appeal.external",
    "appeal.medicaid.internal",
    "filing.medicare",
    "gfe.scheduled",
    "gfe.requested",
    "referral.acknowledge",
    "referral.schedule",
    "referral.stalled",
    "referral.report",
    "eligibility.before_visit",
    "auth.renewal",
    "awv.next",
    "outreach.next_attempt",
    "outreach.letter",
    "caseload.review",
    "recall.mammogram",
    "recall.colorectal.fit",
    "recall.colorectal.stool_dna",
    "recall.colorectal.ct_colonography",
    "recall.colorectal.colonoscopy",
    "recall.cervical.pap21",
    "recall.cervical.pap30",
    "recall.cervical.hpv30",
    "recall.ldct",
    "recall.a1c.stable",
    "recall.a1c.other",
]

UNCONFIRMED = {
    "tcm.contact", "tcm.visit.high", "tcm.visit.moderate", "tcm.period", "pa.partd.standard",
    "pa.partd.expedited", "appeal.partd.redetermination", "appeal.partd.reconsideration",
    "appeal.partd.alj", "denial.appealed.partd",
    "appeal.ma.reconsideration", "appeal.external", "appeal.medicaid.internal", "appeal.medicaid.hearing",
    "referral.report", "outreach.next_attempt", "outreach.letter", "outreach.close",
    "recall.a1c.stable", "recall.a1c.other", "handoff.accept",
}  # fmt: skip

OWN_TOPICS = {
    "referral", "eligibility", "auth", "awv", "outreach", "caseload", "recall", "appointment", "followup",
    "waiting", "handoff", "billing", "assistance",
}  # fmt: skip

LAW_TOPICS = {"pa", "appeal", "filing", "gfe"}

ONE_RULE = """
[[rule]]
id = "x.y"
title = "T"
trigger = "Sent"
trigger_date_kind = "submit"
act = "Do"
n = 3
unit = "calendar_day"
binding = true
citation = "1 CFR 1"
confirmed = true
"""


@pytest.mark.parametrize("rule_id", STABLE_IDS)
def test_every_stable_id_is_there(rule_id: str) -> None:
    assert PACK.get(rule_id).id == rule_id


def test_exactly_the_unconfirmed_rules_say_so() -> None:
    assert {rule.id for rule in PACK.rules if not rule.confirmed} == UNCONFIRMED


def test_an_own_default_never_sets_a_last_day_and_a_law_always_does() -> None:
    for rule in PACK.rules:
        topic = rule.id.split(".")[0]
        assert not (rule.binding and (topic in OWN_TOPICS or rule.citation.startswith("Own "))), rule.id
        assert rule.binding or topic not in LAW_TOPICS, rule.id


def test_every_rule_of_law_names_its_source() -> None:
    marks = ("CFR", "FR ", "H&S", "letter", "contract")
    laws = [rule for rule in PACK.rules if rule.binding]
    assert [rule.id for rule in laws if not any(mark in rule.citation for mark in marks)] == []


@pytest.mark.parametrize(
    ("payer", "on", "standard", "expedited"),
    [
        (PayerClass.MEDICARE_ADVANTAGE, ON, "pa.federal.standard", "pa.federal.expedited"),
        (PayerClass.MEDICAID_FFS, ON, "pa.federal.standard", "pa.federal.expedited"),
        (PayerClass.MEDICAID_MCO, ON, "pa.federal.standard", "pa.federal.expedited"),
        (PayerClass.CHIP, ON, "pa.federal.standard", "pa.federal.expedited"),
        (PayerClass.MEDICAID_FFS, date(2025, 12, 31), None, None),
        (PayerClass.EXCHANGE, ON, "pa.exchange.standard", "pa.exchange.expedited"),
        (PayerClass.ERISA, ON, "pa.erisa.standard", "pa.erisa.expedited"),
        (PayerClass.COMMERCIAL, ON, "pa.erisa.standard", "pa.erisa.expedited"),
        (PayerClass.CA_STATE, ON, "pa.ca.standard", "pa.ca.expedited"),
        (PayerClass.MEDICARE, ON, None, None),
        (PayerClass.SELF_PAY, ON, None, None),
        (PayerClass.UNKNOWN, ON, None, None),
    ],
)
def test_prior_authorization_rule_by_payer(
    payer: PayerClass, on: date, standard: str | None, expedited: str | None
) -> None:
    for wanted, urgent in ((standard, False), (expedited, True)):
        rule = PACK.pa_decision(payer, expedited=urgent, on=on)
        assert (rule.id if rule else None) == wanted


def test_the_federal_clock_was_14_days_until_the_end_of_2025() -> None:
    days = [
        rule.n
        for on in (date(2025, 12, 31), date(2026, 1, 1))
        if (rule := PACK.pa_decision(PayerClass.MEDICARE_ADVANTAGE, expedited=False, on=on))
    ]
    assert days == [14, 7]


@pytest.mark.parametrize("payer", list(PayerClass))
@pytest.mark.parametrize("expedited", [False, True])
def test_drugs_never_get_the_clock_of_services(payer: PayerClass, expedited: bool) -> None:
    """CMS-0057-F leaves drugs out; Part D has clocks of its own, unconfirmed."""
    rule = PACK.pa_decision(payer, expedited=expedited, on=ON, is_drug=True)
    if payer not in (PayerClass.MEDICARE, PayerClass.MEDICARE_ADVANTAGE):
        assert rule is None
        return
    assert rule is not None
    urgency, hours = ("expedited", 24) if expedited else ("standard", 72)
    assert (rule.id, rule.n, rule.unit) == (f"pa.partd.{urgency}", hours, Unit.HOUR)
    assert (rule.confirmed, rule.overridable) == (False, True)


@pytest.mark.parametrize(
    ("payer", "level", "rule_id"),
    [
        (PayerClass.MEDICARE, 1, "appeal.medicare.redetermination"),
        (PayerClass.MEDICARE, 2, "appeal.medicare.reconsideration"),
        (PayerClass.MEDICARE, 3, "appeal.medicare.alj"),
        (PayerClass.MEDICARE_ADVANTAGE, 1, "appeal.ma.reconsideration"),
        (PayerClass.EXCHANGE, 1, "appeal.aca.internal"),
        (PayerClass.ERISA, 1, "appeal.aca.internal"),
        (PayerClass.COMMERCIAL, 2, "appeal.external"),
        (PayerClass.MEDICAID_MCO, 1, "appeal.medicaid.internal"),
        (PayerClass.MEDICAID_MCO, 2, "appeal.medicaid.hearing"),
        (PayerClass.MEDICARE_ADVANTAGE, 2, None),
        (PayerClass.SELF_PAY, 1, None),
        (PayerClass.UNKNOWN, 1, None),
    ],
)
def test_appeal_rule_by_payer_and_level(payer: PayerClass, level: int, rule_id: str | None) -> None:
    rule = PACK.appeal(payer, on=ON, level=level)
    assert (rule.id if rule else None) == rule_id


def test_find_narrows_by_topic_and_conditions() -> None:
    visits = PACK.find("tcm.visit", complexity=TransitionComplexity.HIGH)
    assert [rule.id for rule in visits] == ["tcm.visit.high"]
    assert {rule.id for rule in PACK.find("recall", anatomy="cervix")} > {"recall.cervical.pap21"}
    assert not any(rule.id.startswith("recall.colorectal") for rule in PACK.find("recall", anatomy="cervix"))
    assert PACK.find("reca") == ()


def test_every_rule_is_found_once_without_a_date() -> None:
    assert tuple(rule.id for rule in PACK.find()) == PACK.ids()


def test_check_in_tiers_follow_risk() -> None:
    tiers = {tier.risk: tier.n for tier in PACK.get("caseload.review").tiers}
    assert tiers[Risk.HIGH] < tiers[Risk.RISING] < tiers[Risk.LOW]
    assert PACK.get("caseload.review").n == tiers[Risk.RISING]


def test_parameters_are_read_by_name() -> None:
    assert PACK.get("outreach.next_attempt").param("attempts") == 3
    with pytest.raises(RuleError, match=r"outreach\.letter has no parameter 'colour'"):
        PACK.get("outreach.letter").param("colour")


def test_unknown_and_not_yet_valid_rules_are_refused_with_words() -> None:
    with pytest.raises(RuleError, match=r"There is no rule 'tcm\.nothing'"):
        PACK.get("tcm.nothing")
    with pytest.raises(RuleError, match=r"gfe\.requested was not in force on 2021-12-31"):
        PACK.get("gfe.requested", on=date(2021, 12, 31))


def test_rules_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        PACK.get("tcm.contact").n = 3  # type: ignore[misc]


def test_the_pack_is_loaded_once_and_its_fingerprint_is_that_of_the_text() -> None:
    assert load_pack() is PACK
    first, same, other = (parse_pack(text.encode()) for text in (ONE_RULE, ONE_RULE, ONE_RULE + "\n# more"))
    assert first.fingerprint() == same.fingerprint() != other.fingerprint()
    assert len(PACK.fingerprint()) == 64


def test_own_counts_can_be_changed_and_move_the_fingerprint() -> None:
    changed = PACK.with_overrides({"referral.schedule": {"n": 10}, "caseload.review": {"high": 7}})
    assert changed.get("referral.schedule").n == 10
    assert changed.get("caseload.review").tiers[0].n == 7
    assert PACK.get("referral.schedule").n == 7
    assert changed.fingerprint() != PACK.fingerprint()
    warned = PACK.with_overrides({"appeal.ma.reconsideration": {"warn_n": 50}})
    assert warned.get("appeal.ma.reconsideration").warn_n == 50


@pytest.mark.parametrize(
    ("rule_id", "count", "words"),
    [
        ("appeal.medicare.redetermination", {"n": 200}, "is law and cannot be changed"),
        ("referral.schedule", {"n": -1}, "must be 0 or more"),
        ("referral.schedule", {"warn_n": 3}, "has no count 'warn_n'"),
        ("caseload.review", {"purple": 3}, "has no count 'purple'"),
        ("no.such.rule", {"n": 1}, "There is no rule"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(rule_id: str, count: dict[str, int], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        PACK.with_overrides({rule_id: count})


def test_a_small_rule_file_is_read_with_its_defaults() -> None:
    rule = parse_pack(ONE_RULE.encode()).get("x.y")
    assert (rule.n, rule.unit, rule.payer_class, rule.warn_n) == (3, Unit.CALENDAR_DAY, (), None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "T"\n', "", r"x\.y: missing title"),
        ('unit = "calendar_day"', 'unit = "fortnight"', "field unit.*fortnight"),
        ("n = 3", "n = true", "field n: True is not of type int"),
        ("n = 3", 'n = "3"', "field n"),
        ("n = 3", "n = -3", "count is below 0"),
        ("n = 3", "n = 3\ncolour = 1", "field colour: unknown field"),
        ("n = 3", 'n = 3\npayer_class = ["nobody"]', "field payer_class.*nobody"),
        ("n = 3", "n = 3\ntiers = [{ height = 1, n = 2 }]", "field tiers"),
        ("n = 3", 'n = 3\nroll = "back"', "a law cannot move"),
        ('"calendar_day"', '"working_day"', "own targets"),
        ("binding = true", 'binding = false\nfiled_when = "sent"', "filed_when belongs to binding"),
        ('"calendar_day"', '"hour"\ndirection = "before"', "hour clocks run forward"),
        ("n = 3", "n = 3\neffective_from = 2026-01-02\neffective_to = 2026-01-01", "before effective_from"),
        ("n = 3", "n = 3\neffective_to = 2026-01-01", "last version has an end date"),
        ("[[rule]]", "[[rule]", "cannot be read"),
    ],
)
def test_a_wrong_rule_file_is_refused_naming_rule_and_field(old: str, new: str, words: str) -> None:
    with pytest.raises(RulePackError, match=words):
        parse_pack(ONE_RULE.replace(old, new).encode())


def test_two_versions_in_force_at_once_are_refused() -> None:
    with pytest.raises(RulePackError, match="two versions are in force at once"):
        parse_pack((ONE_RULE + ONE_RULE).encode())


def test_a_file_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(RulePackError, match="cannot be read"):
        parse_pack(ONE_RULE.replace("Sent", "Envoyé").encode("latin-1"))
