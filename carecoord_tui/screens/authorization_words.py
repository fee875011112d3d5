"""How an authorization stands, in a few lines: for the sheet of its next steps and the head of its form."""

from __future__ import annotations

from datetime import datetime

from carecoord_tui.domain.authorization import outside_window
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.screens.authorization_draft import clock_words, units_words
from carecoord_tui.store.queries.authorizations import AuthorizationDetail


def standing_lines(record: AuthorizationDetail, context: Context, now: datetime) -> list[str]:
    """Status with its facts, the service day outside the validity, the payer's clock, the links."""
    today = context.day_of(now)
    facts = record.facts
    units, used = facts.units, record.units_used
    left = units_words(units, used)
    ends = facts.last_valid_on
    sent_on = context.day_of(record.submitted_at) if record.submitted_at else None
    since = sent_on if record.status is AuthorizationStatus.SUBMITTED else record.decided_on
    known = (
        f"{record.status.label} {format_day(since, today)}" if since else record.status.label,
        f"submitted {format_day(sent_on, today)}" if sent_on and sent_on != since else "",
        f"no. {record.number}" if record.number else "",
        f"valid to {format_day(ends, today)}" if ends else "",
        f"{used or 0} of {units} units used{f', {left}' if left else ''}" if units is not None else "",
        f"more time since {format_day(record.extended_on, today)}" if record.extended_on else "",
        f"peer-to-peer by {format_day(record.peer_to_peer_by, today)}" if record.peer_to_peer_by else "",
    )
    outside = outside_window(record.service_on, record.valid_from, ends)
    clock = clock_words(facts, context, now)[:1] if not record.decided_on else []
    return [
        " · ".join(word for word in known if word),
        *([f"{outside}."] if outside else []),
        *clock,
        *link_lines(record),
    ]


def link_lines(record: AuthorizationDetail) -> list[str]:
    """What it leads to: the denial recorded for it, the authorization that renews it."""
    words = []
    if record.denial_id is not None:
        words.append("Its denial is recorded: F4, then the denial's key, opens it.")
    if record.renewed_by_id is not None:
        words.append("Renewed by a later authorization.")
    return words
