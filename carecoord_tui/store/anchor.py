"""The audit anchor: a small file outside the database that remembers the last audit row.

A hash chain cannot show that its end was cut off; this file can. It is written after each commit, so
the database may be ahead of it (the program was killed in between) but never behind it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from pathlib import Path

from carecoord_tui.store.dialect import translated
from carecoord_tui.store.errors import DamagedFile, MissingFile
from carecoord_tui.store.files import read_bounded, write_private

_SIZE_LIMIT = 1024
_MAC_DIGITS = 64  # SHA-256 in hex


@dataclass(frozen=True, slots=True)
class Anchor:
    """One audit row as it was when the anchor was written; ``mac`` is lower-case hex of 32 bytes."""

    seq: int
    mac: str

    def __post_init__(self) -> None:
        """Raise ``ValueError`` unless it can name an audit row."""
        if self.seq < 1 or len(self.mac) != _MAC_DIGITS or set(self.mac) - set("0123456789abcdef"):
            raise ValueError("An anchor needs a row number from 1 and 64 hex digits.")


class AnchorState(StrEnum):
    """What comparing the anchor with the audit shows."""

    MATCHES = "matches"  # the audit ends with the anchored row
    AHEAD = "ahead"  # rows were added since; normal after a kill
    ABSENT = "absent"  # no anchor: nothing can be said about the end of the audit
    BEHIND = "behind"  # rows are missing at the end
    DIFFERENT = "different"  # the anchored row is not the one in the audit

    @property
    def ok(self) -> bool:
        """Whether nothing speaks of lost or altered rows."""
        return self not in (AnchorState.BEHIND, AnchorState.DIFFERENT)


def read(path: Path) -> Anchor | None:
    """The anchor; None when there is none or a power cut left the file empty. ``DamagedFile`` otherwise."""
    try:
        with translated():
            data = read_bounded(path, _SIZE_LIMIT)
    except MissingFile:
        return None
    if not data:
        return None
    try:
        content = json.loads(data)
        seq, mac = content["seq"], content["mac"]
        if type(seq) is not int or not isinstance(mac, str):
            raise TypeError(seq)
        return Anchor(seq, mac)
    except (ValueError, KeyError, TypeError):
        raise DamagedFile(f"The audit anchor {path} is damaged; run `carecoord doctor`.") from None


def write(path: Path, seq: int, mac: str) -> None:
    """Remember audit row ``seq``. Never moves the anchor back: another window may have written a later row.

    Not synced to the disk, which would double the cost of a save: after a power cut an older anchor is
    still true.
    """
    new = Anchor(seq, mac)
    try:
        current = read(path)
    except DamagedFile:
        current = None
    if current is not None and current.seq >= seq:
        return
    with translated():
        write_private(path, json.dumps({"seq": new.seq, "mac": new.mac}).encode(), durable=False)


def check(anchor: Anchor | None, last_seq: int, mac_at_seq: str | None) -> AnchorState:
    """Compare with the audit: its last row number (0 when empty) and the MAC it has at ``anchor.seq``."""
    if anchor is None:
        return AnchorState.ABSENT
    if last_seq < anchor.seq:
        return AnchorState.BEHIND
    if mac_at_seq is None or not compare_digest(mac_at_seq.encode(), anchor.mac.encode()):
        return AnchorState.DIFFERENT
    return AnchorState.MATCHES if last_seq == anchor.seq else AnchorState.AHEAD
