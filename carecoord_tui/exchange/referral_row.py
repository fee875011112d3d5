"""One referral of a log, checked: the value the importer hands to the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.exchange.patient_match import Sought
from carecoord_tui.exchange.patient_row import RowWarning
from carecoord_tui.exchange.tabular import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """One row that could be read. Empty text and None mean "not in the file"; days are practice-local."""

    line: int
    cells: tuple[Cell, ...]
    sought: Sought
    record: int | None
    specialty: str
    provider: str
    office: str
    npi: str
    office_phone: str
    office_fax: str
    status: str
    """The status words as they stand in the file."""
    stage: ReferralStage | None
    """None: no status, the furthest recorded day decides."""
    days: Mapping[str, date]
    visit_time: time | None
    status_reason: str
    urgency: Urgency | None
    service_type: ReferralType | None
    reason: str
    question: str
    diagnoses: str
    ordered_by: str
    reviewed_by: str
    insurance: str
    authorization: str
    notes: str
    warnings: tuple[RowWarning, ...]
