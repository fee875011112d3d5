"""How an office's kind, wait and plans are typed and shown: ``3 weeks``; ``Humana in, Aetna out``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.provider_rows import NetworkRow
from carecoord_tui.domain.vocabulary import NetworkStatus, ProviderKind

MAX_WAIT_DAYS = 730
_UNIT_DAYS = {"d": 1, "w": 7, "m": 30}
_WAIT = re.compile(r"(?:about |ca\.? )?([0-9]{1,4})\s*(d|w|m)?(?:ays?|eeks?|ks?|onths?|os?)?\.?")
_STATUS = {
    "in": NetworkStatus.IN_NETWORK,
    "in network": NetworkStatus.IN_NETWORK,
    "yes": NetworkStatus.IN_NETWORK,
    "out": NetworkStatus.OUT_OF_NETWORK,
    "out of network": NetworkStatus.OUT_OF_NETWORK,
    "no": NetworkStatus.OUT_OF_NETWORK,
    "unknown": NetworkStatus.UNKNOWN,
    "?": NetworkStatus.UNKNOWN,
}
_SHORT = {NetworkStatus.IN_NETWORK: "in", NetworkStatus.OUT_OF_NETWORK: "out"}
_WORDS = "|".join(sorted(map(re.escape, _STATUS), key=len, reverse=True))
_PLAN = re.compile(rf"\s*(?P<payer>.+?)\s+(?P<status>{_WORDS})\s*(?:[,;]|$)", re.IGNORECASE)
_NAMED = 3  # payers a message names
_ORGANIZATIONS = frozenset(
    {
        "associates", "center", "centers", "centre", "clinic", "clinics", "company", "corp",
        "foundation", "group", "health", "healthcare", "hospital", "hospitals", "imaging", "inc",
        "infirmary", "institute", "lab", "laboratories", "laboratory", "labs", "llc", "llp", "medical",
        "medicine", "network", "office", "partners", "pavilion", "pc", "pharmacy", "physicians", "pllc",
        "practice", "program", "radiology", "rehab", "rehabilitation", "service", "services",
        "specialists", "supplies", "supply", "surgery", "system", "systems", "team", "therapy",
        "university", "wellness",
    }
)  # fmt: skip
_FIELDS = ("ology", "iatry", "iatrics", "pedics", "paedics")  # Silva Cardiology, Ashbrook Orthopedics
_TITLES = frozenset({"dr", "doctor", "prof", "professor", "mr", "mrs", "ms"})
_DEGREES = frozenset(
    {
        "md", "do", "dpm", "dds", "dmd", "od", "phd", "psyd", "np", "aprn", "fnp", "pa-c", "dpt",
        "lcsw", "rn", "crnp", "cnm",
    }
)  # fmt: skip


class ProviderWordsError(ValueError):
    """What was typed is not understood; the message is one sentence for the person who typed it."""


def kind_of_name(name: str) -> ProviderKind | None:
    """A person for a title or a degree, an organization for words such as Clinic; None when it may be either.

    Degrees are those behind the name (``Nora Feldman, MD``). ``Smith Medical Group, PC`` is an organization.
    """
    words = [word.strip(".").replace(".", "") for word in re.split(r"[^\w.'-]+", fold(name)) if word]
    if not words:
        return None
    if words[0] in _TITLES or (len(words) > 1 and words[-1] in _DEGREES):
        return ProviderKind.PERSON
    telling = words if len(words) > 2 else words[1:]  # Center for Hearts; but a lone Lab may be a surname
    if words[-1].endswith(_FIELDS) or not _ORGANIZATIONS.isdisjoint(telling):
        return ProviderKind.ORGANIZATION
    return None


def parse_wait(text: str) -> int | None:
    """Calendar days of ``21``, ``10 days``, ``3 weeks``, ``2 months`` (of 30 days); None for blank text.

    Raises ProviderWordsError.
    """
    typed = " ".join(text.lower().split())
    if not typed:
        return None
    match = _WAIT.fullmatch(typed)
    if match is None:
        raise ProviderWordsError("Type a wait such as 10 days, 3 weeks or 2 months.")
    days = int(match[1]) * _UNIT_DAYS[match[2] or "d"]
    if days > MAX_WAIT_DAYS:
        raise ProviderWordsError("A wait of more than two years is not a wait: leave it empty.")
    return days


def wait_words(days: int | None) -> str:
    """``3 weeks`` for whole weeks from two on, else ``10 days``; empty when nobody said."""
    if days is None:
        return ""
    if days >= 14 and days % 7 == 0:
        return f"{days // 7} weeks"
    return f"{days} day{'' if days == 1 else 's'}"


# --- plans -----------------------------------------------------------------------------------------------


def plans_text(networks: Iterable[NetworkRow]) -> str:
    """What is known, as it is typed: ``Humana in, Aetna out``."""
    return ", ".join(f"{row.payer_name} {_SHORT[row.status]}" for row in networks if row.status in _SHORT)


def parse_plans(text: str, payers: Mapping[int, str]) -> dict[int, NetworkStatus]:
    """The status of each payer named, by its number. ``payers`` are the practice's, by number.

    A payer is named by its name, its beginning, or the beginning of any of its words, as long as only one
    fits. Raises ProviderWordsError with one sentence for each part that is not understood: a payer nobody
    has, one that is not clear, one that stands there twice, a missing in or out.
    """
    found: dict[int, NetworkStatus] = {}
    problems: list[str] = []
    for part in filter(None, map(str.strip, _parts(text))):
        try:
            payer_id, status = _plan(part, payers)
        except ProviderWordsError as error:
            problems.append(str(error))
            continue
        if payer_id in found:
            problems.append(f"{payers[payer_id]} stands there twice.")
        found[payer_id] = status
    if problems:
        raise ProviderWordsError(" ".join(dict.fromkeys(problems)))
    return found


def _parts(text: str) -> Iterator[str]:
    """One payer with its status each; a comma in a payer's name (``Aetna, Inc.``) does not part it."""
    place = 0
    for match in _PLAN.finditer(text):
        yield match[0].rstrip().rstrip(",;")
        place = match.end()
    yield text[place:].rstrip().rstrip(",;")


