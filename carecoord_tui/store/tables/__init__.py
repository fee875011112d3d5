"""All tables. Importing this package maps them once and hardens every mapper."""

from __future__ import annotations

from sqlmodel import SQLModel

from carecoord_tui.store.tables.base import Record, harden
from carecoord_tui.store.tables.billing import (
    AssistanceProgram,
    BillingCase,
    Estimate,
    GoodFaithEstimate,
    Installment,
    PaymentPlan,
)
from carecoord_tui.store.tables.call import IncomingCall
from carecoord_tui.store.tables.directory import Payer, PayerLimit, Provider, ProviderNetwork
from carecoord_tui.store.tables.document import Disclosure, Document, DocumentContent, HistoryItem
from carecoord_tui.store.tables.insurance import (
    Appeal,
    Authorization,
    AuthorizationEvent,
    AuthorizationItem,
    AuthorizationUse,
    Benefit,
    Coverage,
    Denial,
    DenialTrack,
    EligibilityCheck,
)
from carecoord_tui.store.tables.patient import CareTeamMember, Patient, PatientPhone, RelatedPerson
from carecoord_tui.store.tables.referral import Referral, ReferralStageEvent
from carecoord_tui.store.tables.system import (
    AuditEvent,
    Closure,
    ImportMapping,
    ImportRecord,
    LedgerItem,
    LedgerState,
    Setting,
    User,
)
from carecoord_tui.store.tables.visit import Appointment, Transition
from carecoord_tui.store.tables.work import Contact, FollowUp, ItemCover, MovedDate, Note, Snippet

RECORDS: list[type[Record]] = [
    User,
    Setting,
    Closure,
    Patient,
    PatientPhone,
    RelatedPerson,
    Provider,
    Payer,
    ProviderNetwork,
    CareTeamMember,
    PayerLimit,
    Coverage,
    EligibilityCheck,
    Benefit,
    Referral,
    ReferralStageEvent,
    Document,
    HistoryItem,
    Disclosure,
    Transition,
    Appointment,
    Authorization,
    AuthorizationItem,
    AuthorizationEvent,
    AuthorizationUse,
    Denial,
    DenialTrack,
    Appeal,
    Estimate,
    GoodFaithEstimate,
    BillingCase,
    PaymentPlan,
    Installment,
    AssistanceProgram,
    FollowUp,
    Contact,
    IncomingCall,
    Note,
    MovedDate,
    ItemCover,
    Snippet,
    ImportRecord,
    ImportMapping,
]
"""Every audited, versioned table, parents before children."""

BY_TABLE: dict[str, type[Record]] = {str(model.__tablename__): model for model in RECORDS}

harden([*RECORDS])

metadata = SQLModel.metadata

__all__ = [
    "BY_TABLE",
    "RECORDS",
    "Appeal",
    "Appointment",
    "AssistanceProgram",
    "AuditEvent",
    "Authorization",
    "AuthorizationEvent",
    "AuthorizationItem",
    "AuthorizationUse",
    "Benefit",
    "BillingCase",
    "CareTeamMember",
    "Closure",
    "Contact",
    "Coverage",
    "Denial",
    "DenialTrack",
    "Disclosure",
    "Document",
    "DocumentContent",
    "EligibilityCheck",
    "Estimate",
    "FollowUp",
    "GoodFaithEstimate",
    "HistoryItem",
    "ImportMapping",
    "ImportRecord",
    "IncomingCall",
    "Installment",
    "ItemCover",
    "LedgerItem",
    "LedgerState",
    "MovedDate",
    "Note",
    "Patient",
    "PatientPhone",
    "Payer",
    "PayerLimit",
    "PaymentPlan",
    "Provider",
    "ProviderNetwork",
    "Record",
    "Referral",
    "ReferralStageEvent",
    "RelatedPerson",
    "Setting",
    "Snippet",
    "Transition",
    "User",
    "metadata",
]
