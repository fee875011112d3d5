"""What the fields of the referral form hold, read into an entry; and the words the form says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.icd10 import parse_codes
from carecoord_tui.domain.identifiers import IdentifierError, normalize_npi, parse_phone
from carecoord_tui.domain.provider_rows import NetworkRow, ProviderRow, ProviderStats
from carecoord_tui.domain.provider_words import kind_of_name, wait_words
from carecoord_tui.domain.vocabulary import (
    NetworkStatus,
    ProviderKind,
    ReferralStage,
    ReferralType,
    Urgency,
)
from carecoord_tui.store.actions.providers import ProviderEntry
from carecoord_tui.store.actions.referrals import ReferralEntry
from carecoord_tui.store.queries.referral_form import Needs, OpenReferral, ReferralFacts
from carecoord_tui.widgets.choice import Option

YES, NO = "yes", "no"
_TYPE_KEYS = "cepitqhm"  # in the order of ReferralType
_SHORTER = {ReferralType.COMMUNITY: "community"}  # all types stand in two lines of 80 columns
TYPES = tuple(
    Option(key, _SHORTER.get(one, one.label), one.value)
    for key, one in zip(_TYPE_KEYS, ReferralType, strict=True)
)
URGENCIES = tuple(Option(one.value[0], one.label, one.value) for one in Urgency)
NEEDED = (Option("y", "needed", YES), Option("n", "not needed", NO), Option("u", "not known", ""))
NEW_OFFICE_FIELDS = ("npi", "phone", "fax")
"""What is asked of an office that is not in the directory, beside its name."""
_SAID = 44  # characters of both names in the footer, so that the keys after them stand in 80 columns
USUAL_REASONS = ("rejected", "too long a wait", "patient's wish", "out of network")


@dataclass
class Draft:
    """The entry as far as it is understood, and what is wrong by the control's id."""

    entry: ReferralEntry
    problems: dict[str, str] = field(default_factory=dict)


def first_texts(needs: Needs | None, facts: ReferralFacts | None) -> dict[str, str]:
    """What the form starts with: the referral that is there, else what the patient brings to any."""
    if facts is not None:
        asked = {None: "", True: YES, False: NO}[facts.needs_authorization]
        return {
            "specialty": facts.specialty,
            "type": facts.service_type.value,
            "urgency": facts.urgency.value,
            "reason": facts.reason,
            "question": facts.question,
            "codes": facts.diagnoses,
            "authorization": asked,
            "interpreter": YES if facts.interpreter_needed else "",
            "transport": YES if facts.transport_needed else "",
            "ordered_by": facts.ordered_by,
            "note": facts.note,
        }
    return {
        **dict.fromkeys(("specialty", "reason", "question", "codes", "authorization", "note"), ""),
        "type": ReferralType.CONSULT.value,
        "urgency": Urgency.ROUTINE.value,
        "interpreter": YES if needs and needs.interpreter_needed else "",
        "transport": YES if needs and needs.transport_needed else "",
        "ordered_by": needs.primary_provider if needs else "",
    }


def read_draft(texts: Mapping[str, str], *, provider_id: int | None, is_new_office: bool) -> Draft:
    """The fields as an entry. Problems are sentences for the person who typed."""
    problems: dict[str, str] = {}
    if not texts["specialty"]:
        problems["specialty"] = "Which specialty? Type it, or take one from the list with down and enter."
    new_office = _new_office(texts, problems) if is_new_office else None
    if texts["provider"] and provider_id is None and new_office is None:
        problems["provider"] = "Take an office from the list (down, enter); its last line is a new office."
    try:
        parse_codes(texts["codes"])
    except IdentifierError as error:
        problems["codes"] = str(error)
    entry = ReferralEntry(
        specialty=texts["specialty"],
        provider_id=provider_id,
        new_office=new_office,
        service_type=ReferralType(texts["type"]),
        urgency=Urgency(texts["urgency"]),
        reason=texts["reason"],
        question=texts["question"],
        diagnoses="" if "codes" in problems else texts["codes"],
        ordered_by=texts["ordered_by"],
        needs_authorization={YES: True, NO: False}.get(texts["authorization"]),
        interpreter_needed=bool(texts["interpreter"]),
        transport_needed=bool(texts["transport"]),
        note=texts["note"],
    )
    return Draft(entry, problems)