def _plan(part: str, payers: Mapping[int, str]) -> tuple[int, NetworkStatus]:
    match = _PLAN.fullmatch(part)
    if match is None:
        raise ProviderWordsError(f"Say in, out or unknown after “{_cut(part)}”.")
    return _payer(match["payer"], payers), _STATUS[match["status"].lower()]


def _payer(typed: str, payers: Mapping[int, str]) -> int:
    wanted = fold(" ".join(typed.split()))
    for fits in (str.__eq__, str.startswith, _begins_a_word):
        found = [number for number, name in payers.items() if fits(fold(name), wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ProviderWordsError(f"“{_cut(typed)}” may be {_either([payers[one] for one in found])}.")
    do = "take one from the list" if payers else "none is on file yet"
    raise ProviderWordsError(f"No payer here is called “{_cut(typed)}”: {do}.")


def _begins_a_word(name: str, wanted: str) -> bool:
    return f" {wanted}" in name


def _either(names: Sequence[str]) -> str:
    shown = " or ".join(names[:_NAMED])
    return f"{shown} or {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def offered_plans(text: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Each payer that may be meant by what is being typed, in and out: what the list says, the text it makes.

    Payers that stand in the text already are not offered again. All are while none is being typed.
    """
    start, named = 0, set()
    for match in _PLAN.finditer(text):
        if match[0].rstrip().endswith((",", ";")):
            start = match.end()
            named.add(fold(match["payer"]))
    done, wanted = text[:start].rstrip(), fold(text[start:].strip())
    if _PLAN.fullmatch(wanted):
        return []
    before = f"{done} " if done else ""
    return [
        (f"{name} {word}", f"{before}{name} {word}, ")
        for name in names
        if fold(name) not in named
        for word in _SHORT.values()
        if fold(f"{name} {word}").startswith(wanted) or _begins_a_word(fold(name), wanted)
    ]


def plans_words(statuses: Mapping[int, NetworkStatus], payers: Mapping[int, str]) -> str:
    """What was understood: ``in network: Humana · out: Aetna · 8 not asked``."""
    parts = []
    for status, words in ((NetworkStatus.IN_NETWORK, "in network"), (NetworkStatus.OUT_OF_NETWORK, "out")):
        names = [payers[number] for number, one in statuses.items() if one is status]
        if names:
            parts.append(f"{words}: {', '.join(names)}")
    asked = sum(one is not NetworkStatus.UNKNOWN for one in statuses.values())
    if unknown := len(payers) - asked:
        parts.append(f"{unknown} not asked")
    return " · ".join(parts)
