"""What the coordinator decides about open items for a day off."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import col, select

from carecoord_tui.domain.cover import Away, last_local_day, why_not_held
from carecoord_tui.domain.vocabulary import Basis, CoverMark
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused, ledger_row
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import ItemCover


def mark_items(practice: Practice, marks: Mapping[ItemRef, CoverMark | None], away: Away) -> None:
    """Keep marks until the day back, all in one change; None goes back to the proposal.

    Raises Refused without a mark, for an item that was settled meanwhile, and for a hold that would let a
    last day lapse; then no mark was kept.
    """
    if not marks:
        raise Refused("No mark was changed.")
    with practice.change(
        f"marks for a day off, {len(marks)} item{'' if len(marks) == 1 else 's'}"
    ) as session:
        for ref, mark in marks.items():
            _mark(session, ref, mark, away)
            if mark is CoverMark.HOLD:
                _check_hold(practice, session, ref, away)


def _check_hold(practice: Practice, session: AuditedSession, ref: ItemRef, away: Away) -> None:
    row = ledger_row(session, ref)
    if row is None:
        return
    last = last_local_day(row["legal_on"], row["legal_at"], practice.zone)
    if refusal := why_not_held(Basis(row["basis"]), last, away, practice.today()):
        raise Refused(f"An item cannot be held: {refusal}. Mark it before or cover.")


def _mark(session: AuditedSession, ref: ItemRef, mark: CoverMark | None, away: Away) -> None:
    record = session.exec(
        select(ItemCover).where(
            col(ItemCover.kind) == ref.kind,
            col(ItemCover.record_id) == ref.record_id,
            col(ItemCover.rule_id) == ref.rule_id,
        )
    ).first()
    if mark is None:
        if record is not None:
            session.delete(record)
        return
    if ledger_row(session, ref) is None:
        raise Refused("An item was settled meanwhile: read the list again.")
    if record is None:
        record = ItemCover(
            patient_id=ref.patient_id,
            kind=ref.kind,
            record_id=ref.record_id,
            rule_id=ref.rule_id,
            mark=mark,
            until_on=away.back,
        )
    record.mark, record.until_on = mark, away.back
    session.add(record)
