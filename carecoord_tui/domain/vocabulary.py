"""The field's words as enums. Values are stored; labels are what the screen says.

FHIR codes follow R4 (ServiceRequest, Task, Appointment, Coverage); where FHIR has no code the
name is the payer's or the practice's usual word. Changing a value needs a migration.
"""

from __future__ import annotations

from enum import StrEnum


class Worded(StrEnum):
    """A stored value that also has a label for people."""

    @property
    def label(self) -> str:
        """What the screen says; the value with spaces unless the class says otherwise."""
        return LABELS.get((type(self).__name__, self.value), self.value.replace("_", " "))


class Sex(Worded):
    """FHIR AdministrativeGender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def letter(self) -> str:
        """One letter for a narrow column; ``-`` when unknown."""
        return {"female": "F", "male": "M", "other": "O"}.get(self.value, "-")


class PatientStatus(Worded):
    """Where a person stands in the caseload. Only ``active`` and ``on_hold`` are open."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    DISCHARGED = "discharged"
    DECEASED = "deceased"


class Risk(Worded):
    """Risk tier; sets the check-in interval (rule ``caseload.review``)."""

    HIGH = "high"
    RISING = "rising"
    LOW = "low"

    @property
    def rank(self) -> int:
        """2 for high, 1 for rising, 0 for low: larger is more urgent."""
        return {"high": 2, "rising": 1, "low": 0}[self.value]


class PayerClass(Worded):
    """Which law governs a payer's clocks."""

    MEDICARE = "medicare"
    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICAID_FFS = "medicaid_ffs"
    MEDICAID_MCO = "medicaid_mco"
    CHIP = "chip"
    EXCHANGE = "exchange"
    ERISA = "erisa"
    CA_STATE = "ca_state"
    COMMERCIAL = "commercial"
    SELF_PAY = "self_pay"
    UNKNOWN = "unknown"

    @property
    def is_medicaid(self) -> bool:
        """True where a check is good for one date of service only."""
        return self.value in ("medicaid_ffs", "medicaid_mco")


