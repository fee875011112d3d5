"""Whether the payer's no to a request is on file as a denial: one test for the rules, doctor and screens."""

from __future__ import annotations

from carecoord_tui.domain.authorization_steps import GRANTED
from carecoord_tui.domain.vocabulary import DenialStatus


def denial_of_whole(request: str) -> str:
    """SQL: a denial of the whole request stands, ``request`` being the name or alias of its row.

    One entered for items answers for those alone. One that was closed stands until the payer grants
    something after the date of its letter; one that was overturned is used up.
    """
    return (
        "EXISTS (SELECT 1 FROM denial stands"
        f" WHERE stands.patient_id = {request}.patient_id AND stands.authorization_id = {request}.id"
        f" AND NOT EXISTS (SELECT 1 FROM authorization_item part WHERE part.authorization_id = {request}.id"
        " AND part.denial_id = stands.id)"
        f" AND (stands.status IN ({_OPEN}) OR (stands.status = '{DenialStatus.CLOSED.value}'"
        " AND NOT EXISTS (SELECT 1 FROM authorization_event later"
        f" WHERE later.authorization_id = {request}.id AND later.status IN ({_GRANTED})"
        " AND later.happened_on > stands.notice_on))))"
    )


_OPEN = ", ".join(f"'{status.value}'" for status in DenialStatus if status.is_open)
_GRANTED = ", ".join(f"'{status.value}'" for status in GRANTED)
