"""What payers say about claims, from either kind of file: 277 before payment, 835 with it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from carecoord_tui.domain.payer_claims import ClaimAnswer, ClaimStatusAnswer
from carecoord_tui.exchange.x12.claim_status import ClaimStatusCollector
from carecoord_tui.exchange.x12.reading import AnswerReader
from carecoord_tui.exchange.x12.remittance import RemittanceCollector
from carecoord_tui.exchange.x12.segments import Progress

AnyClaim: TypeAlias = ClaimAnswer | ClaimStatusAnswer


def read_claims(path: Path, progress: Progress | None = None) -> AnswerReader[AnyClaim]:
    """Each claim of each 277 and 835 in the file, then the end of each transaction.

    Raises:
        AnswerFileError: while iterating, with the place; nothing that came before it should be kept.
    """
    return AnswerReader(path, {"277": ClaimStatusCollector, "835": RemittanceCollector}, progress)