class CoverageStatus(Worded):
    """FHIR Coverage.status, with ``unknown`` until somebody checked."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Urgency(Worded):
    """FHIR request priority, as far as an office uses it."""

    ROUTINE = "routine"
    URGENT = "urgent"
    STAT = "stat"


class ReferralStage(Worded):
    """Stages of a closed-loop referral, in order; see ``domain.md`` for the FHIR triples."""

    DRAFT = "draft"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    SEEN = "seen"
    REPORT_RECEIVED = "report_received"
    REVIEWED = "reviewed"
    CLOSED = "closed"
    REJECTED = "rejected"
    NO_SHOW = "no_show"
    VISIT_CANCELLED = "visit_cancelled"
    ON_HOLD = "on_hold"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REDIRECTED = "redirected"

    @property
    def is_open(self) -> bool:
        """False once nothing more is owed."""
        return self not in (
            ReferralStage.CLOSED,
            ReferralStage.DECLINED,
            ReferralStage.WITHDRAWN,
            ReferralStage.REDIRECTED,
        )


class ReferralType(Worded):
    """What is asked of the receiving office (FHIR ServiceRequest.category, in an office's words)."""

    CONSULT = "consult"
    EVALUATE_AND_TREAT = "evaluate_and_treat"
    PROCEDURE = "procedure"
    IMAGING = "imaging"
    THERAPY = "therapy"
    EQUIPMENT = "equipment"
    HOME_HEALTH = "home_health"
    COMMUNITY = "community"

    @property
    def expects_report(self) -> bool:
        """False where nobody writes one: supplies that are delivered, community resources."""
        return self not in (ReferralType.EQUIPMENT, ReferralType.COMMUNITY)


class ProviderKind(Worded):
    """FHIR Practitioner or Organization."""

    PERSON = "person"
    ORGANIZATION = "organization"


class NetworkStatus(Worded):
    """Whether a provider takes a payer's plan, as somebody was told on a day; unknown until asked."""

    IN_NETWORK = "in_network"
    OUT_OF_NETWORK = "out_of_network"
    UNKNOWN = "unknown"


class DocumentKind(Worded):
    """What a document is (FHIR DocumentReference.type, in an office's words)."""

    REPORT = "report"
    LETTER = "letter"
    ORDER = "order"
    RESULT = "result"
    IMAGE = "image"
    CONSENT = "consent"
    FAX_CONFIRMATION = "fax_confirmation"
    OTHER = "other"


class HistoryKind(Worded):
    """What a line of the history is (FHIR Condition, MedicationStatement, AllergyIntolerance ...)."""

    CONDITION = "condition"
    MEDICATION = "medication"
    ALLERGY = "allergy"
    PROCEDURE = "procedure"
    RESULT = "result"
    OTHER = "other"


class Purpose(Worded):
    """Why something left the practice. The first three stay out of the accounting (45 CFR 164.528)."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    AUTHORIZED = "authorized"  # the patient signed for it
    LEGAL = "legal"
    PUBLIC_HEALTH = "public_health"
    OTHER = "other"

    @property
    def is_accounted(self) -> bool:
        """True when it belongs into the accounting of disclosures."""
        return self in (Purpose.LEGAL, Purpose.PUBLIC_HEALTH, Purpose.OTHER)


class EligibilityResult(Worded):
    """What a payer said about coverage on a date."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNABLE = "unable"


class AuthorizationStatus(Worded):
    """From "needed?" to closed."""

    NEEDED = "needed"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    PENDED = "pended"
    APPROVED = "approved"
    PARTIAL = "partial"
    MODIFIED = "modified"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Approved ones stay open: they run out."""
        return self not in (
            AuthorizationStatus.DENIED,
            AuthorizationStatus.CANCELLED,
            AuthorizationStatus.EXPIRED,
        )


class DenialStatus(Worded):
    """A denial is open until somebody decided what becomes of it."""

    OPEN = "open"
    APPEALED = "appealed"
    OVERTURNED = "overturned"
    UPHELD = "upheld"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """``upheld`` is open: the next level or the closing is still owed."""
        return self in (DenialStatus.OPEN, DenialStatus.APPEALED, DenialStatus.UPHELD)


class Network(Worded):
    """Which network a benefit is about (X12 EB12)."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


class BenefitKind(Worded):
    """What a payer's figure is; kept apart, never collapsed (X12 EB01)."""

    COPAY = "copay"
    DEDUCTIBLE = "deductible"
    COINSURANCE = "coinsurance"
    OUT_OF_POCKET = "out_of_pocket"
    LIMIT = "limit"
    NONCOVERED = "noncovered"


class BenefitLevel(Worded):
    """Whose figure it is (X12 EB02)."""

    INDIVIDUAL = "individual"
    FAMILY = "family"
    UNKNOWN = "unknown"


class BenefitPeriod(Worded):
    """What the figure counts over (X12 EB06)."""

    YEAR = "year"
    REMAINING = "remaining"
    VISIT = "visit"
    EPISODE = "episode"
    UNKNOWN = "unknown"


class DenialReason(Worded):
    """Our own list: the code lists of X12 are copyrighted (``domain.md``)."""

    NO_AUTHORIZATION = "no_authorization"
    NOT_NECESSARY = "not_medically_necessary"
    MISSING_INFORMATION = "missing_information"
    OUT_OF_NETWORK = "out_of_network"
    NOT_COVERED = "not_covered"
    STEP_THERAPY = "step_therapy"
    WRONG_CODE = "wrong_code"
    INACTIVE_COVERAGE = "inactive_coverage"
    COORDINATION = "coordination_of_benefits"
    LATE_FILING = "late_filing"
    OTHER = "other"


class TrackKind(Worded):
    """The roads out of a denial, walked side by side."""

    APPEAL = "appeal"
    ALTERNATIVE = "alternative"
    ASSISTANCE = "assistance"


class TrackStatus(Worded):
    """Where a road stands."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DROPPED = "dropped"


class AppealOutcome(Worded):
    """How an appeal level ended."""

    OVERTURNED = "overturned"
    PARTLY = "partly_overturned"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class CopayMode(Worded):
    """How the copay and the deductible meet. Never assumed: a benefit summary says which."""

    NONE = "none"  # the service has no copay
    INSTEAD = "instead"  # the copay is all: neither deductible nor coinsurance
    BEFORE = "before"  # the copay is owed at the visit, and the deductible and coinsurance besides
    AFTER = "after"  # the copay is owed only once the deductible is met


class BillingStatus(Worded):
    """A billing case, payment plan or assistance program is open until somebody ends it."""

    OPEN = "open"
    CLOSED = "closed"


class AssistanceStatus(Worded):
    """An assistance program from the application to its end."""

    APPLIED = "applied"
    APPROVED = "approved"
    DECLINED = "declined"
    ENDED = "ended"

    @property
    def is_open(self) -> bool:
        """Applied waits for an answer, approved for its renewal."""
        return self in (AssistanceStatus.APPLIED, AssistanceStatus.APPROVED)


class AppointmentStatus(Worded):
    """FHIR Appointment.status."""

    PROPOSED = "proposed"
    BOOKED = "booked"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"


class TransitionComplexity(Worded):
    """Medical decision making after a hospital discharge: sets the visit clock (TCM-7, TCM-14)."""

    MODERATE = "moderate"
    HIGH = "high"


class TransitionStatus(Worded):
    """A hospital discharge is followed until its visit is kept or the period ended."""

    OPEN = "open"
    CLOSED = "closed"


class FollowUpStatus(Worded):
    """FHIR Task.status, reduced."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class FollowUpKind(Worded):
    """What a follow-up asks of the coordinator."""

    CALL = "call"
    PAPERWORK = "paperwork"
    CHASE = "chase"
    VISIT = "visit"
    EDUCATION = "education"
    ASSISTANCE = "assistance"
    OTHER = "other"


class Priority(Worded):
    """Own priority of a follow-up."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Channel(Worded):
    """How a contact was made."""

    PHONE = "phone"
    PORTAL = "portal"
    LETTER = "letter"
    IN_PERSON = "in_person"
    FAX = "fax"
    EMAIL = "email"


class Direction(Worded):
    """Who called whom."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class Outcome(Worded):
    """How a contact ended. Only the two *reached* ones count as reached (``domain.md``, Contact)."""

    REACHED_PATIENT = "reached_patient"
    REACHED_PROXY = "reached_proxy"
    LEFT_MINIMAL = "left_minimal_message"
    LEFT_DETAILED = "left_detailed_message"
    NO_ANSWER = "no_answer"
    MAILBOX_FULL = "mailbox_full"
    WRONG_NUMBER = "wrong_number"
    DISCONNECTED = "disconnected"
    REFUSED = "refused"
    CALLBACK = "callback_scheduled"
    PORTAL_SENT = "portal_sent"
    PORTAL_READ = "portal_read"
    LETTER_SENT = "letter_sent"
    LETTER_RETURNED = "letter_returned"
    OFFICE_REACHED = "office_reached"
    OFFICE_NO_ANSWER = "office_no_answer"
    OFFICE_MESSAGE = "office_message"
    CALLER_HEARD = "caller_heard"

    @property
    def is_reached(self) -> bool:
        """True only when the patient or an authorized person was spoken to."""
        return self in (Outcome.REACHED_PATIENT, Outcome.REACHED_PROXY)

    @property
    def is_of_office(self) -> bool:
        """True for an office, a payer or an unauthorized caller: no contact with the patient, no try."""
        return self in (
            Outcome.OFFICE_REACHED,
            Outcome.OFFICE_NO_ANSWER,
            Outcome.OFFICE_MESSAGE,
            Outcome.CALLER_HEARD,
        )

    @property
    def is_failed_attempt(self) -> bool:
        """True for an attempt on the patient that the outreach protocol counts."""
        return self in (
            Outcome.LEFT_MINIMAL,
            Outcome.LEFT_DETAILED,
            Outcome.NO_ANSWER,
            Outcome.MAILBOX_FULL,
            Outcome.WRONG_NUMBER,
            Outcome.DISCONNECTED,
            Outcome.LETTER_RETURNED,
        )


class Disposition(Worded):
    """What was done about an incoming call. The program never judges urgency (``domain.md``, Contact)."""

    TOLD_911 = "told_911"
    HANDED_TO_CLINICIAN = "handed_to_clinician"
    BOOKED_AS_SAID = "booked_as_said"
    TELEHEALTH = "telehealth"
    MESSAGE_TAKEN = "message_taken"
    ANSWERED = "answered"


class WaitingOn(Worded):
    """Who owes the next step, by kind: what the waiting list groups by."""

    PATIENT = "patient"
    FAMILY = "family"
    PAYER = "payer"
    OFFICE = "office"
    CLINICIAN = "clinician"
    OTHER = "other"


class InterpreterMode(Worded):
    """How an interpreter takes part."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


class CoverMark(Worded):
    """What becomes of an open item on a day off."""

    BEFORE = "before"
    COVER = "cover"
    HOLD = "hold"


class Kind(Worded):
    """Kinds of open record that owe a next action. ``patient`` is the check-in."""

    FOLLOW_UP = "follow_up"
    REFERRAL = "referral"
    AUTHORIZATION = "authorization"
    DENIAL = "denial"
    ELIGIBILITY = "eligibility"
    APPOINTMENT = "appointment"
    TRANSITION = "transition"
    HANDOFF = "handoff"
    GOOD_FAITH = "good_faith"
    BILLING = "billing"
    PAYMENT_PLAN = "payment_plan"
    ASSISTANCE = "assistance"
    PATIENT = "patient"


class Basis(Worded):
    """Why an item stands in the lane it stands in; the static half of the order (``ranking``)."""

    SAFETY = "safety"
    LEGAL = "legal"
    PROMISE = "promise"
    VISIT = "visit"
    OWN = "own"
    CHECK_IN = "check_in"


class Consequence(Worded):
    """What is lost when the date is missed. Stored as a word, ordered by ``rank``."""

    CARE = "care"
    COVERAGE = "coverage"
    MONEY = "money"
    PAPERWORK = "paperwork"

    @property
    def rank(self) -> int:
        """0 care lost, 1 coverage or appeal lost, 2 money, 3 paperwork."""
        return {"care": 0, "coverage": 1, "money": 2, "paperwork": 3}[self.value]


class MoveEvent(Worded):
    """What an item waits for when it is moved to an event; a fallback date always goes with it."""

    REPORT = "report"
    REPLY = "reply"
    DECISION = "decision"
    RECORDS = "records"


LABELS: dict[tuple[str, str], str] = {
    ("Sex", "unknown"): "not recorded",
    ("PayerClass", "medicare"): "Medicare",
    ("PayerClass", "medicare_advantage"): "Medicare Adv.",
    ("PayerClass", "medicaid_ffs"): "Medicaid",
    ("PayerClass", "medicaid_mco"): "Medicaid plan",
    ("PayerClass", "chip"): "CHIP",
    ("PayerClass", "exchange"): "Exchange plan",
    ("PayerClass", "erisa"): "Employer plan",
    ("PayerClass", "ca_state"): "California plan",
    ("PayerClass", "commercial"): "Commercial",
    ("PayerClass", "self_pay"): "Self-pay",
    ("ReferralStage", "closed"): "patient told, closed",
    ("ReferralStage", "seen"): "seen, report pending",
    ("ReferralStage", "redirected"): "sent elsewhere",
    ("ReferralStage", "no_show"): "no-show",
    ("ReferralStage", "visit_cancelled"): "visit cancelled",
    ("ReferralStage", "declined"): "patient declined",
    ("ReferralType", "evaluate_and_treat"): "evaluate and treat",
    ("ReferralType", "community"): "community resource",
    ("NetworkStatus", "in_network"): "in network",
    ("NetworkStatus", "out_of_network"): "out of network",
    ("DocumentKind", "fax_confirmation"): "fax confirmation",
    ("Outcome", "reached_patient"): "reached patient",
    ("Outcome", "reached_proxy"): "reached authorized person",
    ("Outcome", "left_minimal_message"): "left minimal message",
    ("Outcome", "left_detailed_message"): "left detailed message",
    ("Outcome", "no_answer"): "no answer, no message",
    ("Outcome", "refused"): "declined",
    ("Outcome", "callback_scheduled"): "they call back",
    ("Outcome", "portal_sent"): "portal message sent",
    ("Outcome", "portal_read"): "portal message read",
    ("Outcome", "letter_sent"): "letter sent",
    ("Outcome", "letter_returned"): "letter returned",
    ("Outcome", "office_reached"): "office or payer reached",
    ("Outcome", "office_no_answer"): "office or payer: no answer",
    ("Outcome", "office_message"): "office or payer: left a message",
    ("Outcome", "caller_heard"): "somebody else called, listened",
    ("Kind", "follow_up"): "follow-up",
    ("Kind", "transition"): "hospital discharge",
    ("Kind", "handoff"): "safety hand-off",
    ("Kind", "good_faith"): "good-faith estimate",
    ("Kind", "patient"): "check-in",
    ("Network", "in"): "in network",
    ("Network", "out"): "out of network",
    ("Network", "unknown"): "network not said",
    ("BenefitKind", "out_of_pocket"): "out-of-pocket",
    ("BenefitKind", "noncovered"): "not covered",
    ("TrackKind", "alternative"): "covered alternative",
    ("CopayMode", "none"): "no copay",
    ("CopayMode", "instead"): "instead of the deductible",
    ("CopayMode", "before"): "before the deductible",
    ("CopayMode", "after"): "after the deductible",
    ("DenialReason", "coordination_of_benefits"): "coordination of benefits",
    ("Disposition", "told_911"): "told to call 911",
    ("Disposition", "handed_to_clinician"): "handed to clinician",
    ("Disposition", "booked_as_said"): "booked as the clinician said",
    ("Disposition", "message_taken"): "message taken",
    ("Disposition", "answered"): "answered myself",
    ("WaitingOn", "other"): "somebody else",
    ("InterpreterMode", "in_person"): "in person",
    ("CoverMark", "before"): "do before",
    ("CoverMark", "cover"): "cover",
    ("CoverMark", "hold"): "hold",
    ("MoveEvent", "report"): "until the report is in",
    ("MoveEvent", "reply"): "until they reply",
    ("MoveEvent", "decision"): "until the payer decides",
    ("MoveEvent", "records"): "until the records are in",
}
