"""``import_answers`` from a payer's file to the store: one undoable change, nobody guessed, safe again."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    CoverageStatus,
    DenialReason,
    DenialStatus,
    EligibilityResult,
)
from carecoord_tui.exchange.answer_file import AnswerFileError
from carecoord_tui.exchange.answer_report import AnswerImportReport, AnswerKind, Fate
from carecoord_tui.exchange.import_answers import AnswerImport, import_answers
from carecoord_tui.store import ledger, undo
from carecoord_tui.store.actions.authorization_moves import decide_items
from carecoord_tui.store.actions.authorizations import (
    AuthorizationEntry,
    ItemEntry,
    add_authorization,
)
from carecoord_tui.store.actions.eligibility import CheckEntry, record_check
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import AuthorizationItem, Coverage, Denial, Patient, Payer
from tests.exchange.test_pas import bundle, item
from tests.exchange.x12.make import SUBSCRIBER, authorization, eligibility, interchange, remittance, write
from tests.store.insurance_acts import triage

S = AuthorizationStatus
ROSA, SON, JOHN = 1, 2, 3
TABLES = (
    "eligibility_check",
    "benefit",
    "authorization",
    "authorization_item",
    "authorization_event",
    "denial",
    "follow_up",
    "import_record",
)
_OWED = "SELECT kind, record_id, rule_id, target_on, title FROM ledger ORDER BY kind, record_id, rule_id"
COPAY_IN = "EB*B*IND*98*HM*GOLD*27*25.00*****Y"
COPAY_OUT = "EB*B*IND*98*HM*GOLD*27*60.00*****N"


@pytest.fixture(autouse=True)
def people(practice: Practice) -> None:
    with practice.change("people") as session:
        session.add(Payer(name="Acme Health"))
        rosa = Patient(family_name="Álvarez", given_name="Rosa", birth_date=date(1955, 3, 14))
        son = Patient(family_name="Alvarez", given_name="Leo", birth_date=date(1990, 5, 5))
        john = Patient(family_name="Smith", given_name="John", birth_date=date(1963, 5, 19))
        session.add_all([rosa, son, john])
        session.flush()
        session.add(Coverage(patient_id=ROSA, payer_id=1, member_id="acm-123"))
        session.add(Coverage(patient_id=JOHN, payer_id=1))


def bring(practice: Practice, path: Path, kind: str, **options: Any) -> AnswerImportReport:
    return import_answers(practice, path, AnswerKind(kind), **options)


def fates(report: AnswerImportReport) -> list[Fate]:
    return [one.fate for one in report.answers]


def stored(practice: Practice) -> dict[str, list[tuple[Any, ...]]]:
    """Everything an import may write; the version of a row counts up and is no content."""
    found: dict[str, list[tuple[Any, ...]]] = {"owed": practice.execute(_OWED)}
    with practice.read() as connection:
        for name in TABLES:
            table = SQLModel.metadata.tables[name]
            columns = [column for column in table.columns if column.name != "version"]
            rows = connection.execute(sa.select(*columns).order_by(table.c.id))
            found[name] = [tuple(row) for row in rows]
    return found


def is_ledger_whole(practice: Practice) -> bool:
    before = practice.execute(_OWED)
    with practice.engine.begin() as connection:
        ledger.rebuild(connection, practice.context)
    return practice.execute(_OWED) == before


def again_changes_nothing(practice: Practice, path: Path, kind: str) -> None:
    before, undoable = stored(practice), undo.next_undo(practice)
    report = bring(practice, path, kind)
    assert set(fates(report)) == {Fate.UNCHANGED}
    assert stored(practice) == before
    assert undo.next_undo(practice) == undoable


def undone(practice: Practice, before: dict[str, list[tuple[Any, ...]]]) -> None:
    undo.undo(practice)
    assert stored(practice) == before
    assert is_ledger_whole(practice)


# --- eligibility ------------------------------------------------------------------------------


def test_each_figure_with_what_tells_it_from_the_others(practice: Practice, tmp_path: Path) -> None:
    path = write(tmp_path, eligibility("EB*1**30**GOLD", COPAY_IN, COPAY_OUT, "EB*A**98*****.2****Y"))
    before = stored(practice)
    report = bring(practice, path, "eligibility")
    assert fates(report) == [Fate.NEW]
    (check,) = practice.execute(
        "SELECT patient_id, checked_on, as_of, result, source, plan_said, reference FROM eligibility_check"
    )
    assert check == (ROSA, "2026-11-01", "2026-11-01", "active", "271", "GOLD", "TRACE1")
    figures = practice.execute(
        "SELECT kind, amount, percent, network, level, period, service_type, trace FROM benefit ORDER BY id"
    )
    assert figures == [
        ("copay", "25.00", None, "in", "individual", "visit", "98", "EB, segment 16"),
        ("copay", "60.00", None, "out", "individual", "visit", "98", "EB, segment 17"),
        ("coinsurance", None, "20.0", "in", "unknown", "unknown", "98", "EB, segment 18"),
    ]
    assert practice.execute("SELECT status FROM coverage WHERE id = 1") == [(CoverageStatus.ACTIVE.value,)]
    assert is_ledger_whole(practice)
    again_changes_nothing(practice, path, "eligibility")
    undone(practice, before)
    assert fates(bring(practice, path, "eligibility")) == [Fate.NEW]


def test_a_dry_run_writes_nothing(practice: Practice, tmp_path: Path) -> None:
    before = stored(practice)
    report = bring(practice, write(tmp_path, eligibility("EB*1**30", COPAY_IN)), "eligibility", dry_run=True)
    assert fates(report) == [Fate.NEW]
    assert stored(practice) == before
    assert report.lines()[-1] == "1 answer: 1 to write."


@pytest.mark.parametrize(
    ("lines", "result", "note"),
    [
        (["EB*1**30", "EB*6**30"], "unable", "active and inactive together"),
        (["EB*B**98****10.00*****Y"], "unable", "did not say"),
        (["AAA*N**72*C"], "unable", "reason 72"),
        (["EB*6**30"], "inactive", ""),
    ],
)
def test_only_a_plain_answer_is_a_plain_result(
    practice: Practice, tmp_path: Path, lines: list[str], result: str, note: str
) -> None:
    bring(practice, write(tmp_path, eligibility(*lines)), "eligibility")
    ((found, said),) = practice.execute("SELECT result, note FROM eligibility_check")
    assert found == result
    assert note in said
    tasks = practice.execute("SELECT count(*) FROM follow_up")
    assert tasks == [(1 if result == "inactive" else 0,)]


def test_what_our_words_cannot_say_stands_beside_the_figure(practice: Practice, tmp_path: Path) -> None:
    lines = ["EB*1**30", "EB*C*IND*30***24*300*****W", "EB*A*IND*30*****20****Y", "EB*C*IND*30***23******Y"]
    report = bring(practice, write(tmp_path, eligibility(*lines)), "eligibility")
    found = practice.execute("SELECT amount, percent, network, period, text FROM benefit ORDER BY id")
    assert found[0] == ("300.00", None, "unknown", "unknown", "in or out of network, year to date")
    assert [row[4] for row in found[1:]] == ["percentage written as 20"]
    assert any("has no figure" in one for one in report.left_out)


def test_whom_the_user_chose_is_written_and_what_was_left_out_is_not(
    practice: Practice, tmp_path: Path
) -> None:
    text = eligibility("EB*1**30", COPAY_IN).replace("19550314", "19550315")
    found = AnswerImport(practice, write(tmp_path, text), AnswerKind.ELIGIBILITY)
    with pytest.raises(ValueError, match="compared"):
        found.choose(0, ROSA)
    (line,) = found.compare().answers
    assert line.is_open
    assert [(one.patient_id, one.agrees) for one in line.candidates] == [(ROSA, "member id, name")]
    assert found.write().count(Fate.NEW) == 0
    chosen = found.choose(0, ROSA)
    assert (chosen.fate, chosen.patient, chosen.is_chosen) == (Fate.NEW, "Álvarez, Rosa", True)
    before = stored(practice)
    report = found.write(left_out=(0,))
    assert fates(report) == [Fate.LEFT_OUT]
    assert stored(practice) == before
    assert fates(found.write()) == [Fate.NEW]
    assert practice.execute("SELECT patient_id FROM eligibility_check") == [(ROSA,)]


def test_only_what_was_shown_as_new_is_written(practice: Practice, tmp_path: Path) -> None:
    """Who comes in between the preview and the writing was not looked at."""
    text = eligibility("EB*1**30").replace("ACM123", "NEW9").replace("ALVAREZ", "NOBODY")
    found = AnswerImport(practice, write(tmp_path, text), AnswerKind.ELIGIBILITY)
    assert fates(found.compare()) == [Fate.NOT_TAKEN]
    with practice.change("a new person") as session:
        session.add(Patient(family_name="Nobody", given_name="Rosa", birth_date=date(1955, 3, 14)))
        session.flush()
        session.add(Coverage(patient_id=4, payer_id=1, member_id="NEW9"))
    assert fates(found.write()) == [Fate.LEFT_OUT]
    assert practice.execute("SELECT count(*) FROM eligibility_check") == [(0,)]


def test_the_file_is_read_once(practice: Practice, tmp_path: Path) -> None:
    path = write(tmp_path, eligibility("EB*1**30", COPAY_IN))
    found = AnswerImport(practice, path, AnswerKind.ELIGIBILITY)
    path.unlink()
    found.compare()
    assert fates(found.write()) == [Fate.NEW]


def test_a_day_that_stands_behind_the_claims_counts(practice: Practice, tmp_path: Path) -> None:
    """Not as the standard has it, and no reason to date a denial today."""
    path = write(tmp_path, interchange("835", "LX*1", *DENIED, "BPR*I*1*C*CHK************20261102"))
    bring(practice, path, "denials")
    assert practice.execute("SELECT notice_on FROM denial") == [("2026-11-02",)]


def test_somebody_who_may_be_another_is_not_taken(practice: Practice, tmp_path: Path) -> None:
    before = stored(practice)
    other_day = eligibility("EB*1**30").replace("19550314", "19550315")
    (line,) = bring(practice, write(tmp_path, other_day), "eligibility").answers
    assert (line.fate, line.reason) == (
        Fate.NOT_TAKEN,
        "the member id is on file for somebody else: name or birth date differ",
    )
    other_id = eligibility("EB*1**30").replace("ACM123", "ZZZ9")
    (line,) = bring(practice, write(tmp_path, other_id), "eligibility").answers
    assert "another one than on the plan" in line.reason
    nobody = eligibility("EB*1**30").replace("ACM123", "ZZZ9").replace("ALVAREZ", "NOBODY")
    (line,) = bring(practice, write(tmp_path, nobody), "eligibility").answers
    assert "nobody of this name" in line.reason
    assert stored(practice) == before


def test_several_people_of_one_member_id_are_never_chosen_from(practice: Practice, tmp_path: Path) -> None:
    with practice.change("twin") as session:
        session.add(Patient(family_name="Alvarez", given_name="Rosa", birth_date=None))
        session.flush()
        session.add(Coverage(patient_id=4, payer_id=1, member_id="ACM123"))
    (line,) = bring(practice, write(tmp_path, eligibility("EB*1**30")), "eligibility").answers
    assert line.fate is Fate.NOT_TAKEN
    assert "2 people" in line.reason
    agrees = [(one.patient_id, one.agrees) for one in line.candidates]
    assert agrees == [(ROSA, "member id, name, birth date"), (4, "member id, name")]


def test_a_dependent_is_found_by_the_family_s_member_id_and_own_name(
    practice: Practice, tmp_path: Path
) -> None:
    with practice.change("coverage of the son") as session:
        session.add(Coverage(patient_id=SON, payer_id=1, member_id="ACM123"))
    dependent = ("HL*4*3*23*0", "NM1*03*1*ALVAREZ*LEO", "DMG*D8*19900505*M", "EB*1**30", COPAY_IN)
    head = [line.replace("HL*3*2*22*0", "HL*3*2*22*1") for line in SUBSCRIBER]
    report = bring(practice, write(tmp_path, interchange("271", *head, *dependent)), "eligibility")
    assert Fate.NEW in fates(report)
    assert (SON,) in practice.execute("SELECT patient_id FROM eligibility_check WHERE result = 'active'")
    # A twin sister of the same day is somebody else.
    sister = tuple(line.replace("LEO", "MIA") for line in dependent)
    report = bring(practice, write(tmp_path, interchange("271", *head, *sister)), "eligibility")
    assert report.answers[-1].fate is Fate.NOT_TAKEN


def test_a_file_that_is_cut_writes_nothing(practice: Practice, tmp_path: Path) -> None:
    before = stored(practice)
    whole = eligibility("EB*1**30", COPAY_IN)
    path = write(tmp_path, whole[: whole.index("SE*")])
    with pytest.raises(AnswerFileError):
        bring(practice, path, "eligibility")
    with pytest.raises(AnswerFileError, match="834"):
        bring(practice, write(tmp_path, interchange("834", "BGN*00*1")), "eligibility")
    assert stored(practice) == before


@pytest.mark.parametrize(
    ("dates", "as_of"),
    [
        ("DTP*307*D8*20200101", "2026-11-01"),
        ("DTP*291*D8*20200101", "2026-11-01"),
        ("DTP*307*D8*20200101~DTP*291*RD8*20261101-20261130", "2026-11-01"),
        ("DTP*307*D8*20200101~DTP*291*RD8*20261201-20261231", "2026-12-01"),
        ("DTP*291*D8*20261205", "2026-12-05"),
        ("DTP*472*D8*20261028", "2026-10-28"),
    ],
)
def test_the_day_coverage_began_is_not_the_day_asked_about(
    practice: Practice, tmp_path: Path, dates: str, as_of: str
) -> None:
    """A single past day of eligibility or plan; the day of a service is one that was asked about."""
    text = eligibility("EB*1**30").replace("DTP*291*RD8*20261101-20261130", dates)
    bring(practice, write(tmp_path, text.replace("SE*13*", f"SE*{13 + dates.count('~')}*")), "eligibility")
    assert practice.execute("SELECT as_of FROM eligibility_check") == [(as_of,)]


def test_an_old_file_that_says_inactive_asks_nothing_after_a_newer_answer(
    practice: Practice, tmp_path: Path
) -> None:
    path = write(tmp_path, eligibility("EB*6**30"))
    record_check(practice, CheckEntry(patient_id=ROSA, coverage_id=1, result=EligibilityResult.ACTIVE))
    bring(practice, path, "eligibility")
    assert practice.execute("SELECT result FROM eligibility_check ORDER BY id") == [
        ("active",),
        ("inactive",),
    ]
    assert practice.execute("SELECT count(*) FROM follow_up") == [(0,)]
    undo.undo(practice)
    undo.undo(practice)
    record_check(practice, CheckEntry(patient_id=ROSA, coverage_id=1, result=EligibilityResult.UNABLE))
    bring(practice, path, "eligibility")
    assert practice.execute("SELECT count(*) FROM follow_up") == [(1,)], "the newer one said nothing"


def test_an_old_file_that_says_active_does_not_turn_a_newer_answer(
    practice: Practice, tmp_path: Path
) -> None:
    record_check(practice, CheckEntry(patient_id=ROSA, coverage_id=1, result=EligibilityResult.INACTIVE))
    bring(practice, write(tmp_path, eligibility("EB*1**30")), "eligibility")
    assert practice.execute("SELECT status FROM coverage WHERE id = 1") == [("unknown",)]


# --- authorizations ---------------------------------------------------------------------------


def request(practice: Practice, *codes: str, reference: str = "REF-1", submitted: bool = True) -> int:
    entry = AuthorizationEntry(service="MRI", service_code=codes[0] if codes else "", coverage_id=1)
    steps = [Step(to=S.SUBMITTED, on=date(2026, 10, 20), channel="portal", reference=reference)]
    items = [ItemEntry(service=code, code=code) for code in codes] if len(codes) > 1 else []
    return add_authorization(practice, ROSA, entry, taken=steps if submitted else (), items=items)


def decision(*actions: tuple[str, str], trace: str = "REF-1") -> str:
    services: list[str] = []
    for index, (code, action) in enumerate(actions):
        services += [f"HL*{5 + index}*4*SS*0", f"HCR*{action}*AUTH{index}", f"SV1*HC:{code}*100*UN*6"]
        services.append("DTP*007*RD8*20261101-20270131")
    return authorization("HL*4*3*EV*1", f"TRN*2*{trace}*9", *services)


def test_one_approved_item_does_not_make_an_approval(practice: Practice, tmp_path: Path) -> None:
    number = request(practice, "70551", "70552")
    before = stored(practice)
    path = write(tmp_path, decision(("70551", "A1"), ("70552", "A3")))
    assert fates(bring(practice, path, "authorizations")) == [Fate.NEW]
    items = practice.execute(
        "SELECT code, status, number, valid_to FROM authorization_item WHERE authorization_id = ?", (number,)
    )
    assert items == [
        ("70551", "approved", "AUTH0", "2027-01-31"),
        ("70552", "denied", "AUTH1", "2027-01-31"),
    ]
    whole = practice.execute('SELECT status, decided_on, number, valid_to FROM "authorization"')
    assert whole == [("partial", "2026-11-01", "AUTH0", "2027-01-31")]
    assert is_ledger_whole(practice)
    again_changes_nothing(practice, path, "authorizations")
    undone(practice, before)


def denials(practice: Practice) -> list[tuple[Any, ...]]:
    return practice.execute(
        "SELECT patient_id, coverage_id, authorization_id, service, reason, notice_on, status, trace"
        " FROM denial ORDER BY id"
    )


def owed_of_denials(practice: Practice) -> list[tuple[Any, ...]]:
    return practice.execute("SELECT record_id, rule_id FROM ledger WHERE kind = 'denial' ORDER BY rule_id")


def test_a_denied_request_opens_a_denial_as_a_denied_claim_does(practice: Practice, tmp_path: Path) -> None:
    number = request(practice, "70551")
    before = stored(practice)
    path = write(tmp_path, decision(("70551", "A3")).replace("*AUTH0~", "**0V~"))
    report = bring(practice, path, "authorizations")
    assert "denial opened, letter of Sun 1 Nov 2026: 70551" in report.answers[0].does
    assert practice.execute('SELECT status FROM "authorization"') == [("denied",)]
    trace = practice.execute("SELECT trace FROM authorization_item")[0][0]
    assert denials(practice) == [(ROSA, 1, number, "MRI", "reason 0V", "2026-11-01", "open", trace)]
    assert "denial.triage" in {rule for _, rule in owed_of_denials(practice)}
    assert not practice.execute("SELECT 1 FROM ledger WHERE kind = 'authorization'")
    assert is_ledger_whole(practice)
    # The denial is walked like any other.
    ((denial_id,),) = practice.execute("SELECT id FROM denial")
    triage(practice, denial_id)
    assert practice.execute("SELECT denial_id, kind, status FROM denial_track") == [
        (denial_id, "appeal", "open")
    ]
    undo.undo(practice)
    again_changes_nothing(practice, path, "authorizations")
    undone(practice, before)


def test_a_partial_approval_opens_a_denial_of_what_was_denied(practice: Practice, tmp_path: Path) -> None:
    number = request(practice, "70551", "70552", "70553")
    before = stored(practice)
    path = write(tmp_path, decision(("70551", "A1"), ("70552", "A3"), ("70553", "A3")))
    bring(practice, path, "authorizations")
    assert practice.execute('SELECT status FROM "authorization"') == [("partial",)]
    ((_, _, authorization_id, service, *_),) = denials(practice)
    assert (authorization_id, service) == (number, "70552, 70553")
    assert is_ledger_whole(practice)
    again_changes_nothing(practice, path, "authorizations")
    undone(practice, before)


def test_an_item_that_is_denied_later_opens_a_denial_of_its_own(practice: Practice, tmp_path: Path) -> None:
    request(practice, "70551", "70552")
    first = write(tmp_path, decision(("70551", "A3")))
    bring(practice, first, "authorizations")
    assert practice.execute('SELECT status FROM "authorization"') == [("submitted",)]
    assert [row[3] for row in denials(practice)] == ["70551"]
    text = decision(("70551", "A3"), ("70552", "A3")).replace("*A1*20261101*", "*A1*20261110*")
    bring(practice, write(tmp_path, text), "authorizations")
    assert practice.execute('SELECT status FROM "authorization"') == [("denied",)]
    later = [(service, notice_on) for _, _, _, service, _, notice_on, *_ in denials(practice)]
    assert later == [("70551", "2026-11-01"), ("70552", "2026-11-10")]


def test_a_denial_entered_from_the_letter_is_not_opened_twice(practice: Practice, tmp_path: Path) -> None:
    number = request(practice, "70551")
    with practice.change("denial from the letter") as session:
        session.add(
            Denial(patient_id=ROSA, authorization_id=number, service="MRI", notice_on=date(2026, 10, 30))
        )
    report = bring(practice, write(tmp_path, decision(("70551", "A3"))), "authorizations")
    assert "its denial is on file already" in report.answers[0].does
    assert len(denials(practice)) == 1


def test_a_denying_pas_response_opens_a_denial(practice: Practice, tmp_path: Path) -> None:
    number = request(practice, "70551", reference="TRACE1")
    path = tmp_path / "pas.json"
    parts = [item(1, "A1"), item(2, "A3")]
    path.write_text(json.dumps(bundle(*parts, created="2026-11-05T10:00:00Z")), encoding="utf-8")
    bring(practice, path, "authorizations")
    ((_, _, authorization_id, _, _, notice_on, status, trace),) = denials(practice)
    assert (authorization_id, notice_on, status) == (number, "2026-11-05", "open")
    assert trace == "entry[0].resource.item[1]"


def test_an_item_the_payer_left_out_goes_on_waiting(practice: Practice, tmp_path: Path) -> None:
    request(practice, "70551", "70552")
    bring(practice, write(tmp_path, decision(("70551", "A1"))), "authorizations")
    assert practice.execute('SELECT status FROM "authorization"') == [("submitted",)]
    assert practice.execute("SELECT status FROM authorization_item ORDER BY id")[0] == ("approved",)


def decided_apart(event: str, *actions: tuple[str, str]) -> str:
    """An event with a decision of its own, and services that were decided apart from it."""
    return decision(*actions).replace("HL*4*3*EV*1~", f"HL*4*3*EV*1~HCR*{event}*WHOLE~")


def items(practice: Practice) -> list[tuple[Any, ...]]:
    return practice.execute("SELECT code, status FROM authorization_item ORDER BY id")


def test_the_decision_of_the_event_stands_for_every_service_not_decided_apart(
    practice: Practice, tmp_path: Path
) -> None:
    request(practice, "70450", "70460", "70470")
    before = stored(practice)
    path = write(tmp_path, decided_apart("A1", ("70460", "A3")))
    bring(practice, path, "authorizations")
    assert items(practice) == [("70450", "approved"), ("70460", "denied"), ("70470", "approved")]
    assert practice.execute('SELECT status, number FROM "authorization"') == [("partial", "WHOLE")]
    assert [row[3] for row in denials(practice)] == ["70460"]
    again_changes_nothing(practice, path, "authorizations")
    undone(practice, before)


def test_an_event_that_is_denied_names_the_services_it_denies(practice: Practice, tmp_path: Path) -> None:
    number = request(practice, "70450", "70460", "70470")
    with practice.change("withdrawn") as session:
        session.get_one(AuthorizationItem, 3).status = S.CANCELLED
    bring(practice, write(tmp_path, decided_apart("A3", ("70460", "A1"))), "authorizations")
    assert items(practice) == [("70450", "denied"), ("70460", "approved"), ("70470", "cancelled")]
    assert [row[2:4] for row in denials(practice)] == [(number, "70450")]


def test_two_answers_of_the_same_services_keep_the_event_for_itself(
    practice: Practice, tmp_path: Path
) -> None:
    """Pended as a whole although each service was approved: it goes on waiting."""
    request(practice, "70450", "70460")
    bring(practice, write(tmp_path, decided_apart("A4", ("70450", "A1"), ("70460", "A1"))), "authorizations")
    assert items(practice) == [("70450", "approved"), ("70460", "approved"), ("", "pended")]
    assert practice.execute('SELECT status FROM "authorization"') == [("pended",)]


def test_the_whole_ends_with_the_item_that_ends_first(practice: Practice, tmp_path: Path) -> None:
    request(practice, "70551", "70552")
    text = decision(("70551", "A1"), ("70552", "A1")).replace("20270131", "20261215", 1)
    bring(practice, write(tmp_path, text), "authorizations")
    ends = practice.execute("SELECT valid_to FROM authorization_item ORDER BY id")
    assert ends == [("2026-12-15",), ("2027-01-31",)]
    assert practice.execute('SELECT valid_to FROM "authorization"') == [("2026-12-15",)]


def test_a_denial_that_was_won_does_not_hide_the_next_one(practice: Practice, tmp_path: Path) -> None:
    number = request(practice, "70551", "70552")
    bring(practice, write(tmp_path, decision(("70551", "A3"), ("70552", "A3"))), "authorizations")
    with practice.change("appeal won") as session:
        session.get_one(Denial, 1).status = DenialStatus.OVERTURNED
        rows = dict.fromkeys((1, 2), S.APPROVED)
        decide_items(session, practice, number, rows, Step(to=S.APPROVED, on=date(2026, 11, 5)))
    later = decision(("70551", "A1"), ("70552", "A3")).replace("*A1*20261101*", "*A1*20261110*")
    bring(practice, write(tmp_path, later), "authorizations")
    assert [(row[3], row[5], row[6]) for row in denials(practice)] == [
        ("MRI", "2026-11-01", "overturned"),
        ("70552", "2026-11-10", "open"),
    ]


def test_without_reference_the_only_open_one_of_the_code(practice: Practice, tmp_path: Path) -> None:
    request(practice, "70551", reference="")
    path = write(tmp_path, decision(("70551", "A3"), trace="NOBODYS"))
    assert fates(bring(practice, path, "authorizations")) == [Fate.NEW]
    assert practice.execute('SELECT status FROM "authorization"') == [("denied",)]
    again_changes_nothing(practice, path, "authorizations")


def test_no_match_two_matches_and_no_submission_are_reported(practice: Practice, tmp_path: Path) -> None:
    path = write(tmp_path, decision(("70551", "A1"), trace="NOBODYS"))
    (line,) = bring(practice, path, "authorizations").answers
    assert "no open authorization" in line.reason
    assert practice.execute('SELECT count(*) FROM "authorization"') == [(0,)]
    request(practice, "70551", reference="", submitted=False)
    (line,) = bring(practice, path, "authorizations").answers
    assert "not submitted yet" in line.reason
    request(practice, "70551", reference="")
    before = stored(practice)
    (line,) = bring(practice, path, "authorizations").answers
    assert "2 open authorizations" in line.reason
    assert stored(practice) == before


@pytest.mark.parametrize(
    ("actions", "whole"),
    [(("A1", "A1"), "approved"), (("A1", "A4"), "pended"), (("A1", "CT"), "submitted")],
)
def test_a_pas_response(practice: Practice, tmp_path: Path, actions: tuple[str, ...], whole: str) -> None:
    request(practice, "70551", reference="TRACE1")
    parts = [item(number, action) for number, action in enumerate(actions, 1)]
    path = tmp_path / "pas.json"
    path.write_text(json.dumps(bundle(*parts, created="2026-11-05T10:00:00Z")), encoding="utf-8")
    assert fates(bring(practice, path, "authorizations")) == [Fate.NEW]
    assert practice.execute('SELECT status FROM "authorization"') == [(whole,)]
    assert practice.execute("SELECT trace FROM authorization_item ORDER BY id") == [
        ("entry[0].resource.item[0]",),
        ("entry[0].resource.item[1]",),
    ]
    again_changes_nothing(practice, path, "authorizations")


def test_the_day_of_an_answer_is_its_own_also_beside_one_for_payment(
    practice: Practice, tmp_path: Path
) -> None:
    request(practice, "70551", reference="TRACE1")
    content = bundle(item(1, "A1"), created="2026-11-05")
    paid = {"resourceType": "ClaimResponse", "use": "claim", "created": "2026-11-20"}
    content["entry"].insert(0, {"resource": paid})
    path = tmp_path / "pas.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    bring(practice, path, "authorizations")
    assert practice.execute('SELECT decided_on FROM "authorization"') == [("2026-11-05",)]


def test_an_answer_older_than_the_submission_is_reported(practice: Practice, tmp_path: Path) -> None:
    request(practice, "70551")
    before = stored(practice)
    path = write(tmp_path, decision(("70551", "A1")).replace("*A1*20261101*", "*A1*20261001*"))
    (line,) = bring(practice, path, "authorizations").answers
    assert "The payer has had it since" in line.reason
    assert stored(practice) == before


# --- denials ----------------------------------------------------------------------------------

DENIED = (
    "CLP*77*4*250.00*0.00*0*12*PAYER77*11",
    "NM1*QC*1*ALVAREZ*ROSA****MI*ACM123",
    "SVC*HC:99213*250.00*0.00",
    "CAS*CO*197*250.00",
)
PAID = ("CLP*78*1*100.00*100.00*0*12*PAYER78*11", "NM1*QC*1*ALVAREZ*ROSA****MI*ACM123")


def test_a_denied_claim_is_a_denial_and_a_paid_one_is_none(practice: Practice, tmp_path: Path) -> None:
    before = stored(practice)
    path = write(tmp_path, remittance(*DENIED, *PAID))
    report = bring(practice, path, "denials")
    assert (fates(report), report.passed) == ([Fate.NEW], 1)
    found = practice.execute(
        "SELECT patient_id, coverage_id, claim_number, amount, reason_kind, notice_on, service, trace, note "
        "FROM denial"
    )
    assert found == [
        (
            ROSA,
            1,
            "PAYER77",
            "250.00",
            DenialReason.NO_AUTHORIZATION.value,
            "2026-11-01",
            "99213",
            "CLP, segment 9",
            "our number 77",
        )
    ]
    assert any(kind == "denial" for kind, *_ in practice.execute(_OWED))
    assert is_ledger_whole(practice)
    again_changes_nothing(practice, path, "denials")
    undone(practice, before)


def test_a_denial_entered_by_hand_is_not_entered_again(practice: Practice, tmp_path: Path) -> None:
    with practice.change("denial") as session:
        session.add(Denial(patient_id=ROSA, service="visit", claim_number="77", notice_on=date(2026, 11, 3)))
    report = bring(practice, write(tmp_path, remittance(*DENIED)), "denials")
    assert fates(report) == [Fate.UNCHANGED]
    assert practice.execute("SELECT count(*) FROM denial") == [(1,)]


def test_a_claim_denied_again_after_its_denial_ended_is_a_new_denial(
    practice: Practice, tmp_path: Path
) -> None:
    path = write(tmp_path, remittance(*DENIED))
    again = write(tmp_path, remittance(*DENIED).replace("****20261101~", "****20261128~"), "again.x12")
    bring(practice, path, "denials")
    assert fates(bring(practice, again, "denials")) == [Fate.UNCHANGED], "it is open: this is about it"
    with practice.change("given up") as session:
        session.get_one(Denial, 1).status = DenialStatus.CLOSED
    assert fates(bring(practice, path, "denials")) == [Fate.UNCHANGED]
    before = stored(practice)
    assert fates(bring(practice, again, "denials")) == [Fate.NEW]
    assert practice.execute("SELECT notice_on, status FROM denial ORDER BY id") == [
        ("2026-11-01", "closed"),
        ("2026-11-28", "open"),
    ]
    again_changes_nothing(practice, again, "denials")
    undone(practice, before)


def test_a_name_without_the_member_id_is_not_enough(practice: Practice, tmp_path: Path) -> None:
    path = write(tmp_path, remittance(*(line.replace("****MI*ACM123", "") for line in DENIED)))
    (line,) = bring(practice, path, "denials").answers
    assert line.fate is Fate.NOT_TAKEN
    assert line.reason.startswith("only the name agrees")


def status_277(*statuses: str) -> str:
    claim = (
        "BHT*0010*08*1*20261101*1200",
        "HL*1**20*1",
        "NM1*PR*2*ACME HEALTH*****PI*1",
        "HL*2*1*22*0",
        "NM1*IL*1*ALVAREZ*ROSA****MI*ACM123",
        "TRN*2*77",
        *statuses,
    )
    return interchange("277", *claim, group="HN")


def test_a_denial_of_a_277(practice: Practice, tmp_path: Path) -> None:
    path = write(tmp_path, status_277("STC*F2:88*20261029**250.00*0", "REF*1K*PAYER77"))
    assert fates(bring(practice, path, "denials")) == [Fate.NEW]
    assert practice.execute("SELECT claim_number, amount, notice_on FROM denial") == [
        ("PAYER77", "250.00", "2026-10-29")
    ]
    # The 835 that follows is about the same claim.
    assert fates(bring(practice, write(tmp_path, remittance(*DENIED)), "denials")) == [Fate.UNCHANGED]


def test_a_service_denied_in_a_claim_that_goes_on_is_no_denied_claim(
    practice: Practice, tmp_path: Path
) -> None:
    text = status_277("STC*P1:20*20261029**250.00*0", "SVC*HC:99213*100*0", "STC*F2:88*20261029**100.00*0")
    report = bring(practice, write(tmp_path, text), "denials")
    assert (report.passed, practice.execute("SELECT count(*) FROM denial")) == (1, [(0,)])


# --- third-party samples ----------------------------------------------------------------------


def test_sample_files(practice: Practice, sample_data: Path) -> None:
    """John Smith by name and birth date, without a member id on his plan; the dependent is nobody of ours."""
    folder = sample_data / "x12"
    path = folder / "lfh_271_subscriber.271"
    assert fates(bring(practice, path, "eligibility")) == [Fate.NEW]
    assert practice.execute("SELECT patient_id, result, checked_on FROM eligibility_check") == [
        (JOHN, "active", "2006-05-01")
    ]
    copays = practice.execute("SELECT kind, amount, network FROM benefit ORDER BY id")
    assert copays == [("copay", "10.00", "in"), ("copay", "30.00", "out")]
    again_changes_nothing(practice, path, "eligibility")
    report = bring(practice, folder / "lfh_271_dependent.271", "eligibility")
    assert Fate.NEW not in fates(report)
    report = bring(practice, folder / "xp_835_5010_denials.txt", "denials")
    assert set(fates(report)) == {Fate.NOT_TAKEN}
    report = bring(practice, folder / "xp_278_referral_response_A1.txt", "authorizations")
    assert fates(report) == [Fate.NOT_TAKEN]
