"""The cards of the referral board: columns along the loop, each read a screenful at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import overload

from carecoord_tui.domain.referral_ageing import age_of
from carecoord_tui.domain.referral_rows import ENDED_STAGES, ReferralListRow
from carecoord_tui.domain.vocabulary import ReferralStage as S
from carecoord_tui.widgets.board import BoardCard, BoardColumn
from carecoord_tui.widgets.referral_rows import Groups, Paint

COLUMNS: tuple[tuple[str, str, tuple[S, ...]], ...] = (
    ("ours", "To send", (S.DRAFT, S.REJECTED, S.NO_SHOW, S.VISIT_CANCELLED, S.ON_HOLD)),
    ("sent", "Sent", (S.SENT, S.ACKNOWLEDGED)),
    ("accepted", "Accepted", (S.ACCEPTED,)),
    ("scheduled", "Scheduled", (S.SCHEDULED,)),
    ("seen", "Seen", (S.SEEN,)),
    ("report", "Report in", (S.REPORT_RECEIVED, S.REVIEWED)),
)
"""Who has the next step, left to right: us, the office, the visit, the office, us."""
ENDED_COLUMN = ("ended", "Ended", ENDED_STAGES)


class ReferralCards(Sequence[BoardCard]):
    """The cards of these ids; lines are read when a stretch of them is drawn."""

    def __init__(
        self, ids: Sequence[int], read: Callable[[Sequence[int]], Sequence[ReferralListRow]], paint: Paint
    ) -> None:
        self._ids, self._read, self._paint = ids, read, paint

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int, /) -> BoardCard: ...
    @overload
    def __getitem__(self, place: slice, /) -> list[BoardCard]: ...
    def __getitem__(self, place: int | slice, /) -> BoardCard | list[BoardCard]:
        if isinstance(place, int):
            return self._cards([self._ids[place]])[0]
        return self._cards(self._ids[place])

    def _cards(self, ids: Sequence[int]) -> list[BoardCard]:
        lines = {line.id: line for line in self._read(ids)}
        return [self._card(lines[one]) if one in lines else BoardCard(one, "no longer there") for one in ids]

    def _card(self, line: ReferralListRow) -> BoardCard:
        age = age_of(line, self._paint.context, self._paint.moment.today)
        detail = " · ".join(filter(None, (line.specialty, line.office)))
        late = age is not None and age.is_over
        words = "" if age is None else f"!{age.words}" if late else age.words
        return BoardCard(line.id, self._paint.name(line.patient_name), detail, "alarm" if late else "", words)

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {one: place for place, one in enumerate(self._ids)}

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where a referral stands in its column, without reading a line."""
        return self._places.get(record_id)


def board_columns(
    groups: Groups,
    read: Callable[[Sequence[int]], Sequence[ReferralListRow]],
    paint: Paint,
    *,
    ended: bool = False,
) -> list[BoardColumn]:
    """The columns of these groups; the same ones whatever the groups hold."""
    columns = []
    for key, title, stages in (*COLUMNS, *((ENDED_COLUMN,) if ended else ())):
        ids = [one for stage in stages for one in groups.get(stage, ())]
        columns.append(BoardColumn(key, title, ReferralCards(ids, read, paint)))
    return columns
