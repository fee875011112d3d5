"""New, changed and redirected referrals on a real encrypted practice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import PatientStatus, ReferralStage, ReferralType, Urgency
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.providers import ProviderEntry
from carecoord_tui.store.actions.referral_steps import take_step
from carecoord_tui.store.actions.referrals import (
    ReferralEntry,
    create_referral,
    edit_referral,
    redirect,
)
from carecoord_tui.store.errors import Conflict
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.referral_form import (
    chain,
    last_like,
    open_same_specialty,
    patient_needs,
    read_referral,
    specialties,
)
from carecoord_tui.store.tables import Coverage, Note, Patient, Payer, Provider, Referral
from carecoord_tui.store.undo import undo

TODAY = date(2026, 11, 30)
FULL = ReferralEntry(
    specialty="cardiology",
    service_type=ReferralType.EVALUATE_AND_TREAT,
    urgency=Urgency.URGENT,
    reason="Chest pain",
    question="Stress test\x1b[31m needed?",
    diagnoses="i4891 R07.9, r07.9",
    ordered_by="Dr. Shah",
    interpreter_needed=True,
    transport_needed=True,
    note="Mornings only",
)


class People:
    """Two patients, one payer, two offices."""

    def __init__(self, practice: Practice) -> None:
        with practice.change("people") as session:
            payer = Payer(name="Humana")
            heart = Provider(name="Heart Center", specialty="cardiology")
            valley = Provider(name="Valley Cardiology", specialty="cardiology")
            rosa = Patient(family_name="Alvarez", given_name="Rosa", primary_provider="Dr. Shah")
            wei = Patient(family_name="Chen", given_name="Wei", interpreter_needed=True, language="Mandarin")
            session.add_all([payer, heart, valley, rosa, wei])
            session.flush()
            session.add(Coverage(patient_id=rosa.id, payer_id=payer.id, member_id="H2", rank=2))
            plan = Coverage(patient_id=rosa.id, payer_id=payer.id, member_id="H1", rank=1)
            session.add(plan)
            session.flush()
        self.rosa, self.wei, self.heart, self.valley = map(_number, (rosa, wei, heart, valley))
        self.payer, self.plan = _number(payer), _number(plan)


def _number(record: Any) -> int:
    assert record.id is not None
    return int(record.id)


@pytest.fixture
def people(practice: Practice) -> People:
    return People(practice)


def with_office(entry: ReferralEntry, provider_id: int) -> ReferralEntry:
    return ReferralEntry(
        **{name: getattr(entry, name) for name in entry.__slots__} | {"provider_id": provider_id}
    )


def one(practice: Practice, sql: str, *parameters: object) -> tuple[Any, ...]:
    (row,) = practice.execute(sql, list(parameters))
    return row


def edit(practice: Practice, number: int, entry: ReferralEntry) -> None:
    """As the form does, from what stands there now."""
    facts = read_referral(practice.execute, number)
    assert facts is not None
    edit_referral(practice, number, entry, version=facts.version)


def stamps(practice: Practice, referral_id: int) -> list[tuple[Any, ...]]:
    return practice.execute(
        "SELECT stage, happened_on, note FROM referral_stage WHERE referral_id = ? ORDER BY id", [referral_id]
    )


def owed(practice: Practice, kind: str, record_id: int) -> list[str]:
    return [
        row[0]
        for row in practice.execute(
            "SELECT title FROM ledger WHERE kind = ? AND record_id = ?", [kind, record_id]
        )
    ]


# --- a new one ----------------------------------------------------------------------------------


def test_a_new_referral_is_a_stamped_draft_that_is_owed(practice: Practice, people: People) -> None:
    number = create_referral(practice, people.rosa, with_office(FULL, people.heart))
    facts = read_referral(practice.execute, number)
    assert facts is not None
    assert (facts.stage, facts.stage_on, facts.ordered_on) == (ReferralStage.DRAFT, TODAY, TODAY)
    assert (facts.office, facts.urgency, facts.service_type) == (
        "Heart Center",
        "urgent",
        "evaluate_and_treat",
    )
    assert facts.diagnoses == "I48.91, R07.9"
    assert facts.question == "Stress test[31m needed?"
    assert (facts.interpreter_needed, facts.transport_needed, facts.note) == (True, True, "Mornings only")
    assert stamps(practice, number) == [("draft", "2026-11-30", "")]
    assert owed(practice, "referral", number) == ["Urgent: Send cardiology referral"]
    assert practice.execute("SELECT count(*) FROM authorization", []) == [(0,)]


def test_an_authorization_that_is_needed_is_opened_on_the_first_plan(
    practice: Practice, people: People
) -> None:
    number = create_referral(practice, people.rosa, ReferralEntry(specialty="MRI", needs_authorization=True))
    opened = one(
        practice, "SELECT id, referral_id, coverage_id, status, service, opened_on FROM authorization"
    )
    assert opened[1:] == (number, people.plan, "needed", "MRI: consult", "2026-11-30")
    assert owed(practice, "authorization", opened[0])
    undo(practice)
    assert practice.execute("SELECT id FROM referral UNION SELECT id FROM authorization", []) == []


def test_a_new_office_comes_with_the_referral_or_not_at_all(practice: Practice, people: People) -> None:
    wrong = ReferralEntry(
        specialty="Dermatology", new_office=ProviderEntry(name="Skin [b]Center[/b]", npi="1234567890")
    )
    with pytest.raises(Refused, match="check digit"):
        create_referral(practice, people.rosa, wrong)
    assert practice.execute("SELECT id FROM referral", []) == []
    right = ProviderEntry(name="Skin [b]Center[/b]", npi="1234567893", phone="555 010 0177")
    number = create_referral(practice, people.rosa, ReferralEntry(specialty="Dermatology", new_office=right))
    assert one(
        practice,
        "SELECT p.name, p.npi, p.phone, p.specialty FROM referral r JOIN provider p ON p.id = r.provider_id"
        " WHERE r.id = ?",
        number,
    ) == ("Skin [b]Center[/b]", "1234567893", "+15550100177", "Dermatology")
    undo(practice)
    assert practice.execute("SELECT id FROM provider WHERE npi = '1234567893'", []) == []


def test_what_cannot_be_a_referral_is_refused_with_words(practice: Practice, people: People) -> None:
    for entry, words in (
        (ReferralEntry(specialty=" \x1b "), "needs a specialty"),
        (ReferralEntry(specialty="cardiology", diagnoses="R07.9, chest"), "Code 2"),
        (ReferralEntry(specialty="cardiology", provider_id=999), "no longer in the directory"),
    ):
        with pytest.raises(Refused, match=words):
            create_referral(practice, people.rosa, entry)
    with pytest.raises(Refused, match="no longer there"):
        create_referral(practice, 999, FULL)
    with practice.change("died") as session:
        record = session.get(Patient, people.wei)
        assert record is not None
        record.status = PatientStatus.DECEASED
        session.add(record)
    with pytest.raises(Refused, match="has died"):
        create_referral(practice, people.wei, FULL)
    assert practice.execute("SELECT id FROM referral", []) == []


def test_attachments_come_with_it_and_a_bad_one_stops_it(
    practice: Practice, people: People, tmp_path: Path
) -> None:
    good, bad = tmp_path / "ecg.txt", tmp_path / "none.pdf"
    good.write_text("Sinus rhythm\n")
    with pytest.raises(Refused, match="no file"):
        create_referral(practice, people.rosa, FULL, document_paths=[good, bad])
    assert practice.execute("SELECT id FROM referral UNION SELECT id FROM document", []) == []
    number = create_referral(practice, people.rosa, FULL, document_paths=[good])
    assert one(practice, "SELECT referral_id, patient_id, file_name FROM document") == (
        number,
        people.rosa,
        "ecg.txt",
    )


# --- changing ---------------------------------------------------------------------------------


def test_editing_changes_the_request_and_never_the_stage(practice: Practice, people: People) -> None:
    number = create_referral(practice, people.rosa, FULL)
    before = stamps(practice, number)
    changed = ReferralEntry(
        specialty="cardiology", provider_id=people.valley, urgency=Urgency.STAT, needs_authorization=True
    )
    edit(practice, number, changed)
    facts = read_referral(practice.execute, number)
    assert facts is not None
    assert (facts.office, facts.urgency, facts.reason) == ("Valley Cardiology", "stat", "")
    assert (facts.stage, stamps(practice, number)) == (ReferralStage.DRAFT, before)
    assert one(practice, "SELECT status FROM authorization") == ("needed",)
    edit(practice, number, with_office(FULL, people.valley))
    assert one(practice, "SELECT status FROM authorization") == ("cancelled",)


def test_after_sending_another_office_needs_a_redirect(practice: Practice, people: People) -> None:
    number = create_referral(practice, people.rosa, FULL)
    take_step(practice, number, Step(to=ReferralStage.SENT))
    edit(practice, number, with_office(FULL, people.heart))  # which office it was may be learned later
    with pytest.raises(Refused, match="sends it elsewhere"):
        edit(practice, number, with_office(FULL, people.valley))
    take_step(practice, number, Step(to=ReferralStage.WITHDRAWN, reason="entered twice"))
    with pytest.raises(Refused, match="ended"):
        edit(practice, number, FULL)


def test_what_another_window_changed_is_not_written_over(practice: Practice, people: People) -> None:
    number = create_referral(practice, people.rosa, FULL)
    read = read_referral(practice.execute, number)
    assert read is not None
    edit(practice, number, replace(FULL, reason="Palpitations"))
    with pytest.raises(Conflict):
        edit_referral(practice, number, replace(FULL, question="Holter?"), version=read.version)
    now = read_referral(practice.execute, number)
    assert now is not None
    assert (now.reason, now.question) == ("Palpitations", "Stress test[31m needed?")


# --- elsewhere --------------------------------------------------------------------------------


def rejected(practice: Practice, people: People, *paths: Path) -> int:
    """A referral the office said no to, ordered two weeks ago."""
    number = create_referral(practice, people.rosa, with_office(FULL, people.heart), document_paths=paths)
    with practice.change("earlier") as session:
        record = session.get(Referral, number)
        assert record is not None
        record.ordered_on = record.stage_on = date(2026, 11, 16)
        session.add(record)
    take_step(practice, number, Step(to=ReferralStage.SENT, on=date(2026, 11, 17)))
    take_step(practice, number, Step(to=ReferralStage.REJECTED, reason="not taking new patients"))
    return number


def test_redirecting_ends_the_old_one_and_carries_every_fact(
    practice: Practice, people: People, tmp_path: Path
) -> None:
    file = tmp_path / "ecg.txt"
    file.write_text("Sinus rhythm\n")
    old = rejected(practice, people, file)
    new = redirect(practice, old, provider_id=people.valley, reason="rejected")
    carried = (
        "SELECT specialty, service_type, urgency, reason, question, diagnoses, ordered_by,"
        " interpreter_needed, transport_needed, note, patient_id FROM referral WHERE id = ?"
    )
    assert one(practice, carried, new) == one(practice, carried, old)
    own = "SELECT stage, ordered_on, provider_id, redirected_from_id, stage_reason FROM referral WHERE id = ?"
    assert one(practice, own, old) == ("redirected", "2026-11-16", people.heart, None, "rejected")
    assert one(practice, own, new) == ("draft", "2026-11-16", people.valley, old, ""), "the same order"
    assert stamps(practice, new) == [("draft", "2026-11-30", "Instead of Heart Center: rejected")]
    documents = practice.execute("SELECT referral_id, sha256, title FROM document ORDER BY id", [])
    assert [row[0] for row in documents] == [old, new]
    assert len({row[1:] for row in documents}) == 1
    assert practice.execute("SELECT count(*) FROM document_content", []) == [(1,)]
    assert owed(practice, "referral", old) == []
    assert owed(practice, "referral", new) == ["Urgent: Send cardiology referral"]


def test_the_chain_is_seen_from_every_link(practice: Practice, people: People) -> None:
    first = rejected(practice, people)
    second = redirect(practice, first, provider_id=people.valley, reason="rejected")
    third = redirect(practice, second, provider_id=people.heart, reason="patient's wish")
    for number in (first, second, third):
        links = chain(practice.execute, number)
        assert [link.id for link in links] == [first, second, third]
        assert [link.is_this for link in links] == [link.id == number for link in links]
    assert [(link.office, link.reason, link.stage.is_open) for link in links] == [
        ("Heart Center", "rejected", False),
        ("Valley Cardiology", "patient's wish", False),
        ("Heart Center", "", True),
    ]
    assert links[0].ordered_on == date(2026, 11, 16)


def test_undoing_a_redirect_restores_the_old_one(practice: Practice, people: People) -> None:
    old = rejected(practice, people)
    before = one(practice, "SELECT stage, stage_on, stage_reason FROM referral WHERE id = ?", old)
    owed_before = owed(practice, "referral", old)
    new = redirect(
        practice,
        old,
        provider_id=None,
        reason="too long a wait",
        entry_changes={"new_office": ProviderEntry(name="Third Heart"), "urgency": Urgency.STAT},
    )
    assert one(practice, "SELECT urgency FROM referral WHERE id = ?", new) == ("stat",)
    undo(practice)
    assert one(practice, "SELECT stage, stage_on, stage_reason FROM referral WHERE id = ?", old) == before
    assert owed(practice, "referral", old) == owed_before
    assert practice.execute("SELECT id FROM referral WHERE id = ?", [new]) == []
    assert practice.execute("SELECT id FROM provider WHERE name = 'Third Heart'", []) == []


def test_a_redirect_that_cannot_be_changes_nothing(practice: Practice, people: People) -> None:
    old = rejected(practice, people)
    for provider_id, reason, words in (
        (None, "rejected", "which office"),
        (people.heart, "rejected", "with that office already"),
        (people.valley, "  ", "needs the reason"),
    ):
        with pytest.raises(Refused, match=words):
            redirect(practice, old, provider_id=provider_id, reason=reason)
    redirect(practice, old, provider_id=people.valley, reason="rejected")
    with pytest.raises(Refused, match="ended"):
        redirect(practice, old, provider_id=people.valley, reason="rejected")
    seen = create_referral(practice, people.rosa, with_office(FULL, people.heart))
    take_step(practice, seen, Step(to=ReferralStage.SEEN))
    with pytest.raises(Refused, match="was seen"):
        redirect(practice, seen, provider_id=people.valley, reason="patient's wish")
    assert practice.execute("SELECT count(*) FROM referral", []) == [(3,)]


@pytest.mark.parametrize(("status", "stays"), [("needed", False), ("submitted", True)])
def test_an_authorization_nobody_submitted_goes_on_with_the_request(
    practice: Practice, people: People, status: str, stays: bool
) -> None:
    entry = ReferralEntry(specialty="cardiology", provider_id=people.heart, needs_authorization=True)
    old = create_referral(practice, people.rosa, entry)
    if stays:
        from carecoord_tui.store.tables import Authorization

        with practice.change("submitted") as session:
            record = session.get(Authorization, 1)
            assert record is not None
            record.status, record.submitted_at = "submitted", practice.clock.now()
            session.add(record)
    new = redirect(practice, old, provider_id=people.valley, reason="patient's wish")
    rows = practice.execute("SELECT referral_id, status, note <> '' FROM authorization ORDER BY id", [])
    assert rows == ([(old, "submitted", 0), (new, "needed", 1)] if stays else [(new, "needed", 0)])


# --- what the form asks -------------------------------------------------------------------------


def test_the_template_is_the_patients_own_before_the_practices(practice: Practice, people: People) -> None:
    assert last_like(practice.execute, people.rosa, "cardiology") is None
    create_referral(practice, people.wei, with_office(FULL, people.heart))
    other = last_like(practice.execute, people.rosa, "Cardiology")
    assert other is not None
    assert (other.office, other.service_type, other.is_own) == ("Heart Center", "evaluate_and_treat", False)
    assert (other.reason, other.question, other.diagnoses) == ("", "", "")  # one's story is not another's
    mine = ReferralEntry(specialty="cardiology", reason="Chest pain", question="Stent?", diagnoses="R07.9")
    create_referral(practice, people.rosa, mine)
    own = last_like(practice.execute, people.rosa, "cardiology")
    assert own is not None
    assert (own.office, own.reason, own.is_own) == ("", "Chest pain", True)
    assert (own.question, own.diagnoses) == ("Stent?", "R07.9")
    shared = last_like(practice.execute, None, "cardiology")
    assert shared is not None
    assert shared.reason == ""  # nor where two people came with the same words


def test_open_ones_specialties_and_needs(practice: Practice, people: People) -> None:
    first = create_referral(practice, people.rosa, with_office(FULL, people.heart))
    create_referral(practice, people.wei, ReferralEntry(specialty="podiatry", transport_needed=True))
    create_referral(practice, people.wei, ReferralEntry(specialty="Podiatry"))
    assert specialties(practice.execute) == ["podiatry", "cardiology"]
    found = open_same_specialty(practice.execute, people.rosa, "CARDIOLOGY ")
    assert [(one.id, one.office, one.stage) for one in found] == [
        (first, "Heart Center", ReferralStage.DRAFT)
    ]
    assert open_same_specialty(practice.execute, people.rosa, "cardiology", leave_out=first) == []
    take_step(practice, first, Step(to=ReferralStage.DECLINED, reason="cost"))
    assert open_same_specialty(practice.execute, people.rosa, "cardiology") == []
    with practice.change("note") as session:
        session.add(Note(patient_id=people.wei, at=practice.clock.now(), text="Needs a ride, wheelchair"))
    needs = patient_needs(practice.execute, people.wei)
    assert needs is not None
    assert (needs.interpreter_needed, needs.language) == (True, "Mandarin")
    assert (needs.transport_needed, needs.transport_note) == (False, "Needs a ride, wheelchair")
    assert needs.payer_id is None
    mine = patient_needs(practice.execute, people.rosa)
    assert mine is not None
    assert (mine.payer_name, mine.primary_provider, mine.transport_needed) == ("Humana", "Dr. Shah", True)
