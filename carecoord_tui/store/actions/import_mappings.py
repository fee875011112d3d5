"""Keeping how a source was read: recorded beside an import, and no part of what undo takes back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import col, select

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.store.codec import canonical
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.import_mappings import DATE_ORDER
from carecoord_tui.store.tables import ImportMapping

_NAME = 120


def keep_mapping(
    practice: Practice,
    *,
    kind: str,
    header_hash: str,
    name: str,
    columns: Mapping[str, int],
    statuses: Mapping[str, str | None],
    date_order: DateOrder | None = None,
) -> None:
    """Remember how a source was read, today, in the place of what was known of it.

    It is a change of the program, not of the user: ``u`` after an import takes the import back, and the
    answers that were given stay for the next try.

    Args:
        practice: an open practice.
        kind: name of the kind of list.
        header_hash: ``LogLook.signature``.
        name: the file's name.
        columns: field -> index of its column.
        statuses: folded status words -> status by its value; None leaves their rows out.
        date_order: how its dates are written, where somebody had to say so.
    """
    with practice.change("how a file is read", kind="system") as session:
        record = session.exec(
            select(ImportMapping).where(
                col(ImportMapping.kind) == kind, col(ImportMapping.header_hash) == header_hash
            )
        ).first()
        if record is None:
            record = ImportMapping(kind=kind, header_hash=header_hash, columns="{}", used_on=practice.today())
        record.name = clean_text(name, _NAME)
        order = {DATE_ORDER: date_order.value} if date_order is not None else {}
        record.columns, record.statuses = canonical({**columns, **order}), canonical({**statuses})
        record.used_on = practice.today()
        session.add(record)
