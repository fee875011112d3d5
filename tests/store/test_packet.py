"""A packet from the database: what is read, what is logged, what becomes of the referral."""

from __future__ import annotations

import stat
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from carecoord_tui.documents.packet import as_text
from carecoord_tui.documents.release import make_pdf, make_text, sender_of
from carecoord_tui.domain.packet import PacketData, default_choice
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    Channel,
    CoverageStatus,
    DocumentKind,
    HistoryKind,
    Purpose,
    ReferralStage,
)
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.disclosures import record_disclosure
from carecoord_tui.store.actions.history_items import (
    HistoryEntry,
    add_history_item,
    edit_history_item,
    remove_history_item,
)
from carecoord_tui.store.actions.packet import record_packet, record_sent
from carecoord_tui.store.errors import Conflict, DiskFull, ReadOnly
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.queries.disclosures import read_accounting, read_disclosures
from carecoord_tui.store.queries.history_items import read_history_item, read_history_items
from carecoord_tui.store.queries.packet import read_packet
from carecoord_tui.store.tables import (
    Authorization,
    Coverage,
    Document,
    DocumentContent,
    HistoryItem,
    Patient,
    PatientPhone,
    Payer,
    Provider,
    Record,
    Referral,
    Setting,
)
from carecoord_tui.store.undo import redo, undo

ORDERED = date(2026, 11, 23)
CONTENT: sa.Table = DocumentContent.__table__  # type: ignore[attr-defined]
SECRET = "ex-husband reads her mail"
DRAFT, CONFIDENTIAL, CLOSED, NO_OFFICE, SENT = 1, 2, 3, 4, 5


@pytest.fixture
def practice(practice: Practice) -> Practice:
    """Two people with referrals; the second has a confidential channel."""
    with practice.change("people") as session:
        payer = Payer(name="Humana")
        office = Provider(
            name="Silva Cardiology", npi="1234567893", phone="+15550100400", referral_phone="+15550100402",
            fax="+15550100401", wants="Last echo",
        )  # fmt: skip
        open_one = Patient(
            family_name="Alvarez", given_name="Rosa", birth_date=date(1955, 3, 14), city="Springfield",
            address_line="12 Elm St", primary_provider="Iris Bloom NP",
        )  # fmt: skip
        safe = Patient(
            family_name="Brandt", given_name="Ana", confidential_channel=True, safe_contact=SECRET,
            address_line="9 Hidden Rd", city="Springfield", email="ana@example.org",
        )  # fmt: skip
        session.connection().execute(sa.insert(CONTENT).values(sha256="0" * 64, content=b"x"))
        callback = Setting(key="callback_number", value="+15550100100")
        session.add_all([payer, office, open_one, safe, callback])
        session.flush()
        stages = (
            (open_one, ReferralStage.DRAFT), (safe, ReferralStage.DRAFT), (open_one, ReferralStage.CLOSED),
            (open_one, ReferralStage.DRAFT), (open_one, ReferralStage.SCHEDULED),
        )  # fmt: skip
        for number, (person, stage) in enumerate(stages, 1):
            session.add(
                Referral(
                    id=number, patient_id=person.id, provider_id=None if number == NO_OFFICE else office.id,
                    specialty="cardiology", stage=stage, stage_on=ORDERED, ordered_on=ORDERED,
                    diagnoses="I50.9, E11.65",
                )
            )  # fmt: skip
            session.flush()
        plan = Coverage(patient_id=open_one.id, payer_id=payer.id, member_id="H123-45")
        session.add_all(
            [
                plan,
                Coverage(
                    patient_id=open_one.id, payer_id=payer.id, rank=2, status=CoverageStatus.CANCELLED
                ),
                PatientPhone(patient_id=open_one.id, number="+15550100134"),
                PatientPhone(patient_id=safe.id, number="+15550100141", label="work", is_permitted=True),
                PatientPhone(patient_id=safe.id, number="+15550100199", label="home", rank=2),
                HistoryItem(
                    patient_id=open_one.id, kind=HistoryKind.CONDITION, text="Heart failure", code="I50.22"
                ),
                HistoryItem(
                    patient_id=open_one.id, kind=HistoryKind.CONDITION, text="Opioid use disorder",
                    code="F11.20", is_part2=True,
                ),
                HistoryItem(patient_id=safe.id, kind=HistoryKind.ALLERGY, text="Latex"),
                Document(
                    patient_id=open_one.id, referral_id=DRAFT, kind=DocumentKind.RESULT, title="Echo",
                    file_name="e.pdf", media_type="application/pdf", size=1, sha256="0" * 64,
                    received_on=ORDERED, added_at=practice.clock.now(),
                ),
                Authorization(
                    patient_id=open_one.id, referral_id=DRAFT, service="Echo", number="A77",
                    status=AuthorizationStatus.APPROVED, opened_on=ORDERED, valid_to=date(2026, 12, 31),
                ),
            ]
        )  # fmt: skip
    return practice


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """No own templates."""
    return tmp_path / "templates"


