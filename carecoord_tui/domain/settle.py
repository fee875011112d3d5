"""The acts that settle an item a rule made: what ``x`` offers on it. Only a follow-up is simply done.

Pure data: the choices of each kind of item, with the key to press and the fact each needs. The store
carries them out (``store.actions.settle``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from carecoord_tui.domain.vocabulary import Kind, ReferralStage, TrackKind


class Need(StrEnum):
    """The fact a choice asks for before it is carried out."""

    NOTHING = "nothing"
    DATE = "date"  # a day, today unless typed
    TIME = "time"  # a day with a time
    DAYS_VALID = "days_valid"  # the last day of validity, from the letter
    APPROVAL = "approval"  # the authorization number, if the payer gave it, and the last day of validity
    EXTENSION = "extension"  # the day of the payer's letter, and the new day it names, if it names one
    NUMBER = "number"  # a number as the payer wrote it
    REASON = "reason"  # a few words; usual ones are offered by digits
    WHO = "who"  # a clinician's name
    HOW = "how"  # by which road it went, and the number that proves it
    FORM = "form"  # a form of its own opens; the store is not asked


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to settle. ``act`` is what the store is asked for; ``open:`` names a form instead."""

    key: str
    label: str
    act: str
    need: Need = Need.DATE
    prompt: str = "On"

    @property
    def asks(self) -> str:
        """What it asks for when it is chosen, in words; empty for a day that is today unless typed."""
        return {
            Need.TIME: "asks when",
            Need.DAYS_VALID: _LAST_DAYS.get(self.prompt, "asks last day"),
            Need.APPROVAL: "asks number, last day",
            Need.EXTENSION: "asks dates",
            Need.NUMBER: "asks number",
            Need.REASON: "asks who" if self.prompt == _WHO_SAID else "asks why",
            Need.WHO: "asks who",
            Need.HOW: "asks how",
            Need.FORM: "opens a form",
        }.get(self.need, "")


_RENEW_BY, _WHO_SAID = "Renew by", "Who said, ref."
_LAST_DAYS = {_RENEW_BY: "asks which day"}
_CLINICIAN = "Clinician"


_S = ReferralStage
_SCHEDULED = Choice("d", "has an appointment date", f"stage:{_S.SCHEDULED}", Need.TIME, "Visit on")
_DATE_COMES = replace(_SCHEDULED, key="x")
_REBOOKED = replace(_DATE_COMES, label="rebooked")
_REJECTED = Choice("r", "rejected by the office", f"stage:{_S.REJECTED}", Need.REASON, "Why")
_DECLINED = Choice("p", "patient declined", f"stage:{_S.DECLINED}", Need.REASON, "Why")
_WITHDRAWN = Choice("w", "withdrawn by the clinician", f"stage:{_S.WITHDRAWN}", Need.REASON, "Why")
_HOLD = Choice("h", "put on hold", f"stage:{_S.ON_HOLD}", Need.REASON, "Why")
_ELSEWHERE = Choice("e", "send elsewhere", "open:redirect", Need.FORM)
_ATTACH = Choice("a", "report received, attach the file", "open:attach", Need.FORM)
_PROMISED = Choice("k", "office promised: ask in 3 days", "office:promised", Need.NOTHING)
_SEEN = Choice("v", "seen, report pending", f"stage:{_S.SEEN}")
_REPORT = Choice("x", "report received", f"stage:{_S.REPORT_RECEIVED}")
_REPORT_EARLY = replace(_REPORT, key="o")
_SENT = Choice("x", "sent", f"stage:{_S.SENT}")
_ENDS = (_DECLINED, _WITHDRAWN)
_AHEAD = (_SEEN, _REPORT_EARLY)
"""Later steps that nobody told us of in time."""

