"""Documents of a person or a referral, and the bytes behind them, proven by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from carecoord_tui.domain.document_rows import DocumentRow
from carecoord_tui.domain.documents import MediaType
from carecoord_tui.domain.vocabulary import DocumentKind
from carecoord_tui.store.errors import DamagedFile, MissingFile
from carecoord_tui.store.queries.today import Execute

_COLUMNS = (
    "d.id, d.patient_id, d.referral_id, coalesce(r.specialty, ''), d.kind, d.title, d.file_name,"
    " d.media_type, d.size, d.sha256, d.received_on, d.added_at, d.reviewed_on, d.reviewed_by,"
    " d.is_part2, d.is_sensitive, d.note, d.version"
)
_FROM = "FROM document d LEFT JOIN referral r ON r.id = d.referral_id"


def read_documents(execute: Execute, patient_id: int, referral_id: int | None = None) -> list[DocumentRow]:
    """A person's documents, or those of one of their referrals; the newest received first."""
    where, parameters = "d.patient_id = ?", [patient_id]
    if referral_id is not None:
        where, parameters = f"{where} AND d.referral_id = ?", [patient_id, referral_id]
    order = "ORDER BY d.received_on DESC, d.id DESC"
    return [_row(row) for row in execute(f"SELECT {_COLUMNS} {_FROM} WHERE {where} {order}", parameters)]


def read_document(execute: Execute, document_id: int) -> DocumentRow | None:
    """One document; None when another window or an undo removed it."""
    for row in execute(f"SELECT {_COLUMNS} {_FROM} WHERE d.id = ?", [document_id]):
        return _row(row)
    return None


def _row(row: Sequence[Any]) -> DocumentRow:
    return DocumentRow(
        id=row[0],
        version=row[17],
        patient_id=row[1],
        referral_id=row[2],
        about=row[3],
        kind=DocumentKind(row[4]),
        title=row[5],
        file_name=row[6],
        media_type=MediaType(row[7]),
        size=row[8],
        sha256=row[9],
        received_on=date.fromisoformat(row[10]),
        added_at=datetime.fromisoformat(row[11]),
        reviewed_on=date.fromisoformat(row[12]) if row[12] else None,
        reviewed_by=row[13],
        is_part2=bool(row[14]),
        is_sensitive=bool(row[15]),
        note=row[16],
    )


def read_content(execute: Execute, sha256: str) -> bytes:
    """The bytes of a document as they were attached.

    Raises MissingFile when they are gone and DamagedFile when they are not what their name says.
    """
    for (content,) in execute("SELECT content FROM document_content WHERE sha256 = ?", [sha256]):
        if not isinstance(content, bytes) or hashlib.sha256(content).hexdigest() != sha256:
            raise DamagedFile(
                "This document is damaged in the database: attach the file again, or restore a backup."
            )
        return content
    raise MissingFile(
        "The content of this document is missing from the database: attach the file again, "
        "or restore a backup."
    )


def orphaned_content(execute: Execute) -> tuple[int, int]:
    """How many contents no document uses any more, and their bytes; they stay, so that undo can return."""
    ((number, size),) = execute(
        "SELECT count(*), coalesce(sum(length(content)), 0) FROM document_content c"
        " WHERE NOT EXISTS (SELECT 1 FROM document d WHERE d.sha256 = c.sha256)",
        [],
    )
    return int(number), int(size)
