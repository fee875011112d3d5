"""A prior authorization: a new one, a step of one, a change; the payer's clock is shown while typing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.authorization import outside_window
from carecoord_tui.domain.authorization_steps import (
    BEFORE_PAYER,
    DECIDED,
    UNDECIDED,
    Fact,
    Standing,
    Step,
    facts_owed,
    overall,
)
from carecoord_tui.domain.facts import AuthorizationFacts
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialReason, PayerClass
from carecoord_tui.screens.authorization_draft import (
    CHANNELS,
    Draft,
    clock_words,
    is_granted,
    item_options,
    owed_words,
    read_draft,
    reason_options,
    status_options,
    units_words,
)
from carecoord_tui.screens.authorization_words import link_lines
from carecoord_tui.screens.form_sheet import YES_NO
from carecoord_tui.screens.insurance_fields import (
    NOTHING,
    YES,
    InsuranceForm,
    plan_options,
    referral_options,
    visit_options,
)
from carecoord_tui.store.actions.authorizations import add_authorization, edit_authorization
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.authorizations import (
    limits_of,
    plans_of,
    read_authorization,
    referrals_of,
    visits_of,
)
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.safe_text import safe_text

_S = AuthorizationStatus
_SAVE_FIRST = "Save first (ctrl+s): the next steps go on from what is saved."
_GONE = "That authorization is no longer there; the list was out of date."
_DAYS = ("service-on", "information-due", "decided", "valid-from", "valid-to", "peer")
_SUBMISSION = ("submitted", "channel", "reference")
_DECISION = ("decided", "number", "valid-from", "valid-to", "units", "used")
_FIRST_OWED = {
    Fact.SUBMITTED: "submitted",
    Fact.CHANNEL: "channel",
    Fact.REFERENCE: "reference",
    Fact.NUMBER: "number",
    Fact.VALID_TO: "valid-to",
    Fact.REASON: "reason",
}


class AuthorizationForm(InsuranceForm):
    """One sheet for a new authorization, with ``appointment_id`` for a visit, and, with ``authorization_id``,
    for one on file, whose next steps are behind F4. True when saved.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "insurance_form.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "next_steps", "Next steps", id="authorization.steps", show=False),
    ]

    def __init__(
        self,
        practice: Practice,
        patient_id: int,
        patient_name: str,
        *,
        authorization_id: int | None = None,
        appointment_id: int | None = None,
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        self.authorization_id = authorization_id
        execute = practice.execute
        known = read_authorization(execute, authorization_id) if authorization_id is not None else None
        self.record = known
        self.is_gone = authorization_id is not None and known is None
        self.plans = plans_of(execute, patient_id)
        self.visits = visits_of(execute, patient_id, keep=known.appointment_id if known else appointment_id)
        self.visit = next((one for one in self.visits if one.appointment_id == appointment_id), None)
        self.referrals = referrals_of(execute, patient_id, keep=known.referral_id if known else None)

    def heading(self) -> str:
        """What this is, and for whom."""
        what = "Authorization" if self.record else "New authorization"
        return f"{what}: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        steps = " · F4 next, units, items" if self.record else ""
        return f"tab down next · up back · ctrl+s save{steps} · esc leave"

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """The request, the submission with the payer's clock, the decision; what rarely changes below."""
        r, zone = self.record, self.practice.zone
        first_visit = self.visit.appointment_id if self.visit else None
        first_plan = str(self.plans[0].coverage_id) if self.plans else ""
        with Vertical(id="form"):
            yield Static("", id="links", classes="said", markup=False)
            first_service = self.visit.title if self.visit else ""
            yield self.line("Service", "service", r.service if r else first_service, "e.g. MRI lumbar spine")
            yield self.line("Code", "code", r.service_code if r else "", "CPT or HCPCS, e.g. 72148")
            yield self.pick(
                "Coverage", "coverage", plan_options(self.plans), _id(r.coverage_id) if r else first_plan
            )
            yield self.pick(
                "Status",
                "status",
                status_options(r.status if r else None),
                (r.status if r else _S.NEEDED).value,
            )
            yield Static("", id="owed", classes="said warning", markup=False)
            yield self.past_day("Submitted at", "submitted", r.submitted_at if r else None)
            yield self.pick("How", "channel", (*CHANNELS, NOTHING), r.channel if r else "")
            yield self.line("Reference no.", "reference", r.reference if r else "", "the payer's")
            yield Static("", id="clock", classes="said", markup=False)
            yield self.day("Information due", "information-due", r.information_due_on if r else None)
            yield from self._compose_decision()
            yield self.pick(
                "Visit",
                "visit",
                visit_options(self.visits, zone),
                _id(r.appointment_id if r else first_visit),
            )
            yield self.day("Service on", "service-on", r.service_on if r else None)
            yield Static("", id="outside", classes="said warning", markup=False)
            yield self.pick("Expedited", "expedited", YES_NO, YES if r and r.is_expedited else "")
            yield self.pick("Drug", "drug", YES_NO, YES if r and r.is_drug else "")
            yield self.pick(
                "Referral", "referral", referral_options(self.referrals), _id(r.referral_id) if r else ""
            )
            yield self.line("Add items", "items", "", "e.g. 97110 exercise; 97140", prose=True)
            yield self.line("ICD-10 codes", "diagnoses", r.diagnoses if r else "", "e.g. M54.50")
            yield self.line("Requesting NPI", "requesting", r.requesting_npi if r else "", "10 digits")
            yield self.line("Rendering NPI", "rendering", r.rendering_npi if r else "", "10 digits")
            yield self.line("Site", "site", r.site if r else "", "where it is done")
            yield self.line("Note", "note", r.note if r else "", prose=True)

    def _compose_decision(self) -> ComposeResult:
        """What the payer said, item by item and as a whole."""
        r = self.record
        for item in r.items if r else ():
            label = f"  {item.code} {item.service}".rstrip()[:18]
            yield self.pick(label, f"item-{item.id}", item_options(), item.status.value)
        yield self.past_day("Decided", "decided", r.decided_on if r else None)
        yield self.pick("Denial reason", "reason", reason_options(), (r.denial_reason or "") if r else "")
        yield self.day("Peer-to-peer by", "peer", r.peer_to_peer_by if r else None)
        yield self.line("Authorization no.", "number", r.number if r else "")
        yield self.day("Valid from", "valid-from", r.valid_from if r else None)
        yield self.day("Valid to", "valid-to", r.valid_to if r else None)
        yield self.line("Units authorized", "units", _count(r.units_authorized) if r else "")
        yield self.line("Units used", "used", _count(r.units_used) if r else "")
        yield self.line("  Why beyond", "beyond", "", "what the payer or clinician said", prose=True)

    def on_mount(self) -> None:
        """On an authorization on file the cursor stands on the first fact it still lacks."""
        self._refresh()
        if self.is_gone:
            self.call_after_refresh(lambda: self.problem(_GONE))
        elif self.record is not None:
            owed = [_FIRST_OWED[fact] for fact in facts_owed(self._standing())]
            name = next(iter(owed), "status")
            self.call_after_refresh(lambda: self.query_one(f"#{name}").focus())

    # --- while typing --------------------------------------------------------------------------------

    @on(Input.Changed)
    @on(ChoiceRow.Chosen)
    @on(DateInput.Changed)
    def _changed(self) -> None:
        self.problem(_GONE if self.is_gone else "")
        self._refresh()

    def on_descendant_blur(self) -> None:
        """An option may have been stepped to, which tells nobody."""
        self._refresh()

    def _refresh(self) -> None:
        """Fields that matter at this status, the payer's clock, what is not in yet."""
        self._follow_items()
        status = self.chosen("status")
        sent, decided = status not in BEFORE_PAYER, status in DECIDED or status == _S.EXPIRED
        self.show(_SUBMISSION, when=sent)
        self.show(["information-due"], when=status == _S.PENDED)
        self.show(_DECISION, when=decided and status != _S.DENIED)
        self.show(["decided"], when=decided or status == _S.PENDED)
        self.show(["reason"], when=status in (_S.DENIED, _S.PARTIAL))
        self.show(["peer"], when=status in (_S.DENIED, _S.PARTIAL, _S.PENDED))
        self.show(["service-on"], when=not self.chosen("visit"))
        texts = self.texts()
        authorized, used = _whole(texts["units"]), _whole(texts["used"])
        is_beyond = authorized is not None and used is not None and used > authorized
        self.field_of("used").show_note(units_words(authorized, used))
        self.show(["beyond"], when=is_beyond and is_granted(status))
        self.say("links", *(link_lines(self.record) if self.record else ()))
        self.say("outside", self._outside_words() if is_granted(status) else "")
        self.say("owed", owed_words(self._standing()) if sent else "")
        self.say("clock", *(self._clock_lines() if status in (_S.SUBMITTED, _S.PENDED) else ()))

    def _follow_items(self) -> None:
        """With items, the payer's answer to each makes the whole; nobody chooses that."""
        items = self.record.items if self.record else ()
        whole = overall(_S(self.chosen(f"item-{item.id}")) for item in items)
        is_decided_here = any(self.chosen(f"item-{item.id}") != item.status for item in items)
        if whole is not None and is_decided_here and self.chosen("status") not in BEFORE_PAYER:
            self.query_one("#status", ChoiceRow).value = whole.value

    def _standing(self) -> Standing:
        """What the fields say of it now."""
        reason = self.chosen("reason")
        return Standing(
            status=_S(self.chosen("status")),
            opened_on=self.record.opened_on if self.record else self.practice.today(),
            submitted_on=self.typed_day("submitted"),
            channel=self.chosen("channel"),
            reference=self.texts()["reference"],
            number=self.texts()["number"],
            valid_to=self.typed_day("valid-to"),
            denial_reason=DenialReason(reason) if reason else None,
        )

    def _outside_words(self) -> str:
        """The service day against the validity as both stand in the fields; a linked visit gives its day."""
        chosen = self.chosen_number("visit")
        visit = next((one for one in self.visits if one.appointment_id == chosen), None)
        day = self.practice.context.day_of(visit.starts_at) if visit else self.typed_day("service-on")
        words = outside_window(day, self.typed_day("valid-from"), self.typed_day("valid-to"))
        return f"{words}: move the visit or ask for an extension." if words else ""

    def _clock_lines(self) -> list[str]:
        day, at = self.typed_moment("submitted")
        if day is None:
            return []
        plan = next((one for one in self.plans if str(one.coverage_id) == self.chosen("coverage")), None)
        r = self.record
        facts = AuthorizationFacts(
            id=r.id if r else 0,
            service="",
            payer_name=plan.payer_name if plan else "the payer",
            payer_class=plan.payer_class if plan else PayerClass.UNKNOWN,
            status=_S(self.chosen("status")),
            opened_on=day,
            is_drug=bool(self.chosen("drug")),
            is_expedited=bool(self.chosen("expedited")),
            submitted_at=at or self.practice.context.start_of(day),
            extended_on=r.extended_on if r else None,
            limits=limits_of(self.practice.execute, plan.payer_id if plan else None),
        )
        return clock_words(facts, self.practice.context, self.practice.clock.now())

    # --- next steps --------------------------------------------------------------------------

    def action_next_steps(self) -> None:
        """Every step that may follow, its units and items; of what is saved."""
        if self.is_gone:
            self.problem(_GONE)
        elif self.record is None or self.has_draft():
            self.problem(_SAVE_FIRST)
        else:
            from carecoord_tui.screens.authorization_steps import AuthorizationSteps

            sheet = AuthorizationSteps(self.practice, self.record, self.patient_name)
            self.app.push_screen(sheet, lambda is_changed: self._stepped(is_changed, sheet.following))

    def _stepped(self, is_changed: bool | None, following: Screen[object] | None) -> None:
        """What was filled before the step is no longer true: what follows it takes the form's place."""
        if following is not None:
            self.app.switch_screen(following)
        elif is_changed:
            self.dismiss(True)

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check every field, then save in one change."""
        if self.is_gone:
            self.problem(_GONE)
            return
        draft = self._read()
        if self.show_problems(draft.problems):
            return
        if self.attempt(lambda: self._keep(draft)):
            status = _S(self.chosen("status")).label
            self.dismiss(True)
            self.app.say(safe_text(f"Authorization {status}: {draft.entry.service}.  u undoes it"))

    def _read(self) -> Draft:
        numbers = {name: self.chosen_number(name) for name in ("coverage", "visit", "referral")}
        days = {name: self.typed_day(name) for name in _DAYS}
        draft = read_draft(self.texts(), days, numbers)
        draft.problems.update(self.date_problems())
        status = _S(self.chosen("status"))
        is_step = self.record is None or status is not self.record.status
        if is_step and status is _S.SUBMITTED and not self.chosen("channel"):
            draft.problems.setdefault("channel", "How was it submitted?")
        if is_step and status is _S.DENIED and not self.chosen("reason"):
            draft.problems.setdefault("reason", "Which reason did the payer give? It has to name one.")
        if status in UNDECIDED:  # hidden fields hold nothing that is meant
            draft.entry = replace(draft.entry, valid_from=None, valid_to=None, units_used=None)
        return draft

    def _keep(self, draft: Draft) -> None:
        day, at = self.typed_moment("submitted")
        r = self.record
        if r is None:
            steps = self._steps_so_far(day)
            add_authorization(
                self.practice, self.patient_id, draft.entry, taken=steps, submitted_at=at, items=draft.items
            )
            return
        status = _S(self.chosen("status"))
        was = r.submitted_at
        is_moved = was is not None and at is not None and abs((at - was).total_seconds()) >= _MINUTE
        sends = status is _S.SUBMITTED and r.status in BEFORE_PAYER
        edit_authorization(
            self.practice,
            r.id,
            draft.entry,
            version=r.version,
            step=self._step(status, day if sends else None) if status is not r.status else None,
            submitted_at=at if sends else None,
            items=draft.items,
            decided=self._decided_items(),
            submitted_before_at=at if is_moved else None,
        )

    def _steps_so_far(self, submitted_on: date | None) -> list[Step]:
        """A new one may have been submitted and decided already."""
        status = _S(self.chosen("status"))
        if status is _S.NEEDED:
            return []
        if status in (_S.DRAFT, _S.SUBMITTED):
            return [self._step(status, submitted_on if status is _S.SUBMITTED else None)]
        return [self._step(_S.SUBMITTED, submitted_on), self._step(status, None)]

    def _step(self, status: AuthorizationStatus, day: date | None) -> Step:
        """The step the fields describe. The day of a decision is its own field."""
        reason = self.chosen("reason")
        own = self.typed_day("decided") if status in (*DECIDED, _S.PENDED) else None
        was = self.record.decided_on if self.record else None
        return Step(
            to=status,
            on=day or (own if own != was else None),
            channel=self.chosen("channel"),
            reference=self.texts()["reference"],
            information_due_on=self.typed_day("information-due") if status is _S.PENDED else None,
            valid_from=self.typed_day("valid-from"),
            valid_to=self.typed_day("valid-to"),
            denial_reason=DenialReason(reason) if reason else None,
        )

    def _decided_items(self) -> dict[int, AuthorizationStatus]:
        """Items whose answer was changed here."""
        items = self.record.items if self.record else ()
        now = {item.id: _S(self.chosen(f"item-{item.id}")) for item in items}
        return {item.id: now[item.id] for item in items if now[item.id] is not item.status}


_MINUTE = 60.0


def _id(number: int | None) -> str:
    return "" if number is None else str(number)


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


SCREEN = AuthorizationForm
