"""Which kind of list a file is: proposed from its header, the best fit first, changed by one key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.exchange.columns import FieldSet, fold_header
from carecoord_tui.exchange.logs.kind import WHO
from carecoord_tui.exchange.logs.kinds import KINDS as LOGS
from carecoord_tui.exchange.patient_columns import PATIENTS
from carecoord_tui.exchange.referral_columns import REFERRALS, is_referral_log
from carecoord_tui.exchange.spreadsheet import open_table
from carecoord_tui.exchange.tabular import TableError

_TASK_WORDS = ("task", "todo")
_TELLS_OF_PEOPLE = (
    *("phone", "mobile_phone", "home_phone", "work_phone", "other_phone", "email"),
    *("address_line", "city", "postal_code", "payer_name", "plan_name", "member_id"),
    *("risk", "sex", "language"),
)
"""Columns that a list of tasks does not have: what it says of a person is only who it is about."""

Missing = Callable[[Mapping[str, int]], tuple[str, ...]]


def _needs_name(fields: Mapping[str, int]) -> tuple[str, ...]:
    return () if {"full_name", "family_name"} & fields.keys() else ("full_name",)


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of list. ``name`` is as the command says it, ``words`` as the screen does."""

    name: str
    words: str
    columns: FieldSet
    missing: Missing
    is_log: bool = True
    """True for the record logs, which ``LogJob`` reads."""


KINDS: tuple[ImportKind, ...] = (
    ImportKind("patients", "patient list", PATIENTS, _needs_name, is_log=False),
    ImportKind("referrals", "referral log", REFERRALS, _needs_name, is_log=False),
    *(ImportKind(one.name, f"list of {one.noun_plural}", one.columns, one.missing) for one in LOGS),
)
BY_NAME: dict[str, ImportKind] = {kind.name: kind for kind in KINDS}
PEOPLE = BY_NAME["patients"]


def fitting(path: Path | str, sheet: str | None = None) -> tuple[ImportKind, ...]:
    """Every kind, the one that fits a file best first.

    A file that cannot be read at all gets them as they stand: the import that follows says what is wrong.
    """

    def is_known(text: str) -> bool:
        return any(kind.columns.is_known_header(text) for kind in KINDS)

    try:
        return ranked(open_table(path, sheet=sheet, is_known=is_known).headers)
    except TableError:
        return KINDS


def ranked(headers: Sequence[str]) -> tuple[ImportKind, ...]:
    """The kinds that have what they need, then the others; those first that read most columns.

    The columns that say whom a row is about count for none. On a tie the kind with fewer uses for a column
    goes first, and a patient list, which may hold nearly all of them, last. It stands beside the referral
    log: the two are told apart by the columns only a log has.
    """
    pair = [PEOPLE.name, "referrals"]
    is_log = is_referral_log(headers)
    if is_log:
        pair.reverse()
    of_people = {PATIENTS.field_of(header) for header in headers}
    has_people = not of_people.isdisjoint(("mrn", "birth_date"))
    tells_of_people = not of_people.isdisjoint(("birth_date", "phone"))
    is_task_list = of_people.isdisjoint(_TELLS_OF_PEOPLE) and any(map(_is_task, headers))

    def place(kind: ImportKind) -> tuple[bool, int, int]:
        if kind.name in pair:
            first = BY_NAME[pair[0]]
            after = pair.index(kind.name) + 1
            return _lacks(first, headers), -_score(first, headers), after - len(KINDS) if is_log else after
        is_about_people = "birth_date" in kind.columns.names
        # A caseload with its next steps reads as either: what tells of the people themselves makes it one,
        # while a list of tasks says no more of them than who they are.
        score, after = _score(kind, headers), 0
        if kind.name == "follow-ups" and is_task_list:
            score = max(score, _score(PEOPLE, headers))
        elif kind.name == "follow-ups" and tells_of_people:
            after = len(KINDS)
        return _lacks(kind, headers) or (has_people and not is_about_people), -score, after

    if not any(_score(kind, headers) for kind in KINDS):  # names alone, or nothing known: people, if anything
        return tuple(sorted(KINDS, key=lambda kind: kind.name != "patients"))
    return tuple(sorted(KINDS, key=place))


def _is_task(header: str) -> bool:
    """True for a column of tasks: in a caseload it would be called the next step."""
    is_step = BY_NAME["follow-ups"].columns.field_of(header) == "title"
    return is_step and any(word in fold_header(header) for word in _TASK_WORDS)


def _lacks(kind: ImportKind, headers: Sequence[str]) -> bool:
    return bool(kind.missing(_fields(kind, headers)))


def _fields(kind: ImportKind, headers: Iterable[str]) -> dict[str, int]:
    found = ((kind.columns.field_of(header), index) for index, header in enumerate(headers))
    return {field: index for field, index in found if field is not None}


def _score(kind: ImportKind, headers: Sequence[str]) -> int:
    return len(_fields(kind, headers).keys() - set(WHO))
