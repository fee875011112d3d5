"""Single acts on authorizations, denials and appeals, each a change of its own, for tests of the store."""

from __future__ import annotations

from datetime import date, datetime

from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.vocabulary import AppealOutcome, TrackKind, TrackStatus
from carecoord_tui.store.actions.appeals import confirm_in, decide_in
from carecoord_tui.store.actions.authorization_moves import answer_whole, take_more_time
from carecoord_tui.store.actions.base import existing
from carecoord_tui.store.actions.denial_endings import Close, close_in
from carecoord_tui.store.actions.denial_tracks import decide_to_appeal_in, end_track_in, open_track_in
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appeal, Authorization


def record_step(
    practice: Practice, authorization_id: int, step: Step, *, submitted_at: datetime | None = None
) -> None:
    """One step of the whole."""
    with practice.change("step") as session:
        answer_whole(session, practice, authorization_id, step, submitted_at=submitted_at)


def take_extension(practice: Practice, authorization_id: int, on: date) -> None:
    """The payer takes more time."""
    with practice.change("more time") as session:
        take_more_time(session, practice, existing(session, Authorization, authorization_id), on)


def confirm_received(practice: Practice, appeal_id: int, on: date, *, reference: str = "") -> None:
    """The payer has it."""
    with practice.change("appeal received") as session:
        confirm_in(practice, session, existing(session, Appeal, appeal_id), on, reference)


def decide_appeal(
    practice: Practice,
    denial_id: int,
    outcome: AppealOutcome,
    *,
    on: date | None = None,
    letter_deadline_on: date | None = None,
) -> None:
    """The payer decided the appeal that waits."""
    with practice.change("appeal decided") as session:
        decide_in(session, practice, denial_id, outcome, on=on, letter_deadline_on=letter_deadline_on)


def close_denial(practice: Practice, denial_id: int, close: Close) -> None:
    """The denial ends."""
    with practice.change("denial closed") as session:
        close_in(session, practice, denial_id, close)


def triage(practice: Practice, denial_id: int) -> None:
    """Somebody decided to appeal, today."""
    with practice.change("papers gathered") as session:
        decide_to_appeal_in(session, practice, denial_id, practice.today())


def open_track(
    practice: Practice, denial_id: int, kind: TrackKind, *, next_on: date | None = None, note: str = ""
) -> None:
    """Take a road."""
    with practice.change("road opened") as session:
        open_track_in(session, practice, denial_id, kind, next_on=next_on, note=note)


def end_track(
    practice: Practice, denial_id: int, kind: TrackKind, status: TrackStatus, *, note: str = ""
) -> None:
    """A road ended."""
    with practice.change("road ended") as session:
        end_track_in(session, practice, denial_id, kind, status, note=note)
