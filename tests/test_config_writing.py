"""Changing the settings file: one's own lines stay, and what cannot be changed safely is refused."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from carecoord_tui.config import load_config
from carecoord_tui.config_writing import ConfigWriteError, change_config

OWN = '# for the night\ntheme = "carecoord-dark"  # eyes\n\n[keys]\n# the phone\n"verb.contact" = "f7"\n'


def test_other_lines_and_comments_stay(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(OWN)
    change_config(file, {"theme": "carecoord-light", "ascii": True})
    assert file.read_text() == (
        '# for the night\ntheme = "carecoord-light"  # eyes\nascii = true\n\n[keys]\n# the phone\n'
        '"verb.contact" = "f7"\n'
    )
    config = load_config(file, {})
    assert (config.theme, config.ascii_only, dict(config.keys)) == (
        "carecoord-light",
        True,
        {"verb.contact": "f7"},
    )


def test_none_takes_a_setting_out(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(OWN)
    change_config(file, {"theme": None, "ascii": None})
    assert "theme" not in file.read_text()
    assert load_config(file, {}).keys == {"verb.contact": "f7"}


def test_a_missing_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    change_config(file, {"theme": "carecoord-light"})
    assert file.read_text() == 'theme = "carecoord-light"\n'
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    real.write_text(OWN)
    link.symlink_to(real)
    change_config(link, {"ascii": False})
    assert link.is_symlink()
    assert "ascii = false" in real.read_text()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"theme = \n", "not valid TOML"),
        (b'theme = "\xff"\n', "not UTF-8"),
        (b"# long\n" * 20_000, "larger than"),
    ],
)
def test_a_file_it_cannot_read_is_not_touched(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigWriteError, match=words):
        change_config(file, {"theme": "carecoord-light"})
    assert file.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigWriteError, match="nothing was changed"):
        change_config(tmp_path, {"theme": "carecoord-light"})
