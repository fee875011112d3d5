"""Who ordered what for a patient, to stand with the care team."""

from __future__ import annotations

from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.store.queries.today import Execute

_OPEN = ", ".join(f"'{stage.value}'" for stage in ReferralStage if stage.is_open)


def read_ordering(execute: Execute, patient_id: int) -> list[tuple[str, str]]:
    """Clinicians who ordered the open referrals, with the specialties, the newest order first."""
    rows = execute(
        f"SELECT ordered_by, group_concat(DISTINCT specialty) FROM referral WHERE patient_id = ?"
        f" AND ordered_by <> '' AND stage IN ({_OPEN}) GROUP BY ordered_by ORDER BY max(ordered_on) DESC",
        [patient_id],
    )
    return [(str(name), str(what).replace(",", ", ")) for name, what in rows]
