"""The frozen rows that widgets and queries share. Nothing here knows the store or the screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from carecoord_tui.domain.names import display
from carecoord_tui.domain.ranking import Day, Moment
from carecoord_tui.domain.vocabulary import (
    Channel,
    Direction,
    InterpreterMode,
    Outcome,
    PatientStatus,
    PayerClass,
    Risk,
    Sex,
)


@dataclass(frozen=True, slots=True)
class TodayView:
    """The ranked day and the counts of the header."""

    moment: Moment
    day: Day
    unread_today: int  # of one's own, due today, beyond the rows that were read
    unread_late: int  # of one's own, past their day
    unread_check_ins: int
    waiting: int
    past_promise: int  # of them: the day they named, else the day to ask again, has gone by
    week_ahead: int  # items due later this week
    active_patients: int

    @property
    def unread_due(self) -> int:
        """Due rows that were counted and not read."""
        return self.unread_today + self.unread_late + self.unread_check_ins

    @property
    def more_due(self) -> int:
        """``N more due: decide``."""
        return len(self.day.more_due) + self.unread_due

    @property
    def past_due(self) -> int:
        """As ``Day.past_due``, with what was not read."""
        return self.day.past_due + self.unread_late

    @property
    def due_today(self) -> int:
        """As ``Day.due_today``, with what was not read."""
        return self.day.due_today + self.unread_today

    @property
    def check_ins(self) -> int:
        """As ``Day.check_ins``, with what was not read."""
        return self.day.check_ins + self.unread_check_ins


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRow:
    """A number that may be shown."""

    id: int
    number: str
    label: str
    is_permitted: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """A plan with the last thing its payer said."""

    id: int
    payer_name: str
    payer_class: PayerClass
    plan_name: str
    member_id: str
    group_number: str
    rank: int
    status: str
    last_checked_on: date | None
    last_result: str
    starts_on: date | None = None  # None: nobody entered it
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A contact for a list."""

    id: int
    at: datetime
    direction: Direction
    channel: Channel
    outcome: Outcome
    made_by: str
    spoke_with: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedRow:
    """A person around the patient."""

    id: int
    name: str
    relationship: str
    phone: str
    is_authorized: bool
    scope: str
    scope_until: date | None
    is_emergency_contact: bool
    note: str
    birth_date: date | None = None
    language: str = ""
    email: str = ""
    is_guardian: bool = False  # parent or guardian of a minor: the authority lapses at 18
    version: int | None = None  # as read: a form that is older is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTeamRow:
    """Somebody who cares for the patient (FHIR CareTeam.participant). Phones are E.164."""

    id: int
    name: str
    role: str = ""
    phone: str = ""
    fax: str = ""
    note: str = ""
    is_active: bool = True
    provider_id: int | None = None  # the office of the directory it was taken from
    version: int | None = None  # as read: a form that is older is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """What a call needs. Under a confidential channel only permitted numbers and no address are here."""

    id: int
    family_name: str
    given_name: str
    middle_name: str
    preferred_name: str
    suffix: str
    mrn: str
    birth_date: date | None
    sex: Sex
    status: PatientStatus
    status_on: date | None
    status_note: str
    hold_until: date | None
    deceased_on: date | None
    risk: Risk
    check_in_on: date | None
    language: str
    interpreter_needed: bool
    email: str
    address_line: str
    city: str
    state: str
    postal_code: str
    primary_provider: str
    call_from: time | None
    call_until: time | None
    detailed_voicemail: bool | None
    confidential_channel: bool
    safe_contact: str
    version: int
    phones: tuple[PhoneRow, ...]
    hidden_phones: int
    coverages: tuple[CoverageRow, ...]
    contacts: tuple[ContactRow, ...]
    related: tuple[RelatedRow, ...]
    interpreter_mode: InterpreterMode | None = None
    time_zone: str = ""  # IANA, of the hours above; empty: the practice's
    minor_consent: str = ""  # the service a minor consented to alone, and the state's rule
    deceased_told_by: str = ""
    last_contact_at: datetime | None = None  # with the patient or their family, not with an office or payer
    care_team: tuple[CareTeamRow, ...] = ()
    is_masked: bool = False  # for the screen only: somebody looks on (``domain.masking``)

    @property
    def name(self) -> str:
        """``Alvarez, Rosa``."""
        return display(self.family_name, self.given_name, self.suffix, self.preferred_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientListRow:
    """One line of the patients list."""

    id: int
    name: str
    mrn: str
    birth_date: date | None
    sex: Sex
    risk: Risk
    status: PatientStatus
    next_title: str
    next_on: date | None
    last_contact_at: datetime | None
    open_referrals: int
    open_insurance: int
    open_follow_ups: int
    coverage: str
    is_confidential: bool
    interpreter_needed: bool


class Entry(StrEnum):
    """Kinds of line on a timeline."""

    CONTACT = "contact"
    NOTE = "note"
    FOLLOW_UP = "follow-up done"
    STAGE = "referral"
    VISIT = "visit"
    CHECK = "eligibility"
    DISCHARGE = "hospital discharge"
    STATUS = "caseload"
    CALL = "incoming call"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One line of a timeline; ``at`` is aware UTC, midnight local for entries with a day only."""

    at: str  # sortable ISO text: a day or an aware time
    entry: Entry
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One audit row in words: who, when, what change, which fields."""

    seq: int
    at: datetime
    user: str
    label: str
    action: str
    table_name: str
    fields: tuple[tuple[str, str, str], ...]  # name, before, after
    change_id: int = 0  # rows of one change, committed together, share it
