"""Identifiers of the field: shape and check digit, never a lookup.

Every ``normalize_*`` returns the one stored form or raises IdentifierError with a sentence for the person
who typed it. The messages never repeat the value. No CPT, ICD or payer table is shipped.
"""

from __future__ import annotations

import re
import unicodedata

_L = "AC-HJKMNP-RT-Y"  # A to Z without S L O I B Z, which look like digits (CMS MBI format)
_MBI = re.compile(f"[1-9][{_L}][{_L}0-9][0-9][{_L}][{_L}0-9][0-9][{_L}]{{2}}[0-9]{{2}}")
_ICD10CM = re.compile(r"([A-Z][0-9][0-9A-Z])\.?([0-9A-Z]{1,4})?")
_HCPCS = re.compile(r"[A-V][0-9]{4}")
_CPT = re.compile(r"[0-9]{4}[0-9FTU]")
_TAXONOMY = re.compile(r"[0-9A-Z]{10}")
_ZIP = re.compile(r"([0-9]{5})(?:-?([0-9]{4}))?")

_PHONE = re.compile(
    r"(?P<number>\+?[0-9 ().\-/]*[0-9)][ ]*)(?P<ext>(?:;ext=|,?\s*(?:extension|ext\.?|x|#))\s*[0-9]+)?"
)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_MAX_PHONE_TEXT = 60


class IdentifierError(ValueError):
    """The text is not a valid identifier; the message is one sentence."""


def luhn_ok(digits: str) -> bool:
    """True when ASCII ``digits`` pass the Luhn check (ISO/IEC 7812-1)."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = int(char) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def normalize_npi(text: str) -> str:
    """National Provider Identifier: ten digits, first 1 or 2, Luhn over 80840 + NPI (45 CFR 162.406)."""
    digits = re.sub(r"[ -]", "", text.strip())
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise IdentifierError("An NPI has ten digits: check the number.")
    if digits[0] not in "12":
        raise IdentifierError("An NPI starts with 1 or 2: check the number.")
    if not luhn_ok(f"80840{digits}"):
        raise IdentifierError("The NPI's check digit does not fit: a digit is wrong or two are swapped.")
    return digits


def npi_error(text: str) -> str | None:
    """Why ``text`` is not an NPI, in one sentence; None when it is one."""
    try:
        normalize_npi(text)
    except IdentifierError as error:
        return str(error)
    return None


def normalize_mbi(text: str) -> str:
    """Medicare Beneficiary Identifier, upper case without dashes (CMS MBI format, 11 positions)."""
    code = re.sub(r"[ -]", "", text.strip()).upper()
    if len(code) != 11:
        raise IdentifierError("A Medicare number (MBI) has eleven characters, such as 1EG4-TE5-MK73.")
    if re.search("[SLOIBZ]", code):
        raise IdentifierError(
            "A Medicare number (MBI) never has the letters S, L, O, I, B or Z: look for 5, 1, 0, 8 or 2."
        )
    if not _MBI.fullmatch(code):
        raise IdentifierError(
            "The Medicare number (MBI) has a letter or digit in the wrong place: check the card."
        )
    return code


def format_mbi(mbi: str) -> str:
    """As printed on the card: ``1EG4-TE5-MK73``."""
    return f"{mbi[:4]}-{mbi[4:7]}-{mbi[7:]}"


def normalize_icd10cm(text: str) -> str:
    """ICD-10-CM shape, upper case with its point: ``e119`` -> ``E11.9``. Not a check that the code exists."""
    match = _ICD10CM.fullmatch(text.strip().upper())
    if match is None:
        raise IdentifierError("An ICD-10-CM code is a letter, a digit and more, such as E11.9.")
    return f"{match[1]}.{match[2]}" if match[2] else match[1]


def normalize_hcpcs(text: str) -> str:
    """HCPCS Level II shape: a letter A to V and four digits, such as E0607."""
    code = text.strip().upper()
    if not _HCPCS.fullmatch(code):
        raise IdentifierError("An HCPCS code is a letter A to V and four digits, such as E0607.")
    return code


def normalize_cpt(text: str) -> str:
    """CPT shape: four digits and a digit, F, T or U. The code set is the AMA's and is not shipped."""
    code = text.strip().upper()
    if not _CPT.fullmatch(code):
        raise IdentifierError("A CPT code is five digits, or four and F, T or U.")
    return code


