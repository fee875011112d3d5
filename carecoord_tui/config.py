"""The user's own settings: theme, ASCII glyphs, keys. One TOML file, checked in full, never fatal.

What cannot be used is left out and said in one sentence that names file and key; the program then runs
on the defaults. Settings of the practice are not here: they lie in its database.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carecoord_tui.paths import config_file

CONFIG_VARIABLE = "CARECOORD_CONFIG"
SIZE_LIMIT = 64 * 1024
_KNOWN = ("theme", "ascii", "keys")
_HEADER = re.compile(r"\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?")
_SETTING = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_.\-\s])+?)\s*=""")
_MODIFIERS = ("ctrl", "alt", "shift", "meta", "super", "hyper")


@dataclass(frozen=True, slots=True)
class Config:
    """Checked settings. ``problems`` are sentences to show at start; what they name has its default."""

    theme: str = ""
    """Name of a theme; empty for the program's own choice."""
    ascii_only: bool | None = None
    """Draw with ASCII alone; None leaves it to the locale."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Command id -> comma-separated Textual key names, as ``App.set_keymap`` takes them."""
    problems: tuple[str, ...] = ()


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the settings file: ``path``, else ``CARECOORD_CONFIG``, else the platform's; never raises for it.

    A file that is not there means the defaults, unless ``path`` or the variable names it.
    """
    source = chosen_file(path, environ)
    try:
        text = _read(source)
        content = _parse(text)
    except FileNotFoundError:
        missing = f"{source}: there is no such settings file; the defaults are used."
        is_asked_for = path is not None or bool(environ.get(CONFIG_VARIABLE))
        return Config(problems=(missing,) if is_asked_for else ())
    except _Unusable as error:
        return Config(problems=(f"{source}: {error}; the defaults are used.",))
    return _Checked(source, lines_of(text)).config(content)


def chosen_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The settings file that counts: ``path``, else ``CARECOORD_CONFIG``, else the platform's."""
    named = environ.get(CONFIG_VARIABLE)
    return path or (Path(named).expanduser() if named else config_file())


