"""One patient on paper: everything of theirs that may leave, nothing that may not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from carecoord_tui.documents.patient_paper import make_patient_paper
from carecoord_tui.domain.vocabulary import Disposition, HistoryKind, ReferralStage
from carecoord_tui.store.actions.documents import attach
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.withheld import count_marked
from carecoord_tui.store.tables import (
    BillingCase,
    CareTeamMember,
    FollowUp,
    HistoryItem,
    IncomingCall,
    Patient,
    Provider,
    Referral,
    RelatedPerson,
)

MONDAY = date(2026, 11, 30)
CONDITION = HistoryKind.CONDITION
AT = datetime(2026, 11, 30, 13, tzinfo=UTC)


@pytest.fixture
def cole(practice: Practice, tmp_path: Path) -> int:
    """A record of the kinds that once were missing, and somebody else's."""
    with practice.change("people") as session:
        office = Provider(name="Silva Cardiology")
        james = Patient(family_name="Cole", given_name="James", birth_date=date(1949, 11, 6))
        other = Patient(family_name="Other", given_name="Olga")
        session.add_all([office, james, other])
        session.flush()
        session.add_all(
            [
                Referral(
                    patient_id=james.id, provider_id=office.id, specialty="cardiology",
                    reason="Irregular beat", stage=ReferralStage.SENT,
                    stage_on=MONDAY, ordered_on=MONDAY, sent_on=MONDAY,
                ),
                RelatedPerson(
                    patient_id=james.id, name="Mia Cole", relationship="daughter", phone="+15550100188",
                    is_authorized=True, scope="appointments", scope_until=date(2027, 1, 31),
                ),
                RelatedPerson(patient_id=other.id, name="Somebody Else"),
                CareTeamMember(patient_id=james.id, name="Dr. Peter Hale", role="primary care"),
                IncomingCall(
                    patient_id=james.id, at=AT, reason="dizzy", is_safety=True, handed_to="Dr. Patel",
                    handed_at=AT, accepted_by="Nurse Ito", accepted_at=AT,
                    disposition=Disposition.HANDED_TO_CLINICIAN,
                ),
                HistoryItem(patient_id=james.id, kind=CONDITION, text="Atrial flutter", code="I48.92"),
                HistoryItem(patient_id=james.id, kind=CONDITION, text="Secret", is_sensitive=True),
                BillingCase(patient_id=james.id, title="Billed twice", opened_on=MONDAY),
                FollowUp(patient_id=james.id, title="Call as soon as possible.", due_on=MONDAY),
            ]
        )  # fmt: skip
        session.flush()
        number = int(james.id or 0)
    letter = tmp_path / "echo.txt"
    letter.write_text("Echo.\n", "utf-8")
    attach(practice, number, letter)
    return number


def paper(practice: Practice, patient_id: int, *, with_part2: bool = False) -> str:
    made = make_patient_paper(practice, patient_id, suffix=".md", with_part2=with_part2)
    return made.path.read_text("utf-8")


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Referrals", ["cardiology", "Silva Cardiology", "Irregular beat"]),
        ("People", ["Mia Cole", "daughter", "(555) 010-0188", "appointments", "in force", "31 Jan 2027"]),
        ("Care team", ["Dr. Peter Hale", "primary care"]),
        ("Handed to a clinician", ["dizzy", "Dr. Patel", "Nurse Ito", "30 Nov 2026, 8am"]),
        ("History", ["Atrial flutter", "I48.92"]),
        ("Bills", ["Billed twice"]),
        ("Follow-ups", ["Call as soon as possible."]),
        ("Documents", ["echo.txt"]),
    ],
)
def test_the_paper_holds_every_kind_of_record(
    practice: Practice, cole: int, title: str, words: list[str]
) -> None:
    text = paper(practice, cole)
    for word in words:
        assert word in section(text, title)
    assert "&#" not in text
    assert "Somebody Else" not in text


def test_marked_history_is_in_it_only_when_somebody_said_so(practice: Practice, cole: int) -> None:
    assert count_marked(practice.execute, cole) == 1
    assert count_marked(practice.execute, cole + 1) == 0
    made = make_patient_paper(practice, cole, suffix=".md")
    assert made.withheld == 1
    assert "Secret" not in made.path.read_text("utf-8")
    assert "Secret" in section(paper(practice, cole, with_part2=True), "History")


def test_a_confidential_channel_leaves_nobodys_number(practice: Practice, cole: int) -> None:
    with practice.change("channel") as session:
        james = session.get(Patient, cole)
        assert james is not None
        james.confidential_channel = True
        session.add(james)
    text = paper(practice, cole)
    assert "Mia Cole" in text
    assert "0188" not in text


def test_as_a_pdf_it_has_pages(practice: Practice, cole: int) -> None:
    assert make_patient_paper(practice, cole).pages >= 2
