"""What each office owes: open referrals whose next step is the receiving office's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.eligibility_rows import LoggedCall
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.referral import office_owes
from carecoord_tui.domain.referral_rows import OwingOffice
from carecoord_tui.domain.vocabulary import Kind, Outcome, ReferralStage, ReferralType
from carecoord_tui.store.queries.logged_calls import logged_calls
from carecoord_tui.store.queries.today import Execute, items_about
from carecoord_tui.store.queries.values import read_time


def _words(values: Sequence[str]) -> str:
    return f"({', '.join(repr(str(value)) for value in values)})"


_OWING = _words([stage for stage in ReferralStage if office_owes(stage)])
_WITHOUT_REPORT = _words([stage for stage in ReferralStage if office_owes(stage, expects_report=False)])
_NO_REPORT_COMES = _words([kind for kind in ReferralType if not kind.expects_report])
_OFFICE_CALLS = _words([Outcome.OFFICE_REACHED, Outcome.OFFICE_NO_ANSWER, Outcome.OFFICE_MESSAGE])
_OWED = f"r.stage IN {_OWING} AND (r.stage IN {_WITHOUT_REPORT} OR r.service_type NOT IN {_NO_REPORT_COMES})"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedByOffice:
    """One referral an office owes something on, with the item it is chased by."""

    referral_id: int
    specialty: str
    stage: ReferralStage
    last_touch_on: date | None
    ranked: Ranked


def read_offices(execute: Execute) -> list[OwingOffice]:
    """Offices that owe a receipt, a date or a report, in the order of what is due first.

    Referrals without an office on file stand together under an empty name.
    """
    rows = execute(
        "SELECT provider_id, name, phone, fax, group_concat(id), call_from, call_until, time_zone FROM ("
        " SELECT r.id, r.provider_id, p.name, p.fax, l.target_on, p.call_from, p.call_until, p.time_zone,"
        "  coalesce(nullif(p.referral_phone, ''), p.phone) AS phone"
        "  FROM ledger l JOIN referral r ON r.id = l.record_id"
        f"  LEFT JOIN provider p ON p.id = r.provider_id WHERE l.kind = 'referral' AND {_OWED}"
        "  ORDER BY l.target_on, r.id"
        ") GROUP BY provider_id ORDER BY min(target_on), name",
        [],
    )
    return [
        OwingOffice(
            provider_id=row[0],
            name=row[1] or "",
            phone=row[2] or "",
            fax=row[3] or "",
            referral_ids=tuple(map(int, row[4].split(","))),
            call_from=read_time(row[5]),
            call_until=read_time(row[6]),
            time_zone=row[7] or "",
        )
        for row in rows
    ]


def read_owed(execute: Execute, referral_ids: Sequence[int], moment: Moment) -> dict[int, OwedByOffice]:
    """These referrals with their items, by number; one that was settled meanwhile is left out."""
    items = items_about(execute, Kind.REFERRAL, referral_ids, moment)
    marks = ", ".join("?" * len(items))
    rows = execute(
        f"SELECT id, specialty, stage, touched_on FROM referral WHERE id IN ({marks})", list(items)
    )
    return {
        number: OwedByOffice(
            referral_id=number,
            specialty=specialty,
            stage=ReferralStage(stage),
            last_touch_on=date.fromisoformat(touched_on) if touched_on else None,
            ranked=items[number],
        )
        for number, specialty, stage, touched_on in rows
    }


def calls_to_office(execute: Execute, provider_id: int, *, limit: int = 5) -> list[LoggedCall]:
    """The last calls to an office about its referrals, newest first.

    A call back that was agreed on may be the patient's: it is not counted.
    """
    source = (
        "referral r JOIN contact c ON c.about_kind = 'referral' AND c.about_id = r.id"
        f" WHERE r.provider_id = ? AND c.outcome IN {_OFFICE_CALLS}"
    )
    return logged_calls(execute, source, [provider_id, limit])


def read_owing_office(execute: Execute, referral_id: int) -> OwingOffice | None:
    """The office that owes this referral's next step, as one to call; None where the step is ours."""
    sql = (
        "SELECT p.id, p.name, coalesce(nullif(p.referral_phone, ''), p.phone), p.fax, p.call_from,"
        " p.call_until, p.time_zone FROM referral r"
        f" JOIN provider p ON p.id = r.provider_id WHERE r.id = ? AND {_OWED}"
    )
    for row in execute(sql, [referral_id]):
        return OwingOffice(
            provider_id=row[0],
            name=row[1],
            phone=row[2],
            fax=row[3],
            referral_ids=(referral_id,),
            call_from=read_time(row[4]),
            call_until=read_time(row[5]),
            time_zone=row[6],
        )
    return None
