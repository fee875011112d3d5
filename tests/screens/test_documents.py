"""Documents by keys: attach, open, review, export, detach, and the report that moves a referral."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from carecoord_tui import viewer
from carecoord_tui.app import CarecoordApp
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.documents import DocumentsSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Document
from carecoord_tui.viewer import NoViewer
from carecoord_tui.widgets.path_input import PathInput
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, paste, rows, said, shown, to_row, unlock_again, until

PDF = b"%PDF-1.7\nejection fraction 55 percent\n%%EOF\n"
DOCUMENTS = "SELECT title, kind, referral_id, received_on, reviewed_by FROM document ORDER BY id"
EVENTS = "SELECT label, change_kind, patient_id FROM audit_event WHERE action = 'event' ORDER BY seq"
STAGE = "SELECT stage, report_received_on, report_source, reviewed_by FROM referral"
JAMES = 2


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "echo_report.pdf"
    path.write_bytes(PDF)
    return path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A display with a viewer; what it was given."""
    given: list[Path] = []
    monkeypatch.setattr(viewer, "system_launcher", lambda: given.append)
    return given


async def open_sheet(pilot: Pilot[None], app: CarecoordApp, title: str = "Confirm receipt") -> None:
    await to_row(pilot, app, title)
    await pilot.press("d")
    await arrive(pilot, app, "DocumentsSheet")


async def attach(pilot: Pilot[None], path: Path) -> None:
    await pilot.press("a")
    await paste(pilot, str(path))
    await pilot.press("enter")
    await pilot.pause()


def problem(app: CarecoordApp) -> str:
    line = app.screen.query_one("#sheet-problem")
    return str(line.render()) if line.display else ""


def copies(paths: PracticePaths) -> list[Path]:
    return list((paths.root / viewer.FOLDER).rglob("document-*"))


async def test_attach_with_three_keys_and_the_path(paths: PracticePaths, report: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        assert "Documents: cardiology referral · James Cole" in shown(app).replace(
            "Cole, James", "James Cole"
        )
        assert "No documents yet: a attaches one." in shown(app)
        await attach(pilot, report)
        assert rows(practice, DOCUMENTS) == [("echo report", "report", 1, "2026-11-30", "")]
        assert "Attached." in shown(app)
        assert "echo report" in shown(app)
        assert rows(practice, STAGE)[0][0] == "sent"
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, DOCUMENTS) == []


