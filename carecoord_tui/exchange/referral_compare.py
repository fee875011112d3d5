"""Knowing a referral of a log again, and what the log says of it that the practice has otherwise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.exchange.provider_match import Office, folded_name
from carecoord_tui.exchange.referral_row import ReferralRow
from carecoord_tui.exchange.referral_standing import Standing
from carecoord_tui.store.import_merge import Difference
from carecoord_tui.store.importing_referrals import (
    StoredReferral,
    read_directory,
    read_keys,
    read_referrals,
)

_DAYS = (
    ("sent_on", "sent"),
    ("visit_on", "appointment"),
    ("report_received_on", "report received"),
    ("reviewed_on", "reviewed"),
    ("patient_informed_on", "patient told"),
)
_TEXTS = (("reason", "reason"), ("diagnoses", "ICD-10-CM codes"))


class KnownReferrals:
    """The practice's referrals, found by what a row may know of them.

    By the record's own number out of an export, by what an earlier import wrote, else by person, specialty,
    day of the order and office.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._by_number: dict[int, StoredReferral] = {}
        self._natural: dict[tuple[int, str, date, int | None], list[int]] = defaultdict(list)
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._offices = {one.id: one for one in read_directory(connection)}
        self._open: dict[tuple[int, str], list[StoredReferral]] = defaultdict(list)
        self._spelled: dict[str, Counter[str]] = defaultdict(Counter)
        for one in read_referrals(connection):
            self._spelled[fold(one.specialty)][one.specialty] += 1
            if one.stage.is_open:
                self._open[one.patient_id, fold(one.specialty)].append(one)
            self._by_number[one.id] = one
            self._natural[one.patient_id, fold(one.specialty), one.ordered_on, one.provider_id].append(one.id)
        for office in self._offices.values():
            self._spelled[fold(office.specialty)][office.specialty] += 1
        for key, number in read_keys(connection):
            if number in self._by_number:
                self._by_key[key].append(number)

    def spelled(self, specialty: str) -> str:
        """A specialty as the practice mostly writes it; as it stands where the practice has none like it."""
        known = self._spelled.get(fold(specialty))
        return known.most_common(1)[0][0] if known else specialty

    def open_to(self, patient_id: int, specialty: str) -> StoredReferral | None:
        """The newest open referral of a patient to a specialty."""
        found = self._open.get((patient_id, fold(specialty)))
        return found[-1] if found else None

    def words(self, stored: StoredReferral) -> str:
        """``Silva Cardiology, sent, ordered 16 Nov 2026``."""
        office = self._offices.get(stored.provider_id) if stored.provider_id is not None else None
        ordered = f"ordered {format_birth(stored.ordered_on)}"
        return ", ".join(filter(None, (office.name if office else "", stored.stage.label, ordered)))

    def recorded(self, row: ReferralRow) -> StoredReferral | None:
        """The referral whose number the row carries, where its specialty or its day agree with it."""
        found = self._by_number.get(row.record) if row.record is not None else None
        if found is None:
            return None
        agrees = found.ordered_on == row.days["ordered_on"] or fold(found.specialty) == fold(row.specialty)
        return found if agrees else None

    def like(
        self, row: ReferralRow, key: str, patient_id: int, specialty: str, office: Office | None
    ) -> list[StoredReferral]:
        """Every referral the row may be, oldest first; ``key`` is that of :func:`import_key`."""
        numbers = set(self._by_key.get(key, ()))
        names_none = not (row.provider or row.office or row.npi)
        if office is not None or names_none:
            place = (patient_id, fold(specialty), row.days["ordered_on"], office.id if office else None)
            numbers.update(self._natural.get(place, ()))
        return [self._by_number[number] for number in sorted(numbers)]

    def differences(self, row: ReferralRow, stands: Standing, stored: StoredReferral) -> list[Difference]:
        """What the row says otherwise; what it does not say is no difference."""
        return list(self._differences(row, stands, stored))

    def _differences(
        self, row: ReferralRow, stands: Standing, stored: StoredReferral
    ) -> Iterator[Difference]:
        if stands.stage is not stored.stage:
            yield Difference("stage", stands.stage.label, stored.stage.label)
        for name, words in _DAYS:
            ours, theirs = getattr(stored, name), getattr(stands, name)
            if theirs is not None and theirs != ours:
                yield Difference(words, format_birth(theirs), format_birth(ours) if ours else "nothing")
        if row.urgency is not None and row.urgency is not stored.urgency:
            yield Difference("urgency", row.urgency.label, stored.urgency.label)
        if row.service_type is not None and row.service_type is not stored.service_type:
            yield Difference("type", row.service_type.label, stored.service_type.label)
        if row.specialty and fold(row.specialty) != fold(stored.specialty):
            yield Difference("specialty", row.specialty, stored.specialty)
        for name, words in _TEXTS:
            text, ours = getattr(row, name), _one_line(getattr(stored, name))
            if text and text != ours:
                yield Difference(words, text, ours or "nothing")
        if row.notes and row.notes not in _one_line(stored.note):
            yield Difference("notes", row.notes, stored.note or "nothing")
        yield from self._office_difference(row, stored)

    def _office_difference(self, row: ReferralRow, stored: StoredReferral) -> Iterator[Difference]:
        named = row.provider or row.office
        office = self._offices.get(stored.provider_id) if stored.provider_id is not None else None
        if not named or (office is not None and row.npi and row.npi == office.npi):
            return
        if office is None or folded_name(named) != folded_name(office.name):
            yield Difference("referred to", named, office.name if office else "nobody")


def _one_line(text: str) -> str:
    """Stored text as a cell of a file has it."""
    return clean_text(text, len(text))


def import_key(row: ReferralRow, patient_id: int, specialty: str) -> str:
    """What an import remembers a referral by: the row's own words, so that later edits do not matter."""
    office = row.npi or folded_name(row.provider or row.office)
    return f"{patient_id}|{fold(specialty)}|{row.days['ordered_on'].isoformat()}|{office}"