REFERRAL: dict[ReferralStage, tuple[Choice, ...]] = {
    _S.DRAFT: (_SENT, _SCHEDULED, *_AHEAD, _HOLD, _ELSEWHERE, *_ENDS),
    _S.SENT: (
        Choice("x", "office has it", f"stage:{_S.ACKNOWLEDGED}"),
        _SCHEDULED,
        Choice("c", "accepted, date follows", f"stage:{_S.ACCEPTED}"),
        _PROMISED,
        *_AHEAD,
        _REJECTED,
        _ELSEWHERE,
        _HOLD,
        *_ENDS,
    ),
    _S.ACKNOWLEDGED: (
        Choice("x", "accepted, date follows", f"stage:{_S.ACCEPTED}"),
        _SCHEDULED,
        _PROMISED,
        *_AHEAD,
        _REJECTED,
        _ELSEWHERE,
        _HOLD,
        *_ENDS,
    ),
    _S.ACCEPTED: (_DATE_COMES, _SCHEDULED, _PROMISED, *_AHEAD, _REJECTED, _ELSEWHERE, _HOLD, *_ENDS),
    _S.SCHEDULED: (
        replace(_SEEN, key="x"),
        Choice("n", "did not come", f"stage:{_S.NO_SHOW}"),
        Choice("c", "visit cancelled", f"stage:{_S.VISIT_CANCELLED}"),
        Choice("d", "new date", f"stage:{_S.SCHEDULED}", Need.TIME, "Visit on"),
        _REPORT_EARLY,
        _REJECTED,
        _ELSEWHERE,
        _HOLD,
        *_ENDS,
    ),
    _S.SEEN: (_REPORT, _ATTACH, _PROMISED, _WITHDRAWN),
    _S.REPORT_RECEIVED: (Choice("x", "reviewed by clinician", f"stage:{_S.REVIEWED}"), _WITHDRAWN),
    _S.REVIEWED: (Choice("x", "patient told, close", f"stage:{_S.CLOSED}"), _WITHDRAWN),
    _S.REJECTED: (
        replace(_ELSEWHERE, key="x"),
        Choice("s", "sent again to the same office", f"stage:{_S.SENT}"),
        *_ENDS,
    ),
    _S.NO_SHOW: (_REBOOKED, *_AHEAD, _ELSEWHERE, _REJECTED, _HOLD, *_ENDS),
    _S.VISIT_CANCELLED: (_REBOOKED, *_AHEAD, _ELSEWHERE, _REJECTED, _HOLD, *_ENDS),
    _S.ON_HOLD: (_SENT, _SCHEDULED, _ELSEWHERE, *_ENDS),
}
_NO_REPORT_COMES = (
    Choice("x", "received, patient told: close", f"stage:{_S.CLOSED}"),
    _REPORT_EARLY,
    _WITHDRAWN,
)
"""Supplies delivered, a community service received: nobody writes a report."""

REASONS: dict[str, tuple[str, ...]] = {
    f"stage:{_S.REJECTED}": (
        "not taking new patients",
        "does not take the plan",
        "wrong specialty",
        "records or referral incomplete",
        "no answer from the patient",
        "not medically necessary",
    ),
    f"stage:{_S.ON_HOLD}": (
        "waits for authorization",
        "waits for test results",
        "patient asked to wait",
        "in hospital",
    ),
    f"stage:{_S.DECLINED}": (
        "does not want it",
        "cost",
        "no transport",
        "feels better",
        "goes to somebody else",
    ),
    f"stage:{_S.WITHDRAWN}": (
        "no longer needed",
        "entered twice",
        "ordered in error",
        "patient left the practice",
    ),
    "auth:cancelled": (
        "not needed after all",
        "service cancelled",
        "patient changed plans",
        "asked for twice",
    ),
    "auth:let_go": (
        "payer sends no letter",
        "patient does not want it",
        "new request instead",
        "entered twice",
    ),
    "need:no_authorization": (
        "payer's site says so",
        "covered by an authorization on file",
    ),
    "need:no_referral": (
        "payer's site says so",
        "plan lets patients go without one",
    ),
    "denial:closed": (
        "patient does not want it",
        "covered alternative found",
        "assistance found",
        "denial was right",
        "amount too small",
        "last day is past",
    ),
    "billing:closed": (
        "bill was right, explained",
        "bill corrected",
        "payer will reprocess it",
        "balance forgiven",
    ),
    "plan:closed": (
        "balance forgiven",
        "paid by somebody else",
        "patient stopped paying",
        "new plan agreed",
    ),
}
"""Usual reasons by act, offered as digits beside a free text."""

