"""The packet was sent: how, and what says so."""

from __future__ import annotations

from textual.app import ComposeResult

from carecoord_tui.domain.vocabulary import Channel
from carecoord_tui.screens.form_sheet import Field, FormInput, FormSheet
from carecoord_tui.store.actions.packet import record_sent
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.choice import ChoiceRow, Option

HOW = (
    Option("f", "fax", Channel.FAX.value),
    Option("p", "portal", Channel.PORTAL.value),
    Option("l", "letter", Channel.LETTER.value),
    Option("h", "by hand", Channel.IN_PERSON.value),
)


class SentSheet(FormSheet[bool]):
    """Records the sending; True when it was."""

    def __init__(self, practice: Practice, referral_id: int) -> None:
        super().__init__()
        self.practice, self.referral_id = practice, referral_id

    def heading(self) -> str:
        """Sending is not receiving."""
        return "Sent is not received: a fax has a confirmation"

    def compose_body(self) -> ComposeResult:
        """How, and the confirmation."""
        yield Field("Sent by", ChoiceRow(HOW, value=Channel.FAX.value, id="how"))
        yield Field("Confirmation", FormInput(placeholder="e.g. OK 14:02, 3 pages", id="confirmation"))

    async def action_save(self) -> None:
        """Record it."""
        texts = self.texts()
        how = Channel(texts["how"])
        if self.attempt(lambda: record_sent(self.practice, self.referral_id, how, texts["confirmation"])):
            self.dismiss(True)
            self.app.say(f"Sent by {how.label}; their receipt is still to be confirmed.  u undoes it")


SCREEN = SentSheet
