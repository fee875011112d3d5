"""The lines of the settings screen, under a heading for each section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.text import Text

from carecoord_tui.commands import BY_ID, key_label
from carecoord_tui.config import Config
from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.store.queries.closures import ClosedDay
from carecoord_tui.store.setting_specs import SPECS, Section, Spec
from carecoord_tui.store.settings import PracticeSettings
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row

MEANING = 40
"""Cells in which every meaning is seen whole; a narrow terminal shows the highlighted one below the list."""
SETTING_COLUMNS = (
    Column("name", "", width=18),
    Column("value", "", min_width=28, max_width=44, grow=1, style="strong"),
    Column("meaning", "", min_width=MEANING, grow=3, priority=50, style="dim"),
)
CLOSURES, PROGRAM = "Closures", "This program"
THEME, ASCII, FILE, KEYS = "theme", "ascii", "file", "keys"
OWN_KEYS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class RowId:
    """What a line is: ``kind`` setting, closure or program, and which one."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Program:
    """The user's own settings file, and what the program looks like now."""

    file: Path
    is_there: bool
    config: Config
    theme: str


def setting_rows(
    settings: PracticeSettings, closures: Sequence[ClosedDay], program: Program, today: date
) -> list[Row]:
    """Every line."""
    rows: list[Row] = []
    for section in Section:
        rows.append(_heading(section))
        rows += [_setting(spec, settings) for spec in SPECS if spec.section is section]
    return [*rows, *_closures(closures, today), *_program(program)]


def _heading(title: str) -> Row:
    return Row(("heading", title), (title.upper(),), kind="header")


def _setting(spec: Spec, settings: PracticeSettings) -> Row:
    words = spec.words(spec.value(settings)) or Text("-", style="dim")
    return Row(RowId("setting", spec.key), (spec.label, words, spec.meaning))


def _closures(closures: Sequence[ClosedDay], today: date) -> list[Row]:
    """Days ahead; those gone by are no longer of use, but count."""
    ahead = [one for one in closures if one.on >= today]
    past = len(closures) - len(ahead)
    words = "P adds a day; federal holidays are known already"
    note = f"{words}; {past} gone by" if past else words
    if not ahead:
        return [_heading(CLOSURES), Row(RowId("closure", ""), ("none ahead", "", note), style="dim")]
    lines = [
        Row(RowId("closure", one.on.isoformat()), (format_full_day(one.on), one.name, "" if place else note))
        for place, one in enumerate(ahead)
    ]
    return [_heading(CLOSURES), *lines]


def _program(program: Program) -> list[Row]:
    config = program.config
    glyphs = {None: "as the terminal says", True: "yes", False: "no"}[config.ascii_only]
    rows = [
        _heading(PROGRAM),
        _own(THEME, "Theme", config.theme or program.theme, "how the program looks"),
        _own(ASCII, "ASCII only", glyphs, "draw without box and arrow signs"),
        _own(FILE, "Settings file", str(program.file), "" if program.is_there else "not there yet"),
        _own(KEYS, "Keys", _keys_words(config.keys), 'in the file, e.g. [keys] "verb.contact" = "c"'),
    ]
    rows += [
        _own(f"{KEYS}.{name}", f"  {key_label(keys)}", BY_ID[name].title, name)
        for name, keys in list(config.keys.items())[:OWN_KEYS_SHOWN]
    ]
    rows += [
        Row(RowId("problem", str(place)), (Text(f"! {problem}", style="alarm"),), kind="line")
        for place, problem in enumerate(config.problems)
    ]
    return rows


def _own(name: str, label: str, words: str, meaning: str) -> Row:
    return Row(RowId("program", name), (label, words, meaning))


def _keys_words(keys: Mapping[str, str]) -> str:
    if not keys:
        return "as they come"
    return f"{len(keys)} of your own" if len(keys) > 1 else "one of your own"