_CHECKED = (
    Choice("x", "active, benefits not re-read", "check:active", Need.NOTHING),
    Choice("n", "inactive", "check:inactive", Need.NOTHING),
    Choice("c", "payer could not say", "check:unable", Need.NOTHING),
)
_VALID_TO = Choice("v", "new validity", "auth:valid_to", Need.DAYS_VALID, "Valid to")
_RENEWED = Choice("x", "renewal submitted", "auth:renewed")
_LET_END = Choice("e", "let it end", "auth:expired", Need.NOTHING)
_APPROVED = Choice("x", "approved", "auth:approved", Need.APPROVAL, "Valid to")
_IN_PART = Choice("m", "approved in part", "auth:partial")
_AUTH_DENIED = Choice("d", "denied", "auth:denied")
_EXTENDED = Choice("e", "payer takes more time", "auth:extended", Need.EXTENSION, "Letter of")
_AUTH_CANCELLED = Choice("n", "cancelled", "auth:cancelled", Need.NOTHING)
_OVERTURNED = Choice("x", "overturned", "denial:overturned")
_FILED = Choice("x", "appeal filed", "denial:appealed", Need.HOW)
_NO_APPEAL = Choice("n", "no appeal, other ways go on", "denial:no_appeal", Need.NOTHING)
_CLOSE_DENIAL = Choice("l", "no appeal, close", "denial:closed", Need.REASON, "Why")
_OTHER_WAYS = (
    Choice("a", "look for a covered alternative", "denial:alternative", Need.NOTHING),
    Choice("p", "look for assistance", "denial:assistance", Need.NOTHING),
)
_APPEAL_DECISION = (
    _OVERTURNED,
    Choice("m", "overturned in part", "denial:partly"),
    Choice("h", "upheld", "denial:upheld"),
    Choice("s", "still pending, payer asked", "denial:asked", Need.NOTHING),
    *_OTHER_WAYS,
)
_TRACK = (
    Choice("x", "found, the patient has it", "track:succeeded", Need.NOTHING),
    Choice("s", "still going, asked", "track:asked", Need.NOTHING),
    Choice("f", "did not work out", "track:failed", Need.NOTHING),
    Choice("n", "not wanted", "track:dropped", Need.NOTHING),
)
_GIVEN = Choice("x", "estimate given", "gfe:given")
_GOOD_FAITH = (_GIVEN, Choice("n", "not needed, close", "gfe:closed", Need.NOTHING))

