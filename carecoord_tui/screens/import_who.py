"""The doubtful rows of a patient list, one question each: somebody on file, somebody new, or left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.binding import Binding, BindingType

from carecoord_tui.exchange.import_report import DoubtfulRow
from carecoord_tui.exchange.logs.plan import Candidate
from carecoord_tui.exchange.patient_known import MAX_CANDIDATES, Who
from carecoord_tui.exchange.tabular import shown
from carecoord_tui.screens.import_masking import masked_doubtful
from carecoord_tui.screens.import_opening import OpeningFile, Step
from carecoord_tui.screens.import_preview import Namer

WHO_KEYS = "123456789"[:MAX_CANDIDATES]
OTHER_KEYS = {Who.NEW: "n", Who.LEAVE_OUT: "l"}
WHO_BINDINGS: tuple[BindingType, ...] = (
    *(
        Binding(key, f"who('{key}')", f"Answer {key}", id=f"import.who_{key}", show=False)
        for key in (*WHO_KEYS, *OTHER_KEYS.values())
    ),
    Binding("w", "ask_who", "Who the doubtful are", id="import.ask_who", show=False),
)
"""For the screen itself: a class that binds one of these keys hides those of its bases."""


class AskingWho(OpeningFile):
    """The questions about doubtful rows, asked from the preview and answered one after the other."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._people: dict[int, int | Who] = {}
        """What was said: line -> whom it is about."""
        self._doubtful: tuple[DoubtfulRow, ...] = ()
        self._who_at = 0

    def action_ask_who(self) -> None:
        """Ask of each doubtful row whom it is about."""
        if self._doubtful:
            self._who_at = 0
            self._ask_who()

    def action_who(self, key: str) -> None:
        """Whom the row in question is about, as its key says; the next one, or the preview."""
        row = self._doubtful[self._who_at]
        answer = answer_of(row, key)
        if answer is None:
            return
        self._people[row.line] = answer
        self._who_at += 1
        if self._who_at < len(self._doubtful):
            self._ask_who()
        else:
            self._who_is_said()

    def _ask_who(self) -> None:
        self._show(Step.WHO)
        rows = tuple(map(masked_doubtful, self._doubtful)) if self.app.privacy else self._doubtful
        self._say("\n".join(who_question(rows, self._who_at, self.app.shown_name)))

    def _who_is_said(self) -> None:
        """Back to the preview, with the answers so far."""
        raise NotImplementedError


def who_question(rows: Sequence[DoubtfulRow], at: int, shown_name: Namer) -> list[str]:
    """The question about one of the rows, with a key for each answer."""
    row = rows[at]
    place = f" ({at + 1} of {len(rows)})" if len(rows) > 1 else ""
    return [
        f"Line {row.line}: {_person(shown_name(row.name), row.birth_date, row.mrn)}{place}. Who is it?",
        f"{row.reason[:1].upper()}{row.reason[1:]}.",
        "",
        *(
            f"  {key}  {_on_file(one, shown_name)}"
            for key, one in zip(WHO_KEYS, row.candidates, strict=False)
        ),
        f"  {OTHER_KEYS[Who.NEW]}  somebody new: a record of their own",
        f"  {OTHER_KEYS[Who.LEAVE_OUT]}  leave the row out",
    ]


def answer_of(row: DoubtfulRow, key: str) -> int | Who | None:
    """What a key says of a row; None where it means nothing."""
    for who, its_key in OTHER_KEYS.items():
        if key == its_key:
            return who
    place = WHO_KEYS.find(key)
    return row.candidates[place].patient_id if 0 <= place < len(row.candidates) else None


def _on_file(one: Candidate, shown_name: Namer) -> str:
    who = _person(shown_name(one.name), one.birth_date, one.mrn)
    contradictions = one.reasons[1:]  # name and birth date are the same for all of them
    return ", ".join((who, *contradictions))


def _person(name: str, birth_date: str, mrn: str) -> str:
    return " · ".join(filter(None, (shown(name), birth_date, f"MRN {shown(mrn)}" if mrn else "")))
