"""One patient of a file, checked: the value the importer hands to the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from carecoord_tui.domain.vocabulary import InterpreterMode, PatientStatus, Risk, Sex
from carecoord_tui.exchange.duplicates import PersonKey


@dataclass(frozen=True, slots=True)
class RowWarning:
    """Something of a row that was not imported as it stands. ``column`` is the file's own header."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One checked patient of a file. Empty text and None mean "not in the file"."""

    line: int
    family_name: str
    given_name: str = ""
    middle_name: str = ""
    preferred_name: str = ""
    prefix: str = ""
    suffix: str = ""
    name_certain: bool = True
    """False where one full-name column could be taken apart in another way as well."""
    birth_date: date | None = None
    deceased: bool = False
    deceased_on: date | None = None
    sex: Sex | None = None
    mrn: str = ""
    phones: tuple[tuple[str, str], ...] = ()
    """(mobile | home | phone | work | other, E.164), the best first."""
    email: str = ""
    address_line: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    language: str = ""
    risk: Risk | None = None
    status: PatientStatus | None = None
    """``DECEASED`` whenever ``deceased``."""
    status_note: str = ""
    hold_until: date | None = None
    deceased_told_by: str = ""
    interpreter_needed: bool | None = None
    interpreter_mode: InterpreterMode | None = None
    confidential_channel: bool | None = None
    """Only the numbers of the row may be used (45 CFR 164.522(b))."""
    safe_contact: str = ""
    minor_consent: str = ""
    detailed_voicemail: bool | None = None
    call_from: time | None = None
    call_until: time | None = None
    time_zone: str = ""
    """IANA, of the hours above; empty: the practice's."""
    record: str = ""
    """The number our own exports give the person's record."""
    payer_name: str = ""
    plan_name: str = ""
    member_id: str = ""
    group_number: str = ""
    next_step: str = ""
    due_on: date | None = None
    due_at: time | None = None
    last_contact_on: date | None = None
    notes: str = ""
    primary_provider: str = ""
    warnings: tuple[RowWarning, ...] = ()

    def person_key(self, key: object = None) -> PersonKey:
        """What ``duplicates`` compares; ``key`` defaults to the line."""
        return PersonKey(
            key=self.line if key is None else key,
            family_name=self.family_name,
            given_name=self.given_name,
            birth_date=self.birth_date,
            mrn=self.mrn,
            phones=tuple(number for _, number in self.phones),
            address=self.address_line,
            postal_code=self.postal_code,
        )