async def test_every_field_may_be_said_otherwise(paths: PracticePaths, report: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        await pilot.press("a")
        await paste(pilot, str(report))
        assert app.screen.query_one("#title", Input).value == "echo report"
        await pilot.press("down", "home")
        await paste(pilot, "Outside ")
        await pilot.press("down", "l", "down")
        await paste(pilot, "27 nov 2026")
        await pilot.press("down", "y", "down", "y", "enter")
        await pilot.pause()
        assert rows(practice, DOCUMENTS) == [("Outside echo report", "letter", 1, "2026-11-27", "")]
        assert rows(practice, "SELECT is_part2, is_sensitive FROM document") == [(1, 1)]
        assert "Part 2: Outside" in shown(app)
        await pilot.press("e")
        await pilot.pause()
        assert app.focused is app.screen.query_one("#title", Input)
        await pilot.press("end")
        await paste(pilot, " 2")
        await pilot.press("down", "down", "n", "ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT title, is_part2, is_sensitive FROM document") == [
            ("Outside echo report 2", 0, 1)
        ]


async def test_tab_completes_and_a_refusal_keeps_what_was_typed(
    paths: PracticePaths, report: Path, tmp_path: Path
) -> None:
    (tmp_path / "echo_disguised.pdf").write_bytes(b"MZ\x90\x00" + PDF)
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        await pilot.press("a", "enter")
        await pilot.pause()
        assert problem(app) == "Type the name of the file, or drop it here: tab completes."
        await paste(pilot, f"{tmp_path}/ec")
        await pilot.press("tab")
        await pilot.pause()
        field = app.screen.query_one("#file", PathInput)
        assert field.value == f"{tmp_path}/echo_"
        assert "echo_disguised.pdf   echo_report.pdf" in shown(app)
        await pilot.press("d", "tab", "enter")
        await pilot.pause()
        assert "That file is a program, though its name says a PDF" in problem(app)
        assert field.value == f"{tmp_path}/echo_disguised.pdf"
        assert rows(practice, DOCUMENTS) == []
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "DocumentsSheet"
        assert problem(app) == ""
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"


async def test_the_report_of_a_referral_by_x(paths: PracticePaths, report: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        results: list[bool | None] = []
        app.push_screen(
            DocumentsSheet(practice, JAMES, "Cole, James", 1, advance=True), callback=results.append
        )
        await arrive(pilot, app, "DocumentsSheet")
        assert isinstance(app.focused, PathInput)
        assert "Report received: cardiology referral" in shown(app)
        await paste(pilot, str(report))
        await pilot.press("enter")
        await arrive(pilot, app, "TodayScreen")
        assert results == [True]
        assert rows(practice, STAGE) == [("report_received", "2026-11-30", "attached", "")]
        assert "Report attached and received" in said(app)
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, STAGE) == [("sent", None, "", "")]
        assert rows(practice, DOCUMENTS) == []


async def test_esc_at_the_path_of_a_report_changes_nothing(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        results: list[bool | None] = []
        app.push_screen(
            DocumentsSheet(practice, JAMES, "Cole, James", 1, advance=True), callback=results.append
        )
        await arrive(pilot, app, "DocumentsSheet")
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")
        assert results == [None]


async def test_a_review_asks_who_only_when_nobody_knows(paths: PracticePaths, report: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        app.push_screen(DocumentsSheet(practice, JAMES, "Cole, James", 1, advance=True))
        await arrive(pilot, app, "DocumentsSheet")
        await paste(pilot, str(report))
        await pilot.press("enter")
        await arrive(pilot, app, "TodayScreen")
        app.push_screen(DocumentsSheet(practice, JAMES, "Cole, James", 1))
        await arrive(pilot, app, "DocumentsSheet")
        assert "not yet" in shown(app)
        await pilot.press("r", "enter")
        await pilot.pause()
        assert "Type the clinician's name" in problem(app)
        await paste(pilot, "Dr. Lee")
        await pilot.press("enter")
        await pilot.pause()
        assert rows(practice, STAGE) == [("reviewed", "2026-11-30", "attached", "Dr. Lee")]
        assert rows(practice, DOCUMENTS)[0][4] == "Dr. Lee"
        assert "tell the patient next" in shown(app)
        await pilot.press("r")
        await pilot.pause()
        assert "already" in problem(app)


async def test_opening_is_logged_and_the_copy_goes_with_the_lock(
    paths: PracticePaths, report: Path, opened: list[Path]
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        await attach(pilot, report)
        await pilot.press("enter")
        await until(pilot, lambda: "Opened in the system's viewer" in shown(app))
        (copy,) = opened
        assert (copy.name, copy.read_bytes()) == ("document-1.pdf", PDF)
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        assert rows(practice, EVENTS) == [("document opened", "view", JAMES)]
        app.action_lock()
        await pilot.pause()
        assert not copies(paths)
        await unlock_again(pilot, app)
        await pilot.press("o")
        await until(pilot, lambda: len(opened) == 2)
        assert copies(paths)
    assert not copies(paths)  # the program was left


async def test_a_program_that_breaks_leaves_no_copy(
    paths: PracticePaths, report: Path, opened: list[Path]
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with at_work(paths) as (pilot, app, _):
            await open_sheet(pilot, app)
            await attach(pilot, report)
            await pilot.press("o")
            await until(pilot, lambda: bool(copies(paths)))
            app.call_later(lambda: 1 // 0)
            await pilot.pause(0.2)
    assert opened
    assert not copies(paths)


async def test_a_viewer_that_starts_beneath_the_lock_keeps_nothing(
    paths: PracticePaths, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(paths) as (pilot, app, _):
        done: list[Path] = []

        def slow(path: Path) -> None:
            app.call_from_thread(app.action_lock)
            path.write_bytes(PDF) if path.parent.exists() else None
            done.append(path)

        monkeypatch.setattr(viewer, "system_launcher", lambda: slow)
        await open_sheet(pilot, app)
        await attach(pilot, report)
        await pilot.press("o")
        await until(pilot, lambda: bool(done))
        await pilot.pause(0.1)
        assert front(app) == "UnlockScreen"
        assert not copies(paths)


async def test_without_a_display_the_export_is_named(
    paths: PracticePaths, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> viewer.Launcher:
        raise NoViewer("Over SSH there is no display to open it on: x exports a copy.")

    monkeypatch.setattr(viewer, "system_launcher", none)
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        await attach(pilot, report)
        await pilot.press("o")
        await until(pilot, lambda: "x exports a copy" in problem(app))
        assert rows(practice, EVENTS) == []
        assert not copies(paths)
        await pilot.press("x")
        await pilot.pause()
        field = app.screen.query_one("#target", PathInput)
        assert field.value == "~/document-1.pdf"
        field.value = str(report)
        await pilot.press("enter")
        await pilot.pause()
        assert "is there already" in problem(app)
        field.value = str(tmp_path)
        await pilot.press("enter")
        await pilot.pause()
        written = tmp_path / "document-1.pdf"
        assert written.read_bytes() == PDF
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        assert "Written for you alone" in shown(app)
        assert rows(practice, EVENTS)[-1] == ("document exported", "export", JAMES)


async def test_text_is_read_inside_the_program(paths: PracticePaths, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear [bold]Dana[/]\n" + "line\n" * 60 + "the end")
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        await attach(pilot, letter)
        await pilot.press("enter")
        await arrive(pilot, app, "TextSheet")
        assert "Dear [bold]Dana[/]" in shown(app)
        assert "the end" not in shown(app)
        await pilot.press("G")
        await pilot.pause()
        assert "the end" in shown(app)
        assert not copies(paths)
        assert rows(practice, EVENTS) == [("document opened", "view", JAMES)]
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "DocumentsSheet"


async def test_detaching_and_what_needs_a_document(paths: PracticePaths, report: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app, "Call: CGM order")  # no referral: the patient's own documents
        for key in ("o", "r", "e", "x", "D"):
            await pilot.press(key)
            await pilot.pause()
            assert problem(app) == "There is no document here yet: a attaches one."
        await attach(pilot, report)
        assert rows(practice, DOCUMENTS)[0][2] is None
        await pilot.press("D")
        await pilot.pause()
        assert rows(practice, DOCUMENTS) == []
        assert "u brings it back" in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("u")
        await pilot.pause()
        assert len(rows(practice, DOCUMENTS)) == 1


async def test_privacy_masks_titles_too(paths: PracticePaths, tmp_path: Path) -> None:
    named = tmp_path / "Cole_James.pdf"
    named.write_bytes(PDF)
    async with at_work(paths) as (pilot, app, _):
        await open_sheet(pilot, app)
        await attach(pilot, named)
        assert "Cole James" in shown(app)
        app.action_privacy()
        await pilot.pause()
        assert "Cole James" not in shown(app)


async def test_damaged_bytes_are_told_and_nothing_is_opened(
    paths: PracticePaths, report: Path, opened: list[Path]
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        await attach(pilot, report)
        spoil(practice)
        await pilot.press("o")
        await until(pilot, lambda: "damaged" in problem(app))
        assert opened == []
        assert app.screen.query_one(RecordList).row_count == 1


def spoil(practice: Practice) -> None:
    from carecoord_tui.store.engine import raw_connection

    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("UPDATE document_content SET content = x'00'")
    conn.close()


async def test_a_report_that_is_there_already_keeps_what_is_said_of_it(
    paths: PracticePaths, report: Path
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        await attach(pilot, report)
        await pilot.press("e", "end")
        await paste(pilot, " of the clinic")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Changed." in shown(app))
        await pilot.press("escape")
        app.push_screen(DocumentsSheet(practice, JAMES, "Cole, James", 1, advance=True))
        await arrive(pilot, app, "DocumentsSheet")
        await paste(pilot, str(report))
        await pilot.press("down", "down", "down", "y", "enter")  # title, day, Part 2
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT title, kind, is_part2, is_sensitive FROM document") == [
            ("echo report of the clinic", "report", 1, 0)
        ]


async def test_what_another_window_said_is_not_written_over(paths: PracticePaths, report: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_sheet(pilot, app)
        await attach(pilot, report)
        await pilot.press("e", "end")
        await paste(pilot, " mine")
        with practice.change("other window") as session:
            document = session.get(Document, 1)
            assert document is not None
            document.title, document.is_part2 = "theirs", True
            session.add(document)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "changed in another window" in problem(app)
        assert "Part 2: theirs" in shown(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT title, is_part2 FROM document") == [("theirs", 1)]
        await pilot.press("escape", "e", "end")
        await paste(pilot, " and mine")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT title, is_part2 FROM document") == [("theirs and mine", 1)]
