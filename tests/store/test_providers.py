"""The directory's reads and verbs on a real practice."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from random import Random

import pytest

from carecoord_tui.domain.provider_stats import NO_REPORT, PastReferral, stats_of
from carecoord_tui.domain.vocabulary import (
    CoverageStatus,
    NetworkStatus,
    ProviderKind,
    ReferralStage,
    ReferralType,
)
from carecoord_tui.store import bulk, undo
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.providers import (
    ProviderEntry,
    add_provider,
    edit_provider,
    set_active,
    set_network,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.providers import (
    alternatives,
    list_providers,
    network_for_patient,
    network_status,
    networks_of,
    npi_owner,
    primary_payer,
    read_provider,
    read_stats,
    search_providers,
    specialties,
)
from carecoord_tui.store.tables import Coverage, Patient, Payer, Provider, Referral

IN, OUT, UNKNOWN = NetworkStatus.IN_NETWORK, NetworkStatus.OUT_OF_NETWORK, NetworkStatus.UNKNOWN
TODAY = date(2026, 11, 30)
NPI, OTHER_NPI = "1234567893", "2000000010"


def office(practice: Practice, name: str, **values: object) -> int:
    return add_provider(practice, ProviderEntry(name=name, **values))  # type: ignore[arg-type]


def payers(practice: Practice, *names: str) -> list[int]:
    with practice.change("payers") as session:
        records = [Payer(name=name) for name in names]
        session.add_all(records)
        session.flush()
        return [record.id or 0 for record in records]


def person(practice: Practice) -> int:
    with practice.change("patient") as session:
        record = Patient(family_name="Nguyen", check_in_on=TODAY + timedelta(days=9))
        session.add(record)
        session.flush()
        return record.id or 0


# --- adding and changing --------------------------------------------------------------------------


def test_a_new_office_is_cleaned_and_parsed(practice: Practice) -> None:
    humana, aetna = payers(practice, "Humana", "Aetna")
    number = add_provider(
        practice,
        ProviderEntry(
            name="  Silva\x1b[31m  Cardiology ",
            kind=ProviderKind.ORGANIZATION,
            npi="123-456-7893",
            taxonomy="207rc0000x",
            phone="(555) 010-0134",
            referral_phone="555.010.0134 x2",
            fax="555-010-0135",
            usual_wait_days=21,
        ),
        networks={humana: IN, aetna: OUT},
        source="their desk",
    )
    row = read_provider(practice.execute, number)
    assert row is not None
    assert (row.name, row.kind) == ("Silva[31m Cardiology", ProviderKind.ORGANIZATION)
    assert (row.npi, row.taxonomy) == (NPI, "207RC0000X")
    assert (row.phone, row.referral_phone, row.fax) == (
        "+15550100134",
        "+15550100134;ext=2",
        "+15550100135",
    )
    assert row.usual_wait_days == 21
    assert row.is_active
    assert [
        (n.payer_name, n.status, n.checked_on, n.source) for n in networks_of(practice.execute, number)
    ] == [
        ("Aetna", OUT, TODAY, "their desk"),
        ("Humana", IN, TODAY, "their desk"),
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": " \x00 "}, "An office needs a name."),
        ({"npi": "1234567890"}, "check digit"),
        ({"npi": "12345"}, "ten digits"),
        ({"taxonomy": "207RC"}, "ten letters and digits"),
        ({"phone": "555-0134"}, "The phone: The area code is missing"),
        ({"referral_phone": "ask"}, "The referral desk's phone: "),
        ({"fax": "1"}, "The fax: "),
        ({"usual_wait_days": -1}, "usual wait"),
    ],
)
def test_what_is_refused_changes_nothing(practice: Practice, values: dict[str, object], words: str) -> None:
    with pytest.raises(Refused, match=words):
        office(practice, **{"name": "Silva", **values})  # type: ignore[arg-type]
    number = office(practice, "Known")
    before = read_provider(practice.execute, number)
    with pytest.raises(Refused, match=words):
        edit_provider(practice, number, ProviderEntry(**{"name": "Silva", **values}))  # type: ignore[arg-type]
    assert read_provider(practice.execute, number) == before
    assert practice.execute("SELECT count(*) FROM provider") == [(1,)]


def test_an_npi_is_given_once_and_the_other_is_named(practice: Practice) -> None:
    silva = office(practice, "Silva Cardiology", npi=NPI)
    with pytest.raises(Refused, match="This NPI is Silva Cardiology's: an NPI is given once"):
        office(practice, "Another", npi=NPI)
    other = office(practice, "Another", npi=OTHER_NPI)
    set_active(practice, silva, False)
    with pytest.raises(Refused, match="Silva Cardiology's, which is no longer offered"):
        edit_provider(practice, other, ProviderEntry(name="Another", npi=NPI))
    edit_provider(practice, silva, ProviderEntry(name="Silva Heart", npi=NPI))  # its own stays
    assert npi_owner(practice.execute, NPI) == (silva, "Silva Heart")
    office(practice, "No number")
    office(practice, "No number either")


def test_an_odd_number_that_was_not_touched_does_not_block(practice: Practice) -> None:
    with practice.change("import") as session:
        session.add(Provider(name="Old", phone="ask for Jo"))
    edit_provider(practice, 1, ProviderEntry(name="Old Office", phone="ask for Jo", fax="555-010-0135"))
    row = read_provider(practice.execute, 1)
    assert row is not None
    assert (row.name, row.phone, row.fax) == ("Old Office", "ask for Jo", "+15550100135")


def test_one_save_is_one_change_and_undo_takes_all_of_it(practice: Practice) -> None:
    humana, aetna = payers(practice, "Humana", "Aetna")
    number = add_provider(practice, ProviderEntry(name="Silva"), networks={humana: IN})
    edit_provider(practice, number, ProviderEntry(name="Silva Heart"), networks={humana: UNKNOWN, aetna: OUT})
    assert network_status(practice.execute, number, humana) == (UNKNOWN, None)
    assert network_status(practice.execute, number, aetna) == (OUT, TODAY)
    undo.undo(practice)
    row = read_provider(practice.execute, number)
    assert row is not None
    assert row.name == "Silva"
    assert network_status(practice.execute, number, humana) == (IN, TODAY)
    assert network_status(practice.execute, number, aetna) == (UNKNOWN, None)
    undo.undo(practice)
    assert read_provider(practice.execute, number) is None


def test_a_plan_asked_again_is_dated_anew_another_is_not(practice: Practice) -> None:
    humana, aetna = payers(practice, "Humana", "Aetna")
    number = add_provider(practice, ProviderEntry(name="Silva"), networks={humana: IN, aetna: IN})
    with practice.change("earlier") as session:
        session.connection().exec_driver_sql("UPDATE provider_network SET checked_on = '2026-05-04'")
    set_network(practice, number, humana, IN, "Jan at the desk")
    assert network_status(practice.execute, number, humana) == (IN, TODAY)
    assert network_status(practice.execute, number, aetna) == (IN, date(2026, 5, 4))
    assert networks_of(practice.execute, number)[1].source == "Jan at the desk"
    with pytest.raises(Refused, match="payer is no longer there"):
        set_network(practice, number, 99, IN)
    with pytest.raises(Refused, match="provider is no longer there"):
        set_network(practice, 99, humana, IN)


# --- search ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lake", ["Lakeside Cardiology", "Lakeside Imaging"]),
        ("card", ["Cardiff Eye", "Lakeside Cardiology"]),  # its own name before a later word
        ("imaging lakeside", ["Lakeside Imaging"]),
        ("MEDICAL cent", ["Lakeside Cardiology", "Lakeside Imaging"]),
        ("nunez", ["Núñez & O'Neil Eye"]),
        ("oneil", ["Núñez & O'Neil Eye"]),
        ("o'neil", ["Núñez & O'Neil Eye"]),
        ("ophthal", ["Cardiff Eye", "Núñez & O'Neil Eye"]),
        (NPI, ["Lakeside Cardiology"]),
        ("7893", ["Lakeside Cardiology"]),
        ("(555) 010-0134", ["Lakeside Cardiology"]),
        ("555-010-0134", ["Lakeside Cardiology"]),
        ("+1 555 010 0134", ["Lakeside Cardiology"]),
        ("010-0135", ["Lakeside Imaging"]),
        ("0135 imag", ["Lakeside Imaging"]),
        ("ardiology", []),
        ("--", []),
        ("", ["Cardiff Eye", "Lakeside Cardiology", "Lakeside Imaging", "Núñez & O'Neil Eye"]),
    ],
)
def test_search(practice: Practice, typed: str, found: list[str]) -> None:
    at = "Lakeside Medical Center"
    office(practice, "Núñez & O'Neil Eye", specialty="ophthalmology")
    office(practice, "Lakeside Imaging", specialty="imaging", organization=at, fax="555-010-0135")
    office(
        practice,
        "Lakeside Cardiology",
        specialty="cardiology",
        organization=at,
        npi=NPI,
        phone="555-010-0134",
    )
    office(practice, "Cardiff Eye", specialty="ophthalmology")
    gone = office(practice, "Lakeside Cardiology Imaging Eye", npi=OTHER_NPI)
    set_active(practice, gone, False)
    assert [row.name for row in search_providers(practice.execute, typed)] == found


def test_search_by_specialty_and_payer_and_with_the_retired(practice: Practice) -> None:
    humana, aetna = payers(practice, "Humana", "Aetna")
    first = office(practice, "A Heart", specialty="Cardiology")
    second = office(practice, "B Heart", specialty="cardiology")
    third = office(practice, "C Heart", specialty="cardiology")
    office(practice, "D Bones", specialty="orthopedics")
    set_network(practice, first, humana, OUT)
    set_network(practice, third, humana, IN)
    set_network(practice, second, aetna, IN)

    def names(**values: object) -> list[str]:
        return [row.name[0] for row in search_providers(practice.execute, "heart", **values)]  # type: ignore[arg-type]

    assert names(specialty="cardio") == ["A", "B", "C"]
    assert names(specialty="ortho") == []
    assert names(payer_id=humana) == ["C", "B", "A"]
    assert names(payer_id=humana, limit=1) == ["C"]
    set_active(practice, third, False)
    assert names() == ["A", "B"]
    assert names(include_inactive=True) == ["A", "B", "C"]
    assert specialties(practice.execute) == ["Cardiology", "cardiology", "orthopedics"]


# --- history --------------------------------------------------------------------------------------


def random_referrals(practice: Practice, offices: list[int], count: int) -> dict[int, list[PastReferral]]:
    """Referrals of every sort, the stored rows and the same as the pure code sees them."""
    rng = Random(7)
    patient = person(practice)
    rows: list[dict[str, object]] = []
    history: dict[int, list[PastReferral]] = defaultdict(list)
    for _ in range(count):
        ordered = date(2026, 1, 5) + timedelta(days=rng.randrange(200))

        def maybe(most: int, ordered: date = ordered) -> date | None:
            return ordered + timedelta(days=rng.randrange(most)) if rng.random() < 0.5 else None

        facts = {
            "stage": rng.choice(list(ReferralStage)),
            "service_type": rng.choice([*NO_REPORT, *ReferralType]),
            "ordered_on": ordered,
            "sent_on": maybe(20),
            "visit_on": maybe(60),
            "report_received_on": maybe(90),
        }
        provider_id = rng.choice(offices)
        history[provider_id].append(PastReferral(**facts))  # type: ignore[arg-type]
        rows.append(
            {
                **facts,
                "patient_id": patient,
                "provider_id": provider_id,
                "specialty": "x",
                "stage_on": ordered,
            }
        )
    with practice.change("referrals") as session:
        bulk.insert(session, Referral, rows)
    return history


def test_sql_and_the_pure_code_agree(practice: Practice) -> None:
    offices = [office(practice, f"Office {n}") for n in range(9)]
    history = random_referrals(practice, offices[:-1], 900)
    expected = {number: stats_of(referrals) for number, referrals in history.items()}
    assert read_stats(practice.execute) == expected
    assert read_stats(practice.execute, offices[:2]) == {one: expected[one] for one in offices[:2]}
    listed = {one.provider.id: one.stats for one in list_providers(practice.execute)}
    assert {number: stats for number, stats in listed.items() if stats.sent} == expected
    assert set(listed) == set(offices)


def test_the_list_counts_plans_and_keeps_the_retired(practice: Practice) -> None:
    humana, aetna = payers(practice, "Humana", "Aetna")
    silva = add_provider(practice, ProviderEntry(name="silva"), networks={humana: IN, aetna: OUT})
    gone = office(practice, "Gone")
    set_active(practice, gone, False)
    assert [(one.provider.id, one.plans_in, one.plans_out) for one in list_providers(practice.execute)] == [
        (gone, 0, 0),
        (silva, 1, 1),
    ]
    assert [one.provider.id for one in list_providers(practice.execute, include_inactive=False)] == [silva]


def test_alternatives_stand_by_network_then_wait_then_reports(practice: Practice) -> None:
    (humana,) = payers(practice, "Humana")
    slow = office(practice, "Slow", specialty="cardiology")
    fast = office(practice, "Fast", specialty="cardiology")
    says = office(practice, "Says ten", specialty="cardiology", usual_wait_days=10)
    out = office(practice, "Out", specialty="cardiology", usual_wait_days=1)
    office(practice, "Bones", specialty="orthopedics")
    gone = office(practice, "Gone", specialty="cardiology")
    set_active(practice, gone, False)
    for one in (slow, fast, says):
        set_network(practice, one, humana, IN)
    set_network(practice, out, humana, OUT)
    patient = person(practice)
    with practice.change("referrals") as session:
        for provider_id, days in ((slow, 30), (fast, 5)):
            visit = date(2026, 9, 1) + timedelta(days=days)
            session.add(
                Referral(
                    patient_id=patient,
                    provider_id=provider_id,
                    specialty="cardiology",
                    stage=ReferralStage.SEEN,
                    stage_on=visit,
                    ordered_on=date(2026, 9, 1),
                    visit_on=visit,
                )
            )
    found = alternatives(practice.execute, "cardiology", humana)
    assert [one.provider.name for one in found] == ["Fast", "Says ten", "Slow", "Out"]
    assert [one.network for one in found] == [IN, IN, IN, OUT]
    unasked = alternatives(practice.execute, "cardiology", None)
    assert [one.provider.name for one in unasked] == ["Out", "Fast", "Says ten", "Slow"]
    assert {one.network for one in unasked} == {UNKNOWN}


# --- network --------------------------------------------------------------------------------------


def test_network_for_a_patient_goes_by_the_first_plan(practice: Practice) -> None:
    humana, aetna = payers(practice, "Humana", "Aetna")
    silva = add_provider(practice, ProviderEntry(name="Silva"), networks={aetna: OUT})
    patient = person(practice)
    assert network_for_patient(practice.execute, silva, patient) is None
    assert primary_payer(practice.execute, patient) is None
    with practice.change("coverage") as session:
        session.add(Coverage(patient_id=patient, payer_id=aetna, rank=2))
        first = Coverage(patient_id=patient, payer_id=humana, rank=1)
        session.add(first)
    row = network_for_patient(practice.execute, silva, patient)
    assert row is not None
    assert (row.payer_name, row.status, row.checked_on) == ("Humana", UNKNOWN, None)
    with practice.change("coverage") as session:
        record = session.get(Coverage, first.id)
        assert record is not None
        record.status = CoverageStatus.CANCELLED
        session.add(record)
    row = network_for_patient(practice.execute, silva, patient)
    assert row is not None
    assert (row.payer_name, row.status, row.checked_on) == ("Aetna", OUT, TODAY)
    assert primary_payer(practice.execute, patient) == aetna