def _new_office(texts: Mapping[str, str], problems: dict[str, str]) -> ProviderEntry:
    for name, check in zip(NEW_OFFICE_FIELDS, (normalize_npi, parse_phone, parse_phone), strict=True):
        try:
            if texts[name]:
                check(texts[name])
        except IdentifierError as error:
            problems[name] = str(error)
    return ProviderEntry(
        name=texts["provider"],
        kind=kind_of_name(texts["provider"]) or ProviderKind.ORGANIZATION,
        specialty=texts["specialty"],
        npi=texts["npi"],
        phone=texts["phone"],
        fax=texts["fax"],
    )


# --- words ------------------------------------------------------------------------------------


def drafted_words(specialty: str, office: str) -> str:
    """What was saved and what to press next; long names are cut, so that the keys stay in sight."""
    what = _cut(specialty, _SAID // 2)
    to = f" to {_cut(office, _SAID - len(what))}" if office else ""
    return f"Draft: {what}{to}. x sends it.  u undoes it"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def office_detail(office: ProviderRow, network: NetworkStatus) -> str:
    """Beside an office in the list: ``in network · wait 3 weeks · cardiology``."""
    known = "" if network is NetworkStatus.UNKNOWN else network.label
    wait = wait_words(office.usual_wait_days)
    return " · ".join(filter(None, (known, f"wait {wait}" if wait else "", office.specialty)))


def office_words(
    office: ProviderRow, network: NetworkRow | None, stats: ProviderStats | None, today: date
) -> str:
    """Under the chosen office: its network status for this plan, its wait."""
    wait = wait_words(office.usual_wait_days)
    parts = [network_words(network, today), f"usual wait {wait}" if wait else "usual wait unknown"]
    if stats is not None and stats.median_days is not None:
        parts.append(f"was {stats.median_days:g} days ({stats.timed} visits)")
    return " · ".join(parts)


def network_words(network: NetworkRow | None, today: date) -> str:
    """``in network with Humana, told 3 Nov by Maria``; unknown is said to be unknown."""
    if network is None:
        return "network unknown: no coverage on file"
    if network.status is NetworkStatus.UNKNOWN:
        return f"network unknown for {network.payer_name}"
    told = f", told {format_day(network.checked_on, today)}" if network.checked_on else ""
    by = f" by {network.source}" if network.source and told else ""
    return f"{network.status.label} with {network.payer_name}{told}{by}"


def open_words(specialty: str, open_ones: Sequence[OpenReferral], today: date) -> str:
    """The warning of an open referral to the same specialty; empty without one."""
    if not open_ones:
        return ""
    one = open_ones[0]
    office = f" with {one.office}" if one.office else ""
    more = f" and {len(open_ones) - 1} more" if len(open_ones) > 1 else ""
    day = format_day(one.stage_on, today)
    return f"Already open: {specialty}{office}, {one.stage.label} {day}{more}. A second one can be saved."


def old_words(facts: ReferralFacts, today: date) -> str:
    """What is sent elsewhere: office, stage, order, what goes along."""
    why = f": {facts.stage_reason}" if facts.stage_reason else ""
    since = f"{facts.stage.label} {format_day(facts.stage_on, today)}{why}"
    ordered = f"ordered {format_day(facts.ordered_on, today)}"
    along = f"{facts.documents} documents go along" if facts.documents > 1 else "1 document goes along"
    parts = (facts.office or "no office on file", since, ordered, along if facts.documents else "")
    return "Was with " + " · ".join(filter(None, parts))


def why_elsewhere(facts: ReferralFacts) -> str:
    """The reason that is known already: the office said no."""
    if facts.stage is not ReferralStage.REJECTED:
        return ""
    return f"rejected: {facts.stage_reason}" if facts.stage_reason else USUAL_REASONS[0]


def codes_words(typed: str, words: Mapping[str, str], *, has_table: bool) -> str:
    """Each code that was understood, with its words; how to get words where there are none."""
    try:
        codes = parse_codes(typed)
    except IdentifierError:
        return "" if has_table else "Codes such as E11.9. By words too, after `carecoord codes import FILE`."
    if not codes:
        return ""
    unknown = "not in the code list" if has_table else "shape is right"
    return " · ".join(f"{code} {words.get(code, unknown)}" for code in codes)
