"""A packet's data without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from carecoord_tui.documents.packet import Sender
from carecoord_tui.domain.packet import (
    HistoryRow,
    PacketCoverage,
    PacketData,
    PacketDocument,
    PacketOffice,
    PacketPatient,
    PacketPhone,
    PacketReferral,
)
from carecoord_tui.domain.vocabulary import DocumentKind, HistoryKind, ReferralStage, Sex, Urgency

NASTY = "# *x* {{7*7}} <b>"
SENDER = Sender("Dana Reyes", "Elm Street Practice", "+15550100100", date(2026, 11, 30))
DATA = PacketData(
    today=date(2026, 11, 30),
    referral=PacketReferral(
        id=31,
        specialty="cardiology",
        stage=ReferralStage.DRAFT,
        ordered_on=date(2026, 11, 23),
        reason="Heart failure, ankles swell again",
        question="Can the diuretic be raised?",
        urgency=Urgency.URGENT,
        diagnoses=("I50.9",),
        ordered_by="Iris Bloom NP",
        interpreter_needed=True,
        transport_needed=True,
    ),
    patient=PacketPatient(
        id=1,
        family_name="Alvarez",
        given_name="Rosa",
        birth_date=date(1955, 3, 14),
        sex=Sex.FEMALE,
        mrn="MRN-1",
        language="Spanish",
        phones=(PacketPhone("+15550100134", "mobile"),),
        address=("12 Elm St", "Springfield", "MA 01101"),
    ),
    office=PacketOffice(name="Silva Cardiology", phone="+15550100400", fax="+15550100401"),
    coverages=(
        PacketCoverage(id=1, payer_name="Humana", plan_name="Gold Plus", member_id="H123-45"),
        PacketCoverage(id=2, payer_name="Medicaid", member_id="M-1", rank=2),
    ),
    history=(
        HistoryRow(1, HistoryKind.CONDITION, "Systolic heart failure", "I50.22"),
        HistoryRow(2, HistoryKind.CONDITION, "Asthma", "J45.909"),
        HistoryRow(3, HistoryKind.MEDICATION, "Furosemide 40 mg"),
        HistoryRow(4, HistoryKind.MEDICATION, "Warfarin", is_active=False),
        HistoryRow(5, HistoryKind.ALLERGY, "Penicillin: rash"),
        HistoryRow(6, HistoryKind.CONDITION, "Opioid use disorder", "F11.20", is_part2=True),
        HistoryRow(7, HistoryKind.MEDICATION, "Buprenorphine", is_part2=True),
        HistoryRow(8, HistoryKind.MEDICATION, "Antiretroviral", is_sensitive=True),
        HistoryRow(9, HistoryKind.PROCEDURE, "Knee replacement"),
    ),
    documents=(
        PacketDocument(1, DocumentKind.RESULT, "Echo", "application/pdf", 9, date(2026, 11, 12), 31),
        PacketDocument(2, DocumentKind.RESULT, "Old X-ray", "image/png", 9, date(2020, 1, 2)),
        PacketDocument(3, DocumentKind.LETTER, "Clinic note", "text/plain", 9, date(2026, 1, 2), 31, True),
    ),
)


def named(name: str) -> PacketData:
    """The same packet of a person called otherwise."""
    return replace(DATA, patient=replace(DATA.patient, family_name=name, given_name=""))
