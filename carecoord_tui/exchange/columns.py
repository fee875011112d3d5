"""Recognising the columns of a table by their headers, for any set of fields.

A :class:`FieldSet` is what one kind of file may hold: the usual headers of each field, which fields are
dates, which one must be there. Patient lists and referral logs are two such sets.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from carecoord_tui.exchange.header_words import IDENTITY, SENSITIVE
from carecoord_tui.exchange.tabular import shown

_ABOUT_PATIENT = frozenset(
    {"patient", "patients", "pt", "pts", "client", "member", "participant", "beneficiary", "s"}
)
_PARENTHESES = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s*|\s*:\s*")
_MAX_HEADER_CHARS = 80


class ColumnError(Exception):
    """The columns cannot be mapped; ``str()`` is one sentence for the user. Quotes headers, no rows."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is not imported, and why."""

    index: int
    header: str
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column (index from 0) holds which field."""

    fields: Mapping[str, int]
    headers: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    def header(self, field: str) -> str:
        """The file's own header of a mapped field."""
        return self.headers[self.fields[field]] or column_letters(self.fields[field])


@dataclass(frozen=True, eq=False)
class FieldSet:
    """The fields one kind of file may hold, and how their columns are headed."""

    names: Mapping[str, Sequence[str]]
    """Usual headers of each field, the clearest first: where two columns fit, the clearer one is used."""
    dates: tuple[str, ...]
    """Fields that hold dates: their order is worked out from the whole column."""
    labels: Mapping[str, str]
    """What people call a field, where it is not its name with blanks."""
    notes: Callable[[Mapping[str, int]], tuple[str, ...]]
    """What the preview says of fields that are missing."""
    required: tuple[str, ...] = ("family_name", "full_name")
    """One of these must be there: they say who a row is about. Empty: the caller looks itself."""
    withheld: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Folded header -> ``identity`` or ``sensitive``: columns that are never read."""
    prefixes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """First word of a header -> field, whatever follows a dash or colon: ``Notes - dana``."""
    _field_of: dict[str, tuple[str, int]] = dataclasses.field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, headers in self.names.items():
            for rank, header in enumerate((*headers, name)):
                self._field_of.setdefault(fold_header(header), (name, rank))

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field a column can be mapped to."""
        return tuple(self.names)

    def label(self, field: str) -> str:
        """What people call a field: ``birth_date`` -> ``birth date``."""
        return self.labels.get(field, field.replace("_", " "))

    def is_known_header(self, text: str) -> bool:
        """True if a cell reads like a header the importer understands, imported or deliberately left out."""
        return len(text) <= _MAX_HEADER_CHARS and (
            self.field_of(text) is not None or self._withheld(text) is not None
        )

    def field_of(self, header: str) -> str | None:
        """The field a header names, or None. Case, accents, punctuation and spacing do not matter."""
        for key in _keys(header):
            if key in self._field_of:
                return self._field_of[key][0]
        first, dash, _ = _DASH.sub("\0", header, count=1).partition("\0")
        return self.prefixes.get(fold_header(first)) if dash else None

    def map_columns(
        self,
        headers: Sequence[str],
        overrides: Mapping[str, str] | None = None,
        *,
        same_content: Callable[[int, int], bool] | None = None,
    ) -> ColumnMap:
        """Decide which column holds which field.

        Args:
            headers: as read from the file; blank ones keep their place.
            overrides: field -> header, ``#3`` (third column) or ``""`` (leave the field out), as made by
                ``parse_overrides``.
            same_content: tells whether two columns hold the same text in every row; asked when one header
                occurs twice, so that a harmless copy does not stop the import.

        Raises:
            ColumnError: an unknown field or header, one header twice for a field, or no column for the name.
        """
        chosen = self._apply_overrides(headers, overrides or {})
        taken = {index for index in chosen.values() if index is not None}
        candidates: dict[str, list[int]] = {}
        for index, header in enumerate(headers):
            field = self.field_of(header)
            if (
                index not in taken
                and field is not None
                and field not in chosen
                and self._withheld(header) is None
            ):
                candidates.setdefault(field, []).append(index)
        fields = {field: index for field, index in chosen.items() if index is not None}
        reasons: dict[int, str] = {}
        for field, indexes in candidates.items():
            fields[field] = self._clearest(field, indexes, headers, same_content)
            for index in indexes:
                if index != fields[field]:
                    reasons[index] = f"“{_name(headers, fields[field])}” is used for {self.label(field)}"
        if "full_name" in fields and "family_name" in fields and "full_name" not in chosen:
            reasons[fields.pop("full_name")] = (
                f"“{_name(headers, fields['family_name'])}” is used for the name"
            )
        self._require_name(fields, headers)
        left_out = tuple(
            LeftOut(index, header, reasons.get(index) or self._reason(header))
            for index, header in enumerate(headers)
            if index not in fields.values()
        )
        notes = (*self.emptied(headers, fields), *self.notes(fields))
        return ColumnMap(fields, tuple(headers), left_out, notes)

    def emptied(self, headers: Sequence[str], mapping: Mapping[str, int]) -> tuple[str, ...]:
        """A sentence for each field that has no column because another field was given it."""
        used = ((field, index, self.field_of(headers[index])) for field, index in mapping.items())
        return tuple(
            f"“{_name(headers, index)}” is read as {self.label(field)}, so {self.label(other)} is left empty."
            for field, index, other in used
            if other is not None and other not in mapping
        )

    def _apply_overrides(self, headers: Sequence[str], overrides: Mapping[str, str]) -> dict[str, int | None]:
        chosen: dict[str, int | None] = {}
        for field, wanted in overrides.items():
            if field not in self.names:
                raise ColumnError(
                    f"--map: there is no field “{shown(field)}”; the fields are: {', '.join(self.names)}."
                )
            chosen[field] = self._find(headers, field, wanted) if wanted else None
        used: dict[int, str] = {}
        for field, index in chosen.items():
            if index is not None and used.setdefault(index, field) != field:
                raise ColumnError(
                    f"--map uses the column “{_name(headers, index)}” for {used[index]} and {field}; "
                    "use it once."
                )
        return chosen

    def _find(self, headers: Sequence[str], field: str, wanted: str) -> int:
        if wanted.startswith("#") and wanted[1:].isdigit():
            matches = [int(wanted[1:]) - 1] if 1 <= int(wanted[1:]) <= len(headers) else []
        else:
            matches = [index for index, header in enumerate(headers) if header.strip() == wanted.strip()]
            matches = matches or [
                index
                for index, header in enumerate(headers)
                if fold_header(header) == fold_header(wanted) != ""
            ]
        if not matches:
            raise ColumnError(
                f"--map {field}={shown(wanted)}: there is no such column; "
                f"the columns are: {_listing(headers)}."
            )
        if len(matches) > 1:
            raise ColumnError(
                f"--map {field}={shown(wanted)}: {len(matches)} columns have this header; "
                f"give its place, for example --map {field}=#{matches[0] + 1}."
            )
        if self._withheld(headers[matches[0]]) == "identity":
            raise ColumnError(
                f"--map {field}={shown(wanted)}: identity numbers are never imported; choose another column."
            )
        return matches[0]

    def _clearest(
        self,
        field: str,
        indexes: list[int],
        headers: Sequence[str],
        same_content: Callable[[int, int], bool] | None,
    ) -> int:
        ranked = sorted(indexes, key=lambda index: self._rank(headers[index]))
        first = ranked[0]
        for other in ranked[1:]:
            is_named = self._rank(headers[first]) < len(self._field_of)
            if (
                is_named
                and self._rank(headers[other]) == self._rank(headers[first])
                and not (same_content and same_content(first, other))
            ):
                places = " and ".join(
                    f"#{index + 1}"
                    for index in indexes
                    if self._rank(headers[index]) == self._rank(headers[first])
                )
                raise ColumnError(
                    f"the columns {places} have the same header, “{shown(headers[first])}”; "
                    f"choose one with --map {field}=#{first + 1}."
                )
        return first

    def _require_name(self, fields: Mapping[str, int], headers: Sequence[str]) -> None:
        if not self.required or any(field in fields for field in self.required):
            return
        options = " or ".join(f"--map {field}=HEADER" for field in self.required)
        raise ColumnError(
            "no column with the patient's name was recognised; its columns are: "
            f"{_listing(headers)}; use {options}."
        )

    def _reason(self, header: str) -> str:
        kind = self._withheld(header)
        if not header.strip():
            return "no header"
        if kind == "identity":
            return "identity numbers are not imported"
        return "not needed for care coordination, not imported" if kind else "not recognised"

    def _rank(self, header: str) -> int:
        found = (self._field_of[key][1] for key in _keys(header) if key in self._field_of)
        return next(found, len(self._field_of))

    def _withheld(self, header: str) -> str | None:
        """``identity`` or ``sensitive`` for a header that is left out on purpose, else None."""
        return next((self.withheld[key] for key in _keys(header) if key in self.withheld), None)


