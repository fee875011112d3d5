"""The roads out of a denial, inside a change: appeal, covered alternative, assistance, side by side."""

from __future__ import annotations

from datetime import date

from sqlmodel import col, select

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import DenialStatus, TrackKind, TrackStatus
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Denial, DenialTrack

NOTE_LIMIT = 400


def decide_to_appeal_in(session: AuditedSession, practice: Practice, denial_id: int, on: date) -> None:
    """The papers are gathered and somebody decided to appeal on ``on``. Raises Refused."""
    record = existing(session, Denial, denial_id)
    if on > practice.today():
        raise Refused("That day is ahead: record it when it was decided.")
    if on < record.notice_on:
        raise Refused("That is before the date of the denial letter.")
    record.triaged_on = on
    session.add(record)
    open_track_in(session, practice, denial_id, TrackKind.APPEAL)


def leave_appeal_in(session: AuditedSession, practice: Practice, denial_id: int) -> None:
    """No appeal: the other roads go on, and without one the denial asks to be closed. Raises Refused."""
    record = existing(session, Denial, denial_id)
    if record.status is DenialStatus.APPEALED:
        raise Refused("An appeal waits for its decision: record that first.")
    appeal = track_of(session, denial_id, TrackKind.APPEAL)
    if appeal is None or appeal.status is not TrackStatus.OPEN:
        open_track_in(session, practice, denial_id, TrackKind.APPEAL)
    end_track_in(session, practice, denial_id, TrackKind.APPEAL, TrackStatus.DROPPED)
    record.triaged_on = practice.today()
    session.add(record)


def open_track_in(
    session: AuditedSession,
    practice: Practice,
    denial_id: int,
    kind: TrackKind,
    *,
    next_on: date | None = None,
    note: str = "",
) -> DenialTrack:
    """Take a road inside a change, or take it up again; returns it. Raises Refused on an ended denial."""
    record = existing(session, Denial, denial_id)
    if not record.status.is_open:
        raise Refused(f"This denial has ended ({record.status.label}): there is no way to go on.")
    track = track_of(session, denial_id, kind)
    if track is None:
        track = DenialTrack(
            patient_id=record.patient_id, denial_id=denial_id, kind=kind, opened_on=practice.today()
        )
    elif track.status is not TrackStatus.OPEN:
        track.status, track.opened_on, track.closed_on = TrackStatus.OPEN, practice.today(), None
    track.next_on = next_on if next_on is not None else track.next_on
    track.note = clean_text(note, NOTE_LIMIT) or track.note
    session.add(track)
    session.flush()
    return track


def end_track_in(
    session: AuditedSession,
    practice: Practice,
    denial_id: int,
    kind: TrackKind,
    status: TrackStatus,
    *,
    note: str = "",
) -> DenialTrack:
    """A road ended, inside a change. Raises Refused when it is not being walked."""
    track = track_of(session, denial_id, kind)
    if track is None or track.status is not TrackStatus.OPEN:
        raise Refused(f"The {kind.label} is not under way: there is nothing to end.")
    if status is TrackStatus.OPEN:
        raise Refused("Say how it ended: it succeeded, failed, or was dropped.")
    track.status, track.closed_on, track.next_on = status, practice.today(), None
    track.note = clean_text(note, NOTE_LIMIT) or track.note
    session.add(track)
    return track


def put_track_in(
    session: AuditedSession,
    practice: Practice,
    denial_id: int,
    kind: TrackKind,
    status: TrackStatus,
    *,
    next_on: date | None = None,
    note: str | None = None,
) -> None:
    """A road as a form has it: taken, ended, with another next step or note; nothing when it stands so.

    ``note`` says which drug or program it is about; None leaves what is on file, empty takes it away.
    """
    track = track_of(session, denial_id, kind)
    if status is TrackStatus.OPEN:
        if track is None or track.status is not status or track.next_on != next_on:
            track = open_track_in(session, practice, denial_id, kind, next_on=next_on)
            track.next_on = next_on
    elif track is None or track.status is not status:
        if track is None or track.status is not TrackStatus.OPEN:
            open_track_in(session, practice, denial_id, kind)
        track = end_track_in(session, practice, denial_id, kind, status)
    if note is not None and track.note != clean_text(note, NOTE_LIMIT):
        track.note = clean_text(note, NOTE_LIMIT)
    session.add(track)


def track_of(session: AuditedSession, denial_id: int, kind: TrackKind) -> DenialTrack | None:
    """The road of a kind; None while nobody took it."""
    return session.exec(
        select(DenialTrack).where(col(DenialTrack.denial_id) == denial_id, col(DenialTrack.kind) == kind)
    ).first()


def end_tracks(session: AuditedSession, practice: Practice, denial_id: int, *, won: TrackKind | None) -> None:
    """End every road that is open, inside a change: ``won`` got what was wanted, the others are dropped."""
    for kind in TrackKind:
        track = track_of(session, denial_id, kind)
        if track is not None and track.status is TrackStatus.OPEN:
            status = TrackStatus.SUCCEEDED if kind is won else TrackStatus.DROPPED
            end_track_in(session, practice, denial_id, kind, status)
