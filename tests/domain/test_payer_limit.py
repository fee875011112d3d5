"""Counts of the payer's contract: they override the rule, say so, and make sense."""

from __future__ import annotations

from typing import Any

import pytest

from carecoord_tui.domain.authorization import payer_clock
from carecoord_tui.domain.denial import appeal_deadline
from carecoord_tui.domain.payer_limit import check_limit, law_words, timely_filing
from carecoord_tui.domain.rulepack import RuleError, Unit
from carecoord_tui.domain.vocabulary import DenialStatus, PayerClass
from tests.domain.make import CONTEXT, at, authorization, day, denial, items, limit, only, patient

PACK = CONTEXT.pack


def test_a_contract_overrides_the_payers_clock_and_says_so() -> None:
    record = authorization(limits=(limit("pa.federal.standard", 3, Unit.BUSINESS_DAY),))
    item = only(patient(authorizations=(record,)))
    assert (item.rule_id, item.legal_on) == ("pa.federal.standard", day("2026-11-30"))
    assert "The 3 business days come from the payer's contract (Amendment 3)" in item.why
    assert "not the rule's 7 calendar days" in item.why
    assert item.citation == (
        "contract (Amendment 3): 3 business days · the rule says 7 calendar days, CMS-0057-F; 42 CFR 422.568,"
        " 438.210(d)"
    )
    assert "longer than the law" not in item.why


def test_a_contract_longer_than_the_law_is_kept_and_both_are_said() -> None:
    item = only(patient(authorizations=(authorization(limits=(limit("pa.federal.standard", 15),)),)))
    assert item.legal_on == day("2026-12-09")
    assert "not the rule's 7 calendar days, which would end on Tue 1 Dec 2026." in item.why
    assert "That is longer than the law allows this payer (CMS-0057-F; 42 CFR 422.568" in item.why
    assert item.citation.startswith("contract (Amendment 3): 15 calendar days · the rule says 7, CMS-0057-F")


@pytest.mark.parametrize(
    ("rule_id", "n", "unit", "words"),
    [
        ("pa.federal.standard", 8, Unit.CALENDAR_DAY, "longer than the law allows this payer; both shown"),
        ("pa.federal.standard", 7, Unit.CALENDAR_DAY, ""),
        ("pa.federal.standard", 5, Unit.BUSINESS_DAY, ""),
        ("pa.federal.standard", 6, Unit.BUSINESS_DAY, "longer than the law allows this payer; both shown"),
        ("pa.federal.expedited", 73, Unit.HOUR, "longer than the law allows this payer; both shown"),
        ("pa.federal.expedited", 3, Unit.CALENDAR_DAY, ""),
        ("pa.partd.standard", 200, Unit.HOUR, ""),  # unconfirmed: not called law
        ("appeal.medicare.redetermination", 120, Unit.CALENDAR_DAY, "shorter than the law gives; both shown"),
        ("appeal.medicare.redetermination", 125, Unit.CALENDAR_DAY, ""),
        ("appeal.aca.internal", 200, Unit.CALENDAR_DAY, ""),  # the payer grants more
        ("appeal.aca.internal", 5, Unit.MONTH, "shorter than the law gives; both shown"),
        ("appeal.ma.reconsideration", 30, Unit.CALENDAR_DAY, ""),
        ("filing.medicare", 365, Unit.CALENDAR_DAY, ""),
        ("filing.medicare", 364, Unit.CALENDAR_DAY, "shorter than the law gives; both shown"),
    ],
)
def test_what_the_law_says_to_a_count(rule_id: str, n: int, unit: Unit, words: str) -> None:
    assert law_words(PACK.get(rule_id), limit(rule_id, n, unit)) == words


def test_a_rule_that_does_not_bind_the_payer_says_nothing() -> None:
    record = authorization(payer_class=PayerClass.UNKNOWN, limits=(limit("pa.erisa.standard", 20),))
    clock = payer_clock(record, CONTEXT)
    assert clock is not None
    assert clock.citation == "contract (Amendment 3): 20 calendar days"
    assert "the rule" not in clock.why


def test_a_contract_may_count_hours_where_the_rule_counts_days() -> None:
    clock = payer_clock(authorization(limits=(limit("pa.federal.standard", 48, Unit.HOUR),)), CONTEXT)
    assert clock is not None
    assert clock.legal_at == at("2026-11-26T11:10")
    back = payer_clock(
        authorization(is_expedited=True, limits=(limit("pa.federal.expedited", 2, Unit.CALENDAR_DAY),)),
        CONTEXT,
    )
    assert back is not None
    assert (back.legal_at, back.legal_on) == (None, day("2026-11-26"))


def test_another_rules_limit_changes_nothing() -> None:
    record = authorization(limits=(limit("pa.federal.expedited", 1),))
    assert payer_clock(record, CONTEXT) == payer_clock(authorization(), CONTEXT)


