"""The numbers of people that may be shown and may leave, by ``release.permitted``."""

from __future__ import annotations

from collections.abc import Collection

from carecoord_tui.domain.release import permitted
from carecoord_tui.domain.rows import PhoneRow
from carecoord_tui.store.queries.today import Execute

MAY_LEAVE = "(n.is_permitted OR NOT p.confidential_channel)"
"""``permitted`` as a condition on ``patient_phone n`` and ``patient p``, for exports of whole tables.

A test holds the two equal; a query that reads a few people calls :func:`read_phones` instead.
"""
_AT_ONCE = 500  # values bound to one statement


def read_phones(execute: Execute, patient_ids: Collection[int]) -> dict[int, tuple[PhoneRow, ...]]:
    """By person, first choice first; of a confidential channel only the permitted numbers.

    A person without a number that may be shown is left out.
    """
    stored: dict[int, list[PhoneRow]] = {}
    bound: set[int] = set()
    wanted = list(dict.fromkeys(patient_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        portion = wanted[start : start + _AT_ONCE]
        for owner, is_bound, number, row_id, label, is_permitted, note in execute(
            "SELECT n.patient_id, p.confidential_channel, n.number, n.id, n.label, n.is_permitted, n.note"
            " FROM patient_phone n JOIN patient p ON p.id = n.patient_id"
            f" WHERE n.patient_id IN ({', '.join('?' * len(portion))}) ORDER BY n.rank, n.id",
            portion,
        ):
            row = PhoneRow(id=row_id, number=number, label=label, is_permitted=bool(is_permitted), note=note)
            stored.setdefault(owner, []).append(row)
            if is_bound:
                bound.add(owner)
    shown = {owner: permitted(rows, is_confidential=owner in bound) for owner, rows in stored.items()}
    return {owner: rows for owner, rows in shown.items() if rows}
