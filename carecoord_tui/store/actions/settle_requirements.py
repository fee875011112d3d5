"""Acts of ``domain.settle`` on what a payer said a visit needs, inside the change of ``actions.settle``."""

from __future__ import annotations

from sqlmodel import col, select

from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.payer_requirements import AUTHORIZATION_RULE, REFERRAL_RULE
from carecoord_tui.domain.vocabulary import AuthorizationStatus, Kind, ReferralStage
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.authorization_moves import advance, number_of, stamp
from carecoord_tui.store.actions.base import Refused, existing, instant
from carecoord_tui.store.actions.eligibility import usable_plans
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appointment, Authorization, Note, Referral

_WORD_LIMIT = 200
_NOT_NEEDED = {AUTHORIZATION_RULE: "No authorization needed", REFERRAL_RULE: "No referral needed"}
_CLOSED = [stage for stage in ReferralStage if not stage.is_open]


def requirement(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, text: str
) -> None:
    """One act on a visit that needs something. ``text`` is who said otherwise. Raises Refused."""
    visit = existing(session, Appointment, ref.record_id)
    match what:
        case "opened":
            _open(session, practice, visit)
        case "submitted":
            number = number_of(_open(session, practice, visit))
            step = Step(to=AuthorizationStatus.SUBMITTED, on=when.on)
            advance(session, practice, number, step, submitted_at=instant(practice, when))
        case "referral":
            _link_referral(session, visit)
        case _:
            put_not_needed(session, practice, visit, ref.rule_id, text)


def put_not_needed(
    session: AuditedSession, practice: Practice, visit: Appointment, rule_id: str, said: str
) -> None:
    """Keep who said that a visit can do without, as a note that names the rule it answers."""
    words = clean_text(said, _WORD_LIMIT)
    session.add(
        Note(
            patient_id=visit.patient_id,
            at=practice.clock.now(),
            about_kind=Kind.ELIGIBILITY,
            about_id=visit.id,
            text=f"{_NOT_NEEDED[rule_id]}: {words}" if words else _NOT_NEEDED[rule_id],
            source=rule_id,
        )
    )


def _open(session: AuditedSession, practice: Practice, visit: Appointment) -> Authorization:
    """An authorization for this visit, on the plan that pays first; to be submitted next."""
    plans = usable_plans(session, visit.patient_id)
    record = Authorization(
        patient_id=visit.patient_id,
        coverage_id=plans[0].id if plans else None,
        referral_id=visit.referral_id,
        appointment_id=visit.id,
        service=visit.title,
        service_on=practice.context.day_of(visit.starts_at),
        opened_on=practice.today(),
    )
    session.add(record)
    session.flush()
    stamp(session, practice, record, practice.today(), "The payer said that it is needed")
    return record


def _link_referral(session: AuditedSession, visit: Appointment) -> None:
    """The visit belongs to the newest open referral."""
    newest = session.exec(
        select(Referral)
        .where(col(Referral.patient_id) == visit.patient_id, col(Referral.stage).not_in(_CLOSED))
        .order_by(col(Referral.id).desc())
    ).first()
    if newest is None:
        raise Refused("No open referral is on file: add one with r, then link it here.")
    visit.referral_id = newest.id
    session.add(visit)