@pytest.mark.parametrize(
    ("changes", "rule_id"),
    [
        ({"payer_class": PayerClass.UNKNOWN}, "pa.erisa.standard"),
        ({"payer_class": PayerClass.MEDICARE}, "pa.erisa.standard"),
        ({"payer_class": PayerClass.UNKNOWN, "is_expedited": True}, None),
        ({"payer_class": PayerClass.UNKNOWN, "is_drug": True}, None),
    ],
)
def test_a_contract_gives_a_clock_to_a_payer_no_rule_binds(
    changes: dict[str, Any], rule_id: str | None
) -> None:
    clock = payer_clock(authorization(limits=(limit("pa.erisa.standard", 10),), **changes), CONTEXT)
    assert (clock.rule_id if clock else None) == rule_id


def test_a_contract_overrides_an_appeal_window() -> None:
    record = denial(payer_class=PayerClass.MEDICARE, limits=(limit("appeal.medicare.redetermination", 90),))
    file = items(patient(denials=(record,)))["appeal.medicare.redetermination"]
    assert file.legal_on == day("2027-02-25"), "90 days from the notice, nothing presumed"
    assert "come from the payer's contract" in file.why
    warned = denial(limits=(limit("appeal.ma.reconsideration", 30),))
    found = appeal_deadline(warned, CONTEXT)
    assert found is not None
    assert (found.legal_on, found.warn_on) == (day("2026-12-27"), None)


def test_the_letter_goes_before_the_contract() -> None:
    record = denial(limits=(limit("appeal.ma.reconsideration", 30),), letter_deadline_on=day("2027-01-15"))
    found = appeal_deadline(record, CONTEXT)
    assert found is not None
    assert (found.legal_on, found.citation) == (day("2027-01-15"), "Entered from the denial letter")


def test_a_contract_gives_an_unknown_payer_its_levels() -> None:
    limits = (limit("appeal.aca.internal", 60), limit("appeal.external", 2, Unit.MONTH))
    first = appeal_deadline(denial(payer_class=PayerClass.UNKNOWN, limits=limits), CONTEXT)
    assert first is not None
    assert first.rule_id == "appeal.aca.internal"
    upheld = denial(
        DenialStatus.UPHELD, payer_class=PayerClass.UNKNOWN, decided_on="2026-12-10", limits=limits
    )
    second = appeal_deadline(upheld, CONTEXT)
    assert second is not None
    assert (second.rule_id, second.legal_on) == ("appeal.external", day("2027-02-10"))


def test_hours_of_an_appeal_window_are_whole_days() -> None:
    found = appeal_deadline(denial(limits=(limit("appeal.ma.reconsideration", 100, Unit.HOUR),)), CONTEXT)
    assert found is not None
    assert (found.legal_on, found.legal_at) == (day("2026-12-01"), None), "the earlier day is the safe one"


# --- timely filing ------------------------------------------------------------------------------


def filed(payer_class: PayerClass, **changes: Any) -> str | None:
    found = timely_filing(CONTEXT, payer_class, day("2026-06-01"), **changes)
    return None if found is None or found.legal_on is None else found.legal_on.isoformat()


def test_timely_filing_is_medicares_year_or_not_entered() -> None:
    assert filed(PayerClass.MEDICARE) == "2027-06-01"
    assert filed(PayerClass.COMMERCIAL) is None
    assert filed(PayerClass.COMMERCIAL, contract_days=90) == "2026-08-30"
    assert filed(PayerClass.COMMERCIAL, limits=(limit("filing.contract", 6, Unit.MONTH),)) == "2026-12-01"
    assert filed(PayerClass.MEDICARE, limits=(limit("filing.medicare", 30),)) == "2026-07-01"
    assert filed(PayerClass.MEDICARE, contract_days=90) == "2026-08-30", (
        "what was entered goes before the rule"
    )


# --- what may be entered --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_id", "n", "unit", "words"),
    [
        ("no.such", 3, "calendar_day", "There is no rule"),
        ("tcm.contact", 3, "business_day", "does not set"),
        ("pa.erisa.standard", 3, "fortnight", "not in 'fortnight'"),
        ("pa.erisa.standard", 3, "working_day", "not in 'working_day'"),
        ("appeal.external", 72, "hour", "Only a payer's decision"),
        ("pa.erisa.standard", 0, "hour", "cannot be a limit"),
        ("filing.contract", 99999, "calendar_day", "cannot be a limit"),
        ("appeal.external", 1200, "month", "cannot be a limit"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(rule_id: str, n: int, unit: str, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        check_limit(PACK, rule_id, n, unit)


def test_a_limit_that_makes_sense() -> None:
    assert check_limit(PACK, "pa.erisa.standard", 72, "hour") is Unit.HOUR
    assert check_limit(PACK, "filing.contract", 365, "calendar_day") is Unit.CALENDAR_DAY