def column_letters(index: int) -> str:
    """``A`` for 0, ``AA`` for 26: how a spreadsheet names a column."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def parse_overrides(items: Sequence[str]) -> dict[str, str]:
    """``["birth_date=DOB 2"]`` -> ``{"birth_date": "DOB 2"}``, as given to ``--map``.

    Raises:
        ColumnError: an item without ``=`` or a field given twice.
    """
    overrides: dict[str, str] = {}
    for item in items:
        field, equals, header = item.partition("=")
        field = field.strip().lower().replace("-", "_").replace(" ", "_")
        if not equals or not field:
            raise ColumnError(f"--map {shown(item)}: write FIELD=HEADER, for example --map birth_date=DOB.")
        if field in overrides:
            raise ColumnError(f"--map gives {field} twice; give each field once.")
        overrides[field] = header.strip()
    return overrides


def _name(headers: Sequence[str], index: int) -> str:
    return shown(headers[index]) or f"column {column_letters(index)}"


def _listing(headers: Sequence[str], limit: int = 40) -> str:
    names = [_name(headers, index) for index in range(min(len(headers), limit))]
    return ", ".join(names) + (f" and {len(headers) - limit} more" if len(headers) > limit else "")


def fold_header(text: str) -> str:
    """Letters and digits only, lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def _keys(header: str) -> list[str]:
    """Folded readings: as it stands (``#`` is "number"), without parentheses, without "Patient"."""
    keys = [fold_header(header.replace("#", " number "))] if "#" in header else []
    keys.append(fold_header(header))
    bare = _PARENTHESES.sub(" ", header)
    keys.append(fold_header(bare))
    words = re.split(r"[\W_]+", bare.casefold())
    while len(words) > 1 and words[0] in _ABOUT_PATIENT | {""}:
        words = words[1:]
    keys.append(fold_header("".join(words)))
    return [key for key in keys if key]


WITHHELD = {fold_header(name): "identity" for name in IDENTITY} | {
    fold_header(name): "sensitive" for name in SENSITIVE
}
"""What no file brings in, whatever it is a list of."""
