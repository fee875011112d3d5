"""A random coordinator: picks a verb that fits what is open, with values that may be refused."""

from __future__ import annotations

import random
from datetime import date, time, timedelta

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.settle import Need, choices
from carecoord_tui.domain.vocabulary import (
    FollowUpKind,
    Kind,
    MoveEvent,
    Outcome,
    PatientStatus,
    PayerClass,
    Priority,
    ReferralStage,
    Risk,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions import contacts, follow_ups, items, patients
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from tests.store.caseload import TODAY


class Walk:
    """One random walk through the verbs; the same seed walks the same way."""

    def __init__(self, practice: Practice, seed: int) -> None:
        self.practice, self.random = practice, random.Random(seed)
        self.verbs = [
            self.contact,
            self.contact,
            self.settle,
            self.settle,
            self.settle,
            self.move,
            self.complete,
            self.stop_waiting,
            self.add_follow_up,
            self.edit_follow_up,
            self.note,
            self.add_patient,
            self.edit_patient,
            self.status,
            self.relative,
        ]

    def step(self) -> bool:
        """One verb; False when it was refused, and then nothing has changed."""
        try:
            self.random.choice(self.verbs)()
        except Refused:
            return False
        return True

    # --- picking ----------------------------------------------------------------------------------

    def person(self) -> int:
        """Anybody."""
        rows = self.practice.execute("SELECT id FROM patient ORDER BY id")
        return int(self.random.choice(rows)[0])

    def open_items(self) -> list[ItemRef]:
        """All that is owed, in a random order that follows from the seed."""
        rows = self.practice.execute(
            "SELECT kind, record_id, rule_id, patient_id FROM ledger ORDER BY kind, record_id, rule_id"
        )
        refs = [ItemRef(Kind(kind), record, rule, patient) for kind, record, rule, patient in rows]
        self.random.shuffle(refs)
        return refs

    def when(self, *, past: int = 3, ahead: int = 40, timed: bool = False) -> When:
        """A day around today, with a time or not."""
        on = TODAY + timedelta(days=self.random.randint(-past, ahead))
        at = time(self.random.randint(8, 16), self.random.choice((0, 30)))
        return When(on, at if timed or self.random.random() < 0.3 else None)

    def one(self, kind: Kind | None = None) -> ItemRef:
        """An open item, of one kind if asked; Refused when there is none."""
        found = [ref for ref in self.open_items() if kind in (None, ref.kind)]
        if not found:
            raise Refused("nothing is open")
        return found[0]

    # --- verbs ------------------------------------------------------------------------------------

    def contact(self) -> None:
        ref = self.one()
        outcome = self.random.choice(list(Outcome))
        also = [r for r in self.open_items() if r.patient_id == ref.patient_id and r != ref][:1]
        contacts.log_contact(
            self.practice,
            patient_id=ref.patient_id,
            outcome=outcome,
            about=self.random.choice([ref, ref, None]),
            settles=also if outcome.is_reached and self.random.random() < 0.3 else (),
            next_try=self.when(past=0) if self.random.random() < 0.4 else None,
            minutes=self.random.choice([None, 5]),
            note="rang",
        )

    def settle(self) -> None:
        for ref in self.open_items():
            offered = [c for c in choices(ref.kind, ref.rule_id, self.stage(ref)) if c.need is not Need.FORM]
            if offered:
                timed = self.random.random() < 0.7
                when = self.when(past=5, ahead=self.random.choice([0, 40]), timed=timed)
                settle(self.practice, [ref], self.random.choice(offered), when, text="Dr. Hale said so")
                return
        raise Refused("nothing to settle")

    def stage(self, ref: ItemRef) -> ReferralStage | None:
        """Where a referral stands."""
        if ref.kind is not Kind.REFERRAL:
            return None
        return ReferralStage(
            self.practice.execute("SELECT stage FROM referral WHERE id = ?", [ref.record_id])[0][0]
        )

    def move(self) -> None:
        refs = self.open_items()[: self.random.randint(1, 3)]
        items.move(
            self.practice,
            refs,
            self.when(),
            event=self.random.choice([None, *MoveEvent]),
            waiting_on=self.random.choice(["", "the office"]),
        )

    def complete(self) -> None:
        ref = self.one(Kind.FOLLOW_UP)
        self.random.choice([items.complete, items.drop])(self.practice, [ref])

    def stop_waiting(self) -> None:
        items.stop_waiting(self.practice, self.open_items())

    def add_follow_up(self) -> None:
        follow_ups.add_follow_up(
            self.practice,
            patient_id=self.person(),
            title="call about labs",
            due=self.when(),
            kind=self.random.choice(list(FollowUpKind)),
            priority=self.random.choice(list(Priority)),
            recurrence=self.random.choice(["", "FREQ=WEEKLY", "FREQ=DAILY;INTERVAL=3"]),
        )

    def edit_follow_up(self) -> None:
        ref = self.one(Kind.FOLLOW_UP)
        follow_ups.edit_follow_up(
            self.practice,
            ref.record_id,
            title="call again",
            due=self.when(),
            kind=FollowUpKind.CALL,
            priority=Priority.HIGH,
            recurrence="",
        )

    def note(self) -> None:
        follow_ups.add_note(self.practice, patient_id=self.person(), text="prefers mornings")

    def add_patient(self) -> None:
        patients.add_patient(
            self.practice,
            self.entry(),
            phones=self.phones(),
            coverage=self.random.choice([None, self.coverage()]),
        )

    def edit_patient(self) -> None:
        patients.edit_patient(
            self.practice,
            self.person(),
            self.entry(),
            phones=self.random.choice([None, self.phones()]),
            coverage=self.random.choice([None, self.coverage()]),
        )

    def status(self) -> None:
        status = self.random.choice(list(PatientStatus))
        patients.set_status(
            self.practice,
            self.person(),
            status,
            hold_until=self.when(past=0).on,
            deceased_on=date(2026, 11, 28) if status is PatientStatus.DECEASED else None,
        )

    def relative(self) -> None:
        patients.put_related_person(self.practice, self.person(), name="Rosa", phone="+12125550100")

    def entry(self) -> patients.PatientEntry:
        """A person as a form may hold them."""
        return patients.PatientEntry(
            family_name=self.random.choice(["Lee", "O'Neil [Jr]", "Łukasz"]),
            given_name=self.random.choice(["Ana", ""]),
            mrn=self.random.choice([None, "", f"R{self.random.randint(1, 30)}"]),
            risk=self.random.choice(list(Risk)),
            city=self.random.choice(["Boston", "Salem"]),
        )

    def phones(self) -> list[patients.PhoneEntry]:
        """No, one or two numbers."""
        count = self.random.randint(0, 2)
        return [
            patients.PhoneEntry(number=f"+1617555{self.random.randint(0, 9999):04}") for _ in range(count)
        ]

    def coverage(self) -> patients.CoverageEntry:
        """A plan of a known or a new payer, whose class may become known."""
        return patients.CoverageEntry(
            payer_name=self.random.choice(["Aetna", "Cigna"]),
            payer_class=self.random.choice([PayerClass.UNKNOWN, PayerClass.MEDICARE_ADVANTAGE]),
            member_id=self.random.choice(["W1", "W2"]),
        )
