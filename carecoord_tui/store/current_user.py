"""Who is working, as everything above the store sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """The named user of this session (45 CFR 164.312(a)(2)(i))."""

    id: int
    name: str
    role: str
    is_clinical: bool
