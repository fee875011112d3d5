"""How a denial ends: overturned in full or in part, upheld, withdrawn, or never appealed, with the reason.

Pure. The store carries an ending out (``store.actions.denial_endings``).
"""

from __future__ import annotations

from carecoord_tui.domain.vocabulary import AppealOutcome, DenialStatus, Worded


class Ending(Worded):
    """The outcome with which a denial is closed. Values stand in notes and labels, never in a column."""

    OVERTURNED = "overturned_in_full"
    PARTLY = "overturned_in_part"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"
    NOT_APPEALED = "not_appealed"

    @property
    def needs_reason(self) -> bool:
        """Nobody can tell later why no appeal was made unless it is written down."""
        return self is Ending.NOT_APPEALED


APPEAL_OUTCOMES = {
    Ending.OVERTURNED: AppealOutcome.OVERTURNED,
    Ending.PARTLY: AppealOutcome.PARTLY,
    Ending.UPHELD: AppealOutcome.UPHELD,
    Ending.WITHDRAWN: AppealOutcome.DISMISSED,  # a withdrawn request is dismissed: nothing was decided
}
"""What an ending says of an appeal that waits for its decision."""


def possible_endings(status: DenialStatus, *, was_appealed: bool) -> tuple[Ending, ...]:
    """How a denial of this status can end; none for one that has ended."""
    if not status.is_open:
        return ()
    if status is DenialStatus.APPEALED or was_appealed:
        return (Ending.OVERTURNED, Ending.PARTLY, Ending.UPHELD, Ending.WITHDRAWN)
    return (Ending.OVERTURNED, Ending.PARTLY, Ending.WITHDRAWN, Ending.NOT_APPEALED)


def ending_problem(ending: Ending, status: DenialStatus, *, was_appealed: bool, reason: str) -> str:
    """Why a denial cannot end so, in one sentence; empty when it can."""
    if not status.is_open:
        return f"This denial has ended ({status.label}): u undoes a mistaken step."
    if ending not in possible_endings(status, was_appealed=was_appealed):
        if ending is Ending.NOT_APPEALED:
            return "It was appealed: close it as upheld, overturned or withdrawn."
        return "It was never appealed, so nothing was upheld: close it as not appealed."
    if ending.needs_reason and not reason.strip():
        return "Say in a few words why it is not appealed, such as: patient chose the covered alternative."
    return ""


def ending_note(ending: Ending, reason: str) -> str:
    """``Closed: not appealed (cost is small)``: what the record's note keeps."""
    return f"Closed: {ending.label}{f' ({reason})' if reason else ''}."
