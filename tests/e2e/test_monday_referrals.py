"""The referrals of the Monday (steps 3, 4, 16 to 19), by keys alone through the real app."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.store import audit, ledger
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.record_list import RecordList
from tests.e2e.conftest import Opened
from tests.screens.bench import front, said, until, write

REPORT = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
)
REPORT += b"xref\n0 3\ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def parts(pilot: Pilot[None]) -> tuple[CarecoordApp, Practice]:
    app = pilot.app
    assert isinstance(app, CarecoordApp)
    assert app.practice is not None
    return app, app.practice


async def to_patient(pilot: Pilot[None], name: str) -> None:
    """Referrals, filtered to one person, the cursor on their row."""
    app, _ = parts(pilot)
    await pilot.press("3")
    await until(pilot, lambda: front(app) == "ReferralsScreen")
    await pilot.press("slash")
    await write(pilot, name)
    await pilot.press("enter")
    await pilot.pause()
    assert app.screen.subject().patient_name.startswith(name)  # type: ignore[attr-defined]


def referral_of(practice: Practice, family: str) -> tuple[object, ...]:
    """Stage, report day, review day, told day of the person's newest referral."""
    return practice.execute(
        "SELECT r.stage, r.report_received_on, r.reviewed_on, r.patient_informed_on FROM referral r"
        " JOIN patient p ON p.id = r.patient_id WHERE p.family_name = ? ORDER BY r.id DESC LIMIT 1",
        [family],
    )[0]


def assert_whole(practice: Practice) -> None:
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
        assert report.is_equal
        assert not report.missing
        assert audit.verify(connection, practice.audit_key()).broken_at is None


async def test_steps_3_and_4_report_attached_reviewed_patient_told(
    open_monday: Opened, tmp_path: Path
) -> None:
    report = tmp_path / "heart.pdf"
    report.write_bytes(REPORT)
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        await to_patient(pilot, "Chen")
        await pilot.press("x", "a")
        await until(pilot, lambda: front(app) == "DocumentsSheet")
        await pilot.pause()
        await write(pilot, str(report))
        for _ in range(6):
            if front(app) == "ReferralsScreen":
                break
            await pilot.press("enter")
            await pilot.pause()
        await until(pilot, lambda: front(app) == "ReferralsScreen")
        assert referral_of(practice, "Chen") == ("report_received", "2026-11-30", None, None), "CMS50-closed"
        documents = practice.execute(
            "SELECT d.kind, d.media_type, length(c.content) FROM document d"
            " JOIN document_content c ON c.sha256 = d.sha256"
        )
        assert documents == [("report", "application/pdf", len(REPORT))]
        assert practice.execute("SELECT count(*) FROM ledger WHERE rule_id = 'referral.reviewed'")[0][0] > 0

        await pilot.press("x", "x")
        await until(pilot, lambda: referral_of(practice, "Chen")[0] == "reviewed")
        assert practice.execute("SELECT reviewed_by FROM document") == [("Dr. Lena Marsh",)]
        await until(pilot, lambda: front(app) == "ReferralsScreen")
        await pilot.press("x", "x")
        await until(pilot, lambda: referral_of(practice, "Chen")[0] == "closed")
        assert referral_of(practice, "Chen")[1:] == ("2026-11-30", "2026-11-30", "2026-11-30"), "loop-closed"
        assert_whole(practice)


