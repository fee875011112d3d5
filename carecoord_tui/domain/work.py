"""The one shape every next action has, whatever record owes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind


@dataclass(frozen=True, slots=True)
class ItemRef:
    """Which item a verb is about: the ledger's key and its person."""

    kind: Kind
    record_id: int
    rule_id: str
    patient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One owed act. Depends on facts, rule pack and calendar, never on "now".

    Unique by (``kind``, ``record_id``, ``rule_id``). ``*_on`` are practice-local dates, ``*_at``
    aware UTC times. ``target_on`` is "do by", ``legal_on`` is "last day".
    """

    kind: Kind
    record_id: int
    rule_id: str
    patient_id: int
    verb: str  # the act that settles it: an id of commands.py, e.g. "contact", "done", "advance"
    title: str  # what the row says
    target_on: date
    target_at: datetime | None = None  # a promised time
    legal_on: date | None = None
    legal_at: datetime | None = None
    warn_on: date | None = None
    basis: Basis = Basis.OWN
    consequence: Consequence = Consequence.PAPERWORK
    why: str = ""  # one or two sentences that name the facts and the rule
    citation: str = ""
    progress: str = ""  # "1/3": attempts made of the protocol
    since_on: date | None = None  # age is shown from here
    visit_on: date | None = None  # the visit that is blocked until this is done
    waiting_on: str = ""  # who owes the next step, when it is not us
    moved_from: date | None = None  # the original target when the date was moved
    after_legal: str = ""  # title once the legal date has passed: "record and escalate"
    group_key: str = ""  # rows of one group fold into one on Today ("check_eligibility", "first_check_in")

    @property
    def ref(self) -> ItemRef:
        """The key a verb names this item by."""
        return ItemRef(self.kind, self.record_id, self.rule_id, self.patient_id)
