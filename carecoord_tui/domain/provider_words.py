"""How an office's wait and its plans are typed and shown: ``3 weeks``; ``Humana in, Aetna out``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.provider_rows import NetworkRow
from carecoord_tui.domain.vocabulary import NetworkStatus

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


class ProviderWordsError(ValueError):
    """What was typed is not understood; the message is one sentence for the person who typed it."""


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
    fits. Raises ProviderWordsError for a payer nobody has, one that is not clear, and a missing in or out.
    """
    found: dict[int, NetworkStatus] = {}
    place = 0
    rest = text.rstrip().rstrip(",;")
    while place < len(rest):
        match = _PLAN.match(rest, place)
        if match is None:
            left = rest[place:].strip()
            raise ProviderWordsError(f"Say in, out or unknown after “{_cut(left)}”.")
        payer_id = _payer(match["payer"], payers)
        if payer_id in found:
            raise ProviderWordsError(f"{payers[payer_id]} stands there twice.")
        found[payer_id] = _STATUS[match["status"].lower()]
        place = match.end()
    return found


def _payer(typed: str, payers: Mapping[int, str]) -> int:
    wanted = fold(" ".join(typed.split()))
    for fits in (str.__eq__, str.startswith, _begins_a_word):
        found = [number for number, name in payers.items() if fits(fold(name), wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ProviderWordsError(f"“{_cut(typed)}” may be {_either([payers[one] for one in found])}.")
    known = _either(sorted(payers.values())) if payers else "none yet"
    raise ProviderWordsError(f"No payer here is called “{_cut(typed)}”; there is {known}.")


def _begins_a_word(name: str, wanted: str) -> bool:
    return f" {wanted}" in name


def _either(names: Sequence[str]) -> str:
    shown = " or ".join(names[:_NAMED])
    return f"{shown} or {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def completed_plans(text: str, names: Iterable[str]) -> str | None:
    """The text with the payer being typed written out, ready for in or out; None when nothing fits."""
    start = 0
    for match in _PLAN.finditer(text):
        if match[0].rstrip().endswith((",", ";")):
            start = match.end()
    typed = text[start:]
    wanted = fold(typed.lstrip())
    if not wanted:
        return None
    for name in names:
        if fold(name).startswith(wanted) and len(name) > len(typed.lstrip()):
            return text + name[len(typed.lstrip()) :] + " in"
    return None


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
