"""The status words of referral logs, and the stage of the closed loop each one means.

Only words that mean one stage in every office are here. ``pending`` may be not sent, sent, or waiting for
a date; ``completed`` seen or closed; ``closed`` patient told, or only given up on; ``declined`` the
office's no or the patient's. Such words are asked about, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.exchange.tabular import shown

S = ReferralStage

LEAVE_OUT = "leave-out"
"""An answer instead of a stage: rows with these words are handed back."""

Answers = Mapping[str, ReferralStage | None]
"""Folded status words -> stage; None leaves the rows out."""

_WORDS = {
    S.DRAFT: (
        "draft, not sent, not yet sent, ordered not sent, to be sent, to send, needs to be sent, not started"
    ),
    S.SENT: (
        "sent, referral sent, faxed, faxed to office, sent to specialist, sent to office, fax sent, "
        "sent by fax, submitted to specialist, sent to provider, emailed to office"
    ),
    S.ACKNOWLEDGED: (
        "acknowledged, receipt confirmed, confirmed receipt, received by office, received by "
        "specialist, office received, confirmed received, fax confirmed received"
    ),
    S.ACCEPTED: (
        "accepted, accepted by office, accepted by specialist, accepted by provider, referral accepted"
    ),
    S.SCHEDULED: (
        "scheduled, appointment scheduled, appt scheduled, appointment made, appt made, booked, "
        "appointment booked, appt booked, appointment set, appt set, visit scheduled, patient "
        "scheduled, pt scheduled, pt booked, patient booked"
    ),
    S.SEEN: (
        "seen, patient seen, seen report pending, seen awaiting report, awaiting report, awaiting "
        "notes, awaiting consult note, seen awaiting notes, visit completed, appointment completed, "
        "appt completed, appointment kept, waiting for report, report pending, pending report, "
        "awaiting consult report, fulfilled"
    ),
    S.REPORT_RECEIVED: (
        "report received, report in, consult note received, notes received, consult report received, "
        "records received, consult received, report received not reviewed"
    ),
    S.REVIEWED: "reviewed, report reviewed, reviewed by provider, reviewed by pcp, provider reviewed",
    S.CLOSED: (
        "loop closed, patient notified, patient informed, patient told, patient told closed, closed loop"
    ),
    S.REJECTED: (
        "rejected, rejected by office, rejected by specialist, declined by office, declined by "
        "specialist, specialist declined, office declined, not accepted, referral rejected, declined "
        "by provider"
    ),
    S.NO_SHOW: (
        "no show, noshow, patient no show, did not attend, did not come, dna, did not show, no showed, "
        "missed appointment"
    ),
    S.VISIT_CANCELLED: (
        "visit cancelled, appointment cancelled, appt cancelled, patient cancelled appointment, "
        "appointment cancelled by patient, patient cancelled appt, cancelled appointment, cancelled "
        "appt"
    ),
    S.ON_HOLD: "on hold, hold, held, referral on hold, paused",
    S.DECLINED: (
        "patient declined, patient refused, declined by patient, refused by patient, pt declined, pt refused"
    ),
    S.WITHDRAWN: (
        "withdrawn, referral withdrawn, referral cancelled, cancelled by provider, cancelled by pcp, "
        "void, voided, entered in error, order cancelled, no longer needed"
    ),
    S.REDIRECTED: "redirected, sent elsewhere, redirected to another office, re referred",
}


def fold_status(text: str) -> str:
    """Status words as they are compared: lower case, one blank between words, American spelling."""
    words = " ".join(re.findall(r"[^\W_]+", fold(text)))
    return words.replace("canceled", "cancelled").replace("acknowleged", "acknowledged")


_STAGE_OF = {fold_status(word): stage for stage, words in _WORDS.items() for word in words.split(", ")} | {
    fold_status(stage.label): stage for stage in ReferralStage
}


class StatusError(Exception):
    """``--status`` cannot be understood; ``str()`` is one sentence for the user."""


def read_stage(text: str, answers: Answers) -> ReferralStage | None:
    """The stage of status words: as answered, else as every office means it; None must be asked.

    Raises:
        KeyError: the words were answered with "leave out".
    """
    words = fold_status(text)
    if words in answers:
        if answers[words] is None:
            raise KeyError(words)
        return answers[words]
    return _STAGE_OF.get(words)


def parse_stage(text: str) -> ReferralStage:
    """A stage by its value or its label: ``report_received``, ``report received``.

    Raises:
        StatusError: there is no such stage.
    """
    words = fold_status(text)
    for stage in ReferralStage:
        if words in (fold_status(stage.value), fold_status(stage.label)):
            return stage
    stages = ", ".join(stage.value for stage in ReferralStage)
    raise StatusError(f"“{shown(text)}” is no stage; the stages are: {stages}, and {LEAVE_OUT}.")


def parse_statuses(items: Sequence[str]) -> dict[str, ReferralStage | None]:
    """``["pending=sent"]`` -> folded words with their stage, as given to ``--status``.

    Raises:
        StatusError: an item without ``=``, an unknown stage, or words given twice.
    """
    answers: dict[str, ReferralStage | None] = {}
    for item in items:
        words, equals, stage = item.rpartition("=")
        if not equals or not fold_status(words):
            raise StatusError(
                f"--status {shown(item)}: write WORDS=STAGE, for example --status pending=sent."
            )
        if fold_status(words) in answers:
            raise StatusError(f"--status gives “{shown(words)}” twice; give it once.")
        left_out = fold_status(stage) == fold_status(LEAVE_OUT)
        answers[fold_status(words)] = None if left_out else parse_stage(stage)
    return answers
