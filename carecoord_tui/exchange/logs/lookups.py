"""Whom else a record names: the plan of a patient, an office of the directory, payers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from carecoord_tui.domain.folding import fold
from carecoord_tui.exchange.provider_match import Directory, Office
from carecoord_tui.store import importing_logs as store
from carecoord_tui.store.importing_logs import StoredPlan
from carecoord_tui.store.importing_referrals import read_deceased, read_directory


@dataclass(frozen=True, slots=True)
class OfficeWords:
    """An office as a row names it; see ``provider_match.NamesOffice``."""

    provider: str = ""
    office: str = ""
    npi: str = ""
    specialty: str = ""
    office_phone: str = ""
    office_fax: str = ""


class Lookups:
    """What the practice has that a log may name, read once."""

    def __init__(self, connection: sa.Connection) -> None:
        self.directory = Directory(read_directory(connection))
        self.died = read_deceased(connection)
        self.payers = {fold(name): number for number, name in store.read_payer_names(connection).items()}
        self._plans: dict[int, list[StoredPlan]] = defaultdict(list)
        for plan in store.read_plans(connection):
            self._plans[plan.patient_id].append(plan)

    def plans(self, patient_id: int) -> list[StoredPlan]:
        """The plans of a person, in the order in which they pay."""
        return self._plans.get(patient_id, [])

    def all_plans(self) -> list[StoredPlan]:
        """Everybody's plans."""
        return [plan for plans in self._plans.values() for plan in plans]

    def plan_of(self, patient_id: int, payer: str, member_id: str) -> StoredPlan | None:
        """The one plan of a person with this member id, else with this payer; ended ones only as a last
        resort. None where several could be meant."""
        own = self.plans(patient_id)
        if member_id:
            own = [one for one in own if bare(one.member_id) == bare(member_id)] or own
        if payer:
            own = [one for one in own if fold(one.payer_name) == fold(payer)]
        elif not member_id:
            return None
        found = [one for one in own if not one.is_ended] or own
        return found[0] if len(found) == 1 else None

    def office(self, words: OfficeWords) -> Office | None:
        """The office a row names, a new one where the directory has none like it. Raises NoMatch."""
        return self.directory.find(words) or self.directory.add(words)


def bare(text: str) -> str:
    """A member id, or another number, as it is compared."""
    return "".join(char for char in text.casefold() if char.isalnum())
