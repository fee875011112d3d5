"""The copy menu by keys: what is sent, what is audited, what a confidential channel hides."""

from __future__ import annotations

from carecoord_tui.paths import PracticePaths
from tests.screens.bench import ODD_TITLE, at_work, front, rows, shown, to_row

EXPORTS = "SELECT e.label, e.patient_id FROM audit_event e WHERE e.change_kind = 'export' ORDER BY e.seq"


NGUYEN = (
    ("n", "Nguyen, Thi", "name"),
    ("b", "03/14/1961", "birth date"),
    ("p", "(555) 010-0134", "phone"),
    ("1", "(555) 010-0135", "phone"),
    ("m", "H123-45", "member ID"),
    ("r", "MRN-1", "MRN"),
    ("c", "A4239", "service code"),
    ("v", "This is Dana for Thi Nguyen. Please call (555) 010-0100.", "voicemail"),
)


async def test_one_key_sends_one_fact_and_says_no_more_than_it_knows(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("y")
        for key, text, label in NGUYEN:
            await pilot.press(key)
            assert app.clipboard == text
            joined = " ".join(shown(app).split())
            assert (
                f"Sent to the terminal's clipboard: {label}. If it does not paste, select it here" in joined
            )
            assert text in joined.split("select it here")[1]
            assert front(app) == "CopySheet"  # the next fact is one key away
        assert rows(practice, EXPORTS) == [(f"copied: {label}", 1) for _, _, label in NGUYEN]


async def test_the_referrals_npi(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("g", "y", "i")
        await pilot.pause()
        assert app.clipboard == "1234567893"
        assert "Silva Cardiology" in shown(app)


async def test_a_confidential_channel_hides_other_numbers_and_the_voicemail(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Send forms")
        await pilot.press("y")
        await pilot.pause()
        sheet = shown(app).split("Copy: Brandt, Ana")[1]
        assert "(555) 010-0141" in sheet
        assert "0199" not in sheet
        assert "voicemail: contact only by the permitted channel" in sheet
        await pilot.press("v", "1", "2")
        await pilot.pause()
        assert app.clipboard == ""
        assert rows(practice, EXPORTS) == []


async def test_odd_names_are_text_and_enter_copies_the_highlighted_fact(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, ODD_TITLE)
        await pilot.press("y", "enter")
        await pilot.pause()
        assert app.clipboard == "O'Neil [Jr] [/b][31m, Pat"  # without the escape character
        assert "\x1b" not in shown(app)
        await pilot.press("j", "enter")
        await pilot.pause()
        assert app.clipboard == "07/08/1970"


async def test_masked_names_stay_masked_on_the_screen(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("z", "y", "v")
        await pilot.pause()
        assert "Nguyen" not in shown(app)
        assert app.clipboard == "This is Dana for Thi Nguyen. Please call (555) 010-0100."
        await pilot.press("n")
        await pilot.pause()
        assert "Nguyen" not in shown(app)
        assert app.clipboard == "Nguyen, Thi"
