"""The roads out of a denial as fields of its form: the appeal, a covered alternative, assistance."""

from __future__ import annotations

from textual.app import ComposeResult

from carecoord_tui.domain.vocabulary import TrackKind, TrackStatus
from carecoord_tui.screens.denial_draft import APPEAL_TRACK, TRACKS
from carecoord_tui.screens.insurance_fields import InsuranceForm
from carecoord_tui.store.actions.denials import Road, Tracks
from carecoord_tui.store.queries.denials import DenialDetail, TrackRow

BESIDE = (
    (TrackKind.ALTERNATIVE, "Alternative", "  Which one", "e.g. the drug or service that is covered"),
    (TrackKind.ASSISTANCE, "Assistance", "  Which program", "e.g. the maker's, a foundation's"),
)
"""Roads beside the appeal: kind, label, the label of what it is about, and an example."""


class RoadsForm(InsuranceForm):
    """The part of the denial form that says which roads are walked."""

    record: DenialDetail | None

    def compose_roads(self) -> ComposeResult:
        """Up to three side by side; that of the appeal moves by filing once it is filed."""
        yield self.pick("Appeal", "track-appeal", APPEAL_TRACK, self._appeal_road())
        for kind, label, about, example in BESIDE:
            known = self._road(kind)
            yield self.pick(label, f"track-{kind}", TRACKS, known.status.value if known else "")
            yield self.line(about, f"about-{kind}", known.note if known else "", example, prose=True)
            yield self.day("  Next step on", f"next-{kind}", known.next_on if known else None)

    def show_roads(self, *, can_appeal: bool) -> None:
        """What each is about and its next step, where the road is taken."""
        self.show(["track-appeal"], when=can_appeal)
        for kind, *_ in BESIDE:
            chosen = self.chosen(f"track-{kind}")
            self.show([f"about-{kind}"], when=bool(chosen))
            self.show([f"next-{kind}"], when=chosen == TrackStatus.OPEN)

    def roads(self) -> Tracks:
        """The roads somebody chose; that of the appeal only where it changed, for filing moves it too."""
        texts = self.texts()
        found = {
            kind: Road(
                status=TrackStatus(value), next_on=self.typed_day(f"next-{kind}"), note=texts[f"about-{kind}"]
            )
            for kind, *_ in BESIDE
            if (value := self.chosen(f"track-{kind}"))
        }
        appeal = self.chosen("track-appeal")
        if self.field_of("track-appeal").display and appeal and appeal != self._appeal_road():
            found[TrackKind.APPEAL] = Road(status=TrackStatus(appeal))
        return found

    def _road(self, kind: TrackKind) -> TrackRow | None:
        tracks = self.record.tracks if self.record else ()
        return next((one for one in tracks if one.kind is kind), None)

    def _appeal_road(self) -> str:
        """Whether it will be appealed, as on file; empty while nobody decided."""
        found = self._road(TrackKind.APPEAL)
        decided = (TrackStatus.OPEN, TrackStatus.DROPPED)
        return found.status.value if found is not None and found.status in decided else ""
