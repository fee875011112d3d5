"""Where files live: looking creates nothing, and unsafe folders are refused before anything is made."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from carecoord_tui import paths
from carecoord_tui.paths import PracticePaths, config_file, ensure_private_folder, resolve_data_dir
from carecoord_tui.store.errors import InterruptedRestore, MissingFile, NoPractice, UnsafeFolder
from tests.store.filelayer import mode, run_python


def test_the_option_wins_then_the_variable_then_the_platform(tmp_path: Path) -> None:
    variable = {"CARECOORD_DATA_DIR": str(tmp_path / "variable")}
    assert resolve_data_dir(str(tmp_path / "option"), variable) == tmp_path / "option"
    assert resolve_data_dir(None, variable) == tmp_path / "variable"
    assert resolve_data_dir(None, {}).name == "carecoord"
    assert resolve_data_dir(None, {"CARECOORD_DATA_DIR": ""}) == resolve_data_dir(None, {})


def test_the_folder_is_absolute_and_home_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert resolve_data_dir("here", {}) == tmp_path / "here"
    assert resolve_data_dir("~/there", {}) == tmp_path / "there"


def test_the_config_file_is_not_among_the_data() -> None:
    assert config_file().name == "config.toml"
    assert config_file().parent.name == "carecoord"


def test_looking_creates_nothing(tmp_path: Path) -> None:
    practice = PracticePaths(resolve_data_dir(str(tmp_path / "new"), {}))
    assert not practice.exists
    with pytest.raises(NoPractice, match="carecoord init"):
        practice.require()
    config_file()
    paths.refuse_unsafe(practice.root)
    assert list(tmp_path.iterdir()) == []


def test_each_missing_file_is_named(tmp_path: Path) -> None:
    practice = PracticePaths(tmp_path)
    practice.database.touch()
    assert practice.exists
    with pytest.raises(MissingFile, match=r"practice\.key \(the key\) is missing"):
        practice.require()
    practice.keyfile.touch()
    practice.require()
    practice.database.unlink()
    with pytest.raises(MissingFile, match=r"practice\.db \(the database\) is missing"):
        practice.require()
    practice.restore_journal.touch()
    with pytest.raises(InterruptedRestore):
        practice.require()


def test_all_files_lie_in_one_folder(tmp_path: Path) -> None:
    practice = PracticePaths(tmp_path)
    everything = [
        practice.database,
        practice.keyfile,
        practice.anchor,
        practice.unlock_log,
        practice.backups,
        practice.rejects,
        practice.lock,
        practice.work_lock,
        practice.restore_journal,
    ]
    assert {path.parent for path in everything} == {tmp_path}
    assert len(set(everything)) == len(everything)


def test_finding_the_folder_loads_nothing_heavy() -> None:
    code = """
import os, sys
from carecoord_tui.paths import config_file, resolve_data_dir
from carecoord_tui import clock
resolve_data_dir(None, os.environ), config_file()
heavy = {"textual", "sqlmodel", "sqlalchemy", "sqlcipher3", "cryptography", "rich"}
print(sorted(heavy & set(sys.modules)))
"""
    assert run_python(code).stdout == "[]\n"


# --- the private folder -------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_a_new_folder_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    old = os.umask(umask)
    try:
        ensure_private_folder(tmp_path / "carecoord")
    finally:
        os.umask(old)
    assert mode(tmp_path / "carecoord") == 0o700


def test_missing_parents_are_made(tmp_path: Path) -> None:
    ensure_private_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a" / "b") == 0o700


def test_an_existing_private_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "carecoord"
    folder.mkdir(mode=0o700)
    (folder / "other.txt").touch()
    ensure_private_folder(folder)
    assert [path.name for path in folder.iterdir()] == ["other.txt"]


@pytest.mark.parametrize("content", [[], ["practice.key"], ["practice.db", "notes.txt"]])
def test_a_folder_of_ours_is_closed_to_others(tmp_path: Path, content: list[str]) -> None:
    folder = tmp_path / "carecoord"
    folder.mkdir()
    folder.chmod(0o755)
    for name in content:
        (folder / name).touch()
    ensure_private_folder(folder)
    assert mode(folder) == 0o700


def test_a_shared_folder_of_other_things_is_refused_not_closed(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "letter.txt").touch()
    with pytest.raises(UnsafeFolder, match="chmod 700"):
        ensure_private_folder(folder)
    assert mode(folder) == 0o755


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(UnsafeFolder, match="symbolic link"):
        ensure_private_folder(tmp_path / "link")


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnsafeFolder, match="not a folder"):
        ensure_private_folder(tmp_path / "file")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners")
def test_another_users_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(UnsafeFolder, match="another user"):
        ensure_private_folder(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "OneDrive",
        "OneDrive - Contoso Clinic",
        "Dropbox",
        "Dropbox (Personal)",
        "Google Drive",
        "GoogleDrive",
        "My Drive",
        "iCloud Drive",
        "iCloudDrive",
        "Nextcloud",
        "Box",
        "Library/Mobile Documents",
        "Library/CloudStorage/OneDrive-Contoso",
    ],
)
def test_a_synced_folder_is_refused_before_it_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeFolder, match="synced"):
        ensure_private_folder(tmp_path / name / "carecoord")
    assert list(tmp_path.iterdir()) == []


def test_a_link_into_a_synced_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "work").symlink_to(tmp_path / "Dropbox")
    with pytest.raises(UnsafeFolder, match="synced by Dropbox"):
        ensure_private_folder(tmp_path / "work" / "carecoord")


@pytest.mark.parametrize("name", ["box", "dropboxes", "my-onedrive-notes", "drive", "carecoord"])
def test_a_similar_name_is_fine(tmp_path: Path, name: str) -> None:
    ensure_private_folder(tmp_path / name / "carecoord")
    assert (tmp_path / name / "carecoord").is_dir()


MOUNTS = r"""/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local ext4 rw 0 0
//nas/share /mnt/Our\040Clinic cifs rw 0 0
me@host:/ /mnt/over fuse.sshfs rw 0 0
/dev/sdc1 /mnt/over ext4 rw 0 0
short line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/carecoord", ""),
        ("/home/dana/carecoord", "nfs4"),
        ("/homes/dana", ""),
        ("/home/local/carecoord", ""),
        ("/mnt/Our Clinic/carecoord", "cifs"),
        ("/mnt/over/carecoord", ""),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX mounts")
def test_the_innermost_mount_decides(path: str, kind: str) -> None:
    assert paths._mounted_network_type(Path(path), MOUNTS) == kind


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX mounts")
def test_a_network_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path.resolve()} nfs rw 0 0\n")
    monkeypatch.setattr(paths, "_MOUNTS", mounts)
    with pytest.raises(UnsafeFolder, match="network drive"):
        ensure_private_folder(tmp_path / "carecoord")
    assert not (tmp_path / "carecoord").exists()
