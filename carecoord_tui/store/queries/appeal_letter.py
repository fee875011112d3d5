"""What the letter of an appeal is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.names import display
from carecoord_tui.store.queries.denials import DenialDetail, read_denial
from carecoord_tui.store.queries.today import Execute


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLetter:
    """A denial with the payer's appeals desk, the patient, the plan and the request that was denied."""

    denial: DenialDetail
    patient_name: str
    birth_date: date | None
    payer_fax: str  # the appeals desk's, else the payer's; as stored
    member_id: str
    group_number: str
    service_code: str
    diagnoses: str
    reference: str
    minor_consent: str = ""  # the service a minor consented to alone, and the state's rule


def read_appeal_letter(execute: Execute, denial_id: int) -> AppealLetter | None:
    """What is on file for the letter; None when the denial is no longer there."""
    denial = read_denial(execute, denial_id)
    if denial is None:
        return None
    for r in execute(
        """SELECT p.family_name, p.given_name, p.suffix, p.birth_date,
                  coalesce(nullif(y.appeal_fax, ''), y.fax, ''), coalesce(c.member_id, ''),
                  coalesce(c.group_number, ''), coalesce(a.service_code, ''), coalesce(a.diagnoses, ''),
                  coalesce(a.reference, ''), p.minor_consent
           FROM denial d JOIN patient p ON p.id = d.patient_id
           LEFT JOIN coverage c ON c.id = d.coverage_id LEFT JOIN payer y ON y.id = c.payer_id
           LEFT JOIN authorization a ON a.id = d.authorization_id WHERE d.id = ?""",
        [denial_id],
    ):
        return AppealLetter(
            denial=denial,
            patient_name=display(r[0], r[1], r[2]),
            birth_date=date.fromisoformat(r[3]) if r[3] else None,
            payer_fax=r[4],
            member_id=r[5],
            group_number=r[6],
            service_code=r[7],
            diagnoses=r[8],
            reference=r[9],
            minor_consent=r[10],
        )
    return None
