"""Every kind of record log, by the word of its command."""

from __future__ import annotations

from carecoord_tui.exchange.logs.appointments import APPOINTMENTS
from carecoord_tui.exchange.logs.authorizations import AUTHORIZATIONS
from carecoord_tui.exchange.logs.coverages import COVERAGES
from carecoord_tui.exchange.logs.follow_ups import FOLLOW_UPS
from carecoord_tui.exchange.logs.kind import LogKind
from carecoord_tui.exchange.logs.providers import PROVIDERS

KINDS: tuple[LogKind, ...] = (COVERAGES, AUTHORIZATIONS, APPOINTMENTS, FOLLOW_UPS, PROVIDERS)


def kind_named(name: str) -> LogKind:
    """A kind by its name. Raises KeyError for a name that is none."""
    return {kind.name: kind for kind in KINDS}[name]
