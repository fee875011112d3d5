"""The payer directory's reads and verbs on a real practice."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.domain.facts import LimitFacts
from carecoord_tui.domain.payer_rows import Clock, PayerRow, clocks_of, filing_clock
from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import CoverageStatus, PayerClass
from carecoord_tui.store import undo
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.payers import PayerEntry, add_payer, edit_payer, set_limit
from carecoord_tui.store.errors import Conflict
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.payers import list_payers, matching, read_payer
from carecoord_tui.store.tables import Coverage, Patient, Payer

TODAY = date(2026, 11, 30)
RECONSIDERATION = "appeal.ma.reconsideration"


def payer(practice: Practice, name: str = "Humana", **values: object) -> int:
    values = {"payer_class": PayerClass.MEDICARE_ADVANTAGE, **values}
    return add_payer(practice, PayerEntry(name=name, **values))  # type: ignore[arg-type]


def stored(practice: Practice, number: int) -> PayerRow:
    found = read_payer(practice.execute, number)
    assert found is not None
    return found


def clocks(practice: Practice, number: int) -> dict[str, Clock]:
    found = clocks_of(practice.context.pack, stored(practice, number), on=TODAY)
    return {clock.rule_id: clock for clock in found}


def test_a_new_payer_is_cleaned_and_parsed(practice: Practice) -> None:
    number = add_payer(
        practice,
        PayerEntry(
            name="  Humana\x1b[31m  Gold ",
            payer_class=PayerClass.MEDICARE_ADVANTAGE,
            phone="555-010-0130",
            authorization_phone="(555) 010-0131 x2",
            fax="5550100132",
            appeal_fax="5550100133",
            portal="https://portal.example",
            note="Ask for\tDana",
        ),
        limits={RECONSIDERATION: (90, Unit.CALENDAR_DAY)},
        source=" Agreement 4.2 ",
    )
    assert stored(practice, number) == PayerRow(
        id=number,
        name="Humana[31m Gold",
        payer_class=PayerClass.MEDICARE_ADVANTAGE,
        phone="+15550100130",
        authorization_phone="+15550100131;ext=2",
        fax="+15550100132",
        appeal_fax="+15550100133",
        portal="https://portal.example",
        note="Ask for Dana",
        limits=(LimitFacts(rule_id=RECONSIDERATION, n=90, unit=Unit.CALENDAR_DAY, source="Agreement 4.2"),),
    )
    assert practice.execute("SELECT entered_on FROM payer_limit", []) == [("2026-11-30",)]
    undo.undo(practice)
    assert list_payers(practice.execute) == []
    assert practice.execute("SELECT count(*) FROM payer_limit", []) == [(0,)]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": "HUMANA"}, "Humana is in the payer directory already"),
        ({"name": "Aetna", "appeal_fax": "12"}, "appeal fax"),
        ({"name": "Aetna", "timely_filing_days": 0}, "Timely filing"),
        ({"name": "Aetna", "timely_filing_days": 3661}, "Timely filing"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    practice: Practice, values: dict[str, object], words: str
) -> None:
    payer(practice)
    before = list_payers(practice.execute)
    with pytest.raises(Refused, match=words):
        payer(practice, **values)  # type: ignore[arg-type]
    assert list_payers(practice.execute) == before


def test_an_edit_keeps_an_odd_number_and_the_payers_own_name(practice: Practice) -> None:
    number = payer(practice)
    with practice.change("import") as session:
        record = session.get(Payer, number)
        assert record is not None
        record.phone = "call the desk"
        session.add(record)
    edit_payer(practice, number, PayerEntry(name="humana", phone="call the desk", timely_filing_days=95))
    found = stored(practice, number)
    assert (found.name, found.phone, found.timely_filing_days) == ("humana", "call the desk", 95)
    assert found.payer_class is PayerClass.UNKNOWN


def test_a_form_filled_before_another_window_saved_is_refused(practice: Practice) -> None:
    number = payer(practice)
    shown = stored(practice, number)
    edit_payer(practice, number, PayerEntry(name="Humana", note="ask for Jo"), version=shown.version)
    with pytest.raises(Conflict):
        edit_payer(practice, number, PayerEntry(name="Humana", fax="555 010 0199"), version=shown.version)
    assert stored(practice, number).note == "ask for Jo"


@pytest.mark.parametrize(
    ("rule_id", "n", "unit", "words"),
    [
        ("appeal.nobody", 30, Unit.CALENDAR_DAY, "There is no rule 'appeal.nobody'"),
        ("auth.asked", 5, Unit.CALENDAR_DAY, "A contract does not set"),
        (RECONSIDERATION, 48, Unit.HOUR, "counted in hours"),
        (RECONSIDERATION, 0, Unit.CALENDAR_DAY, "check the number"),
        (RECONSIDERATION, 5, Unit.WORKING_DAY, "A contract counts in"),
    ],
)
def test_a_limit_is_checked_against_the_rules(
    practice: Practice, rule_id: str, n: int, unit: Unit, words: str
) -> None:
    number = payer(practice)
    with pytest.raises(Refused, match=words):
        set_limit(practice, number, rule_id, n, unit)
    assert stored(practice, number).limits == ()


def test_a_limit_stands_in_place_of_the_rule_until_it_is_taken_back(practice: Practice) -> None:
    number = payer(practice)
    by_rule = clocks(practice, number)[RECONSIDERATION]
    assert (by_rule.amount, by_rule.source, by_rule.from_contract) == (
        "65 calendar days",
        "42 CFR 422.582, unconfirmed",
        False,
    )
    set_limit(practice, number, RECONSIDERATION, 60, Unit.CALENDAR_DAY)
    set_limit(practice, number, RECONSIDERATION, 90, Unit.CALENDAR_DAY, source="Agreement 4.2")
    by_contract = clocks(practice, number)[RECONSIDERATION]
    assert (by_contract.amount, by_contract.source, by_contract.from_contract) == (
        "90 calendar days",
        "Agreement 4.2",
        True,
    )
    assert by_contract.instead_of == "the rule says 65, 42 CFR 422.582, unconfirmed"
    assert by_contract.against_law == "", "an unconfirmed rule is no law"
    edit_payer(
        practice, number, PayerEntry(name=stored(practice, number).name), limits={RECONSIDERATION: None}
    )
    assert stored(practice, number).limits == ()
    with pytest.raises(Refused, match="no longer there"):
        set_limit(practice, 999, RECONSIDERATION, 90, Unit.CALENDAR_DAY)


def test_a_rule_of_law_gives_way_to_the_contract_and_is_shown_beside_it(practice: Practice) -> None:
    number = payer(practice)
    set_limit(practice, number, "pa.federal.standard", 15, Unit.CALENDAR_DAY, source="4.2")
    set_limit(practice, number, "pa.federal.expedited", 24, Unit.HOUR)
    found = clocks(practice, number)
    longer, shorter = found["pa.federal.standard"], found["pa.federal.expedited"]
    assert (longer.amount, longer.instead_of) == (
        "15 calendar days",
        "the rule says 7, CMS-0057-F; 42 CFR 422.568, 438.210(d)",
    )
    assert longer.against_law == "longer than the law allows this payer; both shown"
    assert shorter.against_law == ""


def test_a_limit_on_medicares_timely_filing(practice: Practice) -> None:
    number = payer(practice, "CMS", payer_class=PayerClass.MEDICARE)
    set_limit(practice, number, "filing.medicare", 90, Unit.CALENDAR_DAY)
    clock = filing_clock(practice.context.pack, stored(practice, number), on=TODAY)
    assert clock is not None
    assert (clock.amount, clock.instead_of) == ("90 calendar days", "the rule says 12 months, 42 CFR 424.44")
    assert clock.against_law == "shorter than the law gives; both shown"


def test_the_clocks_are_those_of_the_class_and_a_limit_in_vain_says_so(practice: Practice) -> None:
    number = payer(practice, payer_class=PayerClass.MEDICAID_MCO)
    set_limit(practice, number, RECONSIDERATION, 90, Unit.CALENDAR_DAY)
    found = clocks(practice, number)
    assert {rule_id: clock.runs for rule_id, clock in found.items()} == {
        "pa.federal.standard": True,
        "pa.federal.expedited": True,
        "appeal.medicaid.internal": True,
        "appeal.medicaid.hearing": True,
        RECONSIDERATION: False,
    }
    assert found["pa.federal.standard"].amount == "7 calendar days"
    unknown = payer(practice, "Unknown", payer_class=PayerClass.UNKNOWN)
    assert clocks(practice, unknown) == {}
    set_limit(practice, unknown, RECONSIDERATION, 90, Unit.CALENDAR_DAY)
    assert clocks(practice, unknown)[RECONSIDERATION].runs  # no rule of the class: the contract's supplies it


def test_timely_filing_is_not_entered_until_it_is(practice: Practice) -> None:
    pack = practice.context.pack
    commercial = payer(practice, "Aetna", payer_class=PayerClass.COMMERCIAL)
    assert filing_clock(pack, stored(practice, commercial), on=TODAY) is None
    edit_payer(
        practice,
        commercial,
        PayerEntry(name="Aetna", payer_class=PayerClass.COMMERCIAL, timely_filing_days=95),
    )
    own = filing_clock(pack, stored(practice, commercial), on=TODAY)
    assert own is not None
    assert (own.amount, own.from_contract) == ("95 calendar days", True)
    law = filing_clock(
        pack, stored(practice, payer(practice, "CMS", payer_class=PayerClass.MEDICARE)), on=TODAY
    )
    assert law is not None
    assert (law.amount, law.from_contract) == ("12 months", False)


def test_the_list_counts_active_coverages_and_is_filtered(practice: Practice) -> None:
    humana, aetna = payer(practice, "Humana", phone="555-010-0130"), payer(practice, "aetna")
    with practice.change("people") as session:
        person = Patient(family_name="Nguyen", check_in_on=TODAY)
        session.add(person)
        session.flush()
        for status in (CoverageStatus.ACTIVE, CoverageStatus.ACTIVE, CoverageStatus.CANCELLED):
            session.add(Coverage(patient_id=person.id or 0, payer_id=humana, status=status))
    found = list_payers(practice.execute)
    assert [(one.id, one.active_coverages) for one in found] == [(aetna, 0), (humana, 2)]
    for text, ids in {
        "hum": [humana],
        "0130": [humana],
        "adv": [aetna, humana],
        "zz": [],
        "": [aetna, humana],
    }.items():
        assert [one.id for one in matching(found, text)] == ids
