"""The tables nobody reads back: every column follows from the table itself (``remaining``).

What a row is about decides whether it leaves: steps, services and appeals go with the record they belong to.
"""

from __future__ import annotations

from carecoord_tui.exchange.exports.subject import BY_NAME, Subject, of
from carecoord_tui.store.queries.phones import MAY_LEAVE

_NOBODY = ("NULL", "NULL")


def _of_people(name: str, table: str, about: tuple[str, str] = _NOBODY, *, marked: str = "0") -> Subject:
    """Records of people, by name; ``x`` is the table in the expressions."""
    return Subject(name, of(table, "x"), (), f"{BY_NAME}, x.id", about=about, marked=marked)


def _of_practice(name: str, table: str) -> Subject:
    return Subject(name, f"{table} x", (), "x.id", of_people=False)


_MARK = "x.is_part2 OR x.is_sensitive"
_AUTHORIZATION = ("'authorization'", "x.authorization_id")
_DENIAL = ("'denial'", "x.denial_id")
_VISIT = ("'appointment'", "x.appointment_id")
_REFERRAL = ("'referral'", "x.referral_id")
_ITEM = ("x.kind", "x.record_id")

LISTINGS = (
    Subject("Phones", of("patient_phone", "n"), (), f"{BY_NAME}, n.rank, n.id", where=MAY_LEAVE),
    _of_people("Care team", "care_team"),
    _of_people("Incoming calls", "incoming_call"),
    _of_people("Referral details", "referral", ("'referral'", "x.id")),
    _of_people("Referral steps", "referral_stage", _REFERRAL),
    _of_people("Transitions", "transition"),
    _of_people("Eligibility checks", "eligibility_check"),
    _of_people("Benefits", "benefit"),
    _of_people("Authorization services", "authorization_item", _AUTHORIZATION),
    _of_people("Authorization steps", "authorization_event", _AUTHORIZATION),
    _of_people("Authorization units", "authorization_use", _AUTHORIZATION),
    _of_people("Denial tracks", "denial_track", _DENIAL),
    _of_people("Appeals", "appeal", _DENIAL),
    _of_people("Estimates", "estimate", _VISIT),
    _of_people("Good-faith estimates", "good_faith", _VISIT),
    _of_people("Payment plans", "payment_plan"),
    _of_people("Assistance", "assistance", ("'assistance'", "x.id")),
    _of_people("History", "history_item", marked=_MARK),
    _of_people("Documents", "document", _REFERRAL, marked=_MARK),
    _of_people("Disclosures", "disclosure", _REFERRAL, marked="x.has_part2"),
    _of_people("Moved dates", "moved_date", _ITEM),
    _of_people("Day-off marks", "item_cover", _ITEM),
    _of_practice("Provider networks", "provider_network"),
    _of_practice("Payer limits", "payer_limit"),
    _of_practice("Closures", "closure"),
    _of_practice("Snippets", "snippet"),
    _of_practice("Settings", "setting"),
    _of_practice("Users", "user"),
    _of_practice("Import mappings", "import_mapping"),
)
