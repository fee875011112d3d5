"""Exports: private, logged, without formulas, bound by the confidential channel, and read back unchanged."""

from __future__ import annotations

import csv
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from carecoord_tui.documents import markdown, markdown_text
from carecoord_tui.documents.patient_paper import make_patient_paper, markdown_of
from carecoord_tui.domain.vocabulary import CoverageStatus, FollowUpStatus, PayerClass
from carecoord_tui.exchange.exports.everything import export_everything
from carecoord_tui.exchange.exports.writing import NotExported
from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.exchange.import_steps import ImportCancelled
from carecoord_tui.exchange.logs import LogJob
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import (
    Appointment,
    Coverage,
    FollowUp,
    Note,
    Patient,
    PatientPhone,
    Payer,
    Provider,
    RelatedPerson,
)


@pytest.fixture
def rosa(practice: Practice) -> int:
    """One person with a record of most kinds, and a second one who is confidential."""
    with practice.change("people") as session:
        payer = Payer(name="Humana", payer_class=PayerClass.MEDICARE_ADVANTAGE)
        silva = Provider(name="Silva Cardiology", specialty="Cardiology", npi="1234567893")
        rosa = Patient(family_name="Alvarez", given_name="Rosa", mrn="A1", birth_date=date(1955, 3, 14))
        ivy = Patient(
            family_name="Quiet",
            given_name="Ivy",
            mrn="Q1",
            birth_date=date(1980, 1, 2),
            confidential_channel=True,
            address_line="1 Hidden Way",
            email="ivy@home.example",
            safe_contact="Text only",
            safe_contact_reason="sealed words",
        )
        session.add_all([payer, silva, rosa, ivy])
        session.flush()
        session.add_all(
            [
                PatientPhone(patient_id=rosa.id, number="+15550100134"),
                PatientPhone(patient_id=ivy.id, number="+15550100177"),
                PatientPhone(patient_id=ivy.id, number="+15550100188", label="work", is_permitted=True),
                RelatedPerson(patient_id=ivy.id, name="Al Quiet", phone="+15550100199"),
                Coverage(
                    patient_id=rosa.id,
                    payer_id=payer.id,
                    member_id="H123",
                    plan_name="Gold",
                    status=CoverageStatus.ACTIVE,
                    starts_on=date(2026, 1, 1),
                ),
                Appointment(
                    patient_id=rosa.id,
                    provider_id=silva.id,
                    title="Echo",
                    starts_at=datetime(2026, 12, 14, 15, 20, tzinfo=UTC),
                    booked_on=date(2026, 11, 20),
                ),
                FollowUp(patient_id=rosa.id, title="=HYPERLINK(x)", due_on=date(2026, 12, 3)),
                FollowUp(
                    patient_id=rosa.id,
                    title="Call back",
                    due_on=date(2026, 11, 20),
                    status=FollowUpStatus.DONE,
                    done_on=date(2026, 11, 20),
                ),
                Note(patient_id=rosa.id, at=datetime(2026, 11, 20, 14, tzinfo=UTC), text="Line\none | two"),
            ]
        )
        session.flush()
        return int(rosa.id or 0)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def events(practice: Practice) -> list[str]:
    return [
        r[0]
        for r in practice.execute(
            "SELECT label FROM audit_event WHERE change_kind = 'export' ORDER BY seq", []
        )
    ]


def test_a_folder_of_files_is_private_and_logged(practice: Practice, rosa: int, tmp_path: Path) -> None:
    done = export_everything(practice, tmp_path / "out")
    assert len(done.paths) == len(done.rows) == 44
    assert {stat.S_IMODE(one.stat().st_mode) for one in done.paths} == {0o600}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert events(practice) == ["export of everything"]
    (first, _) = read(tmp_path / "out" / "patients.csv")
    assert (first["Last name"], first["MRN"], first["Mobile phone"]) == ("Alvarez", "A1", "(555) 010-0134")


