"""Telling a table of our own exports by its header: which come back in, which only come out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from carecoord_tui.exchange.columns import fold_header
from carecoord_tui.exchange.exports import people
from carecoord_tui.exchange.exports.kinds import NOTICES, NOTICES_HEADERS, READ_BACK
from carecoord_tui.exchange.exports.listings import LISTINGS
from carecoord_tui.exchange.exports.tables import SUBJECTS
from carecoord_tui.exchange.referral_columns import RECORD_HEADER

_SINGULAR = frozenset({"Care team", "Assistance", "History"})


def goes_back_in(name: str) -> bool:
    """True for a table of an export that an importer reads."""
    return name in READ_BACK


def comes_out_only(headers: Sequence[str], name: str = "") -> str:
    """The table of our exports that this header is of, where nobody reads it back; else empty.

    ``name`` is that of the sheet or file: a table of another version of ours may have more columns or fewer,
    and is told by its name where it has our column of records and most of the columns.
    """
    folded = tuple(map(fold_header, headers))
    listings = _listings()
    if folded in listings:
        return listings[folded]
    if fold_header(RECORD_HEADER) not in folded:
        return ""
    present = set(folded)
    for known, title in listings.items():
        if fold_header(title) == fold_header(name) and 2 * len(present.intersection(known)) > len(known):
            return title
    return ""


def refusal(name: str) -> str:
    """The one sentence for a table that only comes out."""
    verb = "comes" if name in _SINGULAR else "come"
    *most, last = READ_BACK
    return (
        f"{name} {verb} out only: of an export, {', '.join(most)} and {last} can be read back; "
        "a backup brings everything"
    )


@cache
def _listings() -> dict[tuple[str, ...], str]:
    """Folded header -> name, of every table nobody reads back."""
    tables = [(subject.name, subject.headers) for subject in (*SUBJECTS, *LISTINGS)]
    tables += [(people.NAME, list(people.HEADERS)), (NOTICES, list(NOTICES_HEADERS))]
    return {tuple(map(fold_header, headers)): name for name, headers in tables if not goes_back_in(name)}
