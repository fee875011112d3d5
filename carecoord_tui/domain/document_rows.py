"""A document as lists show it: everything but its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from carecoord_tui.domain.documents import MediaType, neutral_name
from carecoord_tui.domain.vocabulary import DocumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A file kept with a person. ``about`` is the specialty of its referral, empty without one.

    ``version`` is what a form hands back, so that it does not write over a later change.
    ``size`` is in bytes, ``received_on`` and ``reviewed_on`` are practice-local, ``added_at`` is aware UTC.
    """

    id: int
    version: int
    patient_id: int
    referral_id: int | None
    about: str
    kind: DocumentKind
    title: str
    file_name: str
    media_type: MediaType
    size: int
    sha256: str
    received_on: date
    added_at: datetime
    reviewed_on: date | None = None
    reviewed_by: str = ""
    is_part2: bool = False
    is_sensitive: bool = False
    note: str = ""

    @property
    def neutral_name(self) -> str:
        """What a copy outside is called: nothing of the person, nothing of the title."""
        return neutral_name(self.id, self.media_type)
