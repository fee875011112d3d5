"""What the fields of the referral form offer while somebody types: specialties, offices, codes."""

from __future__ import annotations

from collections.abc import Sequence

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.icd10 import split_last
from carecoord_tui.domain.provider_rows import ProviderRow
from carecoord_tui.domain.vocabulary import NetworkStatus
from carecoord_tui.screens.referral_draft import office_detail
from carecoord_tui.store.icd10 import lookup
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.providers import alternatives, network_for_patient, search_providers
from carecoord_tui.store.queries.referral_form import Needs, specialties
from carecoord_tui.widgets.type_ahead import MAX_LINES, Suggestion

NEW_OFFICE = "new"
"""Key of the suggestion that puts an office into the directory."""
_WORDS_FROM = 3  # letters before codes are looked up by words


class Offers:
    """Suggestions for one patient. ``leave_out`` is the office a referral goes away from."""

    def __init__(
        self, practice: Practice, patient_id: int, needs: Needs | None, leave_out: int | None
    ) -> None:
        self._practice, self._patient_id, self._leave_out = practice, patient_id, leave_out
        self._payer_id = needs.payer_id if needs is not None else None
        self._specialties = specialties(practice.execute)

    def specialties(self, text: str) -> Sequence[Suggestion]:
        """Those that begin so, then those that have it inside; the most used first."""
        wanted = fold(text.strip())
        hits = [one for one in self._specialties if wanted in fold(one)]
        hits.sort(key=lambda one: not fold(one).startswith(wanted))
        return [Suggestion(one, one) for one in hits]

    def offices(self, text: str, specialty: str) -> Sequence[Suggestion]:
        """Without a text the specialty's offices, the better choice first: in network, the shorter wait.

        With one, offices that have its words, those of the specialty first; the last line is a new office.
        """
        execute, payer_id = self._practice.execute, self._payer_id
        if not text.strip():
            rated = alternatives(execute, specialty, payer_id, limit=MAX_LINES + 1) if specialty else []
            kept = [one for one in rated if one.provider.id != self._leave_out]
            return [_office(one.provider, one.network) for one in kept[:MAX_LINES]]
        room = MAX_LINES - 1
        found = search_providers(execute, text, specialty=specialty, payer_id=payer_id, limit=room + 1)
        if len(found) < room:
            found += search_providers(execute, text, payer_id=payer_id, limit=room + 1)
        offices = list({one.id: one for one in found if one.id != self._leave_out}.values())[:room]
        return [
            *(_office(one, self._network(one.id)) for one in offices),
            Suggestion(NEW_OFFICE, f"new office: {text.strip()}", fills=text.strip()),
        ]

    def _network(self, provider_id: int) -> NetworkStatus:
        row = network_for_patient(self._practice.execute, provider_id, self._patient_id)
        return row.status if row is not None else NetworkStatus.UNKNOWN

    def codes(self, text: str) -> Sequence[Suggestion]:
        """Codes by the words after the last comma; none without the code file. Raises DamagedFile."""
        done, words = split_last(text)
        if len(words) < _WORDS_FROM:
            return []
        before = f"{done} " if done else ""
        return [
            Suggestion(one.code, f"{one.code} {one.words}", fills=f"{before}{one.code}, ")
            for one in lookup(self._practice.paths, words, MAX_LINES)
        ]


def _office(office: ProviderRow, network: NetworkStatus) -> Suggestion:
    return Suggestion(office.id, office.name, office_detail(office, network))
