"""Finding a practice's time zone: what the computer says, and what people type for it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from zoneinfo import available_timezones

from carecoord_tui.clock import zone_named

_LOCALTIME = Path("/etc/localtime")
_TIMEZONE = Path("/etc/timezone")
_FOLDER = "zoneinfo"
_PLACELESS = frozenset({"UTC", "UCT", "GMT", "Universal", "Zulu", "Greenwich", "localtime"})

# What people in the United States call their zones. Arizona keeps no summer time.
_COMMON = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "arizona": "America/Phoenix",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "atlantic": "America/Puerto_Rico",
}
COMMON_WORDS = tuple(_COMMON)
# CLDR windowsZones.xml, territory US.
_WINDOWS = {
    "Eastern Standard Time": "America/New_York",
    "US Eastern Standard Time": "America/Indiana/Indianapolis",
    "Central Standard Time": "America/Chicago",
    "Mountain Standard Time": "America/Denver",
    "US Mountain Standard Time": "America/Phoenix",
    "Pacific Standard Time": "America/Los_Angeles",
    "Alaskan Standard Time": "America/Anchorage",
    "Hawaiian Standard Time": "Pacific/Honolulu",
    "SA Western Standard Time": "America/Puerto_Rico",
}


def find_zone(text: str) -> str:
    """The IANA name for what was typed: the name in any case, its city, or ``eastern`` and the like.

    Raises ``ValueError`` with one sentence when that names no zone, or several.
    """
    wanted = text.strip().casefold().replace(" ", "_")
    if not wanted:
        raise ValueError(f"Type a time zone: {', '.join(COMMON_WORDS[:5])}, or a name like America/Chicago.")
    if wanted in _COMMON:
        return _COMMON[wanted]
    names = _zones_by_folded_name()
    if wanted in names:
        return names[wanted]
    if len(wanted) >= 3 and (common := [word for word in _COMMON if word.startswith(wanted)]):
        return _COMMON[common[0]]  # "east" is Eastern, not Brazil/East
    cities = sorted(name for folded, name in names.items() if folded.rpartition("/")[2] == wanted)
    if len(cities) == 1:
        return cities[0]
    if cities:
        raise ValueError(f"Several time zones are called that: {', '.join(cities[:4])}.")
    raise ValueError(f"No time zone is called that; type {', '.join(COMMON_WORDS[:5])}, or America/Chicago.")


def system_zone(environ: Mapping[str, str] | None = None) -> str:
    """The IANA name of this computer's zone; empty when it cannot be told or is UTC, as on servers."""
    for name in (_from_environment(os.environ if environ is None else environ), _from_system()):
        if name and name.rpartition("/")[2] not in _PLACELESS:
            try:
                return zone_named(name).key
            except ValueError:
                continue
    return ""


def _from_environment(environ: Mapping[str, str]) -> str:
    return _after_folder(environ.get("TZ", "").removeprefix(":"))


def _from_system() -> str:
    if sys.platform == "win32":
        return _WINDOWS.get(time.tzname[0], "")
    try:
        if _LOCALTIME.is_symlink():
            return _after_folder(str(_LOCALTIME.resolve()))
        return _TIMEZONE.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _after_folder(path: str) -> str:
    """``/usr/share/zoneinfo/America/Chicago`` -> ``America/Chicago``; a name stays as it is."""
    _, found, name = path.rpartition(f"{_FOLDER}/")
    return name if found or not path.startswith("/") else ""


@lru_cache(maxsize=1)
def _zones_by_folded_name() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
