"""A new referral, the change of one, or one that goes to another office instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.identifiers import npi_error
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput, FormSheet
from carecoord_tui.screens.referral_draft import (
    NEEDED,
    NEW_OFFICE_FIELDS,
    TYPES,
    URGENCIES,
    USUAL_REASONS,
    Draft,
    codes_words,
    drafted_words,
    first_texts,
    office_words,
    old_words,
    open_words,
    read_draft,
    why_elsewhere,
)
from carecoord_tui.screens.referral_offers import NEW_OFFICE, Offers
from carecoord_tui.store.actions.referrals import ReferralEntry, create_referral, edit_referral, redirect
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.icd10 import describe, has_codes
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.providers import (
    network_for_patient,
    npi_owner,
    read_provider,
    read_stats,
)
from carecoord_tui.store.queries.referral_form import (
    last_like,
    open_same_specialty,
    patient_needs,
    read_referral,
)
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.path_input import PathInput
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.type_ahead import MAX_LINES, Suggestion, TypeAhead

_NPI_DIGITS = 10
_GONE = "That referral is no longer there; the list was out of date."


class ReferralForm(FormSheet[bool]):
    """One sheet for all three. ``redirect_from`` is the referral that goes elsewhere, ``referral_id`` the
    one that is changed; without either it is a new one. True when something was saved.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "referral_form.tcss"]

    def __init__(
        self,
        practice: Practice,
        patient_id: int,
        patient_name: str,
        *,
        redirect_from: int | None = None,
        referral_id: int | None = None,
    ) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self.redirect_from, self.referral_id = redirect_from, referral_id
        known = redirect_from if redirect_from is not None else referral_id
        self.facts = read_referral(practice.execute, known) if known is not None else None
        self.is_gone = known is not None and self.facts is None
        self.needs = patient_needs(practice.execute, patient_id)
        leave_out = self.facts.provider_id if self.facts and redirect_from is not None else None
        self.offers = Offers(practice, patient_id, self.needs, leave_out)
        self._filled: dict[str, str] = {}  # what stands in a field because the form put it there
        self._meant = self.facts.specialty if self.facts else ""  # the specialty the form was filled for

    def heading(self) -> str:
        """What this is, and for whom."""
        what = "New referral"
        if self.redirect_from is not None:
            what = "Send elsewhere"
        elif self.referral_id is not None:
            what = "Change referral"
        return f"{what}: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "enter take, next · tab next as typed · up back · ctrl+s save · esc leave"

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """The request first; what is mostly right as it is stands below."""
        texts = first_texts(self.needs, self.facts)

        def line(label: str, name: str, placeholder: str = "", *, prose: bool = False) -> Field:
            return Field(label, FormInput(texts[name], placeholder=placeholder, id=name, prose=prose))

        def pick(label: str, name: str, options: tuple[Option, ...]) -> Field:
            return Field(label, ChoiceRow(options, value=texts[name], id=name))

        with Vertical(id="form"):
            if self.redirect_from is not None:
                yield from self._compose_redirect()
            yield Field(
                "Specialty",
                TypeAhead(
                    self.offers.specialties,
                    value=texts["specialty"],
                    placeholder="type it, or take one",
                    id="specialty",
                ),
            )
            yield Static("", id="same", classes="said warning", markup=False)
            yield Field("To", self._office_field())
            yield Field("  NPI", FormInput(placeholder="10 digits, when known", id="npi"))
            yield Field("  Phone", FormInput(id="phone"))
            yield Field("  Fax", FormInput(id="fax"))
            yield Static("", id="office", classes="said", markup=False)
            yield Static("", id="wants", classes="said", markup=False)
            yield pick("Type", "type", TYPES)
            yield pick("Urgency", "urgency", URGENCIES)
            yield line("Reason", "reason", "why the patient is sent", prose=True)
            yield line("Question", "question", "what the specialist is asked", prose=True)
            yield Field(
                "ICD-10 codes",
                TypeAhead(
                    self._codes,
                    value=texts["codes"],
                    placeholder="letter and digits, e.g. I48.91",
                    id="codes",
                ),
            )
            yield Static("", id="codes-said", classes="said", markup=False)
            yield pick("Authorization", "authorization", NEEDED)
            yield pick("Interpreter", "interpreter", YES_NO)
            yield pick("Transport", "transport", YES_NO)
            yield line("Ordered by", "ordered_by", "the clinician who reviews the report")
            yield line("Note", "note", prose=True)
            if self.facts is None:
                yield Field("Attach a file", PathInput(id="attach"))

    def _compose_redirect(self) -> ComposeResult:
        """What is left behind, and why."""
        usual = "  ".join(f"{number} {words}" for number, words in enumerate(USUAL_REASONS, 1))
        words = old_words(self.facts, self.practice.today()) if self.facts else ""
        yield Static(Content(safe_text(words)), classes="said wide", id="old")
        why = why_elsewhere(self.facts) if self.facts else ""
        yield Field("Why elsewhere", FormInput(why, id="why", prose=True))
        yield Static(Content(usual), classes="said wide", id="usual")

    def _office_field(self) -> TypeAhead:
        """The receiving office; a referral that goes elsewhere starts without one."""
        facts = self.facts
        chosen = None
        if facts is not None and self.redirect_from is None and facts.provider_id is not None:
            chosen = Suggestion(facts.provider_id, facts.office)
        return TypeAhead(
            self._offices,
            value=chosen.label if chosen else "",
            chosen=chosen,
            placeholder="name, phone or NPI of an office",
            id="provider",
        )

    def on_mount(self) -> None:
        """What is known already is said."""
        for name in ("old", "usual"):
            for static in self.query(f"#{name}"):
                static.display = True
        self._show_new_office()
        self._show_office()
        self._show_codes()
        self._warn_of_open()
        if self.needs is not None:
            self.field_of("interpreter").show_note(self.needs.language)
            self.field_of("transport").show_note(self.needs.transport_note)
        if self.is_gone:
            self.problem(_GONE)
        if self.redirect_from is not None and self._text("why"):
            self.call_after_refresh(self._type_ahead("provider").query_one(Input).focus)  # as tab does

    def texts(self) -> dict[str, str]:
        """Every field, the ones with a list too."""
        found = super().texts()
        for control in self.query(TypeAhead):
            found[control.id or ""] = control.value.strip()
        for path in self.query(PathInput):
            found[path.id or ""] = path.value.strip()
        return found

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _type_ahead(self, name: str) -> TypeAhead:
        return self.query_one(f"#{name}", TypeAhead)

    def _say(self, name: str, text: str) -> None:
        """A line under a field; it takes no room while there is nothing to say."""
        line = self.query_one(f"#{name}", Static)
        line.update(Content(safe_text(text)))
        line.display = bool(text)

    # --- suggestions -------------------------------------------------------------------------

    def _offices(self, text: str) -> Sequence[Suggestion]:
        return self.offers.offices(text, self._type_ahead("specialty").value.strip())

    def _codes(self, text: str) -> Sequence[Suggestion]:
        try:
            return self.offers.codes(text)
        except StoreError as error:
            self.problem(str(error))
            return ()

    # --- what was typed or taken -----------------------------------------------------------------

    @on(TypeAhead.Chosen)
    def _taken(self, event: TypeAhead.Chosen) -> None:
        """A suggestion was taken: what hangs on it, then on to the next field."""
        name = event.control.id
        self._clear_problem(name)
        if name == "codes":
            self._show_codes()
            return
        if name == "specialty":
            self._specialty_is_meant()
        elif name == "provider":
            self._show_new_office()
            self._show_office()
        if name == "provider" and self._is_new_office():
            self.query_one("#npi").focus()  # by name: a field just shown has no place in the order yet
        else:
            self.focus_next()

    @on(TypeAhead.Changed)
    def _retyped(self, event: TypeAhead.Changed) -> None:
        """Typing: what hung on the choice before goes."""
        name = event.control.id
        self._clear_problem(name)
        if name == "provider":
            self._show_new_office()
            self._show_office()
        elif name == "codes":
            self._show_codes()

    @on(TypeAhead.Left)
    def _left(self, event: TypeAhead.Left) -> None:
        """The cursor went on: a specialty is meant as typed, and so is an office's whole name."""
        if event.control.id == "specialty":
            self._specialty_is_meant()
        elif event.control.id == "provider" and event.control.chosen is None:
            self._take_whole_name(event.control)

    def _take_whole_name(self, control: TypeAhead) -> None:
        typed = fold(control.value.strip())
        offered = self._offices(control.value) if typed else ()
        same = [one for one in offered if one.key != NEW_OFFICE and fold(one.label) == typed]
        if len(same) == 1:
            control.put(same[0].label, same[0])
            self._show_office()

    @on(Input.Changed, "#why")
    def _usual_reason(self, event: Input.Changed) -> None:
        """A lone digit is one of the usual reasons."""
        typed = event.value
        if len(typed) == 1 and typed in "1234"[: len(USUAL_REASONS)]:
            event.input.value = USUAL_REASONS[int(typed) - 1]
            self.focus_next()

    @on(Input.Changed, "#npi")
    def _npi_typed(self, event: Input.Changed) -> None:
        """A whole number is checked at once."""
        digits = [char for char in event.value if char.isdigit()]
        whole = len(digits) >= _NPI_DIGITS
        problem = self._npi_problem(event.value) if whole else ""
        self.field_of("npi").show_problem(problem)
        self.field_of("npi").show_note("check digit fits" if whole and not problem else "")

    @on(Input.Submitted, "#npi")
    def _npi_entered(self, event: Input.Submitted) -> None:
        """Enter does not go on from a number that is none: it would be noticed only after the last field."""
        if problem := self._npi_problem(event.value.strip()):
            event.stop()
            event.prevent_default()
            self.field_of("npi").show_problem(problem)

    def _npi_problem(self, typed: str) -> str:
        return (npi_error(typed) or self._npi_taken(typed)) if typed else ""

    def _npi_taken(self, typed: str) -> str:
        """Whose NPI it is already; empty when nobody's."""
        owner = npi_owner(self.practice.execute, "".join(char for char in typed if char.isdigit()))
        return f"This NPI is {owner[1]}'s: take that office from the list above." if owner else ""

    @on(PathInput.Candidates)
    def _candidates(self, event: PathInput.Candidates) -> None:
        """Names that fit what is typed."""
        self._clear_problem("attach")
        self.problem("  ".join(event.names[:MAX_LINES]))

    @on(Input.Changed)
    @on(ChoiceRow.Chosen)
    def _changed(self, event: Input.Changed | ChoiceRow.Chosen) -> None:
        """What was wrong is being put right."""
        self.problem("")
        if event.control.id != "npi":
            self._clear_problem(event.control.id)

    def _clear_problem(self, name: str | None) -> None:
        if self.is_mounted and name:
            self.field_of(name).show_problem("")

    # --- what hangs on a field ---------------------------------------------------------------------

    def _specialty_is_meant(self) -> None:
        """Warn of an open one; fill in what the last referral like it had, where nobody typed."""
        specialty = self._type_ahead("specialty").value.strip()
        if fold(specialty) == fold(self._meant):
            return
        self._meant = specialty
        self._warn_of_open()
        if self.facts is None:
            self._fill_like_last(specialty)

    def _warn_of_open(self) -> None:
        leave_out = self.facts.id if self.facts else 0
        found = (
            open_same_specialty(self.practice.execute, self.patient_id, self._meant, leave_out=leave_out)
            if self._meant
            else []
        )
        self._say("same", open_words(self._meant, found, self.practice.today()))

    def _fill_like_last(self, specialty: str) -> None:
        like = last_like(self.practice.execute, self.patient_id, specialty) if specialty else None
        note = ""
        if like is not None:
            note = "as this patient's last one" if like.is_own else "as the last one here"
        self.field_of("specialty").show_note(note)
        office = Suggestion(like.provider_id, like.office) if like and like.provider_id is not None else None
        provider, kind = self._type_ahead("provider"), self.query_one("#type", ChoiceRow)
        if provider.value == self._filled.get("provider", ""):
            provider.put(office.label if office else "", office)
            self._filled["provider"] = provider.value
            self._show_new_office()
            self._show_office()
        if like is not None and kind.value == self._filled.get("type", self._start["type"]):
            kind.value = self._filled["type"] = like.service_type.value
        self._fill("reason", like.reason if like else "")
        self._fill("question", like.question if like else "")
        codes = self._type_ahead("codes")
        if codes.value == self._filled.get("codes", ""):
            self._filled["codes"] = like.diagnoses if like else ""
            codes.put(self._filled["codes"])
            self._show_codes()

    def _fill(self, name: str, text: str) -> None:
        """Put a text where nobody typed."""
        field = self.query_one(f"#{name}", FormInput)
        if field.value == self._filled.get(name, ""):
            field.value = self._filled[name] = text

    def _chosen_office(self) -> int | None:
        chosen = self._type_ahead("provider").chosen
        return chosen.key if chosen is not None and isinstance(chosen.key, int) else None

    def _is_new_office(self) -> bool:
        chosen = self._type_ahead("provider").chosen
        return chosen is not None and chosen.key == NEW_OFFICE

    def _show_new_office(self) -> None:
        """NPI, phone and fax are asked of an office that is not in the directory."""
        for name in NEW_OFFICE_FIELDS:
            self.field_of(name).display = self._is_new_office()

    def _show_office(self) -> None:
        """Network status for the patient's plan, wait, what they want with a referral."""
        provider_id = self._chosen_office()
        execute = self.practice.execute
        office = read_provider(execute, provider_id) if provider_id is not None else None
        if office is None:
            self._say("office", self._words_without_office())
            self._say("wants", "")
            return
        network = network_for_patient(execute, office.id, self.patient_id)
        stats = read_stats(execute, [office.id]).get(office.id)
        self._say("office", office_words(office, network, stats, self.practice.today()))
        self._say("wants", f"They want: {office.wants}" if office.wants else "")

    def _words_without_office(self) -> str:
        if self._is_new_office():
            return "Goes into the directory, network unknown."
        if self.redirect_from is None or self._type_ahead("provider").value or self._offices(""):
            return ""
        return "Nobody else of this specialty is in the directory: type the new office's name."

    def _show_codes(self) -> None:
        """Every code with its words."""
        typed = self._type_ahead("codes").value
        paths = self.practice.paths
        done = [one.strip() for one in typed.replace(";", ",").replace(" ", ",").split(",")]
        try:
            words = describe(paths, [one.upper() for one in done if one])
        except StoreError as error:
            words = {}
            self.problem(str(error))
        self._say("codes-said", codes_words(typed, words, has_table=has_codes(paths)) if typed else "")

    # --- saving ------------------------------------------------------------------------------

    def _read(self) -> Draft:
        """The fields as they are now."""
        texts = self.texts()
        draft = read_draft(texts, provider_id=self._chosen_office(), is_new_office=self._is_new_office())
        if self._is_new_office() and "npi" not in draft.problems and (taken := self._npi_taken(texts["npi"])):
            draft.problems["npi"] = taken
        if self.redirect_from is not None:
            if not texts["why"]:
                draft.problems["why"] = "Why does it go elsewhere? A digit takes a usual reason."
            if not texts["provider"]:
                draft.problems.setdefault("provider", "Which office does it go to now?")
        return draft

    async def action_save(self) -> None:
        """Check every field, then save in one change."""
        if self.is_gone:
            self.problem(_GONE)
            return
        draft = self._read()
        if self.show_problems(draft.problems):
            return
        if self.attempt(lambda: self._keep(draft.entry)):
            said = self._saved_words()
            self.dismiss(True)
            self.app.say(said)

    def _keep(self, entry: ReferralEntry) -> None:
        if self.redirect_from is not None:
            changes = {
                one.name: getattr(entry, one.name) for one in fields(entry) if one.name != "provider_id"
            }
            redirect(
                self.practice,
                self.redirect_from,
                provider_id=entry.provider_id,
                reason=self._text("why"),
                entry_changes=changes,
            )
        elif self.facts is not None:
            edit_referral(self.practice, self.facts.id, entry, version=self.facts.version)
        else:
            create_referral(self.practice, self.patient_id, entry, document_paths=self._paths())

    def _paths(self) -> list[Path]:
        field = self.query_one("#attach", PathInput)
        return [field.path] if field.value.strip() else []

    def _saved_words(self) -> str:
        texts = self.texts()
        if self.referral_id is not None:
            return "Changed.  u undoes it"
        return safe_text(drafted_words(texts["specialty"], texts["provider"]))


SCREEN = ReferralForm
