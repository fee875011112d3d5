"""Verbs that work on any screen's subject: the highlighted row, or the marked rows.

The sheets import the store's actions, and those import SQLModel; so each is imported when its key is
first pressed, and the first frame does not wait for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from carecoord_tui.domain.ranking import PAYER_KINDS
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.base import Subject, WorkScreen
from carecoord_tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from carecoord_tui.domain.eligibility_rows import PayerToCall

_PAYER_ANSWERS = (*PAYER_KINDS, Kind.ELIGIBILITY)
_ON_A_VISIT = (Kind.APPOINTMENT, Kind.ELIGIBILITY)  # their items are about a visit, by its number


class VerbScreen(WorkScreen):
    """A work screen whose rows are items or patients."""

    rows_are_patients = False  # True: the item of a row is only the patient's most urgent one

    def _subject_or_say(self, *, needs_item: bool = False, one_person: bool = False) -> Subject | None:
        """The subject, or a word about why there is none."""
        subject = self.subject()
        people = {ranked.item.patient_id for ranked in subject.items}
        if one_person and (subject.several or len(people) > 1):
            self.say(
                "This is about one person: clear the marks (esc), or mark one person's rows.", alarm=True
            )
            return None
        if subject.patient_id is None:
            self.say("Nothing is highlighted: move to a row first.")
            return None
        if needs_item and not subject.items:
            self.say("This person has no open item here; f makes a follow-up.")
            return None
        return subject

    def _has_marks(self) -> bool:
        return any(listing.marks for listing in self.query(RecordList))

    def chosen_people(self) -> list[int]:
        """Whose rows are marked, else the highlighted person; whose row the cursor is on stands first."""
        subject = self.subject()
        chosen = dict.fromkeys(ranked.item.patient_id for ranked in subject.items)
        return sorted(chosen, key=lambda one: one != subject.patient_id)

    async def action_contact(self) -> None:
        """Log a contact about the highlighted item: a call to the payer where the payer answers."""
        chosen = self._of_one_payer(self.subject())
        if (payer := self._payer_in_question(chosen)) is not None:
            from carecoord_tui.screens.payer_call_sheet import PayerCallSheet

            self.app.push_screen(PayerCallSheet(await self.app.full_practice(), chosen, payer))
            return
        from carecoord_tui.screens.contact import ContactSheet

        if (subject := self._subject_or_say(one_person=True)) is not None:
            self.app.push_screen(ContactSheet(await self.app.full_practice(), subject))

    def _payer_in_question(self, subject: Subject) -> PayerToCall | None:
        """The one payer that answers about everything chosen; None where it is the patient, or several."""
        payers = set(self._payers(subject))
        return payers.pop() if len(payers) == 1 else None

    def _payers(self, subject: Subject) -> list[PayerToCall | None]:
        """Who answers about each item; empty where some are none that a payer answers about."""
        items = [] if self.rows_are_patients else [ranked.item for ranked in subject.items]
        if not all(item.kind in _PAYER_ANSWERS for item in items):
            return []
        from carecoord_tui.store.queries.payer_calls import payers_of

        return payers_of(self.app.reader.execute, items) if items else []

    def _of_one_payer(self, subject: Subject) -> Subject:
        """Of a folded group what its first payer answers about: one call is to one payer.

        Rows that were marked one by one are meant as they are.
        """
        if len(subject.items) < 2 or self._has_marks():
            return subject
        payers = self._payers(subject)
        if len(set(payers)) < 2:
            return subject
        items = tuple(one for one, payer in zip(subject.items, payers, strict=True) if payer == payers[0])
        return replace(subject, items=items)

    async def action_done(self) -> None:
        """A follow-up is done; an item a rule made opens the act that settles it."""
        if (subject := self._subject_or_say(needs_item=True)) is None:
            return
        practice = await self.app.full_practice()
        if all(ranked.item.kind is Kind.FOLLOW_UP for ranked in subject.items):
            from carecoord_tui.screens.done import DoneSheet, finish_at_once

            if len(subject.items) > 1:
                finish_at_once(self.app, practice, subject)
            else:
                self.app.push_screen(DoneSheet(practice, subject))
            return
        from carecoord_tui.screens.settle import SettleSheet, choices_for

        chosen = self._of_one_payer(subject)
        if len({choices_for(practice, ranked) for ranked in chosen.items}) > 1:
            self.say(
                "These items are settled by different acts: clear the marks (esc), take one kind.", alarm=True
            )
        elif choices_for(practice, chosen.items[0]):
            self.app.push_screen(SettleSheet(practice, chosen, left_out=self._left_out(subject, chosen)))
        else:
            await self.action_contact()

    def _left_out(self, subject: Subject, chosen: Subject) -> str:
        """Which payer's items were taken out of a folded group; empty where all of them were."""
        more = len(subject.items) - len(chosen.items)
        if not more:
            return ""
        payer = self._payers(chosen)[0]
        return f"{payer.name if payer else 'Without a payer'} only; {more} more of other payers come next."

    async def action_move(self) -> None:
        """Move to a date or event."""
        from carecoord_tui.screens.move import MoveSheet

        if (subject := self._subject_or_say(needs_item=True)) is not None:
            self.app.push_screen(MoveSheet(await self.app.full_practice(), subject))

    async def action_waiting(self) -> None:
        """Say who owes the next step."""
        from carecoord_tui.screens.waiting import WaitingSheet

        if (subject := self._subject_or_say(needs_item=True)) is not None:
            self.app.push_screen(WaitingSheet(await self.app.full_practice(), subject))

    async def action_why(self) -> None:
        """Why the item stands where it stands."""
        from carecoord_tui.screens.why import WhySheet

        if (subject := self._subject_or_say(needs_item=True)) is not None:
            self.app.push_screen(WhySheet(await self.app.full_practice(), subject.items[0]))

    async def action_follow_up(self) -> None:
        """A new follow-up for the person."""
        from carecoord_tui.screens.follow_up_form import FollowUpSheet

        if (subject := self._subject_or_say(one_person=True)) is not None:
            self.app.push_screen(FollowUpSheet(await self.app.full_practice(), subject))

    async def action_note(self) -> None:
        """A note on the person, about the item when there is one."""
        from carecoord_tui.screens.note import NoteSheet

        if (subject := self._subject_or_say(one_person=True)) is not None:
            self.app.push_screen(NoteSheet(await self.app.full_practice(), subject))

    async def action_edit(self) -> None:
        """Change the follow-up or the visit; on any other item, or on a person's row, the patient."""
        if (subject := self._subject_or_say(one_person=True)) is None:
            return
        practice = await self.app.full_practice()
        first = None if self.rows_are_patients else subject.first
        if first is not None and first.item.kind is Kind.FOLLOW_UP:
            from carecoord_tui.screens.follow_up_form import FollowUpSheet

            self.app.push_screen(FollowUpSheet(practice, subject, follow_up_id=first.item.record_id))
            return
        if first is not None and first.item.kind is Kind.APPOINTMENT:
            await self.action_appointment()
            return
        await self.action_edit_patient()

    async def action_edit_patient(self) -> None:
        """Change the patient: name, birth date, phones, address, language, coverage."""
        from carecoord_tui.screens.patient_form import PatientForm

        if (subject := self._subject_or_say(one_person=True)) is not None:
            await self.app.full_practice()
            self.app.push_screen(PatientForm(patient_id=subject.patient_id))

    async def action_new_referral(self) -> None:
        """A new referral for the person."""
        from carecoord_tui.screens.referral_form import ReferralForm

        if (subject := self._subject_or_say(one_person=True)) is not None and subject.patient_id is not None:
            practice = await self.app.full_practice()
            self.app.push_screen(ReferralForm(practice, subject.patient_id, subject.patient_name))

    async def action_appointment(self) -> None:
        """The visit of the highlighted item; on anything else a new one, for its referral where it is one."""
        subject = self._subject_or_say(one_person=True)
        if subject is None or subject.patient_id is None:
            return
        item = None if subject.first is None or self.rows_are_patients else subject.first.item
        visit = item.record_id if item is not None and item.kind in _ON_A_VISIT else None
        referral = item.record_id if item is not None and item.kind is Kind.REFERRAL else None
        await self.open_appointment(
            subject.patient_id, subject.patient_name, appointment_id=visit, referral_id=referral
        )

    async def open_appointment(
        self,
        patient_id: int,
        patient_name: str,
        *,
        appointment_id: int | None = None,
        referral_id: int | None = None,
    ) -> None:
        """The form of a visit, on one on file or for a new one."""
        from carecoord_tui.screens.appointment_form import AppointmentForm

        practice = await self.app.full_practice()
        self.app.push_screen(
            AppointmentForm(
                practice, patient_id, patient_name, appointment_id=appointment_id, referral_id=referral_id
            )
        )

    async def action_insurance(self) -> None:
        """The menu of forms; an insurance item that is highlighted stands in its first line."""
        from carecoord_tui.screens.insurance_menu import InsuranceMenu, record_named

        subject = self._subject_or_say(one_person=True)
        if subject is None or subject.patient_id is None:
            return
        first = None if self.rows_are_patients else subject.first
        reader = self.app.reader
        this = None if first is None else record_named(reader.execute, first, reader.moment())
        practice = await self.app.full_practice()
        self.app.push_screen(InsuranceMenu(practice, subject.patient_id, subject.patient_name, this))

    def _referral_or_say(self) -> int | None:
        """The highlighted referral's number, or a word about why there is none."""
        subject = self._subject_or_say(needs_item=True, one_person=True)
        first = subject.first if subject is not None else None
        if first is None:
            return None
        if first.item.kind is not Kind.REFERRAL:
            self.say("This row is not a referral: move to one, or find it on Referrals (3).")
            return None
        return first.item.record_id

    async def action_track(self) -> None:
        """Every step of the referral."""
        from carecoord_tui.screens.referral_detail import ReferralDetail

        if (referral_id := self._referral_or_say()) is not None:
            self.app.push_screen(ReferralDetail(await self.app.full_practice(), referral_id))

    async def action_packet(self) -> None:
        """The referral packet; on a denial the letter of its appeal."""
        first = self.subject().first
        if first is not None and first.item.kind is Kind.DENIAL and not self.rows_are_patients:
            await self._appeal_letter()
            return
        from carecoord_tui.screens.packet import PacketSheet

        if (referral_id := self._referral_or_say()) is not None:
            self.app.push_screen(PacketSheet(await self.app.full_practice(), referral_id))

    async def _appeal_letter(self) -> None:
        from carecoord_tui.screens.appeal_letter import AppealLetterSheet

        subject = self._subject_or_say(needs_item=True, one_person=True)
        if subject is not None and subject.first is not None:
            practice = await self.app.full_practice()
            self.app.push_screen(
                AppealLetterSheet(practice, subject.first.item.record_id, subject.patient_name)
            )

    async def action_document(self) -> None:
        """Documents of the referral, or of the patient."""
        from carecoord_tui.screens.documents import DocumentsSheet

        subject = self._subject_or_say(one_person=True)
        if subject is None or subject.patient_id is None:
            return
        first = subject.first.item if subject.first is not None else None
        referral_id = first.record_id if first is not None and first.kind is Kind.REFERRAL else None
        practice = await self.app.full_practice()
        self.app.push_screen(DocumentsSheet(practice, subject.patient_id, subject.patient_name, referral_id))

    async def action_chase(self) -> None:
        """What each office owes."""
        from carecoord_tui.screens.chase import ChaseScreen

        await self.app.full_practice()
        self.app.push_screen(ChaseScreen())

    async def action_status(self) -> None:
        """On hold, discharged, deceased, or taken up again."""
        from carecoord_tui.screens.status import StatusSheet

        if (subject := self._subject_or_say(one_person=True)) is not None:
            self.app.push_screen(StatusSheet(await self.app.full_practice(), subject))

    async def action_merge(self) -> None:
        """Make two records of this person one: the two that are marked, else this and one looked for."""
        practice = await self.app.full_practice()
        people = self.chosen_people()
        if len(people) == 2 and self._has_marks():
            from carecoord_tui.screens.merge import compare

            if not compare(self.app, practice, *people):
                self.say("One of the two was merged already: clear the marks (esc).", alarm=True)
            return
        from carecoord_tui.screens.merge import OtherRecord

        subject = self._subject_or_say(one_person=True)
        if subject is not None and subject.patient_id is not None:
            self.app.push_screen(OtherRecord(practice, subject.patient_id, subject.patient_name))

    async def action_copy(self) -> None:
        """Copy one fact of the person."""
        from carecoord_tui.screens.copy_menu import CopySheet

        if (subject := self._subject_or_say(one_person=True)) is not None:
            self.app.push_screen(CopySheet(await self.app.full_practice(), subject))