BY_RULE: dict[tuple[Kind, str], tuple[Choice, ...]] = {
    (Kind.ELIGIBILITY, "eligibility.before_visit"): _CHECKED,
    (Kind.ELIGIBILITY, "eligibility.resolve"): _CHECKED,
    (Kind.ELIGIBILITY, "auth.required"): (
        Choice("x", "opened, submit it next", "need:opened", Need.NOTHING),
        Choice("s", "submitted", "need:submitted"),
        Choice("n", "not needed", "need:no_authorization", Need.REASON, _WHO_SAID),
    ),
    (Kind.ELIGIBILITY, "referral.required"): (
        Choice("x", "link the open referral", "need:referral", Need.NOTHING),
        Choice("n", "not needed", "need:no_referral", Need.REASON, _WHO_SAID),
    ),
    (Kind.APPOINTMENT, "appointment.confirm"): (
        Choice("x", "confirmed with the patient", "visit:confirmed", Need.NOTHING),
        Choice("c", "cancelled", "visit:cancelled", Need.NOTHING),
    ),
    (Kind.APPOINTMENT, "appointment.interpreter"): (
        Choice("x", "interpreter confirmed", "visit:interpreter", Need.NOTHING),
    ),
    (Kind.APPOINTMENT, "appointment.outcome"): (
        Choice("x", "kept", "visit:fulfilled", Need.NOTHING),
        Choice("n", "did not come", "visit:noshow", Need.NOTHING),
        Choice("c", "cancelled", "visit:cancelled", Need.NOTHING),
        Choice("d", "new date", "visit:rebooked", Need.TIME, "Visit on"),
    ),
    (Kind.APPOINTMENT, "appointment.noshow"): (
        Choice("x", "rebooked", "visit:rebooked", Need.TIME, "Visit on"),
        Choice("l", "let go, clinician agrees", "visit:settled", Need.NOTHING),
    ),
    (Kind.APPOINTMENT, "appointment.proposed"): (
        Choice("x", "booked", "visit:rebooked", Need.TIME, "Visit on"),
        Choice("c", "not wanted", "visit:settled", Need.NOTHING),
    ),
    (Kind.AUTHORIZATION, "auth.needed"): (
        Choice("x", "submitted", "auth:submitted"),
        Choice("n", "not needed after all", "auth:cancelled", Need.NOTHING),
    ),
    (Kind.AUTHORIZATION, "auth.pended"): (
        Choice("x", "information sent", "auth:submitted"),
        replace(_APPROVED, key="a"),
        _IN_PART,
        _AUTH_DENIED,
        _EXTENDED,
        _AUTH_CANCELLED,
    ),
    (Kind.AUTHORIZATION, "denial.triage"): (
        Choice("x", "denial letter is here", "auth:letter", prompt="Dated"),
        Choice("l", "no letter, let it go", "auth:let_go", Need.REASON, "Why"),
    ),
    (Kind.AUTHORIZATION, "auth.denied_part"): (
        Choice("x", "denial letter is here", "auth:letter", prompt="Dated"),
        Choice("l", "let the denied part go", "auth:part_let_go", Need.NOTHING),
    ),
    (Kind.AUTHORIZATION, "auth.validity"): (
        Choice("x", "letter is here", "auth:valid_to", Need.APPROVAL, "Valid to"),
        _LET_END,
    ),
    (Kind.AUTHORIZATION, "auth.number"): (
        Choice("x", "payer gave the number", "auth:number", Need.NUMBER, "Number"),
        Choice("n", "payer issues none", "auth:no_number", Need.NOTHING),
        _VALID_TO,
        _LET_END,
    ),
    (Kind.AUTHORIZATION, "auth.window"): (replace(_VALID_TO, key="x"), replace(_RENEWED, key="r"), _LET_END),
    (Kind.AUTHORIZATION, "auth.units"): (_RENEWED, _VALID_TO, _LET_END),
    (Kind.AUTHORIZATION, "auth.renewal"): (_RENEWED, _VALID_TO, _LET_END),
    (Kind.DENIAL, "denial.triage"): (
        Choice("x", "papers gathered, will appeal", "denial:triaged", Need.NOTHING),
        replace(_FILED, key="f"),
        *_OTHER_WAYS,
        _NO_APPEAL,
        _CLOSE_DENIAL,
    ),
    (Kind.DENIAL, "denial.appealed"): _APPEAL_DECISION,
    (Kind.DENIAL, "denial.appealed.partd"): _APPEAL_DECISION,
    (Kind.DENIAL, "denial.appealed.expedited"): _APPEAL_DECISION,
    (Kind.DENIAL, "denial.peer_to_peer"): (
        Choice("x", "call held, denial stands", "denial:peer_held"),
        replace(_OVERTURNED, key="o", label="call held, overturned"),
        Choice("n", "no call wanted", "denial:peer_let_go", Need.NOTHING),
    ),
    (Kind.DENIAL, "denial.alternative"): _TRACK,
    (Kind.DENIAL, "denial.assistance"): _TRACK,
    (Kind.APPOINTMENT, "gfe.scheduled"): (
        _GIVEN,
        Choice("c", "visit cancelled", "visit:cancelled", Need.NOTHING),
    ),
    (Kind.GOOD_FAITH, "gfe.scheduled"): _GOOD_FAITH,
    (Kind.GOOD_FAITH, "gfe.requested"): _GOOD_FAITH,
    (Kind.GOOD_FAITH, "billing.estimate"): _GOOD_FAITH,
    (Kind.BILLING, "billing.case"): (
        Choice("x", "answered, close", "billing:closed", Need.REASON, "Answer"),
        Choice("s", "still open, payer asked", "billing:asked", Need.NOTHING),
    ),
    (Kind.PAYMENT_PLAN, "billing.installment"): (
        Choice("x", "payment received", "plan:paid"),
        Choice("c", "close before it is paid", "plan:closed", Need.REASON, "Why"),
    ),
    (Kind.PAYMENT_PLAN, "billing.plan"): (Choice("x", "close the plan", "plan:finished", Need.NOTHING),),
    (Kind.ASSISTANCE, "assistance.decision"): (
        Choice("x", "approved: renew by", "assistance:approved", Need.DAYS_VALID, _RENEW_BY),
        Choice("d", "declined", "assistance:declined"),
        Choice("s", "still pending, asked", "assistance:asked", Need.NOTHING),
        Choice("n", "application withdrawn", "assistance:ended", Need.NOTHING),
    ),
    (Kind.ASSISTANCE, "assistance.renewal"): (
        Choice("x", "renewed: renew by", "assistance:approved", Need.DAYS_VALID, _RENEW_BY),
        Choice("a", "renewal applied for", "assistance:applied"),
        Choice("e", "ended", "assistance:ended", Need.NOTHING),
    ),
    (Kind.ASSISTANCE, "assistance.renewal_date"): (
        Choice("x", "renew by", "assistance:approved", Need.DAYS_VALID, _RENEW_BY),
        Choice("e", "ended", "assistance:ended", Need.NOTHING),
    ),
    (Kind.TRANSITION, "tcm.period"): (
        Choice("x", "close hospital discharge", "transition:closed", Need.NOTHING),
    ),
    (Kind.PATIENT, "caseload.hold"): (Choice("x", "take up again", "patient:active", Need.NOTHING),),
}

