"""A random biller: authorizations, denials and appeals as forms and keys write them, often out of order."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from carecoord_tui.domain.appeals import FilingMethod
from carecoord_tui.domain.authorization_steps import GRANTED, Step, allowed
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.denial_ending import Ending
from carecoord_tui.domain.settle import Need, choices
from carecoord_tui.domain.vocabulary import AppealOutcome, AuthorizationStatus, Kind, TrackKind, TrackStatus
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.appeals import Decision, Filing
from carecoord_tui.store.actions.authorization_moves import answer_whole, decide_items
from carecoord_tui.store.actions.authorizations import AuthorizationEntry, ItemEntry, add_authorization, renew
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.denial_endings import Close
from carecoord_tui.store.actions.denials import DenialEntry, Road, add_denial, edit_denial
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from tests.store.caseload import TODAY

S = AuthorizationStatus
FEW = 3
ANSWERS = (*[S.APPROVED] * 4, *[S.DENIED] * 4, S.MODIFIED, S.PENDED, S.CANCELLED)


class InsuranceWalk:
    """One random walk through the insurance of a person; the same seed walks the same way."""

    def __init__(self, practice: Practice, seed: int, patient_id: int, plans: list[int]) -> None:
        self.practice, self.random = practice, random.Random(seed)
        self.patient_id, self.plans = patient_id, plans
        self.verbs: list[Callable[[], None]] = [
            self.ask_payer,
            self.answer_items,
            self.answer_items,
            self.answer_whole,
            self.answer_whole,
            self.enter_denial,
            self.edit_denial,
            self.edit_denial,
            self.renew,
            self.move,
            self.settle,
            self.settle,
            self.settle,
        ]

    def step(self) -> bool:
        """One verb; False when it was refused, and then nothing has changed."""
        try:
            self.random.choice(self.verbs)()
        except Refused:
            return False
        return True

    # --- picking ----------------------------------------------------------------------------------

    def day(self, past: int = 30, ahead: int = 0) -> date:
        """A day around today."""
        return TODAY + timedelta(days=self.random.randint(-past, ahead))

    def number(self, table: str, status: str = "") -> int:
        """Any record of a table whose status is not one of these; Refused while there is none."""
        sql = f"SELECT id FROM {table} WHERE instr(?, status) = 0 ORDER BY id"  # noqa: S608 - our own names
        rows = self.practice.execute(sql, [status])
        if not rows:
            raise Refused("nothing is there")
        return int(self.random.choice(rows)[0])

    def items(self) -> list[ItemRef]:
        """All that is owed, in a random order that follows from the seed."""
        rows = self.practice.execute(
            "SELECT kind, record_id, rule_id, patient_id FROM ledger ORDER BY kind, record_id, rule_id"
        )
        refs = [ItemRef(Kind(kind), *rest) for kind, *rest in rows]
        self.random.shuffle(refs)
        return refs

    def said(self, to: AuthorizationStatus) -> Step:
        """What a letter may say with a status."""
        valid_to = self.random.choice([None, self.day(-10, 200)]) if to in GRANTED else None
        return Step(to=to, on=self.random.choice([None, self.day()]), valid_to=valid_to)

    def filing(self) -> Filing:
        """An appeal as the form has it."""
        how = self.random.choice([None, *FilingMethod])
        return Filing(how=how, on=self.day(5), is_confirmed=True, is_expedited=self.random.random() < 0.2)

    # --- verbs ------------------------------------------------------------------------------------

    def ask_payer(self) -> None:
        """A request with or without services, submitted or not; few, so that much happens to each."""
        if len(self.practice.execute("SELECT id FROM authorization WHERE status <> 'cancelled'")) >= FEW:
            raise Refused("enough is open")
        entry = AuthorizationEntry(
            service="CT", coverage_id=self.random.choice(self.plans), is_drug=self.random.random() < 0.1
        )
        taken = [Step(to=S.SUBMITTED, on=self.day(40))] if self.random.random() < 0.9 else []
        services = self.random.sample("abc", self.random.choice([0, 2, 3]))
        add_authorization(
            self.practice,
            self.patient_id,
            entry,
            taken=taken,
            items=[ItemEntry(service=one) for one in services],
        )

    def answer_items(self) -> None:
        """The payer's answer to some services."""
        request = self.number("authorization", "cancelled expired")
        sql = "SELECT id FROM authorization_item WHERE authorization_id = ? ORDER BY id"
        found = [int(number) for (number,) in self.practice.execute(sql, [request])]
        decided = {one: self.random.choice(ANSWERS) for one in found if self.random.random() < 0.6}
        if not decided:
            raise Refused("nothing to answer")
        with self.practice.change("answer") as session:
            decide_items(session, self.practice, request, decided, self.said(S.APPROVED))

    def answer_whole(self) -> None:
        """The payer's answer to a request."""
        request = self.number("authorization", "cancelled expired")
        ((status,),) = self.practice.execute("SELECT status FROM authorization WHERE id = ?", [request])
        likely = [one for one in (*ANSWERS, S.PARTIAL, S.SUBMITTED) if one in allowed(S(status))]
        with self.practice.change("answer") as session:
            answer_whole(session, self.practice, request, self.said(self.random.choice(likely)))

    def enter_denial(self) -> None:
        """A letter, of a request or of a claim."""
        decided = self.number("authorization", "cancelled expired submitted")
        add_denial(
            self.practice,
            self.patient_id,
            self.entry(self.random.choice([None, decided])),
            filing=self.filing() if self.random.random() < 0.5 else None,
        )

    def entry(self, request: int | None) -> DenialEntry:
        """A letter as the form has it."""
        return DenialEntry(
            service="CT",
            notice_on=self.day(),
            letter_deadline_on=self.random.choice([None, self.day(0, 90)]),
            coverage_id=self.random.choice(self.plans),
            authorization_id=request,
        )

    def edit_denial(self) -> None:
        """Roads, a filing, an answer, an end; the letter itself stays."""
        number = self.number("denial", "closed overturned")
        ((version, notice, request, status),) = self.practice.execute(
            "SELECT version, notice_on, authorization_id, status FROM denial WHERE id = ?", [number]
        )
        usual = "decide" if status == "appealed" else "file"
        what = self.random.choice([usual, usual, "close", "tracks"])
        edit_denial(
            self.practice,
            number,
            DenialEntry(
                service="CT",
                notice_on=date.fromisoformat(notice),
                coverage_id=self.random.choice(self.plans),
                authorization_id=request,
            ),
            version=version,
            filing=self.filing() if what == "file" else None,
            decision=Decision(outcome=self.random.choice(list(AppealOutcome)), on=self.day(2))
            if what == "decide"
            else None,
            close=Close(ending=self.random.choice(list(Ending)), reason="cost") if what == "close" else None,
            tracks={TrackKind.ASSISTANCE: Road(status=self.random.choice(list(TrackStatus)))}
            if what == "tracks"
            else None,
        )

    def renew(self) -> None:
        """The request that follows."""
        renew(self.practice, self.number("authorization", "cancelled expired"))

    def move(self) -> None:
        """Another day for something owed."""
        move(self.practice, self.items()[:1], When(self.day(0, 30), None))

    def settle(self) -> None:
        """Any act the list offers on something owed."""
        for ref in self.items():
            offered = [one for one in choices(ref.kind, ref.rule_id) if one.need is not Need.FORM]
            if offered:
                when = When(self.day(5, self.random.choice([0, 60])), None)
                settle(self.practice, [ref], self.random.choice(offered), when, text="why")
                return
        raise Refused("nothing to settle")