async def test_step_16_an_urgent_referral_refuses_a_wrong_npi(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        before = practice.execute("SELECT count(*) FROM referral")[0][0]
        await pilot.press("r")
        await until(pilot, lambda: front(app) == "ReferralForm")
        await pilot.pause()
        await write(pilot, "podiatry")
        await pilot.press("tab")
        await write(pilot, "Northside Foot Clinic")
        await pilot.press("enter")
        await pilot.pause()
        await write(pilot, "1234567890")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "ReferralForm"
        assert practice.execute("SELECT count(*) FROM referral")[0][0] == before
        await pilot.press("end", *["backspace"] * 10)
        await write(pilot, "1234567893")
        for _ in range(6):
            await pilot.press("tab")
            if app.focused is not None and "urgency" in str(app.focused.id):
                break
        await pilot.press("u", "ctrl+s")
        await until(pilot, lambda: front(app) != "ReferralForm")
        found = practice.execute(
            "SELECT r.specialty, r.urgency, r.stage, p.name, p.npi FROM referral r"
            " JOIN provider p ON p.id = r.provider_id ORDER BY r.id DESC LIMIT 1"
        )
        assert found == [("podiatry", "urgent", "draft", "Northside Foot Clinic", "1234567893")]
        assert_whole(practice)


async def test_step_17_three_rows_without_leaving_the_list(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        await pilot.press("3")
        await until(pilot, lambda: front(app) == "ReferralsScreen")
        await pilot.press("D")
        await pilot.pause()
        listing = app.screen.query_one(RecordList)
        first, second, third = [row.id for row in listing.source[slice(0, 12)] if row.kind == "row"][:3]
        await pilot.press("g")
        assert listing.cursor_id == first
        await pilot.press("c", "o")
        await until(pilot, lambda: front(app) == "ReferralsScreen")
        await pilot.pause()
        assert listing.cursor_id == first, "waiting for the office, it is still sent without a date"
        await pilot.press("j", "x", "d")
        await write(pilot, "12/9 10am")
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "ReferralsScreen")
        await pilot.pause()
        assert listing.cursor_id == third, "it has its date and left the list; the next row is there"
        await pilot.press("x", "x")
        await until(pilot, lambda: front(app) == "ReferralsScreen")
        await pilot.pause()
        waits = "SELECT waiting_on > '' FROM ledger WHERE kind = 'referral' AND record_id = ?"
        assert practice.execute(waits, [first]) == [(1,)]
        stages = {
            one: practice.execute("SELECT stage, visit_on FROM referral WHERE id = ?", [one])[0]
            for one in (second, third)
        }
        assert stages[second] == ("scheduled", "2026-12-09")
        assert stages[third] == ("acknowledged", None)
        assert_whole(practice)


async def test_step_18_a_rejected_referral_is_sent_elsewhere(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        await to_patient(pilot, "Lindqvist")
        await pilot.press("x", "x")
        await until(pilot, lambda: front(app) == "ReferralForm")
        await pilot.pause()
        await write(pilot, "Mill Lane Digestive")
        await pilot.press("enter", "ctrl+s")
        await pilot.pause()
        await until(pilot, lambda: front(app) != "ReferralForm")
        rows = practice.execute(
            "SELECT r.id, r.stage, r.redirected_from_id, r.reason, r.diagnoses FROM referral r"
            " JOIN patient p ON p.id = r.patient_id WHERE p.family_name = 'Lindqvist' ORDER BY r.id"
        )
        assert [row[1] for row in rows] == ["redirected", "draft"]
        assert rows[1][2] == rows[0][0]
        assert rows[1][3:] == rows[0][3:] == ("Trouble swallowing", "R13.10")
        assert_whole(practice)


async def test_step_19_a_no_show_starts_the_outreach_protocol(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        await to_patient(pilot, "Delacroix")
        await pilot.press("x", "n")
        await until(pilot, lambda: referral_of(practice, "Delacroix")[0] == "no_show")
        owed = (
            "SELECT l.rule_id, l.progress FROM ledger l JOIN patient p ON p.id = l.patient_id"
            " WHERE p.family_name = 'Delacroix' AND l.kind = 'referral'"
        )
        assert practice.execute(owed)[0][0] == "referral.noshow"
        await until(pilot, lambda: front(app) == "ReferralsScreen")
        await pilot.press("c", "n")
        await until(pilot, lambda: practice.execute(owed)[0][1] == "1/3")
        assert "Next:" in said(app)
        assert_whole(practice)
