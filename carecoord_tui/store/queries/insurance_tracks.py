"""The roads out of denials as the lists show them: which are walked, and what each asks for next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.denial import TRACK_RULES, WAIT_RULES
from carecoord_tui.domain.insurance_rows import Road
from carecoord_tui.domain.vocabulary import DenialStatus, TrackKind, TrackStatus
from carecoord_tui.store.queries.today import Execute

_APPEAL = "appeal."


def open_tracks(execute: Execute, denial_id: int) -> frozenset[TrackKind]:
    """The roads of a denial that somebody walks."""
    rows = execute(
        "SELECT kind FROM denial_track WHERE denial_id = ? AND status = ?",
        [denial_id, TrackStatus.OPEN.value],
    )
    return frozenset(TrackKind(kind) for (kind,) in rows)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the ledger says of a denial: the window that can be filed now, and the next day of each rule."""

    last_on: date | None  # the last day to appeal
    level_rule: str  # the rule that sets it; empty where none does
    next_by_rule: dict[str, date]


def read_ahead(execute: Execute, denial_ids: Sequence[int]) -> dict[int, Ahead]:
    """What is owed of each of these denials, 500 at most."""
    found: defaultdict[int, dict[str, date]] = defaultdict(dict)
    windows: dict[int, tuple[date, str]] = {}
    for number, rule_id, target_on, legal_on in execute(
        "SELECT record_id, rule_id, target_on, legal_on FROM ledger"
        f" WHERE kind = 'denial' AND record_id IN ({', '.join('?' * len(denial_ids))})",
        list(denial_ids),
    ):
        found[number][rule_id] = date.fromisoformat(target_on)
        if rule_id.startswith(_APPEAL) and legal_on is not None:
            window = date.fromisoformat(legal_on), rule_id
            windows[number] = min(window, windows.get(number, window))
    ahead: dict[int, Ahead] = {}
    for number in denial_ids:
        last_on, level_rule = windows.get(number, (None, ""))
        ahead[number] = Ahead(last_on, level_rule, found.get(number, {}))  # of a settled one nothing
    return ahead


def read_tracks(execute: Execute, denial_ids: Sequence[int]) -> dict[int, dict[TrackKind, TrackStatus]]:
    """The roads anybody opened for each of these denials, 500 at most."""
    found: defaultdict[int, dict[TrackKind, TrackStatus]] = defaultdict(dict)
    for number, kind, status in execute(
        "SELECT denial_id, kind, status FROM denial_track"
        f" WHERE denial_id IN ({', '.join('?' * len(denial_ids))})",
        list(denial_ids),
    ):
        found[number][TrackKind(kind)] = TrackStatus(status)
    return found


def roads_of(
    status: DenialStatus, last_on: date | None, ahead: Ahead, tracks: dict[TrackKind, TrackStatus]
) -> tuple[Road, ...]:
    """All three roads in their order, each with its next day."""
    appeal = tracks.get(TrackKind.APPEAL, TrackStatus.OPEN)
    has_left = appeal is TrackStatus.DROPPED or (
        status is DenialStatus.OPEN and appeal is not TrackStatus.OPEN
    )
    waits = (ahead.next_by_rule.get(rule_id) for rule_id in WAIT_RULES)
    asked = next(filter(None, waits), None) if status is DenialStatus.APPEALED else last_on
    others = (
        Road(kind, tracks.get(kind) is TrackStatus.OPEN, ahead.next_by_rule.get(rule_id))
        for kind, rule_id in TRACK_RULES.items()
    )
    return (Road(TrackKind.APPEAL, not has_left, None if has_left else asked), *others)
