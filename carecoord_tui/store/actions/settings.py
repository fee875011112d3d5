"""What a practice decides once, changed: settings and closures. One function, one undoable change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlmodel import col, select

from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.setting_specs import BY_KEY
from carecoord_tui.store.settings import PracticeSettings, SettingError, read_settings
from carecoord_tui.store.tables import Closure, Setting

NAME_LIMIT = 80


def setting_problems(settings: PracticeSettings, texts: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with typed values, by setting: one sentence each; empty when all can be kept."""
    _, problems = _check(settings, texts)
    return problems


def put_settings(practice: Practice, texts: Mapping[str, str]) -> bool:
    """Keep typed values of settings in one change; an empty one goes back to its default.

    True when something changed. What the settings rule, such as every own date, is worked out anew before it
    returns. Raises Refused with the first problem of :func:`setting_problems`.
    """
    if not texts:
        return False
    label = BY_KEY[next(iter(texts))].section.lower()
    with practice.change(f"settings changed: {label}") as session:
        # By now they are those of the file, whatever another window did.
        values, problems = _check(practice.settings, texts)
        for key, problem in problems.items():
            raise Refused(f"{BY_KEY[key].label}: {problem}")
        records = {record.key: record for record in session.exec(select(Setting))}
        stored = {key: record.value for key, record in records.items()}
        now = {key: BY_KEY[key].value(practice.settings) for key in values}
        changed = {
            key: value for key, value in values.items() if value not in (stored.get(key, ""), now[key])
        }
        for key, value in changed.items():
            record = records.setdefault(key, Setting(key=key, value=""))
            record.value = value
            session.add(record)
        try:
            read_settings({**stored, **changed})
        except SettingError as error:  # the program could not read back what it wrote
            raise Refused(str(error)) from error
    return bool(changed)


def _check(settings: PracticeSettings, texts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Values as they are stored, and what is wrong with the others."""
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for key, text in texts.items():
        try:
            values[key] = BY_KEY[key].checked(text)
        except SettingError as error:
            problems[key] = str(error)
    if not problems and (start := _hour(settings, values, "call_from")):
        end = _hour(settings, values, "call_until")
        if end and end <= start:
            last = "call_until" if "call_until" in values else "call_from"
            problems[last] = "Calls would end before they begin: the later hour is the one they end at."
    return values, problems


def _hour(settings: PracticeSettings, values: Mapping[str, str], key: str) -> str:
    """An hour as it will be, ISO: as text it sorts as the clock does."""
    return values[key] if key in values else BY_KEY[key].value(settings)


def add_closure(practice: Practice, day: date, name: str) -> None:
    """Close the practice for a day. Raises Refused when it is closed already."""
    with practice.change("closure added") as session:
        if day in practice.context.calendar.closures:
            raise Refused(f"{format_full_day(day)} is a closure already; nothing was changed.")
        session.add(Closure(closed_on=day, name=clean_text(name, NAME_LIMIT)))


def remove_closure(practice: Practice, day: date) -> None:
    """Open the practice again on a day. Raises Refused when it is no closure."""
    with practice.change("closure removed") as session:
        closure = session.exec(select(Closure).where(col(Closure.closed_on) == day)).first()
        if closure is None:
            raise Refused(f"{format_full_day(day)} is not a closure; nothing was changed.")
        session.delete(closure)
