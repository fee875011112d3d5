"""Records marked Part 2 or sensitive, in what a command prints or writes outside the encrypted practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carecoord_tui.cli.output import note
from carecoord_tui.cli.parser import Parser

if TYPE_CHECKING:
    from carecoord_tui.domain.day_papers import Record
    from carecoord_tui.store.first_look import FirstLook
    from carecoord_tui.store.practice import Practice


def add_part2(command: Parser, what: str = "write", otherwise: str = "which are left out else") -> None:
    """Declare ``--with-part2``."""
    command.add_argument(
        "--with-part2",
        action="store_true",
        help=f"{what} records marked Part 2 (substance use) or sensitive too, {otherwise}: check consent "
        "first, and attach the notice and the consent copy",
    )


def marked_records(reader: FirstLook | Practice, *, leaves: bool) -> frozenset[Record]:
    """The records that are not described in what leaves the program; none where it stays."""
    if not leaves:
        return frozenset()
    from carecoord_tui.store.queries.withheld import withheld_records

    return withheld_records(reader.execute)


def marked_in_audit(count: int, *, with_part2: bool) -> str:
    """What the audit says of them."""
    if not count:
        return ""
    from carecoord_tui.domain.release import marked_words

    return marked_words(count, with_part2=with_part2)


def notice_for(count: int, *, with_part2: bool) -> str:
    """The notice that goes with such records (42 CFR 2.32); empty where none of them leaves."""
    if not (count and with_part2):
        return ""
    from carecoord_tui.domain.packet import PART2_NOTICE

    return PART2_NOTICE


def note_left_out(count: int, *, with_part2: bool = False, verb: str = "writes") -> None:
    """On stderr, so that nothing about it stands in what is handed on."""
    if not count or with_part2:
        return
    from carecoord_tui.domain.release import left_out_words

    note(f"{left_out_words(count)} Where consent was checked, --with-part2 {verb} them.")
