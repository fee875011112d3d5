"""Denials: decide, file before the window closes, ask about the appeal; the letter overrides the rule."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.denial import appeal_deadline
from carecoord_tui.domain.ranking import Lane, rank_reasons, still_owed
from carecoord_tui.domain.vocabulary import (
    Basis,
    Consequence,
    DenialStatus,
    PayerClass,
    TrackKind,
    TrackStatus,
)
from carecoord_tui.domain.work import WorkItem
from tests.domain.make import CONTEXT, day, denial, items, moment, moved, patient, ranked, track


def owed(**changes: object) -> dict[str, WorkItem]:
    return items(patient(denials=(denial(**changes),)))  # type: ignore[arg-type]


def test_brandt() -> None:
    both = owed()
    assert set(both) == {"denial.triage", "appeal.ma.reconsideration"}
    gather, file = both["denial.triage"], both["appeal.ma.reconsideration"]
    assert (gather.title, gather.target_on, gather.basis) == (
        "Gather appeal papers: Inpatient rehab",
        day("2026-12-01"),
        Basis.OWN,
    )
    assert (file.legal_on, file.warn_on, file.target_on) == (
        day("2027-01-31"),
        day("2027-01-26"),
        day("2027-01-29"),
    )
    assert (file.basis, file.consequence) == (Basis.LEGAL, Consequence.COVERAGE)
    assert file.citation.endswith("unconfirmed")
    assert "no forecast for this case" in gather.why


def test_it_must_arrive_so_fax_it() -> None:
    medicare = {"payer_class": PayerClass.MEDICARE, "notice_on": "2026-08-01", "service": "Walker"}
    file = owed(**medicare, triaged_on="2026-11-24")["appeal.medicare.redetermination"]
    assert (file.legal_on, file.title) == (day("2026-12-04"), "File appeal by fax: Walker")
    assert file.why.count("ARRIVE") == 1
    assert "In time only by fax, not by mail. After the last day: file late and say" in file.why
    erisa = owed(payer_class=PayerClass.ERISA, triaged_on="2026-11-30")["appeal.aca.internal"]
    assert (erisa.title, "ARRIVE" in erisa.why) == ("File appeal: Inpatient rehab", False)


def test_a_window_that_warns_shows_from_that_day() -> None:
    file = owed(triaged_on="2026-11-30")["appeal.ma.reconsideration"]
    lanes = {
        when: ranked(file, moment(f"{when}T08:00")).lane
        for when in ("2027-01-25", "2027-01-26", "2027-01-29", "2027-01-31", "2027-02-01")
    }
    assert list(lanes.values()) == [Lane.UPCOMING, Lane.OWN, Lane.DEADLINE, Lane.DEADLINE, Lane.OWN]


def test_a_closed_window_says_what_is_left() -> None:
    file = owed(triaged_on="2026-11-30")["appeal.ma.reconsideration"]
    late = ranked(file, moment("2027-02-01T08:00"))
    assert late.title == "Too late: late appeal or other way, Inpatient rehab"
    assert "Last day was Sun 31 Jan" in rank_reasons(late, moment("2027-02-01T08:00"))


def test_past_the_last_day_one_item_is_left_and_it_says_what_can_be_done() -> None:
    both = owed(notice_on="2026-01-05").values()
    for when, titles in (
        ("2026-03-10", {"Gather appeal papers: Inpatient rehab", "File appeal by fax: Inpatient rehab"}),
        ("2026-11-30", {"Too late: late appeal or other way, Inpatient rehab"}),
    ):
        rows = [ranked(item, moment(f"{when}T08:00")) for item in both]
        assert {row.title for row in still_owed(rows)} == titles
    (late,) = still_owed(rows)
    assert "After the last day: file late and say the good cause in the letter" in late.item.why


def test_a_call_that_is_too_late_takes_nothing_away() -> None:
    items = owed(peer_to_peer_by=day("2026-11-28")).values()
    rows = [ranked(item, moment("2026-11-30T08:00")) for item in items]
    assert any(row.is_too_late for row in rows)
    assert still_owed(rows) == rows


def test_the_date_on_the_letter_overrides_the_rule() -> None:
    file = owed(letter_deadline_on=day("2027-01-16"))["appeal.ma.reconsideration"]
    assert (file.legal_on, file.target_on, file.warn_on) == (day("2027-01-16"), day("2027-01-15"), None)
    assert file.citation == "Entered from the denial letter", "a fact, not an unconfirmed rule"


def test_an_unknown_payer_needs_the_letter() -> None:
    assert set(owed(payer_class=PayerClass.UNKNOWN)) == {"denial.triage"}
    assert "enter it from the letter" in owed(payer_class=PayerClass.UNKNOWN)["denial.triage"].why
    waiting = owed(payer_class=PayerClass.UNKNOWN, triaged_on="2026-11-30")
    assert set(waiting) == {"denial.letter"}
    assert waiting["denial.letter"].title.startswith("File appeal, enter last day")
    entered = owed(
        payer_class=PayerClass.UNKNOWN, triaged_on="2026-11-30", letter_deadline_on=day("2027-01-15")
    )
    assert entered["denial.letter"].legal_on == day("2027-01-15")


def test_a_window_counted_from_receipt() -> None:
    late_post = owed(payer_class=PayerClass.ERISA, notice_on="2026-06-01", received_on="2026-06-08")
    assert (late_post["appeal.aca.internal"].legal_on, late_post["appeal.aca.internal"].target_on) == (
        day("2026-12-05"),
        day("2026-12-04"),
    )
    unknown = owed(payer_class=PayerClass.ERISA, notice_on="2026-06-01")
    assert unknown["appeal.aca.internal"].legal_on == day("2026-11-28"), "the earlier day is the safe one"


def test_decided_leaves_only_the_window() -> None:
    assert set(owed(triaged_on="2026-11-30")) == {"appeal.ma.reconsideration"}


def test_a_filed_appeal_is_asked_about() -> None:
    asked = owed(status=DenialStatus.APPEALED, filed_on="2026-12-01")
    assert set(asked) == {"denial.appealed"}
    assert asked["denial.appealed"].title == "Ask Humana: Inpatient rehab appeal"
    assert asked["denial.appealed"].target_on == day("2026-12-15")


# --- upheld: the next level ---------------------------------------------------------------------


def upheld(**changes: object) -> dict[str, WorkItem]:
    values = {
        "status": DenialStatus.UPHELD,
        "payer_class": PayerClass.MEDICARE,
        "notice_on": "2026-08-01",
        "triaged_on": "2026-08-05",
        "filed_on": "2026-08-10",
        "decided_on": "2026-09-21",
    }
    return owed(**{**values, **changes})


def test_an_upheld_denial_opens_the_next_window_from_the_decision() -> None:
    both = upheld()
    assert set(both) == {"denial.triage", "appeal.medicare.reconsideration"}
    assert both["denial.triage"].title == "Decide next appeal: Inpatient rehab"
    assert both["denial.triage"].target_on == day("2026-09-23")
    assert both["appeal.medicare.reconsideration"].legal_on == day("2027-03-25"), "5 + 180 days"
    assert set(upheld(triaged_on="2026-09-22")) == {"appeal.medicare.reconsideration"}


def test_the_level_that_was_lost_decides_the_next() -> None:
    third = upheld(level="appeal.medicare.reconsideration")
    assert third["appeal.medicare.alj"].legal_on == day("2026-11-25"), "5 + 60 days"
    assert "appeal.external" in upheld(payer_class=PayerClass.ERISA)


def test_a_level_without_a_rule_still_owes_the_decision() -> None:
    assert set(upheld(payer_class=PayerClass.MEDICARE_ADVANTAGE)) == {"denial.triage"}
    assert set(upheld(level="appeal.medicare.alj", triaged_on="2026-09-30")) == {"denial.letter"}


def test_the_letter_of_the_lost_level_does_not_date_the_next() -> None:
    old = upheld(letter_deadline_on=day("2026-09-01"))["appeal.medicare.reconsideration"]
    assert old.legal_on == day("2027-03-25")
    new = upheld(letter_deadline_on=day("2027-03-01"))["appeal.medicare.reconsideration"]
    assert new.legal_on == day("2027-03-01")


@pytest.mark.parametrize("level", ["second level", "tcm.contact", "appeal", "appeal.nowhere"])
def test_a_level_that_is_no_rule_falls_back_to_the_first(level: str) -> None:
    found = appeal_deadline(denial(level=level), CONTEXT)
    assert found is not None
    assert found.rule_id == "appeal.ma.reconsideration"


@pytest.mark.parametrize("status", [DenialStatus.OVERTURNED, DenialStatus.CLOSED])
def test_a_settled_denial_owes_nothing(status: DenialStatus) -> None:
    assert set(owed(status=status)) == {"caseload.review"}


# --- moved --------------------------------------------------------------------------------------


def test_a_letter_entered_after_a_move_still_holds() -> None:
    file = owed(triaged_on="2026-11-30")["appeal.ma.reconsideration"]
    late = moved(file, "2027-01-27", moved_on="2026-12-01")
    record = denial(triaged_on="2026-11-30", letter_deadline_on=day("2026-12-18"))
    item = items(patient(denials=(record,), moves=(late,)))["appeal.ma.reconsideration"]
    assert item.target_on == day("2026-12-18")


def test_what_is_too_late_can_be_moved_anywhere() -> None:
    file = owed(triaged_on="2026-11-30")["appeal.ma.reconsideration"]
    later = moved(file, "2027-02-10", moved_on="2027-02-02")
    record = denial(triaged_on="2026-11-30")
    item = items(patient(denials=(record,), moves=(later,)))["appeal.ma.reconsideration"]
    assert item.target_on == day("2027-02-10")
    assert ranked(item, moment("2027-02-05T08:00")).lane is Lane.UPCOMING


# --- other roads, side by side ------------------------------------------------------------------


def test_each_open_road_has_its_own_item() -> None:
    roads = (track(TrackKind.APPEAL), track(), track(TrackKind.ASSISTANCE, next_on="2026-12-02"))
    found = owed(triaged_on="2026-11-30", tracks=roads)
    assert set(found) == {"appeal.ma.reconsideration", "denial.alternative", "denial.assistance"}
    assert found["denial.alternative"].target_on == day("2026-12-07"), "five working days"
    assert found["denial.alternative"].title == "Covered alternative: Inpatient rehab"
    assert found["denial.assistance"].target_on == day("2026-12-02"), "the day that was planned"
    waiting = owed(status=DenialStatus.APPEALED, filed_on="2026-12-01", tracks=roads)
    assert set(waiting) == {"denial.appealed", "denial.alternative", "denial.assistance"}


@pytest.mark.parametrize("status", [s for s in TrackStatus if s is not TrackStatus.OPEN])
def test_an_ended_road_owes_nothing(status: TrackStatus) -> None:
    assert "denial.alternative" not in owed(tracks=(track(status=status),))


def test_without_an_appeal_the_other_roads_go_on_and_the_last_one_ends_it() -> None:
    left = track(TrackKind.APPEAL, TrackStatus.DROPPED, closed_on="2026-11-30")
    assert set(owed(tracks=(left, track()))) == {"denial.alternative"}
    (end,) = owed(tracks=(left, track(status=TrackStatus.FAILED, closed_on="2026-12-03"))).values()
    assert (end.rule_id, end.title) == ("denial.triage", "Close denial: Inpatient rehab")
    assert end.target_on == day("2026-12-07"), "two working days after the last road ended"


def test_a_lost_appeal_goes_on_at_the_next_level() -> None:
    lost = track(TrackKind.APPEAL, TrackStatus.FAILED, closed_on="2026-09-21")
    assert "appeal.medicare.reconsideration" in upheld(tracks=(lost,))
    assert "appeal.medicare.reconsideration" not in upheld(
        tracks=(track(TrackKind.APPEAL, TrackStatus.DROPPED),)
    )


# --- peer-to-peer -------------------------------------------------------------------------------


def test_the_peer_to_peer_cut_off_is_a_last_day() -> None:
    call = owed(peer_to_peer_by="2026-12-05")["denial.peer_to_peer"]
    assert (call.legal_on, call.target_on) == (day("2026-12-05"), day("2026-12-04"))
    assert (call.basis, call.citation) == (Basis.LEGAL, "Entered from the denial letter")
    late = ranked(call, moment("2026-12-06T08:00"))
    assert late.title == "Too late for peer-to-peer, appeal: Inpatient rehab"
    assert "denial.peer_to_peer" not in owed(peer_to_peer_by="2026-12-05", peer_to_peer_on="2026-12-01")
    assert "denial.peer_to_peer" in owed(
        status=DenialStatus.APPEALED, filed_on="2026-12-01", peer_to_peer_by="2026-12-05"
    )


def test_the_cut_off_of_a_lost_level_is_gone() -> None:
    assert "denial.peer_to_peer" not in upheld(peer_to_peer_by="2026-08-15")
    assert "denial.peer_to_peer" in upheld(peer_to_peer_by="2026-10-05")


UPHELD = DenialStatus.UPHELD


@pytest.mark.parametrize(
    ("changes", "rule_id", "legal_on", "target_on", "warn_on"),
    [
        ({}, "appeal.partd.redetermination", "2027-01-31", "2027-01-29", "2027-01-26"),
        (  # of Part B: 5 + 120 days, but warned of as if a drug plan had denied it
            {"payer_class": PayerClass.MEDICARE, "notice_on": "2026-08-01"},
            "appeal.medicare.redetermination.drug", "2026-12-04", "2026-12-04", "2026-09-30",
        ),
        (
            {"status": UPHELD, "decided_on": "2026-11-20", "level": "appeal.partd.redetermination"},
            "appeal.partd.reconsideration", "2027-01-19", "2027-01-19", None,
        ),
        (
            {"status": UPHELD, "decided_on": "2026-11-20", "level": "appeal.partd.reconsideration"},
            "appeal.partd.alj", "2027-01-19", "2027-01-19", None,
        ),
        (  # a plan of the employer has no Part D
            {"payer_class": PayerClass.ERISA}, "appeal.aca.internal", "2027-05-26", "2027-05-26", None,
        ),
    ],
)  # fmt: skip
def test_a_denied_drug_goes_by_the_levels_of_part_d(
    changes: dict[str, object], rule_id: str, legal_on: str, target_on: str, warn_on: str | None
) -> None:
    file = owed(is_drug=True, triaged_on="2026-11-30", **changes)[rule_id]
    days = (file.legal_on, file.target_on, file.warn_on)
    assert days == (day(legal_on), day(target_on), day(warn_on) if warn_on else None)


@pytest.mark.parametrize(
    ("changes", "rule_id", "target_on"),
    [
        ({}, "denial.appealed.partd", "2026-12-07"),
        ({"is_appeal_expedited": True}, "denial.appealed.expedited", "2026-12-03"),
        ({"payer_class": PayerClass.ERISA}, "denial.appealed", "2026-12-14"),
    ],
)
def test_the_plan_decides_the_appeal_of_a_drug_within_a_week(
    changes: dict[str, object], rule_id: str, target_on: str
) -> None:
    asked = owed(status=DenialStatus.APPEALED, is_drug=True, filed_on="2026-11-30", **changes)
    assert {rule: item.target_on for rule, item in asked.items()} == {rule_id: day(target_on)}