def _packet(practice: Practice, referral_id: int) -> PacketData:
    data = read_packet(practice.execute, referral_id, practice.today())
    assert data is not None
    return data


def _text(practice: Practice, referral_id: int, own: Path) -> str:
    data = _packet(practice, referral_id)
    return as_text(data, default_choice(data), sender_of(practice), own)


# --- reading --------------------------------------------------------------------------------------


def test_everything_the_office_needs_is_read(practice: Practice, own: Path) -> None:
    text = _text(practice, DRAFT, own)
    for word in (
        "Rosa Alvarez", "(555) 010-0134", "12 Elm St, Springfield", "Humana (primary)", "H123-45", "I50.9",
        "I50.22", "Iris Bloom NP", "Echo no. A77, valid to 31 Dec 2026",
    ):  # fmt: skip
        assert word in text, word


def test_the_desk_for_referrals_is_called_and_cancelled_plans_stay_out(practice: Practice) -> None:
    data = _packet(practice, DRAFT)
    assert data.office is not None
    assert data.office.phone == "+15550100402"
    assert [plan.member_id for plan in data.coverages] == ["H123-45"]


def test_a_confidential_patient_shows_only_the_permitted_number(practice: Practice, own: Path) -> None:
    """Step 21 of the Monday, for what leaves on paper (45 CFR 164.522(b))."""
    data = _packet(practice, CONFIDENTIAL)
    text = _text(practice, CONFIDENTIAL, own)
    assert "CONTACT ONLY AT (555) 010-0141. No other phone, mail, voicemail." in text
    for word in ("0199", "Hidden", "Springfield", "ana@", SECRET, "ex-husband"):
        assert word not in text
        assert word not in repr(data)


def test_part_2_is_off_until_it_is_ticked(practice: Practice, own: Path) -> None:
    assert "Opioid" not in _text(practice, DRAFT, own)


def test_a_referral_that_is_gone_has_no_packet(practice: Practice) -> None:
    assert read_packet(practice.execute, 999, practice.today()) is None


# --- releasing ------------------------------------------------------------------------------------


def test_the_pdf_is_private_and_logged_as_treatment(practice: Practice, own: Path) -> None:
    data = _packet(practice, DRAFT)
    made = make_pdf(practice, data, default_choice(data), own)
    assert made.path.name == "referral-1-2026-11-30.pdf"
    assert made.path.read_bytes().startswith(b"%PDF-")
    assert made.unprintable == 0
    assert sys.platform == "win32" or stat.S_IMODE(made.path.stat().st_mode) == 0o600
    (logged,) = read_disclosures(practice.execute, 1)
    assert logged.purpose is Purpose.TREATMENT
    assert logged.channel is Channel.FAX
    assert logged.recipient == "Silva Cardiology, fax (555) 010-0401"
    assert logged.what.startswith("fax cover sheet, referral letter, demographics, primary coverage")
    assert (logged.referral_id, logged.made_by, logged.has_part2) == (DRAFT, "Dana Reyes", False)


def test_the_text_for_a_portal_is_logged_with_its_part_2_records(practice: Practice, own: Path) -> None:
    data = _packet(practice, DRAFT)
    part2 = next(f"history:{row.id}" for row in data.history if row.is_part2)
    text = make_text(practice, data, default_choice(data) | {part2}, own)
    assert "42 CFR part 2 prohibits" in text
    (logged,) = read_disclosures(practice.execute, 1)
    assert (logged.channel, logged.has_part2) == (Channel.PORTAL, True)


