"""Which entry of the provider directory a row is about: by NPI, else by name; unknown ones become new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.provider_words import kind_of_name
from carecoord_tui.domain.vocabulary import ProviderKind
from carecoord_tui.exchange.patient_match import NoMatch
from carecoord_tui.store.importing_referrals import NewProvider, StoredProvider


class NamesOffice(Protocol):
    """A row of a file, as far as it names an office; empty text means it does not say."""

    @property
    def provider(self) -> str: ...
    @property
    def office(self) -> str: ...
    @property
    def npi(self) -> str: ...
    @property
    def specialty(self) -> str: ...
    @property
    def office_phone(self) -> str: ...
    @property
    def office_fax(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Office:
    """An entry of the directory; ``id`` is negative for one that this file brings."""

    id: int
    name: str
    specialty: str


class Directory:
    """The provider directory with what a file adds to it."""

    def __init__(self, providers: Iterable[StoredProvider]) -> None:
        self.new: list[NewProvider] = []
        """Entry -1 is the first of these, -2 the second."""
        self._by_npi: dict[str, StoredProvider] = {}
        self._by_name: dict[str, list[StoredProvider]] = defaultdict(list)
        for provider in providers:
            self._add(provider)

    def find(self, row: NamesOffice) -> Office | None:
        """The row's office; None where the row names none or the directory has none like it.

        Raises:
            NoMatch: several entries could be meant, or an unknown NPI stands without a name.
        """
        if row.npi and (known := self._by_npi.get(row.npi)) is not None:
            return _office(known)
        name = row.provider or row.office
        if row.npi and not name:
            raise NoMatch("npi", "this NPI is not in the directory, and the row names no office")
        found = self._named(row, name) if name else None
        return _office(found) if found else None

    def add(self, row: NamesOffice) -> Office | None:
        """Note the row's office as new; None where the row names none."""
        name = row.provider or row.office
        if not name:
            return None
        organization = row.office if row.provider else ""
        kind = ProviderKind.PERSON if row.provider else ProviderKind.ORGANIZATION
        if row.provider and not row.office:  # a column such as "Sent to" holds people and clinics
            kind = kind_of_name(name) or kind
        self.new.append(
            NewProvider(
                name=name,
                organization=organization,
                specialty=row.specialty,
                npi=row.npi or None,
                phone=row.office_phone,
                fax=row.office_fax,
                kind=kind,
            )
        )
        added = StoredProvider(-len(self.new), name, organization, row.specialty, row.npi, kind, True)
        self._add(added)
        return _office(added)

    def _named(self, row: NamesOffice, name: str) -> StoredProvider | None:
        found = [
            one
            for one in self._by_name.get(folded_name(name), [])
            if not (row.npi and one.npi) and _may_be(one, row.specialty)
        ]
        closer: tuple[Callable[[StoredProvider], bool], ...] = (
            lambda one: bool(row.office) and folded_name(one.organization) == folded_name(row.office),
            lambda one: bool(row.specialty) and fold(one.specialty) == fold(row.specialty),
            lambda one: one.is_active,
        )
        for is_closer in closer:
            found = [one for one in found if is_closer(one)] or found
        if len(found) > 1:
            raise NoMatch("provider", "several entries of the directory have this name: give the NPI")
        return found[0] if found else None

    def _add(self, provider: StoredProvider) -> None:
        if provider.npi:
            self._by_npi.setdefault(provider.npi, provider)
        self._by_name[folded_name(provider.name)].append(provider)


def folded_name(name: str) -> str:
    """An office's name as it is compared: letters and digits only, without case and accents."""
    return "".join(char for char in fold(name) if char.isalnum())


def _may_be(provider: StoredProvider, specialty: str) -> bool:
    """One name in two specialties is two people, but one clinic may hold several."""
    return (
        not (specialty and provider.specialty)
        or provider.kind is ProviderKind.ORGANIZATION
        or fold(provider.specialty) == fold(specialty)
    )


def _office(provider: StoredProvider) -> Office:
    return Office(provider.id, provider.name, provider.specialty)
