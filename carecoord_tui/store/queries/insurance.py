"""The insurance screen as read: keys by lane at once, lines by window, the item of each record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from carecoord_tui.domain.billing_rows import PartRow, standing_of
from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.eligibility_rows import VisitState, state_for
from carecoord_tui.domain.insurance_rows import (
    LANES,
    SELF_PAY_RULE,
    AuthorizationDetail,
    BillingDetail,
    DenialDetail,
    Detail,
    EligibilityDetail,
    InsuranceLane,
    InsuranceRow,
    Key,
    LaneGroup,
    key_of,
    record_of,
)
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.vocabulary import (
    AssistanceStatus,
    AuthorizationStatus,
    DenialReason,
    DenialStatus,
    Kind,
    PayerClass,
)
from carecoord_tui.store.queries.eligibility import checks_of
from carecoord_tui.store.queries.insurance_filter import InsuranceFilter
from carecoord_tui.store.queries.insurance_lanes import keys_by_group, keys_there
from carecoord_tui.store.queries.insurance_tracks import read_ahead, read_tracks, roads_of
from carecoord_tui.store.queries.today import Execute, items_about
from carecoord_tui.store.queries.values import read_amount, read_day

_AT_ONCE = 500  # values bound to one statement
_FIRST_PLAN = (  # as ``PatientFacts.primary_coverage`` has it
    "(SELECT f.id FROM coverage f WHERE f.patient_id = {patient} AND f.status <> 'cancelled'"
    " ORDER BY f.rank, f.id LIMIT 1)"
)
Found = tuple[int, str, Detail]
"""Record, payer, detail."""


def list_keys(
    execute: Execute,
    lane: InsuranceLane | None = None,
    *,
    text: str = "",
    order: DateOrder = DateOrder.MDY,
    narrow: InsuranceFilter | None = None,
) -> dict[LaneGroup, list[Key]]:
    """Keys of a lane, or of all four, by heading in the order of the list, narrowed by what was typed.

    ``narrow`` is kept between keys of one filter: it remembers the payers.
    """
    condition = (narrow or InsuranceFilter(execute)).condition(text, order)
    return keys_by_group(
        execute, LANES if lane is None else (lane,), matching=condition.sql, parameters=condition.parameters
    )


def list_there(
    execute: Execute,
    lane: InsuranceLane | None = None,
    *,
    text: str = "",
    order: DateOrder = DateOrder.MDY,
    narrow: InsuranceFilter | None = None,
) -> set[Key]:
    """The keys of :func:`list_keys` without headings and order, in a tenth of its time."""
    condition = (narrow or InsuranceFilter(execute)).condition(text, order)
    return keys_there(
        execute, LANES if lane is None else (lane,), matching=condition.sql, parameters=condition.parameters
    )


def read_items(execute: Execute, keys: Iterable[Key], moment: Moment) -> dict[Key, Ranked]:
    """The most urgent item of each of these records; those that are settled are left out."""
    found: dict[Key, Ranked] = {}
    for kind, numbers in _by_kind(keys).items():
        rule_id = SELF_PAY_RULE if kind is Kind.APPOINTMENT else ""  # its other items are not billing
        items = items_about(execute, kind, numbers, moment, rule_id=rule_id)
        found |= {key_of(kind, number): ranked for number, ranked in items.items()}
    return found


def read_rows(execute: Execute, keys: Sequence[Key], moment: Moment) -> list[InsuranceRow]:
    """The lines of these records, in their order; those that are settled are left out."""
    items = read_items(execute, keys, moment)
    found: dict[Key, InsuranceRow] = {}
    for kind, numbers in _by_kind(items).items():
        for start in range(0, len(numbers), _AT_ONCE):
            portion = numbers[start : start + _AT_ONCE]
            for number, payer, detail in _READERS[kind](execute, portion, moment):
                key = key_of(kind, number)
                found[key] = InsuranceRow(key, items[key], payer, detail)
    return [found[key] for key in keys if key in found]


def _by_kind(keys: Iterable[Key]) -> dict[Kind, list[int]]:
    numbers: defaultdict[Kind, list[int]] = defaultdict(list)
    for key in keys:
        kind, number = record_of(key)
        numbers[kind].append(number)
    return numbers


def _marks(values: Sequence[object]) -> str:
    return f"({', '.join('?' * len(values))})"


# --- one reader a kind -------------------------------------------------------------------------------


def _visits(execute: Execute, numbers: Sequence[int], moment: Moment) -> Iterable[Found]:
    """Visits with the plan that pays first, and the check that tells most about each."""
    rows = list(
        execute(
            "SELECT v.id, v.starts_at, c.id, p.name, p.payer_class FROM appointment v"
            f" LEFT JOIN coverage c ON c.id = {_FIRST_PLAN.format(patient='v.patient_id')}"
            f" LEFT JOIN payer p ON p.id = c.payer_id WHERE v.id IN {_marks(numbers)}",
            list(numbers),
        )
    )
    checks = checks_of(execute, [row[2] for row in rows if row[2] is not None])
    for number, starts_at, coverage_id, payer, payer_class in rows:
        local = datetime.fromisoformat(starts_at).astimezone(moment.zone)
        state, check = VisitState.NO_COVERAGE, None
        if coverage_id is not None:
            state, check = state_for(checks.get(coverage_id, ()), local.date(), PayerClass(payer_class))
        detail = EligibilityDetail(visit_on=local.date(), visit_time=local.time(), state=state, check=check)
        yield number, payer or "", detail


def _authorizations(execute: Execute, numbers: Sequence[int], moment: Moment) -> Iterable[Found]:
    for r in execute(
        "SELECT a.id, p.name, a.status, a.is_expedited, a.service_on, a.information_due_on, a.valid_to,"
        " a.units_authorized, a.units_used, a.service"
        " FROM authorization a LEFT JOIN coverage c ON c.id = a.coverage_id"
        f" LEFT JOIN payer p ON p.id = c.payer_id WHERE a.id IN {_marks(numbers)}",
        list(numbers),
    ):
        detail = AuthorizationDetail(
            service=r[9],
            status=AuthorizationStatus(r[2]),
            is_expedited=bool(r[3]),
            service_on=read_day(r[4]),
            information_due_on=read_day(r[5]),
            valid_to=read_day(r[6]),
            units_authorized=r[7],
            units_used=r[8],
        )
        yield r[0], r[1] or "", detail


def _denials(execute: Execute, numbers: Sequence[int], moment: Moment) -> Iterable[Found]:
    ahead, tracks = read_ahead(execute, numbers), read_tracks(execute, numbers)
    for r in execute(
        "SELECT d.id, p.name, d.service, d.status, d.reason_kind, d.is_expedited, d.level,"
        " d.letter_deadline_on FROM denial d LEFT JOIN coverage c ON c.id = d.coverage_id"
        f" LEFT JOIN payer p ON p.id = c.payer_id WHERE d.id IN {_marks(numbers)}",
        list(numbers),
    ):
        owed, status, printed = ahead[r[0]], DenialStatus(r[3]), read_day(r[7])
        last_on = owed.last_on
        if last_on is None and status is not DenialStatus.APPEALED:  # no rule is known: the letter's alone
            last_on = printed
        detail = DenialDetail(
            service=r[2],
            status=status,
            reason=None if r[4] is None else DenialReason(r[4]),
            is_expedited=bool(r[5]),
            last_on=last_on,
            level_rule=owed.level_rule or r[6],
            is_from_letter=printed is not None and printed == last_on,
            roads=roads_of(status, last_on, owed, tracks.get(r[0], {})),
        )
        yield r[0], r[1] or "", detail


def _self_pay_visits(execute: Execute, numbers: Sequence[int], moment: Moment) -> Iterable[Found]:
    for number, title in execute(
        f"SELECT id, title FROM appointment WHERE id IN {_marks(numbers)}", list(numbers)
    ):
        yield number, "", BillingDetail(subject=title)


def _good_faith(execute: Execute, numbers: Sequence[int], moment: Moment) -> Iterable[Found]:
    for number, service, amount in execute(
        f"SELECT id, service, amount FROM good_faith WHERE id IN {_marks(numbers)}", list(numbers)
    ):
        yield number, "", BillingDetail(subject=service, amount=read_amount(amount))


def _billing_cases(execute: Execute, numbers: Sequence[int], moment: Moment) -> Iterable[Found]:
    for number, payer, title, amount in execute(
        "SELECT b.id, p.name, b.title, b.amount FROM billing_case b LEFT JOIN payer p ON p.id = b.payer_id"
        f" WHERE b.id IN {_marks(numbers)}",
        list(numbers),
    ):
        yield number, payer or "", BillingDetail(subject=title, amount=read_amount(amount))


def _payment_plans(execute: Execute, numbers: Sequence[int], moment: Moment) -> Iterable[Found]:
    """Plans with what is left and what is overdue; a plan without parts has neither."""
    parts: defaultdict[int, list[PartRow]] = defaultdict(list)
    for plan_id, due_on, amount, paid_on in execute(
        f"SELECT plan_id, due_on, amount, paid_on FROM installment WHERE plan_id IN {_marks(numbers)}",
        list(numbers),
    ):
        parts[plan_id].append(PartRow(date.fromisoformat(due_on), Decimal(amount), read_day(paid_on)))
    for number, title in execute(
        f"SELECT id, title FROM payment_plan WHERE id IN {_marks(numbers)}", list(numbers)
    ):
        mine = parts[number]
        now = standing_of(mine, moment.today) if mine else None
        left, overdue = (now.left, now.overdue or None) if now else (None, None)
        yield number, "", BillingDetail(subject=title, left=left, overdue=overdue)


def _assistance(execute: Execute, numbers: Sequence[int], moment: Moment) -> Iterable[Found]:
    for number, program, amount, status in execute(
        f"SELECT id, program, amount, status FROM assistance WHERE id IN {_marks(numbers)}", list(numbers)
    ):
        label = AssistanceStatus(status).label
        yield number, "", BillingDetail(subject=program, amount=read_amount(amount), status=label)


_READERS: Mapping[Kind, Callable[[Execute, Sequence[int], Moment], Iterable[Found]]] = {
    Kind.ELIGIBILITY: _visits,
    Kind.AUTHORIZATION: _authorizations,
    Kind.DENIAL: _denials,
    Kind.APPOINTMENT: _self_pay_visits,
    Kind.GOOD_FAITH: _good_faith,
    Kind.BILLING: _billing_cases,
    Kind.PAYMENT_PLAN: _payment_plans,
    Kind.ASSISTANCE: _assistance,
}