def test_what_cannot_be_logged_does_not_stay_on_disk(
    practice: Practice, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise DiskFull

    data = _packet(practice, DRAFT)
    monkeypatch.setattr("carecoord_tui.documents.release.record_packet", full)
    with pytest.raises(DiskFull):
        make_pdf(practice, data, default_choice(data), own)
    assert not list((practice.paths.root / "papers").iterdir())


def test_nothing_leaves_a_practice_that_cannot_record_it(practice: Practice, own: Path) -> None:
    data = _packet(practice, DRAFT)
    looking = open_practice(practice.paths, practice.data_key, practice.clock, is_read_only=True)
    try:
        for make in (make_pdf, make_text):
            with pytest.raises(ReadOnly, match="--now"):
                make(looking, data, default_choice(data), own)
    finally:
        looking.close()
    assert not (practice.paths.root / "papers").exists()


def _edit(practice: Practice, model: type[Record], record_id: int, /, **values: object) -> None:
    with practice.change("other window") as session:
        record = session.get(model, record_id)
        for name, value in values.items():
            setattr(record, name, value)
        session.add(record)


@pytest.mark.parametrize(
    ("model", "number", "values"),
    [
        (Patient, 1, {"confidential_channel": True}),
        (Patient, 1, {"safe_contact": SECRET}),
        (PatientPhone, 1, {"number": "+15550100155"}),
        (Referral, DRAFT, {"provider_id": None}),
        (Provider, 1, {"fax": "+15550100499"}),
        (HistoryItem, 1, {"is_part2": True}),
        (HistoryItem, 1, {"is_sensitive": True}),
        (Document, 1, {"is_sensitive": True}),
    ],
)
def test_what_changed_since_it_was_ticked_does_not_leave(
    practice: Practice, own: Path, model: type[Record], number: int, values: dict[str, object]
) -> None:
    shown = _packet(practice, DRAFT)
    _edit(practice, model, number, **values)
    for make in (make_pdf, make_text):
        with pytest.raises(Refused, match="This changed meanwhile: look again"):
            make(practice, shown, default_choice(shown), own)
    assert read_disclosures(practice.execute, 1) == ()
    assert not (practice.paths.root / "papers").exists()
    again = _packet(practice, DRAFT)
    if again.office is not None:
        make_text(practice, again, default_choice(again), own)


def test_the_newest_words_are_sent_and_a_referral_that_is_gone_is_not(practice: Practice, own: Path) -> None:
    shown = _packet(practice, SENT)
    _edit(practice, Referral, SENT, reason="Ankles swell again")
    assert "Ankles swell again" in make_text(practice, shown, default_choice(shown), own)
    gone = _packet(practice, CONFIDENTIAL)
    with practice.change("other window") as session:
        session.delete(session.get(Referral, CONFIDENTIAL))
    with pytest.raises(Refused, match="no longer there"):
        make_text(practice, gone, default_choice(gone), own)


def test_no_office_or_nothing_ticked_is_refused_and_logs_nothing(practice: Practice, own: Path) -> None:
    data = _packet(practice, NO_OFFICE)
    with pytest.raises(Refused, match="no receiving office"):
        make_pdf(practice, data, default_choice(data), own)
    with pytest.raises(Refused, match="Nothing is ticked"):
        make_text(practice, _packet(practice, DRAFT), frozenset(), own)
    assert read_disclosures(practice.execute, 1) == ()
    assert not (practice.paths.root / "papers").exists()


def test_a_subpoena_enters_the_accounting_and_a_referral_fax_does_not(practice: Practice) -> None:
    """Step 29 of the Monday (45 CFR 164.528)."""
    record_packet(practice, DRAFT, recipient="Silva Cardiology", what="letter", channel=Channel.FAX)
    record_disclosure(
        practice, 1, recipient="County court", what="visit notes 2025", purpose=Purpose.LEGAL,
        channel=Channel.LETTER, note="Privacy officer decided to release on 27 Nov 2026",
    )  # fmt: skip
    accounting = read_accounting(practice.execute, 1, today=practice.today(), zone=practice.zone)
    assert [row.recipient for row in accounting] == ["County court"]
    assert {row.purpose for row in read_disclosures(practice.execute, 1)} == {
        Purpose.TREATMENT,
        Purpose.LEGAL,
    }
    assert read_accounting(practice.execute, 2, today=practice.today(), zone=practice.zone) == ()


def test_the_accounting_reaches_six_years_back(practice: Practice) -> None:
    record_disclosure(
        practice, 1, recipient="Health department", what="measles", purpose=Purpose.PUBLIC_HEALTH,
        channel=Channel.FAX,
    )  # fmt: skip
    last_day = date(2032, 11, 30)
    for today, count in ((last_day, 1), (last_day + timedelta(days=1), 0)):
        assert len(read_accounting(practice.execute, 1, today=today, zone=practice.zone)) == count


@pytest.mark.parametrize(
    ("recipient", "what", "purpose", "words"),
    [
        ("", "notes", Purpose.TREATMENT, "who received it"),
        ("Court", " \x00", Purpose.TREATMENT, "what was disclosed"),
        ("Court", "notes", Purpose.LEGAL, "privacy officer"),
    ],
)
def test_a_disclosure_says_to_whom_what_and_who_decided(
    practice: Practice, recipient: str, what: str, purpose: Purpose, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        record_disclosure(practice, 1, recipient=recipient, what=what, purpose=purpose, channel=Channel.FAX)
    assert read_disclosures(practice.execute, 1) == ()


def test_undo_never_takes_back_what_left(practice: Practice) -> None:
    """What was sent cannot be called back; the entry stands, audited, and so does its correction."""
    _edit(practice, Referral, DRAFT, reason="typed before")
    record_packet(practice, DRAFT, recipient="Silva Cardiology", what="letter", channel=Channel.FAX)
    number = record_disclosure(
        practice, 1, recipient="Health department", what="measles", purpose=Purpose.PUBLIC_HEALTH,
        channel=Channel.FAX, note="Corrects the entry before",
    )  # fmt: skip
    done = undo(practice)
    assert done is not None
    assert done.label == "other window"
    again = redo(practice)
    assert again is not None and again.label == "other window"
    assert len(read_disclosures(practice.execute, 1)) == 2
    kinds = practice.execute(
        "SELECT DISTINCT change_kind, action FROM audit_event WHERE table_name = 'disclosure'"
    )
    assert kinds == [("disclosure", "insert")]
    assert number == 2


# --- sent -----------------------------------------------------------------------------------------


def _referral(practice: Practice, number: int) -> tuple[object, ...]:
    (row,) = practice.execute(
        "SELECT stage, sent_on, sent_how, sent_confirmation FROM referral WHERE id = ?", [number]
    )
    return row


def test_a_draft_that_was_faxed_is_sent_and_undo_brings_it_back(practice: Practice) -> None:
    before = _referral(practice, DRAFT)
    record_sent(practice, DRAFT, Channel.FAX, " OK 14:02,  3 pages\n")
    assert _referral(practice, DRAFT) == ("sent", "2026-11-30", "fax", "OK 14:02, 3 pages")
    (title,) = practice.execute("SELECT title FROM ledger WHERE kind = 'referral' AND record_id = ?", [DRAFT])
    assert title == ("Confirm receipt: Silva Cardiology",)
    undo(practice)
    assert _referral(practice, DRAFT) == before


def test_a_fax_needs_its_confirmation_a_portal_does_not(practice: Practice) -> None:
    with pytest.raises(Refused, match="confirmation"):
        record_sent(practice, DRAFT, Channel.FAX, "  ")
    assert _referral(practice, DRAFT)[0] == "draft"
    record_sent(practice, DRAFT, Channel.PORTAL)
    assert _referral(practice, DRAFT)[:3] == ("sent", "2026-11-30", "portal")


def test_sending_once_more_leaves_the_stage(practice: Practice) -> None:
    record_sent(practice, SENT, Channel.FAX, "OK")
    assert _referral(practice, SENT) == ("scheduled", None, "fax", "OK")


def test_an_ended_referral_is_not_sent(practice: Practice) -> None:
    with pytest.raises(Refused, match="has ended"):
        record_sent(practice, CLOSED, Channel.FAX, "OK")
    assert _referral(practice, CLOSED) == ("closed", None, "", "")


# --- history --------------------------------------------------------------------------------------


def test_history_lines_come_change_and_go(practice: Practice) -> None:
    number = add_history_item(
        practice, 2, HistoryEntry(kind=HistoryKind.CONDITION, text=" Type 2\ndiabetes ", code="e1165")
    )
    row = read_history_item(practice.execute, number)
    assert row is not None
    assert (row.text, row.code, row.is_active) == ("Type 2 diabetes", "E11.65", True)
    entry = HistoryEntry(kind=HistoryKind.CONDITION, text="Diabetes", is_sensitive=True)
    edit_history_item(practice, number, entry, version=row.version)
    with pytest.raises(Conflict):
        edit_history_item(practice, number, replace(entry, text="Asthma"), version=row.version)
    row = read_history_item(practice.execute, number)
    assert row is not None
    assert (row.text, row.code, row.is_sensitive) == ("Diabetes", "", True)
    remove_history_item(practice, number)
    assert read_history_item(practice.execute, number) is None
    undo(practice)
    assert [one.text for one in read_history_items(practice.execute, 2)] == ["Latex", "Diabetes"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (HistoryEntry(kind=HistoryKind.CONDITION, text=" "), "needs its words"),
        (HistoryEntry(kind=HistoryKind.CONDITION, text="x", code="50.9"), "ICD-10-CM"),
        (HistoryEntry(kind=HistoryKind.ALLERGY, text="x", code="I50.9"), "condition or a procedure"),
        (HistoryEntry(kind=HistoryKind.RESULT, text="x", noted_on=date(2026, 12, 1)), "is ahead"),
    ],
)
def test_what_is_no_history_is_refused(practice: Practice, entry: HistoryEntry, words: str) -> None:
    before = read_history_items(practice.execute, 2)
    with pytest.raises(Refused, match=words):
        add_history_item(practice, 2, entry)
    with pytest.raises(Refused, match=words):
        edit_history_item(practice, before[0].id, entry, version=before[0].version)
    assert read_history_items(practice.execute, 2) == before


def test_a_line_that_is_gone_is_said(practice: Practice) -> None:
    with pytest.raises(Refused, match="no longer there"):
        remove_history_item(practice, 999)
