"""The days on a denial against each other and against today: what cannot be, at the field it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.dates import format_day


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialDays:
    """The days somebody entered, practice-local; None where nothing is entered."""

    notice_on: date | None
    received_on: date | None = None
    letter_deadline_on: date | None = None
    representative_form_on: date | None = None
    peer_to_peer_by: date | None = None
    peer_to_peer_on: date | None = None


_HAPPENED = {
    "notice_on": "The letter",
    "received_on": "The receipt",
    "representative_form_on": "The representative form",
    "peer_to_peer_on": "The peer-to-peer call",
}


def day_problems(days: DenialDays, today: date) -> dict[str, str]:
    """One sentence for each day that cannot be, by the name of its attribute; empty when all can."""
    found: dict[str, str] = {}
    for name, what in _HAPPENED.items():
        day: date | None = getattr(days, name)
        if day is not None and day > today:
            found[name] = f"{what} cannot be dated {format_day(day, today)}, a day that is still ahead."
    notice = days.notice_on
    if notice is None or "notice_on" in found:
        return found
    letter = format_day(notice, today)
    before = {
        "received_on": f"The letter cannot arrive before its own date, {letter}: check both dates.",
        "peer_to_peer_by": f"The peer-to-peer cut-off cannot be before the letter's date, {letter}.",
        "peer_to_peer_on": f"The peer-to-peer call cannot be before the letter's date, {letter}.",
    }
    for name, words in before.items():
        day = getattr(days, name)
        if day is not None and day < notice:
            found.setdefault(name, words)
    printed = days.letter_deadline_on
    if printed is not None and printed <= notice:
        found["letter_deadline_on"] = (
            f"The last day printed on the letter must be after its date, {letter}: it is not used."
        )
    return found