def test_no_cell_is_a_formula(practice: Practice, rosa: int, tmp_path: Path) -> None:
    export_everything(practice, tmp_path / "out")
    titles = [row["Follow up"] for row in read(tmp_path / "out" / "follow-ups.csv")]
    assert "'=HYPERLINK(x)" in titles
    export_everything(practice, tmp_path / "all.xlsx")
    book = load_workbook(tmp_path / "all.xlsx")
    assert len(book.sheetnames) == 44
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_confidential_channel_binds_every_table(practice: Practice, rosa: int, tmp_path: Path) -> None:
    export_everything(practice, tmp_path / "out")
    text = "".join(path.read_text("utf-8-sig") for path in (tmp_path / "out").iterdir())
    for hidden in ("0177", "0199", "Hidden Way", "ivy@home", "sealed words"):
        assert hidden not in text
    assert "(555) 010-0188" in text


@pytest.mark.parametrize("kind", ["coverages", "appointments", "follow-ups", "providers"])
def test_the_logs_read_their_own_export_back_unchanged(
    practice: Practice, rosa: int, tmp_path: Path, kind: str
) -> None:
    export_everything(practice, tmp_path / "out")
    plan = LogJob(practice, kind, tmp_path / "out" / f"{kind}.csv").read()
    counts = plan.counts
    assert counts.rows
    assert (counts.unchanged, counts.rows) == (counts.rows, counts.rows), [r.reason for r in plan.rows]


def test_patients_are_read_back_unchanged(practice: Practice, rosa: int, tmp_path: Path) -> None:
    export_everything(practice, tmp_path / "out")
    report = import_patients(practice, tmp_path / "out" / "patients.csv", dry_run=True)
    assert report.counts.created == 0
    assert report.counts.rejected == 0
    before = practice.execute("SELECT count(*) FROM audit_event", [])
    import_patients(practice, tmp_path / "out" / "patients.csv")
    assert practice.execute("SELECT count(*) FROM patient", []) == [(2,)]
    assert before <= practice.execute("SELECT count(*) FROM audit_event", [])


def test_a_stopped_export_writes_nothing(practice: Practice, rosa: int, tmp_path: Path) -> None:
    with pytest.raises(ImportCancelled):
        export_everything(practice, tmp_path / "all.xlsx", cancelled=lambda: True)
    assert not (tmp_path / "all.xlsx").exists()
    assert events(practice) == []


def test_another_ending_is_refused(practice: Practice, rosa: int, tmp_path: Path) -> None:
    with pytest.raises(NotExported, match=r"\.xlsx, or a folder"):
        export_everything(practice, tmp_path / "all.ods")
    with pytest.raises(Refused, match=r"\.md or \.pdf"):
        make_patient_paper(practice, rosa, tmp_path / "x.docx")
    assert list(tmp_path.glob("*.*")) == []


def test_one_patient_as_markdown_and_pdf(practice: Practice, rosa: int, tmp_path: Path) -> None:
    text = markdown_text.render(markdown.parse(markdown_of(practice, rosa)))
    assert "&#" not in text
    assert "# Alvarez, Rosa" in text
    assert "(555) 010-0134" in text
    assert "H123" in text
    assert "Line one \\| two" in text  # a cell stays in its row and column
    made = make_patient_paper(practice, rosa, tmp_path / "rosa.pdf")
    assert made.pages >= 1
    assert made.path.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    paper = make_patient_paper(practice, rosa, suffix=".md").path
    assert paper.name == f"patient-{rosa}-2026-11-30.md"
    assert events(practice) == ["export of one patient"] * 2


def test_the_paper_of_a_confidential_person_says_where_alone(practice: Practice, rosa: int) -> None:
    text = markdown_of(practice, rosa + 1)
    assert "CONTACT ONLY AT" in text
    for hidden in ("0177", "0199", "Hidden", "ivy@", "sealed"):
        assert hidden not in text


def test_nobody_is_not_written(practice: Practice, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no longer there"):
        make_patient_paper(practice, 99, tmp_path / "x.pdf")
