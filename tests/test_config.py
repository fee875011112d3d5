"""The settings file: what is taken, what is refused, and that a broken one never stops the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from carecoord_tui.config import Config, lines_of, load_config, theme_names


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def problems(file: Path, text: str) -> str:
    """All problems of a file of this content, one a line; each names the file."""
    file.write_text(text, encoding="utf-8")
    found = load_config(file, {}).problems
    assert all(problem.startswith(f"{file}: ") and problem.endswith(".") for problem in found)
    return "\n".join(found)


def test_everything_that_can_be_set(file: Path) -> None:
    file.write_text(
        'theme = "carecoord-light"\nascii = true\n[keys]\n"verb.contact" = "f8"\nverb.move = "f6, ctrl+t"\n'
    )
    config = load_config(file, {})
    assert config == Config("carecoord-light", True, {"verb.contact": "f8", "verb.move": "f6,ctrl+t"})


def test_no_file_means_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carecoord_tui.config.config_file", lambda: tmp_path / "config.toml")
    assert load_config(None, {}) == Config()
    assert list(tmp_path.iterdir()) == []


def test_the_variable_names_the_file_and_a_missing_one_is_said(file: Path) -> None:
    environ = {"CARECOORD_CONFIG": str(file)}
    assert "no such settings file" in load_config(None, environ).problems[0]
    file.write_text("ascii = true")
    assert load_config(None, environ) == Config(ascii_only=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour = 1", "colour: there is no setting of that name; there are theme, ascii, keys"),
        ('theme = "neon"', "theme: there is no theme called neon; choose one of carecoord-dark"),
        ("theme = 3", "theme: write a name in quotes"),
        ('ascii = "yes"', "ascii: write true or false"),
        ("keys = 4", "keys: write a table"),
        ("[keys]\n'verb.dance' = 'f7'", "keys.verb.dance: there is no command of that name"),
        ("[keys]\n'verb.move' = 7", "keys.verb.move: write one or more keys in quotes"),
        ("[keys]\n'verb.move' = ''", "keys.verb.move: write one or more keys in quotes"),
        ("[keys]\n'verb.move' = 'ctlr+t'", "keys.verb.move: ctlr+t is not a key"),
        ("[keys]\n'verb.move' = 'x,'", "is not a key"),
        ("[keys]\n'verb.move' = 'x'", "keys.verb.move: the key x already belongs to"),
        ("theme = ", "is not valid TOML (Invalid value"),
        ("x" * 70_000, "is larger than 64 KB"),
    ],
)
def test_each_problem_is_one_sentence_that_names_file_and_key(file: Path, text: str, words: str) -> None:
    assert words in problems(file, text)


def test_a_problem_costs_only_itself(file: Path) -> None:
    file.write_text('theme = "neon"\nascii = true\n[keys]\n"verb.move" = 7\n"verb.note" = "f6"')
    config = load_config(file, {})
    assert (config.theme, config.ascii_only, config.keys) == ("", True, {"verb.note": "f6"})
    assert len(config.problems) == 2


def test_with_a_clash_no_key_changes(file: Path) -> None:
    file.write_text('[keys]\n"verb.move" = "c"\n"verb.note" = "f6"')
    config = load_config(file, {})
    assert config.keys == {}
    assert "none of the keys were changed" in config.problems[-1]


def test_two_commands_may_swap_their_keys(file: Path) -> None:
    assert problems(file, '[keys]\n"verb.move" = "c"\n"verb.contact" = "s"') == ""


def test_signs_are_understood_by_sign_and_by_name(file: Path) -> None:
    file.write_text('[keys]\n"app.undo" = "-"\n"app.redo" = "ctrl+underscore"\n"verb.note" = "equals_sign"')
    keys = load_config(file, {}).keys
    assert keys == {"app.undo": "minus", "app.redo": "ctrl+underscore", "verb.note": "equals_sign"}
    assert "keys.verb.note: the key plus already belongs to app.quick_add" in problems(
        file, '[keys]\n"verb.note" = "+"'
    )


def test_what_is_no_text_is_said(file: Path) -> None:
    file.write_bytes(b'theme = "\xff\xfe"')
    assert "is not UTF-8 text" in load_config(file, {}).problems[0]
    file.unlink()
    file.mkdir()
    assert "cannot be read" in load_config(file, {}).problems[0]


def test_control_characters_of_the_file_are_not_repeated(file: Path) -> None:
    assert "\x1b" not in problems(file, 'theme = "\\u001b[31mred"')


def test_the_programs_own_themes_come_first() -> None:
    assert theme_names()[:2] == ["carecoord-dark", "carecoord-light"]
    assert "textual-light" in theme_names()


def test_every_problem_names_its_line(file: Path) -> None:
    text = '# mine\ntheme = "neon"\n\n[keys]  # changed\n"verb.move" = "x"\nverb.dance = "f7"\n'
    lines = problems(file, text).splitlines()
    assert [line.removeprefix(f"{file}: ").partition(":")[0] for line in lines[:3]] == [
        "line 2",
        "line 6",
        "line 5",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('ascii = true\nkeys = { "verb.move" = "x" }', 2),
        ('theme = "carecoord-dark"\n[[keys]]\n"verb.move" = "m"', 2),
        ("# mine\n\ncolour = 1", 3),
        ("ascii = true\n[keys.verb]\nmove = 7", 3),
        ("ascii = true\ntheme = [1,\n2]", 2),
    ],
)
def test_a_line_is_named_wherever_the_setting_stands(file: Path, text: str, line: int) -> None:
    assert problems(file, text).startswith(f"{file}: line {line}: ")


def test_a_line_is_found_however_its_name_is_written() -> None:
    text = "ascii=true\n'theme' = 'x'\n[keys]\nverb.\"move\" = 'm'\n[keys.verb]\ndone = 'd'\n"
    assert lines_of(text) == {
        "ascii": 1,
        "theme": 2,
        "keys": 3,
        "keys.verb.move": 4,
        "keys.verb": 5,
        "keys.verb.done": 6,
    }
