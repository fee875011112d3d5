"""What each office owes: open referrals whose next step is the receiving office's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.vocabulary import Kind, ReferralStage
from carecoord_tui.store.queries.today import Execute, items_about

OFFICE_OWES = ("sent", "acknowledged", "accepted", "seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedByOffice:
    """One referral an office owes something on, with the item it is chased by."""

    referral_id: int
    specialty: str
    stage: ReferralStage
    stage_on: date
    last_touch_on: date | None
    ranked: Ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An office with everything it owes, the most urgent first."""

    provider_id: int | None
    name: str
    phone: str  # the desk that takes referrals, else the main number
    fax: str
    owed: tuple[OwedByOffice, ...]

    @property
    def is_pressing(self) -> tuple[object, ...]:
        """Offices are called in the order of their most urgent referral."""
        return self.owed[0].ranked.sort_key


def read_offices(execute: Execute, moment: Moment) -> list[Office]:
    """Offices that owe a receipt, a date or a report, the most pressing first.

    Referrals without an office on file stand together under an empty name.
    """
    marks = ", ".join("?" * len(OFFICE_OWES))
    rows = list(
        execute(
            "SELECT r.id, r.specialty, r.stage, r.stage_on, r.touched_on, r.provider_id, p.name,"
            " coalesce(nullif(p.referral_phone, ''), p.phone), p.fax"
            " FROM referral r LEFT JOIN provider p ON p.id = r.provider_id"
            f" WHERE r.stage IN ({marks})",
            list(OFFICE_OWES),
        )
    )
    items = items_about(execute, Kind.REFERRAL, [row[0] for row in rows], moment)
    owed: dict[int | None, list[OwedByOffice]] = {}
    about: dict[int | None, tuple[str, str, str]] = {}
    for number, specialty, stage, stage_on, touched_on, provider_id, name, phone, fax in rows:
        if number not in items:
            continue
        about[provider_id] = (name or "", phone or "", fax or "")
        owed.setdefault(provider_id, []).append(
            OwedByOffice(
                referral_id=number,
                specialty=specialty,
                stage=ReferralStage(stage),
                stage_on=date.fromisoformat(stage_on),
                last_touch_on=date.fromisoformat(touched_on) if touched_on else None,
                ranked=items[number],
            )
        )
    offices = []
    for provider_id, mine in owed.items():
        name, phone, fax = about[provider_id]
        mine.sort(key=lambda one: one.ranked.sort_key)
        offices.append(Office(provider_id=provider_id, name=name, phone=phone, fax=fax, owed=tuple(mine)))
    return sorted(offices, key=lambda office: office.is_pressing)