_APPEAL_WINDOW = (_FILED, *_OTHER_WAYS, _NO_APPEAL, _CLOSE_DENIAL)
_PAYER_DECISION = (
    _APPROVED,
    _IN_PART,
    _AUTH_DENIED,
    Choice("p", "pended for information", "auth:pended"),
    Choice("s", "still pending, payer asked", "auth:asked", Need.NOTHING),
    _EXTENDED,
    _AUTH_CANCELLED,
)
_TCM_VISIT = (Choice("x", "visit booked", "transition:booked", Need.TIME, "Visit on"),)


def choices(
    kind: Kind,
    rule_id: str,
    stage: ReferralStage | None = None,
    *,
    expects_report: bool = True,
    held_stage: ReferralStage | None = None,
    handed_to: str = "",
) -> tuple[Choice, ...]:
    """What ``x`` offers on an item; empty where another verb settles it (log the contact)."""
    if kind is Kind.REFERRAL and stage is ReferralStage.SEEN and not expects_report:
        return _NO_REPORT_COMES
    if kind is Kind.REFERRAL and stage is ReferralStage.ON_HOLD and held_stage is not None:
        again = Choice("x", f"taken up again: {held_stage.label}", f"stage:{held_stage}")
        if held_stage is ReferralStage.SCHEDULED:
            again = replace(_DATE_COMES, label="taken up again with a date")
        elif held_stage in (ReferralStage.NO_SHOW, ReferralStage.VISIT_CANCELLED):
            again = _REBOOKED
        return (again, *(c for c in REFERRAL[stage] if c.key != "x"))
    if kind is Kind.REFERRAL:
        return REFERRAL.get(stage, ()) if stage is not None else ()
    if kind is Kind.HANDOFF:
        return handoff_choices(handed_to)
    if (kind, rule_id) in BY_RULE:
        return BY_RULE[kind, rule_id]
    if kind is Kind.DENIAL:
        return _APPEAL_WINDOW
    if kind is Kind.AUTHORIZATION:
        return _PAYER_DECISION
    if kind is Kind.TRANSITION and rule_id.startswith("tcm.visit"):
        return _TCM_VISIT
    return ()


def beside_tracks(offered: tuple[Choice, ...], open_tracks: Collection[TrackKind]) -> tuple[Choice, ...]:
    """What ``x`` offers on a denial, without opening a way that is open already."""
    opening = {f"denial:{track}" for track in open_tracks}
    return tuple(choice for choice in offered if choice.act not in opening)


def handoff_choices(handed_to: str) -> tuple[Choice, ...]:
    """What ``x`` offers on a safety hand-off; ``handed_to`` is the clinician last named, or empty."""
    another = Choice("h", "handed to another clinician", "handoff:handed", Need.WHO, _CLINICIAN)
    if not handed_to:
        return (
            replace(another, key="x", label="handed to a clinician"),
            Choice("a", "accepted by a clinician", "handoff:accepted_by", Need.WHO, _CLINICIAN),
        )
    return (
        Choice("x", f"accepted by {handed_to}", "handoff:accepted", Need.NOTHING),
        Choice("a", "accepted by another clinician", "handoff:accepted_by", Need.WHO, _CLINICIAN),
        another,
    )
