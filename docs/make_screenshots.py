"""Draw the README's screenshots from the real program: ``python docs/make_screenshots.py``."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from carecoord_tui.app import CarecoordApp
from carecoord_tui.clock import parse_now
from carecoord_tui.demo import DEMO_PASSPHRASE
from carecoord_tui.demo.build import build_demo
from carecoord_tui.paths import PracticePaths

NOW = "2026-11-30T08:02"
HERE = Path(__file__).parent


async def draw(folder: Path) -> None:
    """Open the demo, save Today, a contact being logged, and the referrals."""
    app = CarecoordApp(PracticePaths(folder), now=NOW)
    async with app.run_test(size=(120, 34)) as pilot:
        await pilot.pause()
        await pilot.press(*DEMO_PASSPHRASE, "enter")
        await app.workers.wait_for_complete()
        await app.full_practice()
        await pilot.pause(0.5)
        app.save_screenshot("today.svg", str(HERE))
        await pilot.press("c")
        await pilot.pause(0.5)
        app.save_screenshot("contact.svg", str(HERE))
        await pilot.press("escape", "3")
        await pilot.pause(1)
        app.save_screenshot("referrals.svg", str(HERE))


def main() -> None:
    """Build a demo in a throwaway folder and draw."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "practice"
        build_demo(PracticePaths(folder), now=parse_now(NOW, ZoneInfo("America/New_York")))
        asyncio.run(draw(folder))


if __name__ == "__main__":
    main()