def normalize_procedure(text: str) -> str:
    """A CPT or HCPCS Level II code, whichever shape it has."""
    code = text.strip().upper()
    if not (_CPT.fullmatch(code) or _HCPCS.fullmatch(code)):
        raise IdentifierError("A service code is a CPT code (five digits) or an HCPCS code such as E0607.")
    return code


def normalize_taxonomy(text: str) -> str:
    """Health care provider taxonomy: ten characters, such as 207RC0000X."""
    code = text.strip().upper()
    if not _TAXONOMY.fullmatch(code):
        raise IdentifierError("A taxonomy code has ten letters and digits, such as 207RC0000X.")
    return code


def normalize_zip(text: str) -> str:
    """ZIP or ZIP+4 with its leading zeros: ``02134``, ``02134-1001``. Never padded by guess."""
    match = _ZIP.fullmatch(text.strip())
    if match is None:
        if re.fullmatch(r"[0-9]{4}", text.strip()):
            raise IdentifierError("The ZIP has four digits: a spreadsheet may have dropped its leading zero.")
        raise IdentifierError("A ZIP has five digits, or nine as in 02134-1001.")
    return f"{match[1]}-{match[2]}" if match[2] else match[1]


# --- phones ----------------------------------------------------------------------------------------------


def parse_phone(text: str, default: str = "US") -> str:
    """A phone number as E.164, ``+15550100134``, with an extension as ``;ext=12`` (RFC 3966).

    Without ``+`` (or ``011``) the number is read as one of ``default``; only ``US`` (North American
    Numbering Plan, ten digits) is known, any other default asks for the ``+``.
    Raises IdentifierError with what is missing.
    """
    typed = " ".join(unicodedata.normalize("NFKC", text[:_MAX_PHONE_TEXT]).translate(_DASHES).split())
    if not typed:
        raise IdentifierError("Type a phone number, such as (555) 010-0134.")
    match = _PHONE.fullmatch(typed.lower())
    if match is None or len(text) > _MAX_PHONE_TEXT:
        raise IdentifierError("A phone number has digits only, such as (555) 010-0134 or 555-010-0134 x12.")
    extension = re.sub(r"[^0-9]", "", match["ext"] or "")
    if len(extension) > 7:
        raise IdentifierError("The extension has more than seven digits: check the number.")
    number = _international(match["number"]) or _national(match["number"], default)
    return f"{number};ext={extension}" if extension else number


def _international(number: str) -> str | None:
    """E.164 of a number written with ``+`` or ``011``; None for another (ITU-T E.164: 15 digits)."""
    digits = re.sub(r"[^0-9]", "", number)
    if not number.startswith("+"):
        if not (digits.startswith("011") and len(digits) > 11):
            return None
        digits = digits[3:]
    if digits.startswith("1"):
        return _north_american(digits[1:])
    if digits.startswith("0") or not 8 <= len(digits) <= 15:
        raise IdentifierError(
            "After the + comes a country code and 8 to 15 digits in all, such as +44 20 7946 0958."
        )
    return f"+{digits}"


def _national(number: str, default: str) -> str:
    if default != "US":
        raise IdentifierError("Start the number with + and its country code.")
    digits = re.sub(r"[^0-9]", "", number)
    return _north_american(digits[1:] if len(digits) == 11 and digits[0] == "1" else digits)


def _north_american(digits: str) -> str:
    """E.164 of ten digits. The exchange is not checked, so 555-010-0134 and other fiction pass."""
    if len(digits) == 7:
        raise IdentifierError("The area code is missing: type ten digits, such as (555) 010-0134.")
    if len(digits) != 10:
        raise IdentifierError(f"A US phone number has ten digits, not {len(digits)}; others start with +.")
    if digits[0] in "01":
        raise IdentifierError("An area code does not start with 0 or 1: check the number.")
    if len(set(digits)) == 1:
        raise IdentifierError("One digit ten times is not a phone number: leave it empty when there is none.")
    return f"+1{digits}"


def format_phone(phone: str) -> str:
    """A stored number for the screen: ``(555) 010-0134 x12``; a foreign one as stored, ``+442079460958``."""
    number, _, extension = phone.partition(";ext=")
    if re.fullmatch(r"\+1[0-9]{10}", number):
        number = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return f"{number} x{extension}" if extension else number


def last4(phone: str) -> str:
    """The last four digits of a stored number, without its extension."""
    return re.sub(r"[^0-9]", "", phone.partition(";")[0])[-4:]
