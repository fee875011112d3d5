"""``carecoord demo``: make a practice and fill it. Same moment and size, same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time
from random import Random

from carecoord_tui.clock import RunningClock
from carecoord_tui.demo import (
    DEMO_PASSPHRASE,
    DEMO_PATIENTS,
    caseload,
    monday,
    monday_insurance,
    monday_others,
    monday_referrals,
    not_active,
    people,
)
from carecoord_tui.demo.drafts import COORDINATOR, Days, Desk
from carecoord_tui.domain.vocabulary import NetworkStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store import tables as t
from carecoord_tui.store.creating import NewPractice, create_practice
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.session import AuditedSession

CHUNK = 2_000  # people drafted before they are written
PRACTICE_NAME = "Maple Street Family Practice"
CALLBACK_NUMBER = "+15550100100"
REFERRAL_DESK = 2  # the extension of an office's referral desk
SEED = 20261130


def build_demo(
    paths: PracticePaths,
    *,
    patients: int = DEMO_PATIENTS,
    now: datetime,
    timezone: str = "America/New_York",
    kdf: keyfile.Kdf = keyfile.DEFAULT,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Make the synthetic practice at ``paths`` with ``patients`` active people, as of ``now`` (aware).

    A handful of people on hold, discharged or deceased come on top. On a weekend or a holiday the
    dates turn on the next working day. ``progress`` gets the active people drafted so far. Raises
    ValueError for a naive ``now`` or fewer than one patient, and what ``create_practice`` raises.
    """
    if patients < 1:
        raise ValueError("A demo practice needs at least one patient.")
    clock = RunningClock(now)
    wanted = NewPractice(
        user_name=COORDINATOR,
        role="Care coordinator",
        is_clinical=True,
        practice_name=PRACTICE_NAME,
        timezone=timezone,
        is_demo=True,
    )
    create_practice(paths, DEMO_PASSPHRASE, wanted, clock, kdf=kdf)
    practice = open_practice(paths, keyfile.unlock(paths.keyfile, DEMO_PASSPHRASE), clock)
    try:
        with practice.change("demo practice", kind="system") as session:
            _fill(session, practice, patients, now, progress)
    finally:
        practice.close()


def _fill(
    session: AuditedSession,
    practice: Practice,
    patients: int,
    now: datetime,
    progress: Callable[[int], None] | None,
) -> None:
    desk = Desk(Days(now, practice.zone, practice.context.calendar), practice.context)
    desk.batch.add(t.Setting, key="callback_number", value=CALLBACK_NUMBER)
    _open_directory(desk)
    for made in _people(desk, patients):
        if made % CHUNK == 0:
            desk.batch.write(session)
            if progress is not None:
                progress(made)
    desk.batch.write(session)
    if progress is not None:
        progress(patients)


def _open_directory(desk: Desk) -> None:
    for insurer in people.PAYERS:
        desk.payers[insurer.name] = desk.batch.add(
            t.Payer,
            name=insurer.name,
            payer_class=insurer.payer_class,
            phone=desk.numbers.phone(),
            authorization_phone=desk.numbers.phone(),
            fax=desk.numbers.phone(),
            **_hours(insurer.hours),
            time_zone=insurer.time_zone,
        )
    for office in (*people.OFFICES, *people.NEVER_USED):
        _open_office(desk, office)


def _hours(hours: people.Hours) -> dict[str, time | None]:
    start, end = hours or (None, None)
    return {"call_from": start, "call_until": end}


def _open_office(desk: Desk, office: people.Office) -> None:
    npi = desk.numbers.npi()
    phone, fax = office.numbers or (desk.numbers.phone(), desk.numbers.phone())
    row = desk.batch.add(
        t.Provider,
        name=office.name,
        kind=office.kind,
        specialty=office.specialty,
        organization=office.organization,
        npi=npi,
        phone=phone,
        referral_phone=f"{phone};ext={REFERRAL_DESK}" if office.has_desk else "",
        fax=fax,
        address=office.address,
        usual_wait_days=office.usual_wait_days,
        wants=office.wants,
        **_hours(office.hours),
    )
    desk.providers[office.name] = row
    asked_on = desk.days.before(desk.days.today, 30 + 3 * len(desk.providers))
    for names, status, source in (
        (office.takes, NetworkStatus.IN_NETWORK, "their desk"),
        (office.refuses, NetworkStatus.OUT_OF_NETWORK, "the payer's directory"),
    ):
        for name in names:
            desk.batch.add(
                t.ProviderNetwork,
                provider_id=row,
                payer_id=desk.payers[name],
                status=status,
                checked_on=asked_on,
                source=source,
            )


def _people(desk: Desk, patients: int) -> Iterator[int]:
    """Draft everybody; yields the number of active people so far."""
    modules = (monday, monday_referrals, monday_insurance, monday_others)
    named = [make for module in modules for make in module.ACTIVE][:patients]
    for number, make in enumerate(named, 1):
        make(desk)
        yield number
    for make in not_active.NOT_ACTIVE:
        make(desk)
    for number in caseload.fill(desk, Random(SEED), patients - len(named)):
        yield len(named) + number
