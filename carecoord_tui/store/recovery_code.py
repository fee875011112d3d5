"""The recovery code: a second way in, made to be written on paper and typed back.

29 random Crockford base-32 digits (145 bits) and one check digit, in groups of five. The check digit
is one Reed-Solomon symbol over GF(32), so any single wrong digit and any swap of two digits is noticed.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_VALUE = {digit: value for value, digit in enumerate(ALPHABET)}
_READ_AS = str.maketrans("OIL", "011")
_LENGTH = 30
_GROUP = 5


def generate() -> str:
    """A new code, written ``XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX``."""
    values = [secrets.randbelow(32) for _ in range(_LENGTH - 1)]
    digits = "".join(ALPHABET[value] for value in [*values, _check_value(values)])
    return "-".join(digits[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def normalise(text: str) -> str | None:
    """The 30 digits of a well-formed code, or None.

    Case, spaces and dashes do not matter; O is read as 0, I and L as 1.
    """
    digits = "".join(char for char in text.upper() if char.isalnum()).translate(_READ_AS)
    if len(digits) != _LENGTH or any(digit not in _VALUE for digit in digits):
        return None
    *values, check = (_VALUE[digit] for digit in digits)
    return digits if _check_value(values) == check else None


def _check_value(values: list[int]) -> int:
    """Evaluate the digits as a polynomial at x in GF(2)[x] / (x^5 + x^2 + 1)."""
    total = 0
    for value in values:
        total = (total ^ value) << 1
        if total & 0b100000:
            total ^= 0b100101
    return total
