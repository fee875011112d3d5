"""The real app on Today, unlocked, on a practice filled beforehand: for tests of the sheets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

from textual import events
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.clock import Clock, RunningClock, parse_now
from carecoord_tui.domain.vocabulary import AuthorizationStatus, FollowUpKind, PayerClass, ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.base import WorkScreen
from carecoord_tui.store import keyfile, opening
from carecoord_tui.store.creating import NewPractice, create_practice
from carecoord_tui.store.opening import Unlocked
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.tables import (
    Authorization,
    Coverage,
    FollowUp,
    Patient,
    PatientPhone,
    Payer,
    Provider,
    Referral,
    Setting,
)
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.safe_text import safe_text
from tests.conftest import FAST_KDF, MONDAY, PASSPHRASE, ZONE

_KEY_NAMES = {" ": "space", "+": "plus", "!": "exclamation_mark", "@": "at", "#": "number_sign", "/": "slash"}
TODAY = date(2026, 11, 30)
ODD_NAME = "O'Neil [Jr] [/b]\x1b[31m"
ODD_TITLE = "Fax [bold]form[/] \x1b]0;owned\x07"


def rows(practice: Practice, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    """What the database holds."""
    return practice.execute(sql, list(parameters))


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait up to five seconds."""
    for _ in range(250):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError("this did not happen in five seconds")


@asynccontextmanager
async def at_work(
    paths: PracticePaths, *, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], CarecoordApp, Practice]]:
    """The app with Today in front and the whole store loaded, on a practice that is made when absent."""
    if not paths.exists:
        clock = RunningClock(parse_now(MONDAY, ZONE))
        wanted = NewPractice(user_name="Dana Reyes", timezone=ZONE.key, is_clinical=True, is_demo=True)
        create_practice(paths, PASSPHRASE, wanted, clock, kdf=FAST_KDF)
        fill(paths, clock)
    unlocked: Future[Unlocked] = Future()
    unlocked.set_result(opening.unlock(paths, PASSPHRASE, now=MONDAY))
    app = CarecoordApp(paths, now=MONDAY, opening=unlocked)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.practice is not None and front(app) == "TodayScreen")
        await pilot.pause()
        assert app.practice is not None
        yield pilot, app, app.practice
        app.practice.close()


async def unlock_again(pilot: Pilot[None], app: CarecoordApp) -> None:
    """Type the passphrase at the locked screen."""
    await arrive(pilot, app, "UnlockScreen")
    await write(pilot, PASSPHRASE)
    await pilot.press("enter")
    await until(pilot, lambda: not app.is_locked)
    await pilot.pause()


def front(app: CarecoordApp) -> str:
    """The class of the screen in front."""
    return type(app.screen).__name__


async def arrive(pilot: Pilot[None], app: CarecoordApp, name: str) -> None:
    """Wait until the screen of this class is in front and drawn."""
    await until(pilot, lambda: front(app) == name and app.screen.is_mounted)
    await pilot.pause()


def shown(app: CarecoordApp) -> str:
    """The text of the whole screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def said(app: CarecoordApp) -> str:
    """The footer of the work screen in front."""
    screen = next(s for s in reversed(app.screen_stack) if isinstance(s, WorkScreen))
    bar = screen.query_one(FooterBar)
    return bar._left.plain


async def write(pilot: Pilot[None], text: str) -> None:
    """Type a line key by key."""
    for character in text:
        await pilot.press(_KEY_NAMES.get(character, character))
    await pilot.pause()


async def paste(pilot: Pilot[None], text: str) -> None:
    """Put text into the focused field at once, as a terminal's paste does."""
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def to_row(pilot: Pilot[None], app: CarecoordApp, title: str) -> None:
    """Put the cursor of Today on the item of this title."""
    listed = app.screen.query_one(RecordList)
    wanted = safe_text(title)[:20]
    every = listed.source[slice(0, listed.row_count)]
    row = next(row for row in every if any(wanted in str(cell) for cell in row.cells))
    assert listed.move_to(row.id)
    await pilot.pause()


def fill(paths: PracticePaths, clock: Clock) -> None:
    """A few people with something due on the Monday, one of each sort the sheets must tell apart."""
    practice = open_practice(paths, keyfile.unlock(paths.keyfile, PASSPHRASE), clock)
    with practice.change("people") as session:
        payer = Payer(name="Humana", payer_class=PayerClass.MEDICARE_ADVANTAGE)
        office = Provider(name="Silva Cardiology", specialty="cardiology", npi="1234567893")
        setting = Setting(key="callback_number", value="+15550100100")
        nguyen = Patient(family_name="Nguyen", given_name="Thi", birth_date=date(1961, 3, 14), mrn="MRN-1")
        james = Patient(family_name="Cole", given_name="James", birth_date=date(1950, 1, 2), mrn="MRN-2")
        rose = Patient(family_name="Cole", given_name="Rose", birth_date=date(1948, 5, 6), mrn="MRN-3")
        odd = Patient(family_name=ODD_NAME, given_name="Pat", birth_date=date(1970, 7, 8), mrn="MRN-4")
        safe = Patient(
            family_name="Brandt", given_name="Ana", birth_date=date(1980, 9, 10), confidential_channel=True
        )
        people = [nguyen, james, rose, odd, safe]
        for person in people:
            person.check_in_on = date(2026, 12, 2)
        session.add_all([payer, office, setting, *people])
        session.flush()
        plan = Coverage(patient_id=nguyen.id, payer_id=payer.id, member_id="H123-45")
        session.add_all(
            [
                plan,
                PatientPhone(patient_id=nguyen.id, number="+15550100134"),
                PatientPhone(patient_id=nguyen.id, number="+15550100135", label="home", rank=2),
                PatientPhone(patient_id=safe.id, number="+15550100141", label="work", is_permitted=True),
                PatientPhone(patient_id=safe.id, number="+15550100199", label="home", rank=2),
                Coverage(patient_id=james.id, payer_id=payer.id, member_id="H9"),
                FollowUp(patient_id=nguyen.id, title="Call: CGM order", kind=FollowUpKind.CALL, due_on=TODAY),
                FollowUp(patient_id=james.id, title="Gather papers", due_on=TODAY, recurrence="FREQ=WEEKLY"),
                FollowUp(patient_id=odd.id, title=ODD_TITLE, due_on=TODAY),
                FollowUp(patient_id=safe.id, title="Send forms", due_on=TODAY),
                Referral(
                    patient_id=james.id,
                    provider_id=office.id,
                    specialty="cardiology",
                    stage=ReferralStage.SENT,
                    stage_on=date(2026, 11, 16),
                    ordered_on=date(2026, 11, 16),
                    sent_on=date(2026, 11, 16),
                ),
            ]
        )
        session.flush()
        session.add(
            Authorization(
                patient_id=nguyen.id,
                coverage_id=plan.id,
                service="CGM sensors",
                service_code="A4239",
                status=AuthorizationStatus.SUBMITTED,
                opened_on=date(2026, 11, 24),
                submitted_at=datetime(2026, 11, 24, 15, tzinfo=UTC),
            )
        )
    practice.close()
