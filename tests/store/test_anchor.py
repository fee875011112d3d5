"""The anchor: the database may be ahead of it, never behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from carecoord_tui.store.anchor import Anchor, AnchorState, check, read, write
from carecoord_tui.store.errors import DamagedFile
from tests.store.filelayer import mode

MAC, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "practice.anchor"


def test_write_then_read(path: Path) -> None:
    write(path, 12, MAC)
    assert read(path) == Anchor(12, MAC)
    assert mode(path) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["practice.anchor"]


def test_absent_and_empty_say_nothing(path: Path) -> None:
    assert read(path) is None
    path.touch()
    assert read(path) is None
    assert not [entry for entry in path.parent.iterdir() if entry != path]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"\xff",
        b'{"seq": 1}',
        b'{"seq": true, "mac": "' + MAC.encode() + b'"}',
        b'{"seq": 0, "mac": "' + MAC.encode() + b'"}',
        b'{"seq": 1, "mac": "' + MAC.encode()[:-1] + b'"}',
        b'{"seq": 1, "mac": "' + MAC.upper().encode() + b'"}',
        b" " * 5000,
    ],
)
def test_a_damaged_anchor_is_said_and_then_replaced(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DamagedFile):
        read(path)
    write(path, 3, MAC)
    assert read(path) == Anchor(3, MAC)


def test_it_never_moves_back(path: Path) -> None:
    """A second window may have written a later row: the earlier one must not hide a cut."""
    write(path, 12, MAC)
    write(path, 11, OTHER)
    write(path, 12, OTHER)
    assert read(path) == Anchor(12, MAC)
    write(path, 13, OTHER)
    assert read(path) == Anchor(13, OTHER)


@pytest.mark.parametrize(
    ("last_seq", "mac_at_seq", "state"),
    [
        (12, MAC, AnchorState.MATCHES),
        (15, MAC, AnchorState.AHEAD),
        (11, None, AnchorState.BEHIND),
        (0, None, AnchorState.BEHIND),
        (12, OTHER, AnchorState.DIFFERENT),
        (15, OTHER, AnchorState.DIFFERENT),
        (15, None, AnchorState.DIFFERENT),
    ],
)
def test_check(last_seq: int, mac_at_seq: str | None, state: AnchorState) -> None:
    assert check(Anchor(12, MAC), last_seq, mac_at_seq) is state
    assert state.ok == (state in (AnchorState.MATCHES, AnchorState.AHEAD))


def test_without_an_anchor_nothing_is_claimed() -> None:
    assert check(None, 12, None) is AnchorState.ABSENT
    assert AnchorState.ABSENT.ok
