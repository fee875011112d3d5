"""Why a payer did not answer, and what may be tried next, in words of our own (AAA03 and AAA04 of X12).

Only what a coordinator can act on; any other code stays a number. The published code lists are not shipped.
"""

from __future__ import annotations

from carecoord_tui.domain.payer_answers import Reject

REASON_WORDS = {
    "04": "too many people asked about at once",
    "15": "something needed was left out of the request",
    "33": "something about the person was left out of the request",
    "35": "outside the payer's network",
    "41": "this office may not ask the payer",
    "42": "the payer cannot answer just now",
    "43": "the provider's number is missing or wrong",
    "44": "the provider's name is missing or wrong",
    "45": "the provider's specialty is missing or wrong",
    "47": "the provider's state is missing or wrong",
    "48": "the referring provider's number is missing or wrong",
    "49": "the provider is not the primary care physician",
    "50": "the provider may not ask",
    "51": "the payer does not know the provider",
    "52": "the day is too long ago",
    "53": "the payer has no such question",
    "56": "the date is not right",
    "57": "a date of service is not right",
    "58": "the birth date is missing or wrong",
    "60": "the birth date lies after the date of service",
    "61": "the date of death lies before the date of service",
    "62": "the day is outside the time the payer answers about",
    "63": "the day is ahead of the time the payer answers about",
    "64": "the patient's number is missing or wrong",
    "65": "the patient's name is missing or wrong",
    "66": "the patient's sex is missing or wrong",
    "67": "the payer did not find the patient",
    "68": "several patients have this number",
    "71": "the birth date is not the one the payer has",
    "72": "the member id is missing or wrong",
    "73": "the subscriber's name is missing or wrong",
    "74": "the subscriber's sex is missing or wrong",
    "75": "the payer did not find the subscriber",
    "76": "several subscribers have this number",
    "77": "the patient was found, the subscriber was not",
    "78": "the subscriber is not in the group named",
    "79": "the payer does not know who asked",
    "80": "the payer's own system did not answer",
}
FOLLOW_UP_WORDS = {
    "C": "correct it and ask again",
    "N": "do not ask again this way",
    "P": "ask again with the whole request",
    "R": "ask again",
    "S": "do not ask again; the payer asked somebody else",
    "W": "wait 30 days, then ask again",
    "X": "wait 10 days, then ask again",
    "Y": "do not ask again; the payer will answer",
}


def reject_words(reject: Reject) -> str:
    """``reason 72, the member id is missing or wrong; correct it and ask again``."""
    known = REASON_WORDS.get(reject.reason, "")
    said = f"reason {reject.reason or 'not stated'}" + (f", {known}" if known else "")
    if not reject.follow_up:
        return said
    return f"{said}; {FOLLOW_UP_WORDS.get(reject.follow_up, f'follow-up {reject.follow_up}')}"
