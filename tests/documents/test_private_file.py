"""Papers lie privately, under a name that says nothing about a person."""

from __future__ import annotations

import stat
import sys
from datetime import date

import pytest

from carecoord_tui.documents.private_file import papers_folder, referral_file_name, write_paper
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.errors import StoreError, UnsafeFolder

NAME = referral_file_name(31, date(2026, 11, 30))
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")


def test_the_name_holds_a_number_and_a_day() -> None:
    assert NAME == "referral-31-2026-11-30.pdf"


@posix
def test_only_the_owner_can_read_it(paths: PracticePaths) -> None:
    papers_folder(paths).mkdir(parents=True, mode=0o755)
    path = write_paper(paths, NAME, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_made_again_it_takes_the_same_place(paths: PracticePaths) -> None:
    write_paper(paths, NAME, b"old")
    path = write_paper(paths, NAME, b"new")
    assert path.read_bytes() == b"new"
    assert [one.name for one in path.parent.iterdir()] == [NAME]


@posix
def test_a_linked_folder_is_refused(paths: PracticePaths) -> None:
    elsewhere = paths.root.parent / "elsewhere"
    elsewhere.mkdir()
    paths.root.mkdir()
    papers_folder(paths).symlink_to(elsewhere)
    with pytest.raises(UnsafeFolder):
        write_paper(paths, NAME, b"x")
    assert not list(elsewhere.iterdir())


@posix
def test_a_file_in_the_way_is_said(paths: PracticePaths) -> None:
    paths.root.mkdir()
    papers_folder(paths).write_bytes(b"")
    with pytest.raises(StoreError):
        write_paper(paths, NAME, b"x")
