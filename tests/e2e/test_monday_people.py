"""The people of the Monday (step 21), by keys alone through the real app."""

from __future__ import annotations

from carecoord_tui.app import CarecoordApp
from carecoord_tui.documents import patient_paper
from carecoord_tui.domain.copying import copy_menu
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.screens.copy_menu import CopySheet
from carecoord_tui.store.queries.person import read_person
from tests.e2e.conftest import Opened, type_text
from tests.e2e.test_monday_referrals import assert_whole, parts
from tests.screens.bench import arrive, shown, until

TABS = 9
REASON = "former partner reads her mail"
CONTACTS = "SELECT count(*) FROM contact WHERE patient_id = ?"


def squeezed(app: CarecoordApp) -> str:
    """The text of the screen, its lines joined: what wraps reads as one."""
    return " ".join(shown(app).split())


async def test_step_21_a_confidential_channel_shows_only_the_permitted_number(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        ((lowell, street),) = practice.execute(
            "SELECT id, address_line FROM patient WHERE confidential_channel AND family_name = 'Lowell'"
        )
        phones = practice.execute(
            "SELECT number, is_permitted FROM patient_phone WHERE patient_id = ?", [lowell]
        )
        (allowed,) = [number for number, is_permitted in phones if is_permitted]
        hidden = [number for number, is_permitted in phones if not is_permitted]
        assert len(hidden) == 2
        only = f"CONTACT ONLY AT {format_phone(allowed)}. No other phone, mail, voicemail."

        def assert_discreet(where: str) -> None:
            seen = shown(app)
            for number in hidden:
                assert format_phone(number) not in seen, where
                assert number[-4:] not in seen, where
            assert street not in seen, where

        # The jump: a hidden number finds her and is not shown.
        await pilot.press("ctrl+k", *hidden[0][-4:])
        await arrive(pilot, app, "JumpSheet")
        await until(pilot, lambda: "Lowell, Grace" in shown(app))
        typed = shown(app).replace(f"{hidden[0][-4:]}", "", 1)  # the digits just typed stand in the field
        assert hidden[0][-4:] not in typed
        assert f"..{allowed[-4:]}" in typed or f"..{hidden[0][-4:]}" not in typed
        await pilot.press("ctrl+u")
        await type_text(pilot, "lowell")
        await until(pilot, lambda: f"..{allowed[-4:]}" in shown(app))
        assert_discreet("jump")
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")

        # The page, every tab of it.
        assert only in shown(app)
        assert format_phone(allowed) in shown(app)
        for place in range(TABS):
            assert_discreet(f"tab {place}")
            await pilot.press("right")
            await pilot.pause()

        # The copy menu: what it offers and what each line would send.
        await pilot.press("y")
        await arrive(pilot, app, "CopySheet")
        assert_discreet("copy menu")
        assert isinstance(app.screen, CopySheet)
        sent = [fact.text for fact in app.screen.menu.facts]
        assert [text for text in sent if text.startswith("(")] == [format_phone(allowed)]
        assert "other numbers and addresses: contact only by the permitted channel" in shown(app)
        await pilot.press("escape")

        # The contact sheet: no machine, no letter, no portal.
        contacts = practice.execute(CONTACTS, [lowell])
        await pilot.press("c")
        await arrive(pilot, app, "ContactSheet")
        assert_discreet("contact sheet")
        assert only in squeezed(app)
        assert "closed, opens noon" in squeezed(app)  # 8:00, and she takes calls over lunch
        assert "No voicemail: contact only by the permitted channel." in shown(app)
        await pilot.press("m")
        await pilot.pause()
        assert "This person allows no voicemail, letter or portal message." in shown(app)
        await pilot.press("escape")
        await arrive(pilot, app, "PatientPage")
        assert practice.execute(CONTACTS, [lowell]) == contacts

        # The pane beside the list.
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await pilot.press("slash")
        await type_text(pilot, "lowell")
        await pilot.press("enter")
        await until(pilot, lambda: "CONTACT ONLY AT" in shown(app))
        assert format_phone(allowed) in shown(app)
        assert_discreet("pane")

        # What is written of her holds no more than the screen.
        person = read_person(practice.execute, lowell, unmasked=True)
        assert person is not None
        menu = copy_menu(person, user_name="Dana Reyes", callback_number="+15550100100")
        papers = [patient_paper.markdown_of(practice, lowell), *(fact.text for fact in menu.facts)]
        for text in papers:
            assert not any(format_phone(number) in text for number in hidden)
            assert street not in text
        assert_whole(practice)


async def test_the_reason_is_shown_on_its_key_alone_and_the_look_is_in_the_audit(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        ((lowell,),) = practice.execute("SELECT id FROM patient WHERE family_name = 'Lowell'")
        looks = (
            "SELECT count(*) FROM audit_event WHERE label = 'safe-contact reason viewed' AND patient_id = ?"
        )
        await pilot.press("ctrl+k")
        await type_text(pilot, "lowell")
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        await pilot.press("R")
        await arrive(pilot, app, "ContactRulesSheet")
        app.screen.query_one("#reason").focus()
        await type_text(pilot, REASON)
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert practice.execute("SELECT safe_contact_reason FROM patient WHERE id = ?", [lowell]) == [
            (REASON,)
        ]
        for place in range(TABS):
            assert REASON not in shown(app), f"tab {place}"
            await pilot.press("right")
            await pilot.pause()
        assert REASON not in patient_paper.markdown_of(practice, lowell)
        person = read_person(practice.execute, lowell, unmasked=True)
        assert REASON not in repr(person)

        await pilot.press("R")
        await arrive(pilot, app, "ContactRulesSheet")
        assert REASON not in shown(app)
        assert practice.execute(looks, [lowell]) == [(0,)]
        await pilot.press("f4")
        await until(pilot, lambda: REASON in shown(app))
        assert practice.execute(looks, [lowell]) == [(1,)]
        await pilot.press("escape")  # a look is no draft: one key leaves
        await arrive(pilot, app, "PatientPage")
        assert practice.execute("SELECT safe_contact_reason FROM patient WHERE id = ?", [lowell]) == [
            (REASON,)
        ]
        await pilot.press("R", "ctrl+s")  # saved unseen: the seal keeps what it holds
        await arrive(pilot, app, "PatientPage")
        assert practice.execute("SELECT safe_contact_reason FROM patient WHERE id = ?", [lowell]) == [
            (REASON,)
        ]
        assert_whole(practice)
