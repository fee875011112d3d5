"""X12 278 responses (005010X217, 004010X094): what was decided about each event and service."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.payer_answers import (
    AuthorizationAnswer,
    AuthorizationItem,
    Dated,
    Party,
    Problem,
    Reject,
    Units,
    Where,
)
from carecoord_tui.exchange.x12.reading import AnswerReader, WrongContent
from carecoord_tui.exchange.x12.segments import Progress, Segment
from carecoord_tui.exchange.x12.values import Values, party

ITEM_LEVELS = ("EV", "SS")
RESPONSE = "11"
"""BHT02 of an answer; a request, a cancellation of one and a notice have others."""

_SERVICE_PROVIDER = "SJ"
_PROCEDURE_ELEMENT = {"SV1": 1, "SV2": 2, "SV3": 1}
_UM_ELEMENTS = 5


def read_authorizations(path: Path, progress: Progress | None = None) -> AnswerReader[AuthorizationAnswer]:
    """Each person's answer in each 278 of the file, then the end of each transaction.

    Raises:
        AnswerFileError: while iterating, with the place; also for a 278 that is a request.
    """
    return AnswerReader(path, {"278": AuthorizationCollector}, progress)


class AuthorizationCollector:
    """The answers of one 278: one a patient, with its events and services."""

    def __init__(self, transaction: int) -> None:
        self._transaction = transaction
        self._level = ""
        self._purpose = ""
        self._payer = self._subscriber = self._first_subscriber = Party()
        self._patient: _Patient | None = None
        self._providers: list[str] = []
        self._all_rejects: list[Reject] = []
        self.rejects: list[Reject] = []
        self.problems: list[Problem] = []

    def feed(self, segment: Segment) -> AuthorizationAnswer | None:
        """Take a segment; the next subscriber or dependent ends the patient before it."""
        if segment.id == "BHT":
            self._purpose = segment.text(2)
            if self._purpose != RESPONSE:
                raise WrongContent(segment, "This 278 is a request or a notice, not the payer's answer.")
        elif segment.id == "HL":
            return self._new_level(segment)
        elif segment.id == "AAA":
            self._reject(segment)
        elif segment.id == "NM1" and segment.text(1) == _SERVICE_PROVIDER:
            self._providers.append(party(segment).name)
            self._to_item(segment)
        elif segment.id == "NM1" and self._level in ("20", "22", "23"):
            self._name(segment)
        else:
            self._to_item(segment)
        return None

    def _new_level(self, segment: Segment) -> AuthorizationAnswer | None:
        self._level = segment.text(3)
        done = None
        if self._level in ("20", "21", "22", "23"):
            done = self.last()
        if self._level in ("22", "23"):
            self._patient = _Patient(segment.where)
        elif self._level in ITEM_LEVELS:
            if self._patient is None:
                self._patient = _Patient(segment.where)
            self._patient.new_item(segment)
        return done

    def _name(self, segment: Segment) -> None:
        found = party(segment)
        if self._level == "20":
            self._payer = found if self._payer.where is None else self._payer
        elif self._patient is not None and self._patient.person.where is None:
            self._patient.person = found
            if self._level == "22":
                self._subscriber = found
                if self._first_subscriber.where is None:
                    self._first_subscriber = found

    def _reject(self, segment: Segment) -> None:
        found = Reject(segment.text(1), segment.text(3), segment.text(4), self._level, segment.where)
        self._all_rejects.append(found)
        (self._patient or self).rejects.append(found)

    def _to_item(self, segment: Segment) -> None:
        if self._patient is not None:
            self._patient.feed(segment)

    def last(self) -> AuthorizationAnswer | None:
        """The patient that is being read, if anything was said; a subscriber only named for a dependent is
        none."""
        patient, self._patient = self._patient, None
        if patient is None or patient.is_only_named:
            return None
        return patient.done(self._transaction, self._payer.name, self._subscriber)

    def summary(self) -> dict[str, Any]:
        """Who decided, about whom."""
        return {
            "kind": "response",
            "bht02": self._purpose,
            "umo": self._payer.name or None,
            "subscriber": self._first_subscriber.name or None,
            "member_id": self._first_subscriber.id or None,
            "service_providers": self._providers,
            "aaa": [
                {"valid": one.valid, "reason": one.reason, "follow_up": one.follow_up, "level": one.level}
                for one in self._all_rejects
            ],
        }


class _Patient:
    """One person while the events are read."""

    def __init__(self, where: Where) -> None:
        self.person = Party()
        self.rejects: list[Reject] = []
        self._where = where
        self._values = Values()
        self._dob = ""
        self._born_on: date | None = None
        self._traces: list[str] = []
        self._items: list[AuthorizationItem] = []
        self._item: _Item | None = None

    @property
    def is_only_named(self) -> bool:
        return not (self._items or self._item or self.rejects)

    def new_item(self, segment: Segment) -> None:
        self._end_item()
        self._item = _Item(segment, self._values)

    def feed(self, segment: Segment) -> None:
        if segment.id == "TRN":
            self._traces.append(segment.words(2))
        elif self._item is not None:
            self._item.feed(segment)
        elif segment.id == "DMG":
            self._dob = segment.words(2)
            self._born_on = self._values.day(segment, 2, "birth date")

    def _end_item(self) -> None:
        if self._item is not None:
            self._items.append(self._item.done())
            self._item = None

    def done(self, transaction: int, payer: str, subscriber: Party) -> AuthorizationAnswer:
        self._end_item()
        return AuthorizationAnswer(
            transaction=transaction,
            payer=payer,
            subscriber=subscriber,
            patient=self.person,
            dob=self._dob,
            born_on=self._born_on,
            traces=tuple(self._traces),
            items=tuple(self._items),
            rejects=tuple(self.rejects),
            problems=tuple(self._values.problems),
            where=self._where,
        )


class _Item:
    """One event or service while it is read."""

    def __init__(self, segment: Segment, values: Values) -> None:
        self._level, self._where, self._values = segment.text(3), segment.where, values
        self._action, self._number, self._procedure = "", "", ""
        self._reasons: tuple[str, ...] = ()
        self._request: tuple[str, ...] = ()
        self._dates: list[Dated] = []
        self._diagnoses: list[str] = []
        self._units: list[Units] = []
        self._providers: list[Party] = []
        self._messages: list[str] = []

    def feed(self, segment: Segment) -> None:
        if segment.id == "HCR":
            self._decision(segment)
        elif segment.id == "UM":
            self._request = tuple(clean_text(text, 40) for text in segment.elements[1 : 1 + _UM_ELEMENTS])
        elif segment.id == "DTP":
            self._dates.append(self._values.dated(segment, form=2, value=3))
        elif segment.id == "HI":
            codes = (segment.parts(index) for index in range(1, len(segment.elements)))
            self._diagnoses += [parts[1] for parts in codes if len(parts) > 1 and parts[1]]
        elif segment.id == "HSD":
            self._units.append(
                Units(segment.text(1), self._values.number(segment, 2, "quantity"), segment.where)
            )
        elif segment.id in _PROCEDURE_ELEMENT:
            self._procedure = clean_text(":".join(segment.parts(_PROCEDURE_ELEMENT[segment.id])), 80)
        elif segment.id == "NM1":
            self._providers.append(party(segment))
        elif segment.id == "MSG":
            self._messages.append(segment.words(1))

    def _decision(self, segment: Segment) -> None:
        """The first decision stands; a second one for the same item is said, not taken."""
        if self._action:
            self._values.problem(segment, "a second decision about the same item; the first was taken.")
            return
        self._action, self._number = segment.text(1), segment.words(2)
        self._reasons = segment.repeats(3)
        self._where = segment.where

    def done(self) -> AuthorizationItem:
        return AuthorizationItem(
            level=self._level,
            action=self._action,
            number=self._number,
            reasons=self._reasons,
            request=self._request,
            procedure=self._procedure,
            dates=tuple(self._dates),
            diagnoses=tuple(self._diagnoses),
            units=tuple(self._units),
            providers=tuple(self._providers),
            text=clean_text(" ".join(self._messages), 2000),
            where=self._where,
        )
