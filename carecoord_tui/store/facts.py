"""Read the frozen facts of people for the rules: a handful of selects for any number of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from carecoord_tui.domain.facts import (
    AppointmentFacts,
    AuthorizationFacts,
    ContactFacts,
    CoverageFacts,
    DenialFacts,
    EligibilityFacts,
    FollowUpFacts,
    IncomingCallFacts,
    LimitFacts,
    MoveFacts,
    PatientFacts,
    PaymentPlanFacts,
    ReferralFacts,
    TransitionFacts,
)
from carecoord_tui.store import facts_insurance
from carecoord_tui.store import facts_statements as statements

CHUNK = 500
T = TypeVar("T")


def load(connection: sa.Connection, patient_ids: Sequence[int], zone: ZoneInfo) -> list[PatientFacts]:
    """The facts of these people, in id order. At most a few hundred ids at a time (see ``CHUNK``)."""
    if not patient_ids:
        return []
    reader = _Reader(connection, patient_ids, zone)
    return reader.people()


class _Reader:
    """One pass over the tables for one chunk of people."""

    def __init__(self, connection: sa.Connection, ids: Sequence[int], zone: ZoneInfo) -> None:
        self.connection, self.ids, self.zone = connection, list(ids), zone
        self.first = min(self.ids)

    def _has_any(self, of: statements.OfPeople) -> bool:
        """False when no row can belong to these people: of somebody just added most tables hold nothing.

        One step into the index on the person, where the select itself would look up every id.
        """
        highest = self.connection.exec_driver_sql(of.highest_owner).scalar()
        return highest is not None and highest >= self.first

    def _grouped(self, of: statements.OfPeople, make: Callable[[Any], T]) -> dict[int, list[T]]:
        found: dict[int, list[T]] = defaultdict(list)
        if len(self.ids) > 1 and not self._has_any(of):
            return found
        for row in self.connection.execute(of.statement, {"ids": self.ids}):
            found[row.patient_id].append(make(row))
        return found

    def people(self) -> list[PatientFacts]:
        rows = self.connection.execute(statements.PEOPLE, {"ids": self.ids}).all()
        coverages, checks, contacts, moves = (
            self.coverages(),
            self.checks(),
            self.contacts(),
            self.moves(),
        )
        follow_ups, referrals, authorizations = self.follow_ups(), self.referrals(), self.authorizations()
        denials, appointments, transitions = self.denials(), self.appointments(), self.transitions()
        good_faith = self._grouped(statements.GOOD_FAITHS, facts_insurance.good_faith)
        billing_cases = self._grouped(statements.BILLING_CASES, facts_insurance.billing_case)
        payment_plans = self.payment_plans()
        assistance = self._grouped(statements.ASSISTANCES, facts_insurance.assistance)
        calls = self.calls()
        return [
            PatientFacts(
                id=number,
                status=status,
                risk=risk,
                check_in_on=check_in_on,
                is_first_check_in=is_first_check_in,
                hold_until=hold_until,
                added_on=status_on,
                call_from=call_from,
                call_until=call_until,
                time_zone=time_zone,
                coverages=tuple(coverages.get(number, ())),
                checks=tuple(checks.get(number, ())),
                follow_ups=tuple(follow_ups.get(number, ())),
                referrals=tuple(referrals.get(number, ())),
                authorizations=tuple(authorizations.get(number, ())),
                denials=tuple(denials.get(number, ())),
                appointments=tuple(appointments.get(number, ())),
                transitions=tuple(transitions.get(number, ())),
                good_faith=tuple(good_faith.get(number, ())),
                billing_cases=tuple(billing_cases.get(number, ())),
                payment_plans=tuple(payment_plans.get(number, ())),
                assistance=tuple(assistance.get(number, ())),
                calls=tuple(calls.get(number, ())),
                contacts=tuple(contacts.get(number, ())),
                moves=tuple(moves.get(number, ())),
            )
            for (
                number,
                status,
                risk,
                check_in_on,
                is_first_check_in,
                hold_until,
                status_on,
                call_from,
                call_until,
                time_zone,
            ) in rows
        ]

    def coverages(self) -> dict[int, list[CoverageFacts]]:
        return self._grouped(
            statements.COVERAGES,
            lambda r: CoverageFacts(
                id=r.id, payer_name=r.name, payer_class=r.payer_class, rank=r.rank, status=r.status
            ),
        )

    def checks(self) -> dict[int, list[EligibilityFacts]]:
        return self._grouped(
            statements.CHECKS,
            lambda r: EligibilityFacts(
                coverage_id=r.coverage_id,
                checked_on=r.checked_on,
                as_of=r.as_of,
                result=r.result,
                authorization_needed=r.authorization_needed,
                referral_needed=r.referral_needed,
            ),
        )

    def contacts(self) -> dict[int, list[ContactFacts]]:
        return self._grouped(
            statements.CONTACTS,
            lambda r: ContactFacts(
                at=r.at,
                outcome=r.outcome,
                about_kind=r.about_kind,
                about_id=r.about_id,
                by_clinical_staff=r.by_clinical_staff,
            ),
        )

    def moves(self) -> dict[int, list[MoveFacts]]:
        return self._grouped(
            statements.MOVES,
            lambda r: MoveFacts(
                kind=r.kind,
                record_id=r.record_id,
                rule_id=r.rule_id,
                until_on=r.until_on,
                until_at=r.until_at,
                original_on=r.original_on,
                event=r.event,
                waiting_on=r.waiting_on,
                moved_on=r.moved_at.astimezone(self.zone).date(),
                promised_on=r.promised_on,
            ),
        )

    def follow_ups(self) -> dict[int, list[FollowUpFacts]]:
        return self._grouped(
            statements.FOLLOW_UPS,
            lambda r: FollowUpFacts(
                id=r.id,
                title=r.title,
                kind=r.kind,
                priority=r.priority,
                due_on=r.due_on,
                due_at=r.due_at,
                legal_on=r.legal_on,
            ),
        )

    def referrals(self) -> dict[int, list[ReferralFacts]]:
        return self._grouped(
            statements.REFERRALS,
            lambda r: ReferralFacts(
                id=r.id,
                specialty=r.specialty,
                provider_name=r.provider_name,
                urgency=r.urgency,
                stage=r.stage,
                stage_on=r.stage_on,
                ordered_on=r.ordered_on,
                sent_on=r.sent_on,
                visit_on=r.visit_on,
                stage_reason=r.stage_reason,
                expects_report=r.service_type.expects_report,
            ),
        )

    def authorizations(self) -> dict[int, list[AuthorizationFacts]]:
        items = self._parts(statements.AUTHORIZATION_ITEMS, facts_insurance.authorization_item)
        return self._grouped(
            statements.AUTHORIZATIONS,
            lambda r: facts_insurance.authorization(r, items.get(r.id, ()), self.limits.get(r.payer_id, ())),
        )

    def denials(self) -> dict[int, list[DenialFacts]]:
        tracks = self._parts(statements.TRACKS, facts_insurance.track)
        return self._grouped(
            statements.DENIALS,
            lambda r: facts_insurance.denial(r, tracks.get(r.id, ()), self.limits.get(r.payer_id, ())),
        )

    def payment_plans(self) -> dict[int, list[PaymentPlanFacts]]:
        payments = self._parts(statements.INSTALLMENTS, facts_insurance.installment)
        return self._grouped(
            statements.PAYMENT_PLANS,
            lambda r: facts_insurance.payment_plan(r, payments.get(r.id, ())),
        )

    @cached_property
    def limits(self) -> dict[int, list[LimitFacts]]:
        """What contracts say instead of the rule pack, by payer."""
        found: dict[int, list[LimitFacts]] = defaultdict(list)
        for row in self.connection.execute(statements.LIMITS):
            found[row.payer_id].append(facts_insurance.limit(row))
        return found

    def _parts(self, of: statements.OfPeople, make: Callable[[Any], tuple[int, T]]) -> dict[int, list[T]]:
        """Parts by the number of the record they belong to."""
        found: dict[int, list[T]] = defaultdict(list)
        for parts in self._grouped(of, make).values():
            for owner, part in parts:
                found[owner].append(part)
        return found

    def appointments(self) -> dict[int, list[AppointmentFacts]]:
        return self._grouped(
            statements.APPOINTMENTS,
            self._appointment,
        )

    def _appointment(self, row: Any) -> AppointmentFacts:
        return AppointmentFacts(
            id=row.id,
            title=row.title,
            status=row.status,
            starts_at=row.starts_at,
            starts_on=row.starts_at.astimezone(self.zone).date(),
            booked_on=row.booked_on,
            confirmed_on=row.confirmed_on,
            interpreter_needed=row.interpreter_needed,
            interpreter_confirmed_on=row.interpreter_confirmed_on,
            referral_id=row.referral_id,
            transition_id=row.transition_id,
            status_on=row.status_on,
            has_authorization=bool(row.has_authorization),
            no_authorization_on=self._day(row.no_authorization_at),
            no_referral_on=self._day(row.no_referral_at),
        )

    def _day(self, at: datetime | None) -> date | None:
        return None if at is None else at.astimezone(self.zone).date()

    def calls(self) -> dict[int, list[IncomingCallFacts]]:
        return self._grouped(
            statements.CALLS,
            lambda r: IncomingCallFacts(
                id=r.id,
                at=r.at,
                reason=r.reason,
                disposition=r.disposition,
                handed_to=r.handed_to,
                handed_at=r.handed_at,
            ),
        )

    def transitions(self) -> dict[int, list[TransitionFacts]]:
        return self._grouped(
            statements.TRANSITIONS,
            lambda r: TransitionFacts(
                id=r.id,
                discharged_on=r.discharged_on,
                complexity=r.complexity,
                facility=r.facility,
                handed_to=r.handed_to,
            ),
        )


def chunks(ids: Iterable[int], size: int = CHUNK) -> Iterable[list[int]]:
    """Ids in lists of ``size``."""
    chunk: list[int] = []
    for one in ids:
        chunk.append(one)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
