"""The track and the facts of one referral, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.referral_ageing import Age
from carecoord_tui.domain.referral_rows import (
    AuthorizationRow,
    LinkedReferral,
    OfficeRow,
    ReferralDetailRow,
    StampRow,
)
from carecoord_tui.domain.vocabulary import AuthorizationStatus, ReferralStage, ReferralType, Urgency
from carecoord_tui.widgets.person_pane import ALARM, WAITING
from carecoord_tui.widgets.referral_track import detail_rows, office_line, request_line, track_line

S = ReferralStage
TODAY = date(2026, 11, 30)
MOMENT = Moment(datetime(2026, 11, 30, 13, tzinfo=UTC), ZoneInfo("America/New_York"), Calendar())
EMPTY = ReferralDetailRow(
    id=7, version=1, patient_id=1, patient_name="Cole, James", birth_date=None, mrn="", office=None,
    specialty="cardiology", service_type=ReferralType.CONSULT, reason="", question="", diagnoses="",
    urgency=Urgency.ROUTINE, stage=S.DRAFT, stage_on=date(2026, 11, 2), stage_reason="", held_stage=None,
    ordered_on=date(2026, 11, 2), ordered_by="", sent_on=None, sent_how="", sent_confirmation="",
    office_reference="", visit_on=None, visit_time=None, report_received_on=None, report_source="",
    reviewed_on=None, reviewed_by="", patient_informed_on=None, informed_by="", needs_authorization=False,
    interpreter_needed=False, transport_needed=False, note="", touched_on=None, stamps=(),
    redirected_from=None, redirected_to=(), authorizations=(), document_count=0,
)  # fmt: skip
SILVA = OfficeRow(
    id=1, name="Silva [b]Cardiology", organization="Valley Heart", specialty="cardiology", npi="",
    phone="+15550100170", referral_phone="+15550100171", fax="+15550100172", address="", wants="last echo",
    usual_wait_days=12,
)  # fmt: skip


def stamp(number: int, stage: ReferralStage, on: date, **changes: object) -> StampRow:
    at = datetime(on.year, on.month, on.day, 15, tzinfo=UTC)
    usual = {"recorded_at": at, "who": "Dana Reyes", "note": "", "from_stage": None, "visit_on": None}
    return StampRow(id=number, stage=stage, happened_on=on, **{**usual, **changes})  # type: ignore[arg-type]


SENT = replace(
    EMPTY,
    stage=S.SENT,
    stage_on=date(2026, 11, 3),
    sent_on=date(2026, 11, 3),
    stamps=(stamp(1, S.DRAFT, date(2026, 11, 2)), stamp(2, S.SENT, date(2026, 11, 3))),
)
SEEN = replace(
    SENT,
    stage=S.SEEN,
    stage_on=date(2026, 11, 24),
    visit_on=date(2026, 11, 24),
    stamps=(*SENT.stamps, stamp(3, S.SEEN, date(2026, 11, 24))),
)


def facts(row: ReferralDetailRow, width: int = 120) -> dict[str, str]:
    """Label and text of every fact, continuation lines joined."""
    found: dict[str, str] = {}
    label = ""
    for line in detail_rows(row, MOMENT, width):
        if line.kind == "row" and isinstance(line.id, tuple) and line.id[0] == "fact":
            label = str(line.cells[0]) or label
            found[label] = f"{found.get(label, '')} {line.cells[1]}".strip()
    return found


def lines(row: ReferralDetailRow, kind: str, width: int = 120) -> list[str]:
    return [
        " ".join(map(str, line.cells)).strip()
        for line in detail_rows(row, MOMENT, width)
        if isinstance(line.id, tuple) and line.id[0] == kind
    ]


def test_the_track_reads_as_one_line() -> None:
    assert track_line(SEEN, TODAY, 300).plain == (
        "ordered 2 Nov > sent 3 Nov > acknowledged not recorded > accepted not recorded > scheduled 24 Nov"
        " > [seen 24 Nov] > report > reviewed > patient told"
    )


def test_the_present_is_bold_and_what_is_ahead_is_dim() -> None:
    content = track_line(SENT, TODAY, 300)
    styles = {content.plain[span.start : span.end]: str(span.style) for span in content.spans}
    assert styles["[sent 3 Nov]"] == "bold"
    assert styles["patient told"] == "$text-muted"
    assert "ordered 2 Nov" not in styles


def test_the_track_wraps_between_steps_only() -> None:
    wrapped = track_line(SEEN, TODAY, 40).plain
    assert max(map(len, wrapped.splitlines())) <= 40
    assert wrapped.replace("\n", " ") == track_line(SEEN, TODAY, 300).plain
    for words in ("acknowledged not recorded", "[seen 24 Nov]", "patient told"):
        assert any(words in line for line in wrapped.splitlines())


@pytest.mark.parametrize(
    ("stage", "colour", "words"),
    [
        (S.REJECTED, ALARM, "[rejected 20 Nov: no slots [/b] left]"),
        (S.NO_SHOW, ALARM, "[no-show 20 Nov: no slots [/b] left]"),
        (S.ON_HOLD, WAITING, "[on hold 20 Nov: no slots [/b] left]"),
    ],
)
def test_off_the_line_it_warns_with_the_reason(stage: ReferralStage, colour: str, words: str) -> None:
    row = replace(SENT, stage=stage, stage_on=date(2026, 11, 20), stage_reason="no slots [/b] left")
    content = track_line(row, TODAY, 300)
    assert f"sent 3 Nov > {words} > acknowledged" in content.plain
    styles = {content.plain[span.start : span.end]: str(span.style) for span in content.spans}
    assert colour in styles[words]


def test_what_cannot_come_any_more_is_not_shown() -> None:
    declined = replace(SENT, stage=S.DECLINED, stage_on=date(2026, 11, 20), stage_reason="cost")
    assert (
        track_line(declined, TODAY, 300).plain
        == "ordered 2 Nov > sent 3 Nov > [patient declined 20 Nov: cost]"
    )
    supplies = replace(SEEN, service_type=ReferralType.EQUIPMENT)
    assert track_line(supplies, TODAY, 300).plain.endswith("[seen 24 Nov] > patient told")
    assert facts(supplies)["CMS50 closed"] == "no report is written for this type"


def test_a_booked_visit_without_its_date_says_so() -> None:
    row = replace(SENT, stage=S.SCHEDULED, stage_on=date(2026, 11, 20))
    assert "[scheduled, date not recorded]" in track_line(row, TODAY, 300).plain


def test_another_year_shows() -> None:
    row = replace(EMPTY, ordered_on=date(2025, 12, 30))
    assert track_line(row, TODAY, 300).plain.startswith("[draft, ordered 30 Dec 2025]")


def test_both_closures_are_facts_of_their_own() -> None:
    assert facts(SEEN)["CMS50 closed"] == "no, the report is not in"
    assert facts(SEEN)["Loop closed"] == "no, missing: report, review, telling the patient"
    reported = replace(SEEN, stage=S.REPORT_RECEIVED, report_received_on=date(2026, 11, 27))
    assert facts(reported)["CMS50 closed"] == "yes, report in Fri 27 Nov"
    assert facts(reported)["Loop closed"] == "no, missing: review, telling the patient"
    closed = replace(
        reported, stage=S.CLOSED, reviewed_on=date(2026, 11, 27), patient_informed_on=date(2026, 11, 30)
    )
    assert facts(closed)["Loop closed"] == "yes: report in, reviewed, patient told"
    assert facts(closed)["FHIR"] == "ServiceRequest completed · Task completed · Appointment fulfilled"
    assert facts(SENT)["FHIR"] == "ServiceRequest active · Task requested"


def test_the_request_and_its_way() -> None:
    row = replace(
        SENT,
        office=SILVA,
        reason="angina",
        question="Is [a] stress test wanted?",
        diagnoses="I20.9, I10",
        interpreter_needed=True,
        sent_how="fax",
        sent_confirmation="12:03, 6 pages",
        office_reference="R-88",
        visit_on=date(2026, 12, 2),
        visit_time=time(10, 20),
        document_count=2,
    )
    shown = facts(row)
    assert shown["Question"] == "Is [a] stress test wanted?"
    assert shown["Needs"] == "interpreter"
    assert shown["Sent"] == "Tue 3 Nov · fax · confirmed: 12:03, 6 pages"
    assert shown["Visit"] == "Wed 2 Dec 10:20am"
    assert shown["Office wants"] == "last echo"
    assert shown["Documents"] == "2 · d opens"
    assert facts(SENT)["Sent"] == "Tue 3 Nov · way not recorded · no confirmation"
    assert office_line(SILVA, 120).plain == (
        "Silva [b]Cardiology · Valley Heart · (555) 010-0170 · referrals (555) 010-0171 · fax (555) 010-0172"
    )
    assert "\n· fax (555) 010-0172" in office_line(SILVA, 80).plain
    assert office_line(None, 80).plain == "no office chosen: e says who receives it"
    assert request_line(replace(row, urgency=Urgency.STAT), None).plain == "Cardiology · consult · ! stat"
    over = request_line(row, Age(9, 7, "referral.schedule"))
    assert over.plain == "Cardiology · consult · routine · 9d of 7"
    assert any(span.style == ALARM for span in over.spans)
    assert not any(span.style == ALARM for span in request_line(row, Age(7, 7, "referral.schedule")).spans)


def test_long_text_takes_several_lines_and_loses_nothing() -> None:
    question = (
        "Does this patient need a stress echo before the knee replacement in January, or is an ECG enough?"
    )
    row = replace(SENT, question=question)
    assert facts(row, 60)["Question"] == question
    assert all(
        len(str(line.cells[1])) <= 60 - 23 for line in detail_rows(row, MOMENT, 60) if line.id[0] == "fact"
    )


@pytest.mark.parametrize(
    ("needed", "held", "words"),
    [
        (None, (), "nobody asked the payer"),
        (False, (), "not needed"),
        (True, (), "needed, none on file"),
        (
            True,
            ((date(2026, 12, 1), "AB-1"),),
            "approved · number AB-1 · to Tue 1 Dec, ends before the visit",
        ),
        (True, ((date(2026, 12, 9), ""),), "approved · to Wed 9 Dec"),
    ],
)
def test_authorization(needed: bool | None, held: tuple[tuple[date, str], ...], words: str) -> None:
    row = replace(
        SENT,
        visit_on=date(2026, 12, 2),
        needs_authorization=needed,
        authorizations=tuple(
            AuthorizationRow(
                id=1, number=number, status=AuthorizationStatus.APPROVED, valid_from=None, valid_to=to
            )
            for to, number in held
        ),
    )
    assert facts(row)["Authorization"] == words


def test_steps_say_who_and_what_was_recorded_late() -> None:
    late = stamp(
        3,
        S.SCHEDULED,
        date(2026, 11, 24),
        recorded_at=datetime(2026, 11, 26, 15, tzinfo=UTC),
        visit_on=date(2026, 12, 2),
        note="told by [phone]",
    )
    in_time = stamp(2, S.SENT, date(2026, 11, 3), recorded_at=datetime(2026, 11, 4, 2, tzinfo=UTC))
    row = replace(SENT, stamps=(in_time, late))
    assert lines(row, "step") == [
        "Tue 3 Nov sent · Dana Reyes",
        "Tue 24 Nov scheduled for Wed 2 Dec · recorded late, Thu 26 Nov · Dana Reyes",
    ]
    assert lines(row, "step note") == ["told by [phone]"]
    assert lines(EMPTY, "step") == ["no step is recorded"]


def test_both_ends_of_the_chain() -> None:
    row = replace(
        SENT,
        stage=S.REDIRECTED,
        stage_on=date(2026, 11, 20),
        redirected_from=LinkedReferral(id=3, office="Old Heart", stage=S.REDIRECTED),
        redirected_to=(LinkedReferral(id=9, office="Valley Heart", stage=S.ACCEPTED),),
    )
    assert lines(row, "referral") == [
        "comes from Old Heart, sent on here Mon 2 Nov · sent elsewhere · enter opens",
        "sent elsewhere to Valley Heart on Fri 20 Nov · accepted · enter opens",
    ]
    assert [line.id for line in detail_rows(row, MOMENT, 80)][:3] == [
        "chain",
        ("referral", 3),
        ("referral", 9),
    ]


def test_ids_are_unique() -> None:
    row = replace(SEEN, question="word " * 60, note="more " * 60, office=SILVA)
    ids = [line.id for line in detail_rows(row, MOMENT, 60)]
    assert len(ids) == len(set(ids))