def lines_of(text: str) -> dict[str, int]:
    """The line of every setting by its full name, ``keys.verb.move``; TOML's parser does not keep them."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line.strip()):
            table = _plain(header[1])
            found.setdefault(table, number)
        elif setting := _SETTING.match(line):
            name = _plain(setting[1])
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def _plain(name: str) -> str:
    """A name without the quotes and blanks TOML allows in it."""
    return ".".join(part.strip().strip("\"'") for part in name.split("."))


class _Unusable(Exception):
    """The file as a whole cannot be used. Never leaves this module."""


def _read(source: Path) -> str:
    try:
        with source.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _Unusable(f"cannot be read ({error.strerror or 'input error'})") from error
    if len(data) > SIZE_LIMIT:
        raise _Unusable(f"is larger than {SIZE_LIMIT // 1024} KB, so it is no settings file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unusable("is not UTF-8 text") from error


def _parse(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _Unusable(f"is not valid TOML ({error})") from error


class _Checked:
    """Takes what is right of a file's content and collects a sentence for the rest."""

    def __init__(self, source: Path, lines: Mapping[str, int]) -> None:
        self._source = source
        self._lines = lines
        self._problems: list[str] = []

    def config(self, content: Mapping[str, object]) -> Config:
        for name in content:
            if name not in _KNOWN:
                self._say(f"{_shown(name)}: there is no setting of that name; there are {', '.join(_KNOWN)}.")
        theme, is_ascii = self._theme(content), self._ascii(content)
        keys = self._keys(content)
        return Config(theme, is_ascii, keys, tuple(self._problems))

    def _say(self, problem: str) -> None:
        """A problem begins with the name of its setting, which tells its line."""
        line = _line_of(problem.partition(":")[0], self._lines)
        place = f"{self._source}: line {line}" if line else f"{self._source}"
        self._problems.append(f"{place}: {problem}")

    def _theme(self, content: Mapping[str, object]) -> str:
        value = content.get("theme", "")
        if not isinstance(value, str):
            self._say('theme: write a name in quotes, such as "carecoord-light".')
            return ""
        if value and value not in (known := theme_names()):
            self._say(f"theme: there is no theme called {_shown(value)}; choose one of {', '.join(known)}.")
            return ""
        return value

    def _ascii(self, content: Mapping[str, object]) -> bool | None:
        value = content.get("ascii")
        if value is None or isinstance(value, bool):
            return value
        self._say("ascii: write true or false, without quotes.")
        return None

    def _keys(self, content: Mapping[str, object]) -> dict[str, str]:
        from carecoord_tui.commands import keymap_problems

        table = content.get("keys", {})
        if not isinstance(table, dict):
            self._say('keys: write a table, such as [keys] and below it "verb.contact" = "c".')
            return {}
        keys = {name: keys for name, value in _flat(table).items() if (keys := self._key_names(name, value))}
        problems = keymap_problems(keys)
        for problem in problems:
            self._say(problem)
        if problems:
            # Which of two commands should keep a key cannot be guessed, and half a change misleads.
            self._say("keys: none of the keys were changed.")
            return {}
        return keys

    def _key_names(self, name: str, value: object) -> str:
        """The keys of one command in Textual's names; empty, and said, when they cannot be used."""
        if not isinstance(value, str) or not value.strip():
            self._say(f'keys.{_shown(name)}: write one or more keys in quotes, such as "c" or "ctrl+k,f3".')
            return ""
        names = [_key_name(key) for key in value.split(",")]
        for key, known in zip(value.split(","), names, strict=True):
            if not known:
                self._say(
                    f"keys.{_shown(name)}: {_shown(key.strip() or value)} is not a key; write a letter, "
                    "a sign's name such as comma, or a name such as f5, ctrl+t, alt+left."
                )
                return ""
        return ",".join(dict.fromkeys(names))


def _line_of(name: str, lines: Mapping[str, int]) -> int | None:
    """The line of a setting, or of the table it stands in: an inline table has one line for all."""
    while name and name not in lines:
        name = name.rpartition(".")[0]
    return lines.get(name)


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """``verb.contact = "c"`` without quotes is a table in a table in TOML; both forms mean the same."""
    found: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found.update(_flat(value, f"{prefix}{name}."))
        else:
            found[f"{prefix}{name}"] = value
    return found


def _key_name(text: str) -> str:
    """A key in Textual's own name (``+`` is ``plus``), or an empty string when there is no such key."""
    from textual.keys import Keys, _character_to_key

    text = text.strip()
    if len(text) == 1:
        return _character_to_key(text)
    *modifiers, key = text.split("+")
    if any(modifier not in _MODIFIERS for modifier in modifiers) or not key:
        return ""
    if len(key) == 1:
        name = _character_to_key(key)
    elif key in {member.value for member in Keys} or _is_sign_name(key):
        name = key
    else:
        return ""
    return "+".join([*modifiers, name])


def _is_sign_name(name: str) -> bool:
    """Whether ``name`` is how Textual calls a sign: ``question_mark``, ``comma``, ``slash``."""
    from textual.keys import _character_to_key

    return any(_character_to_key(sign) == name for sign in map(chr, range(0x20, 0x7F)) if not sign.isalnum())


def theme_names() -> list[str]:
    """Every theme that can be chosen, the program's own two first."""
    from textual.theme import BUILTIN_THEMES

    from carecoord_tui.themes import THEMES

    own = [theme.name for theme in THEMES]
    return own + sorted(set(BUILTIN_THEMES) - set(own))


def _shown(text: str, limit: int = 40) -> str:
    """Text of the file, made safe for one line of a message."""
    flat = "".join(char if char.isprintable() else "?" for char in text)
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"
