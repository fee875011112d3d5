"""Whether a text of a file stands on file already, in the column of the practice that such a cell fills."""

from __future__ import annotations

from collections.abc import Mapping

from carecoord_tui.store.queries.today import Execute

_PAYERS = ("payer.name",)
_PROVIDERS = ("provider.name", "provider.organization", "patient.primary_provider")
_PATIENT = (
    "mrn", "family_name", "given_name", "middle_name", "preferred_name", "language", "city", "state",
    "postal_code", "primary_provider",
)  # fmt: skip
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    **{name: (f"patient.{name}",) for name in _PATIENT},
    **dict.fromkeys(("payer", "payer_name", "insurance"), _PAYERS),
    **dict.fromkeys(("provider", "office", "organization"), _PROVIDERS),
    **dict.fromkeys(("ordered_by", "reviewed_by"), ("referral.ordered_by", "referral.reviewed_by")),
    "member_id": ("coverage.member_id",),
    "plan_name": ("coverage.plan_name",),
    "title": ("appointment.title", "follow_up.title"),
    "service": ("authorization.service",),
    "specialty": ("referral.specialty", "provider.specialty"),
    "number": ("authorization.number",),
    "authorization": ("authorization.number",),
    "reference": ("authorization.reference",),
}
"""Field of an importer -> ``table.column`` of the practice, each of them in clear text."""


class OnFile:
    """Reads each column once, when it is first asked about: odd cells are few, or of few columns."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self._texts: dict[str, frozenset[str]] = {}

    def __call__(self, field: str, text: str) -> bool:
        """True where a record has exactly this text (letter case aside) in such a column."""
        if field not in self._texts:
            self._texts[field] = self._read(field)
        return text.casefold() in self._texts[field]

    def _read(self, field: str) -> frozenset[str]:
        found: set[str] = set()
        for column in _COLUMNS.get(field, ()):
            table = column.partition(".")[0]
            # Both are constants of this module.
            sql = f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''"
            found.update(str(text).casefold() for (text,) in self._execute(sql, []))
        return frozenset(found)
