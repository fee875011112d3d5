"""How a person is reached and may be, out of a row: address, a channel of their own, hours, interpreter.

What cannot be understood is read as the more careful of the two where that protects somebody (45 CFR
164.522(b)); otherwise it is left blank and kept in the notes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any, Protocol, TypeVar

from carecoord_tui.domain.calling_hours import ZoneError, hours_problem, parse_hour, parse_zone
from carecoord_tui.domain.dates import DateError
from carecoord_tui.domain.vocabulary import InterpreterMode
from carecoord_tui.exchange.row_values import is_email, read_flag

T = TypeVar("T")

CONTACT_FIELDS = (
    "confidential_channel",
    "safe_contact",
    "minor_consent",
    "interpreter_needed",
    "interpreter_mode",
    "detailed_voicemail",
    "call_from",
    "call_until",
    "time_zone",
)
_MODES = {mode.label.casefold(): mode for mode in InterpreterMode} | {
    mode.value: mode for mode in InterpreterMode
}
_CHANNEL = "confidential_channel"


class RowCells(Protocol):
    """What a row offers to whoever reads its cells."""

    def text(self, field: str) -> str:
        """The cell as one line; empty where it says nothing."""

    def word(self, field: str, read: Callable[[str], T | None]) -> T | None:
        """The cell as ``read`` understands it; what it does not goes to the notes with a remark."""

    def keep(self, field: str, reason: str) -> None:
        """Remark, and keep the cell's text in the notes."""

    def warn(self, field: str, reason: str) -> None:
        """Remark on a cell that is taken all the same."""


def email(row: RowCells) -> str:
    """One plain e-mail address; what is none stays in the notes."""
    text = row.text("email")
    if text and not is_email(text):
        row.keep("email", "e-mail address not understood: kept in the notes")
        return ""
    return text


def address(row: RowCells) -> str:
    """The lines of the address as one."""
    street = " ".join(filter(None, (row.text("address_number"), row.text("address_line"))))
    return ", ".join(filter(None, (street, row.text("address_line_2"))))


def postal_code(row: RowCells) -> str:
    """The ZIP code, with a remark where a spreadsheet may have cut it."""
    text = row.text("postal_code")
    if len(text) == 4 and text.isdecimal():
        row.warn("postal_code", "four digits: a spreadsheet may have dropped the leading zero")
    return text


def contact_values(row: RowCells) -> dict[str, Any]:
    """The ``CONTACT_FIELDS`` of a row; None and empty text where the file is silent."""
    start, end = row.word("call_from", _hour), row.word("call_until", _hour)
    if hours_problem(start, end):
        row.keep("call_until", "calls end before they begin: left blank, kept in the notes")
        start = end = None
    return {
        _CHANNEL: _channel(row),
        "safe_contact": row.text("safe_contact"),
        "minor_consent": row.text("minor_consent"),
        "interpreter_needed": row.word("interpreter_needed", read_flag),
        "interpreter_mode": row.word("interpreter_mode", _mode),
        "detailed_voicemail": row.word("detailed_voicemail", read_flag),
        "call_from": start,
        "call_until": end,
        "time_zone": row.word("time_zone", _zone) or "",
    }


def _channel(row: RowCells) -> bool | None:
    text = row.text(_CHANNEL)
    flag = read_flag(text) if text else None
    if not text or flag is not None:
        return flag
    row.keep(_CHANNEL, "only at permitted numbers or not? Not understood: taken as yes, kept in the notes")
    return True


def _mode(text: str) -> InterpreterMode | None:
    return _MODES.get(text.casefold())


def _hour(text: str) -> time | None:
    try:
        return time.fromisoformat(text)  # as exports and workbooks write it
    except ValueError:
        pass
    try:
        return parse_hour(text)
    except DateError:
        return None


def _zone(text: str) -> str | None:
    try:
        return parse_zone(text)
    except ZoneError:
        return None
