"""What the form of a referral must know: the last one like it, open ones like it, needs, the chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.vocabulary import (
    PatientStatus,
    ReferralStage,
    ReferralType,
    Urgency,
)
from carecoord_tui.store.queries.today import Execute

_OPEN = "stage NOT IN ('closed', 'declined', 'withdrawn', 'redirected')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The last referral to a specialty, as far as it helps with the next one.

    What is clinical (reason, question, codes) is this patient's own, and empty when the referral is not.
    """

    provider_id: int | None
    office: str
    service_type: ReferralType
    reason: str
    question: str
    diagnoses: str
    is_own: bool  # this patient's


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReferral:
    """An open referral to the same specialty."""

    id: int
    office: str
    stage: ReferralStage
    stage_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the patient brings to any referral. ``payer_name`` is of the plan that pays first."""

    interpreter_needed: bool
    language: str
    transport_needed: bool  # as the last referral said
    transport_note: str  # the newest note about getting there
    primary_provider: str
    payer_id: int | None
    payer_name: str
    status: PatientStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFacts:
    """A referral as the form shows it; ``version`` is handed back, so that no later change is lost."""

    id: int
    version: int
    patient_id: int
    provider_id: int | None
    office: str
    specialty: str
    service_type: ReferralType
    urgency: Urgency
    reason: str
    question: str
    diagnoses: str
    ordered_by: str
    ordered_on: date
    needs_authorization: bool | None
    interpreter_needed: bool
    transport_needed: bool
    stage: ReferralStage
    stage_on: date
    stage_reason: str
    note: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """One referral of a chain that was sent elsewhere; the request goes on in the next one."""

    id: int
    office: str
    specialty: str
    stage: ReferralStage
    stage_on: date
    ordered_on: date
    reason: str  # why it ended at this office
    is_this: bool


def specialties(execute: Execute) -> list[str]:
    """Every specialty on file, the most used first, each as it is mostly written."""
    used = Counter[str]()
    words: dict[str, str] = {}
    rows = execute(
        "SELECT specialty, count(*) FROM referral GROUP BY specialty"
        " UNION ALL SELECT DISTINCT specialty, 0 FROM provider WHERE is_active AND specialty <> ''"
        " ORDER BY 2 DESC, 1 DESC",
        [],
    )
    for specialty, count in rows:
        used[fold(specialty)] += count
        words.setdefault(fold(specialty), specialty)
    return [words[folded] for folded in sorted(used, key=lambda one: (-used[one], one))]


def last_like(execute: Execute, patient_id: int | None, specialty: str) -> Template | None:
    """The last referral to a specialty: this patient's, else the practice's; None when there is none.

    Of another patient's only the office and the type are taken: the rest says why that one was sent.
    """
    statement = (
        "SELECT r.provider_id, p.name, r.service_type, r.reason, r.question, r.diagnoses FROM referral r"
        " LEFT JOIN provider p ON p.id = r.provider_id AND p.is_active"
        " WHERE r.specialty = ? COLLATE NOCASE AND r.stage <> 'withdrawn'{} ORDER BY r.id DESC LIMIT 1"
    )
    if patient_id is not None:
        for row in execute(statement.format(" AND r.patient_id = ?"), [specialty, patient_id]):
            return _template(row, is_own=True)
    for row in execute(statement.format(""), [specialty]):
        return _template(row, is_own=False)
    return None


def _template(row: Sequence[Any], *, is_own: bool) -> Template:
    reason, question, diagnoses = row[3:6] if is_own else ("", "", "")
    return Template(
        provider_id=row[0] if row[1] is not None else None,
        office=row[1] or "",
        service_type=ReferralType(row[2]),
        reason=reason,
        question=question,
        diagnoses=diagnoses,
        is_own=is_own,
    )


def open_same_specialty(
    execute: Execute, patient_id: int, specialty: str, *, leave_out: int = 0
) -> list[OpenReferral]:
    """Open referrals of a patient to a specialty, the newest first, without ``leave_out``."""
    rows = execute(
        "SELECT r.id, coalesce(p.name, ''), r.stage, r.stage_on FROM referral r"
        " LEFT JOIN provider p ON p.id = r.provider_id"
        f" WHERE r.patient_id = ? AND r.specialty = ? COLLATE NOCASE AND r.id <> ? AND r.{_OPEN}"
        " ORDER BY r.id DESC",
        [patient_id, specialty.strip(), leave_out],
    )
    return [
        OpenReferral(id=r[0], office=r[1], stage=ReferralStage(r[2]), stage_on=date.fromisoformat(r[3]))
        for r in rows
    ]


def patient_needs(execute: Execute, patient_id: int) -> Needs | None:
    """Language, transport, clinician and first plan of a patient; None when there is none."""
    for r in execute(
        """SELECT p.interpreter_needed, p.language, p.primary_provider, p.status,
                  coalesce((SELECT transport_needed FROM referral WHERE patient_id = p.id
                            ORDER BY id DESC LIMIT 1), 0),
                  coalesce((SELECT text FROM note WHERE patient_id = p.id
                            AND (text LIKE '%transport%' OR text LIKE '% ride%' OR text LIKE 'ride%'
                                 OR text LIKE '%wheelchair%') ORDER BY at DESC, id DESC LIMIT 1), ''),
                  y.id, coalesce(y.name, '')
           FROM patient p
           LEFT JOIN coverage c ON c.id = (SELECT id FROM coverage WHERE patient_id = p.id
                                           AND status <> 'cancelled' ORDER BY rank, id LIMIT 1)
           LEFT JOIN payer y ON y.id = c.payer_id WHERE p.id = ?""",
        [patient_id],
    ):
        return Needs(
            interpreter_needed=bool(r[0]),
            language=r[1],
            primary_provider=r[2],
            status=PatientStatus(r[3]),
            transport_needed=bool(r[4]),
            transport_note=r[5],
            payer_id=r[6],
            payer_name=r[7],
        )
    return None


_FACTS = (
    "r.id, r.patient_id, r.provider_id, coalesce(p.name, ''), r.specialty, r.service_type, r.urgency,"
    " r.reason, r.question, r.diagnoses, r.ordered_by, r.ordered_on, r.needs_authorization,"
    " r.interpreter_needed, r.transport_needed, r.stage, r.stage_on, r.stage_reason, r.note,"
    " (SELECT count(*) FROM document WHERE referral_id = r.id), r.version"
)


def read_referral(execute: Execute, referral_id: int) -> ReferralFacts | None:
    """One referral; None when another window or an undo removed it."""
    for r in execute(
        f"SELECT {_FACTS} FROM referral r LEFT JOIN provider p ON p.id = r.provider_id WHERE r.id = ?",
        [referral_id],
    ):
        return ReferralFacts(
            id=r[0],
            patient_id=r[1],
            provider_id=r[2],
            office=r[3],
            specialty=r[4],
            service_type=ReferralType(r[5]),
            urgency=Urgency(r[6]),
            reason=r[7],
            question=r[8],
            diagnoses=r[9],
            ordered_by=r[10],
            ordered_on=date.fromisoformat(r[11]),
            needs_authorization=None if r[12] is None else bool(r[12]),
            interpreter_needed=bool(r[13]),
            transport_needed=bool(r[14]),
            stage=ReferralStage(r[15]),
            stage_on=date.fromisoformat(r[16]),
            stage_reason=r[17],
            note=r[18],
            documents=r[19],
            version=r[20],
        )
    return None


def chain(execute: Execute, referral_id: int) -> list[ChainLink]:
    """Every referral linked with this one by "sent elsewhere", the first one first; itself among them."""
    rows = execute(
        """WITH RECURSIVE linked(id) AS (
               SELECT ?
               UNION SELECT r.redirected_from_id FROM referral r JOIN linked l ON r.id = l.id
                     WHERE r.redirected_from_id IS NOT NULL
               UNION SELECT r.id FROM referral r JOIN linked l ON r.redirected_from_id = l.id)
           SELECT r.id, coalesce(p.name, ''), r.specialty, r.stage, r.stage_on, r.ordered_on, r.stage_reason
           FROM linked l JOIN referral r ON r.id = l.id LEFT JOIN provider p ON p.id = r.provider_id
           ORDER BY r.ordered_on, r.id""",
        [referral_id],
    )
    return [
        ChainLink(
            id=r[0],
            office=r[1],
            specialty=r[2],
            stage=ReferralStage(r[3]),
            stage_on=date.fromisoformat(r[4]),
            ordered_on=date.fromisoformat(r[5]),
            reason=r[6],
            is_this=r[0] == referral_id,
        )
        for r in rows
    ]
