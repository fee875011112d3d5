"""``export_referrals``: a private log without formulas that the importer reads back as unchanged."""

from __future__ import annotations

import csv
import stat
from datetime import date, time
from pathlib import Path

import pytest
from openpyxl import load_workbook

from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import ProviderKind, ReferralStage, ReferralType, Urgency
from carecoord_tui.exchange.exports.writing import NotExported
from carecoord_tui.exchange.import_referrals import import_referrals
from carecoord_tui.exchange.referral_columns import RECORD_HEADER, is_referral_log
from carecoord_tui.exchange.referral_export import HEADERS, export_referrals
from carecoord_tui.store import audit
from carecoord_tui.store.actions.referral_steps import take_step
from carecoord_tui.store.errors import DiskFull, ReadOnly
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.tables import Patient, PatientPhone, Provider, Referral

S = ReferralStage
ODD = '=HYPERLINK("http://x","O\'Neil")'


@pytest.fixture(autouse=True)
def caseload(practice: Practice) -> None:
    """People told apart by nothing, one of them named like a formula; a referral in every stage there is."""
    with practice.change("people") as session:
        session.add_all(
            [
                Patient(family_name=ODD, given_name="+Pat", birth_date=date(1970, 7, 8), mrn="M1"),
                Patient(family_name="Kim", given_name="Ann", confidential_channel=True),
                Patient(family_name="Kim", given_name="Ann"),
                Provider(name="-Silva, “Maria” MD", specialty="GI", npi="1234567893", phone="+15550100100"),
                Provider(name="Lakeside", specialty="GI", kind=ProviderKind.ORGANIZATION),
                Provider(name="Lakeside", specialty="GI", kind=ProviderKind.ORGANIZATION),
            ]
        )
        session.flush()
        session.add_all(
            [
                PatientPhone(patient_id=2, number="+15550100134"),
                PatientPhone(patient_id=2, number="+15550100135", is_permitted=True, rank=2),
            ]
        )
        for place, stage in enumerate(S):
            session.add(
                Referral(
                    patient_id=place % 3 + 1,
                    provider_id=(1, 2, 3, None)[place % 4],
                    specialty="GI",
                    reason="@SUM(1)\nblood; pain" if place % 2 else "",
                    note="-call, twice" if place % 3 else "",
                    urgency=Urgency.STAT if place == 2 else Urgency.ROUTINE,
                    service_type=ReferralType.IMAGING,
                    diagnoses="K50.90, E11.9",
                    stage=stage,
                    stage_on=date(2026, 11, 20),
                    stage_reason="=1+1" if stage is S.REJECTED else "",
                    ordered_on=date(2026, 11, 2),
                    sent_on=None if stage is S.DRAFT else date(2026, 11, 3),
                    visit_on=date(2026, 12, 9) if stage is S.SCHEDULED else None,
                    visit_time=time(14, 30) if stage is S.SCHEDULED else None,
                    report_received_on=date(2026, 11, 18) if stage in (S.REVIEWED, S.CLOSED) else None,
                )
            )


def test_every_row_comes_back_unchanged(practice: Practice, tmp_path: Path) -> None:
    before = practice.execute("SELECT * FROM referral ORDER BY id")
    for name in ("log.csv", "log.xlsx"):
        path = tmp_path / name
        assert export_referrals(practice, path).count == len(S)
        report = import_referrals(practice, path)
        assert report.conflicts == () and report.rejected == ()
        assert report.counts.unchanged == report.counts.rows == len(S)
    assert practice.execute("SELECT * FROM referral ORDER BY id") == before


def test_what_was_sent_again_or_booked_anew_comes_back_too(practice: Practice, tmp_path: Path) -> None:
    number = int(practice.execute("SELECT id FROM referral WHERE stage = 'scheduled'")[0][0])
    take_step(practice, number, Step(to=S.REJECTED, reason="full"))
    take_step(practice, number, Step(to=S.SENT))
    take_step(practice, number, Step(to=S.SCHEDULED, visit_on=date(2026, 12, 1)))
    take_step(practice, number, Step(to=S.SEEN, on=date(2026, 11, 30)))
    path = tmp_path / "log.csv"
    export_referrals(practice, path, view=[number])
    assert import_referrals(practice, path).counts.unchanged == 1


def test_no_cell_is_a_formula(practice: Practice, tmp_path: Path) -> None:
    export_referrals(practice, tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    cells = [cell for row in rows for cell in row]
    assert f"'{ODD}" in cells and "'+Pat" in cells and "'@SUM(1)\nblood; pain" in cells and "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    export_referrals(practice, tmp_path / "log.xlsx")
    sheet = load_workbook(tmp_path / "log.xlsx").active
    assert sheet is not None
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    visits = [cell.value for cell in sheet[1]].index("Appointment date") + 1
    assert str(sheet.cell(6, visits).value) == "2026-12-09 14:30:00"


def test_the_file_is_private_and_the_export_stands_in_the_audit(practice: Practice, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("older, and open to others")
    path.chmod(0o644)
    export_referrals(practice, path, view=[3, 1])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".tmp")] == []
    [(label, kind, after)] = practice.execute(
        "SELECT label, change_kind, after FROM audit_event ORDER BY seq DESC LIMIT 1"
    )
    assert (label, kind, after) == ("export of 2 referrals", "export", None)
    with practice.read() as connection:
        assert audit.verify(connection, practice.audit_key()).broken_at is None


def test_a_view_is_written_in_its_order(practice: Practice, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    assert export_referrals(practice, path, view=[5, 999, 2]).count == 2
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert [row[RECORD_HEADER] for row in csv.DictReader(stream)] == ["5", "2"]


def test_a_confidential_channel_shows_only_the_permitted_phone(practice: Practice, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    export_referrals(practice, path)
    text = path.read_text(encoding="utf-8-sig")
    assert "(555) 010-0135" in text and "010-0134" not in text


def test_another_practice_takes_the_log_by_what_identifies(practice: Practice, tmp_path: Path) -> None:
    """The record's number means nothing where name, day and specialty do not agree with it."""
    path = tmp_path / "log.csv"
    export_referrals(practice, path, view=[1])
    text = path.read_text(encoding="utf-8-sig").replace("\r\n1,", "\r\n2,")
    path.write_text(text, encoding="utf-8")
    report = import_referrals(practice, path)
    assert report.counts.unchanged == 1 and report.counts.created == 0


def test_a_place_that_cannot_be_written_is_said(practice: Practice, tmp_path: Path) -> None:
    with pytest.raises(NotExported, match=r"\.csv or \.xlsx"):
        export_referrals(practice, tmp_path / "log.pdf")
    with pytest.raises(NotExported, match="cannot be written"):
        export_referrals(practice, tmp_path / "absent" / "log.csv")


def test_what_cannot_be_recorded_does_not_leave(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    looking = open_practice(practice.paths, practice.data_key, practice.clock, is_read_only=True)
    try:
        with pytest.raises(ReadOnly, match="--now"):
            export_referrals(looking, path)
    finally:
        looking.close()

    def full(*_: object, **__: object) -> None:
        raise DiskFull

    monkeypatch.setattr(practice, "record_event", full)
    with pytest.raises(DiskFull):
        export_referrals(practice, path)
    assert not path.exists()


def test_its_own_export_is_known_as_a_log() -> None:
    assert is_referral_log(HEADERS)
