"""A denial: entered with its letter, appealed and decided, its other roads; dates are live while typing."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.appeals import FilingMethod
from carecoord_tui.domain.denial import OVERTURN_FACT
from carecoord_tui.domain.denial_days import DenialDays, day_problems
from carecoord_tui.domain.denial_ending import Ending
from carecoord_tui.domain.facts import DenialFacts
from carecoord_tui.domain.payer_rows import PayerRow
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    DenialReason,
    DenialStatus,
    PayerClass,
)
from carecoord_tui.screens.authorization_draft import reason_options
from carecoord_tui.screens.denial_draft import (
    METHODS,
    NEEDED,
    NOT_FILED,
    OUTCOMES,
    SPEED,
    Draft,
    ending_options,
    filing_line,
    level_lines,
    read_draft,
    representative_line,
    request_options,
    window_lines,
)
from carecoord_tui.screens.denial_roads import RoadsForm
from carecoord_tui.screens.form_sheet import YES_NO
from carecoord_tui.screens.insurance_fields import YES, plan_options
from carecoord_tui.store.actions.appeals import (
    Decision,
    Filing,
    NeedsConfirmation,
)
from carecoord_tui.store.actions.denial_endings import Close
from carecoord_tui.store.actions.denials import DenialEntry, add_denial, edit_denial
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.authorizations import Plan, plans_of
from carecoord_tui.store.queries.denials import read_denial, requests_of
from carecoord_tui.store.queries.payers import read_payer
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.safe_text import safe_text

_GONE = "That denial is no longer there; the list was out of date."
_DAYS = ("notice", "received", "printed", "form-on", "peer-by", "peer-on")
_DAY_OF = {
    "notice_on": "notice",
    "received_on": "received",
    "letter_deadline_on": "printed",
    "representative_form_on": "form-on",
    "peer_to_peer_by": "peer-by",
    "peer_to_peer_on": "peer-on",
}
"""Days that must fit each other, with their controls."""
_SAVE_FIRST = "Save first (ctrl+s): the letter is made from what is saved."


class DenialForm(RoadsForm):
    """One sheet for a new denial and, with ``denial_id``, for one on file. True when saved."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "insurance_form.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("L,f4", "letter", "Appeal letter", id="denial.letter", show=False),
    ]

    def __init__(
        self, practice: Practice, patient_id: int, patient_name: str, *, denial_id: int | None = None
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        self.denial_id = denial_id
        execute = practice.execute
        known = read_denial(execute, denial_id) if denial_id is not None else None
        self.record = known
        self.is_gone = denial_id is not None and known is None
        self.plans = plans_of(execute, patient_id)
        self.requests = requests_of(execute, patient_id, keep=known.authorization_id if known else None)
        self._days_said: dict[str, str] = {}
        self._payers: dict[int, PayerRow | None] = {}  # read once each
        self._confirmed: dict[str, str] | None = None  # what was typed when a warning was given

    def heading(self) -> str:
        """What this is, and for whom."""
        what = f"Denial, {self.record.status.label}" if self.record else "New denial"
        return f"{what}: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "tab down next · up back · ctrl+s save · F4 appeal letter · esc leave"

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """The letter and what it sets going; the appeal; why and who; the other roads."""
        r = self.record
        first_plan = str(self.plans[0].coverage_id) if self.plans else ""
        plan = r.coverage_id if r else None
        with Vertical(id="form"):
            yield self.line("Service", "service", r.service if r else "", "e.g. inpatient rehab")
            yield self.pick(
                "Coverage", "coverage", plan_options(self.plans), str(plan or "") if r else first_plan
            )
            yield self.past_day("Letter dated", "notice", r.notice_on if r else None)
            yield self.past_day("Received on", "received", r.received_on if r else None)
            yield self.day("Last day printed", "printed", r.letter_deadline_on if r else None)
            yield Static("", id="window", classes="said dates", markup=False)
            yield Static("", id="levels", classes="said", markup=False)
            yield from self._compose_appeal()
            yield Static("", id="fact", classes="said", markup=False)
            yield from self._compose_close()
            yield from self.compose_roads()
            yield self.pick("Reason", "reason", reason_options(), (r.reason_kind or "") if r else "")
            yield Static("", id="filing", classes="said", markup=False)
            yield self.line("In their words", "words", r.reason if r else "", prose=True)
            yield self.pick(
                "Authorization",
                "request",
                request_options(self.requests),
                str(r.authorization_id or "") if r else "",
            )
            yield self.pick("Speed", "expedited", SPEED, YES if r and r.is_expedited else "")
            yield self.pick("Drug", "drug", YES_NO, YES if r and r.is_drug else "")
            yield self.line("Amount", "amount", str(r.amount) if r and r.amount is not None else "")
            yield self.line("Claim no.", "claim", r.claim_number if r else "")
            yield self.line("Who appeals", "who", r.who_appeals if r else "", "e.g. patient, clinician")
            needed = {None: "", True: "yes", False: "no"}[r.representative_needed if r else None]
            yield self.pick("Representative", "representative", NEEDED, needed)
            yield self.past_day("  Form received", "form-on", r.representative_form_on if r else None)
            yield Static("", id="form-missing", classes="said warning", markup=False)
            yield self.day("Peer-to-peer by", "peer-by", r.peer_to_peer_by if r else None)
            yield self.past_day("  Call held on", "peer-on", r.peer_to_peer_on if r else None)
            yield self.line("Note", "note", r.note if r else "", prose=True)

    def _compose_appeal(self) -> ComposeResult:
        """Filing the level that is open, or what the payer says of the one that was filed."""
        waiting = self.record.waiting if self.record else None
        yield self.pick("Appeal filed by", "how", (NOT_FILED, *METHODS))
        yield self.past_day("  Filed on", "filed", None)
        yield self.line(
            "  Reference", "appeal-ref", waiting.reference if waiting else "", "number of the confirmation"
        )
        yield self.past_day("They have it since", "has-it", waiting.received_on if waiting else None)
        yield self.pick("Outcome", "outcome", OUTCOMES)
        yield self.past_day("  Decided on", "decided", None)

    def _compose_close(self) -> ComposeResult:
        """How the denial ended, once it has."""
        yield self.pick("Close denial", "close", ending_options(self.record))
        yield self.past_day("  Ended on", "ended", None)
        yield self.line("  Reason", "close-why", "", "why it ends here", prose=True)

    def on_mount(self) -> None:
        """On a denial on file the cursor stands where the appeal goes on."""
        self._refresh()
        if self.is_gone:
            self.call_after_refresh(lambda: self.problem(_GONE))
        elif self.record is not None:
            name = "outcome" if self.record.status is DenialStatus.APPEALED else "how"
            if self.record.status.is_open:
                self.call_after_refresh(lambda: self.query_one(f"#{name}").focus())

    # --- while typing --------------------------------------------------------------------------------

    @on(Input.Changed)
    @on(DateInput.Changed)
    def _typed(self) -> None:
        self.problem(_GONE if self.is_gone else "")
        self._refresh()

    @on(ChoiceRow.Chosen)
    def _taken(self, event: ChoiceRow.Chosen) -> None:
        self.problem("")
        if event.control.id == "request":
            self._fill_from_request(event.value)
        self._refresh()

    def on_descendant_blur(self) -> None:
        """An option may have been stepped to, which tells nobody."""
        self._refresh()

    def _fill_from_request(self, value: str) -> None:
        """The denied request says what it was for and on which plan."""
        request = next((one for one in self.requests if str(one.authorization_id) == value), None)
        if request is None:
            return
        service = self.query_one("#service", Input)
        service.value = service.value or request.service
        if request.coverage_id is not None:
            self.query_one("#coverage", ChoiceRow).value = str(request.coverage_id)
        self.query_one("#expedited", ChoiceRow).value = YES if request.is_expedited else ""
        self.query_one("#drug", ChoiceRow).value = YES if request.is_drug else ""

    def _refresh(self) -> None:
        """The window as the dates stand now, and the fields that matter."""
        status = self.record.status if self.record else DenialStatus.OPEN
        can_file, waits = status in (DenialStatus.OPEN, DenialStatus.UPHELD), status is DenialStatus.APPEALED
        files = can_file and bool(self.chosen("how"))
        self.show(["how"], when=can_file)
        self.show(["filed"], when=files)
        self.show(["appeal-ref"], when=waits or files)
        self.show(["has-it", "outcome"], when=waits)
        self.show(["decided"], when=waits and bool(self.chosen("outcome")))
        ends_anyway = self.chosen("outcome") == AppealOutcome.OVERTURNED
        can_close = self.record is not None and status.is_open and not files and not ends_anyway
        self.show(["close"], when=can_close)
        self.show(["ended", "close-why"], when=can_close and bool(self.chosen("close")))
        self.show(["form-on"], when=self.chosen("representative") == "yes")
        self.say(
            "form-missing", representative_line(self.chosen("representative"), self.typed_day("form-on"))
        )
        self.show(["peer-on"], when=self.typed_day("peer-by") is not None)
        self.show_roads(can_appeal=can_file and not files)
        self._say_day_problems()
        self._say_dates(status, can_file=can_file)

    def _day_problems(self) -> dict[str, str]:
        """Days that cannot be beside each other, by the control's id."""
        days = DenialDays(**{name: self.typed_day(control) for name, control in _DAY_OF.items()})
        found = day_problems(days, self.practice.today())
        return {_DAY_OF[name]: words for name, words in found.items()}

    def _say_day_problems(self) -> None:
        """At their fields while they are typed; what saving said stands until the day is mended."""
        now = self._day_problems()
        for control in _DAY_OF.values():
            words = now.get(control, "")
            if words != self._days_said.get(control, ""):
                self.field_of(control).show_problem(words)
        self._days_said = now

    def _say_dates(self, status: DenialStatus, *, can_file: bool) -> None:
        """The window, the levels, how often appeals succeed, and timely filing where that was the reason."""
        facts, today, context = self._facts(), self.practice.today(), self.practice.context
        self.say("window", *(window_lines(facts, context, today) if facts and can_file else ()))
        known = self.record.levels(context) if self.record and self.record.appeals else ()
        self.say("levels", *level_lines(known, today))
        is_ma = facts is not None and facts.payer_class is PayerClass.MEDICARE_ADVANTAGE
        self.say("fact", OVERTURN_FACT if is_ma and status.is_open else "")
        payer, line = self._payer(), ""
        if payer is not None and self.chosen("reason") == DenialReason.LATE_FILING:
            number = self.chosen("request")
            request = next((one for one in self.requests if str(one.authorization_id) == number), None)
            line = filing_line(payer, request.service_on if request else None, context, today)
        self.say("filing", line)

    def _plan(self) -> Plan | None:
        chosen = self.chosen("coverage")
        return next((one for one in self.plans if str(one.coverage_id) == chosen), None)

    def _payer(self) -> PayerRow | None:
        """The payer of the plan that is chosen, with what its contract says."""
        plan = self._plan()
        if plan is None:
            return None
        if plan.payer_id not in self._payers:
            self._payers[plan.payer_id] = read_payer(self.practice.execute, plan.payer_id)
        return self._payers[plan.payer_id]

    def _facts(self) -> DenialFacts | None:
        """The denial as the fields say it now; None without the letter's date."""
        notice = self.typed_day("notice")
        if notice is None:
            return None
        plan, payer, r = self._plan(), self._payer(), self.record
        return DenialFacts(
            id=r.id if r else 0,
            service="",
            payer_name=plan.payer_name if plan else "the payer",
            payer_class=plan.payer_class if plan else PayerClass.UNKNOWN,
            status=r.status if r else DenialStatus.OPEN,
            notice_on=notice,
            received_on=self.typed_day("received"),
            level=r.level if r else "",
            is_drug=bool(self.chosen("drug")),
            letter_deadline_on=self.typed_day("printed"),
            filed_on=r.filed_on if r else None,
            decided_on=r.decided_on if r else None,
            limits=payer.limits if payer else (),
        )

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check every field, then save in one change; a warning wants the same key once more."""
        if self.is_gone:
            self.problem(_GONE)
            return
        draft = self._read()
        if self.show_problems(draft.problems) or draft.entry is None:
            return
        entry = draft.entry
        try:
            is_kept = self.attempt(lambda: self._keep(entry))
        except _Unsure as unsure:
            self._confirmed = self.texts()
            self.problem(f"{unsure} ctrl+s again records it all the same.")
            return
        if is_kept:
            self.dismiss(True)
            self.app.say(safe_text(f"Denial saved: {entry.service}.  u undoes it"))

    def _read(self) -> Draft:
        numbers = {name: self.chosen_number(name) for name in ("coverage", "request")}
        draft = read_draft(self.texts(), {name: self.typed_day(name) for name in _DAYS}, numbers)
        draft.problems = {**draft.problems, **self._day_problems(), **self.date_problems()}
        return draft

    def _keep(self, entry: DenialEntry) -> None:
        filing, tracks = self._filing(), self.roads()
        try:
            if self.record is None:
                add_denial(self.practice, self.patient_id, entry, filing=filing, tracks=tracks)
            else:
                edit_denial(
                    self.practice,
                    self.record.id,
                    entry,
                    version=self.record.version,
                    filing=filing,
                    tracks=tracks,
                    decision=self._decision(),
                    close=self._close(),
                )
        except NeedsConfirmation as error:
            raise _Unsure(str(error)) from error

    def _close(self) -> Close | None:
        """How the denial ended; None while it is kept open."""
        ending = self.chosen("close")
        if not ending or not self.field_of("close").display:
            return None
        return Close(ending=Ending(ending), on=self.typed_day("ended"), reason=self.texts()["close-why"])

    def _filing(self) -> Filing | None:
        how = self.chosen("how")
        if not how:
            return None
        return Filing(
            how=FilingMethod(how),
            on=self.typed_day("filed"),
            reference=self.texts()["appeal-ref"],
            is_confirmed=self._confirmed is not None and self._confirmed == self.texts(),
        )

    def _decision(self) -> Decision | None:
        """What is known of the appeal that waits; None while none does."""
        if self.record is None or self.record.status is not DenialStatus.APPEALED:
            return None
        outcome = self.chosen("outcome")
        printed: date | None = self.typed_day("printed")
        return Decision(
            outcome=AppealOutcome(outcome) if outcome else None,
            on=self.typed_day("decided"),
            received_on=self.typed_day("has-it"),
            reference=self.texts()["appeal-ref"],
            letter_deadline_on=printed if outcome and printed != self.record.letter_deadline_on else None,
        )

    def action_letter(self) -> None:
        """The appeal letter, from what is saved."""
        if self.record is None or self.has_draft():
            self.problem(_SAVE_FIRST)
            return
        from carecoord_tui.screens.appeal_letter import AppealLetterSheet

        self.app.push_screen(AppealLetterSheet(self.practice, self.record.id, self.patient_name))


class _Unsure(Exception):
    """A warning on its way past ``attempt``, which would only show it."""


SCREEN = DenialForm
