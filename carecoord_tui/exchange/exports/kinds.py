"""How a stored value becomes a cell of an export."""

from __future__ import annotations

from enum import Enum

from carecoord_tui.domain.vocabulary import Worded


class As(Enum):
    """How a stored value becomes a cell."""

    TEXT = "text"
    PERSON = "name of a person"
    NAME = "name or title, read back by an importer"
    DAY = "day"
    TIME = "time"  # an aware time, in the practice's zone
    DAY_OR_TIME = "day, or an aware time"
    CLOCK = "time of day"
    PHONE = "phone"
    PHONES = "phones"  # a line each
    AMOUNT = "amount"
    YES_NO = "yes/no"


READ_BACK = (
    "Patients", "Referrals", "Coverages", "Authorizations", "Appointments", "Follow-ups", "Providers",
)  # fmt: skip
"""The tables of an export that an importer reads back; every other one only comes out."""
NOTICES, NOTICES_HEADERS = "Notices", ("Notice",)
"""What goes along with marked records."""

Column = tuple[str, str, "As | type[Worded]"]
"""Header, SQL expression, and how it is read: ``As`` or the vocabulary whose label is written."""
