"""The day's papers through the real practice: what stands on them, the files, the log, a broken template."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from carecoord_tui.documents import markdown, markdown_text
from carecoord_tui.documents.day_papers import (
    PaperFormat,
    PaperKind,
    Wanted,
    blocks_of,
    make_file,
    make_text,
    preview,
    rows_of,
)
from carecoord_tui.documents.templating import HUDDLE, TemplateProblem
from carecoord_tui.domain.cover import Away
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    Channel,
    CoverMark,
    Disposition,
    FollowUpStatus,
    Kind,
    Outcome,
    ReferralStage,
    TransitionComplexity,
)
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.cover import mark_items
from carecoord_tui.store.actions.documents import attach
from carecoord_tui.store.errors import ReadOnly
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.boss_line import read_boss_line
from carecoord_tui.store.queries.day_papers import read_marks
from carecoord_tui.store.queries.today import read_today
from carecoord_tui.store.queries.withheld import withheld_records
from carecoord_tui.store.tables import (
    Appointment,
    BillingCase,
    Contact,
    FollowUp,
    IncomingCall,
    Patient,
    PatientPhone,
    Provider,
    Referral,
    Transition,
)

MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)
AWAY = Away(TUESDAY, date(2026, 12, 3))
SECRETS = ("0199", "Elm Street", "Say only Maple", "ex-husband", "Hidden", "Methadone", "Lab visit")


@pytest.fixture
def filled(practice: Practice) -> Practice:
    """Rosa, seen on Monday; Hidden, who may not be confirmed; a visit at another office."""
    with practice.change("people") as session:
        office = Provider(name="Silva Cardiology", phone="+15550100177")
        rosa = Patient(
            family_name="Alvarez", given_name="Rosa", mrn="MS1", birth_date=date(1955, 3, 14),
            primary_provider="Dr. Lena Marsh", check_in_on=date(2027, 3, 1),
        )  # fmt: skip
        hidden = Patient(
            family_name="Hidden", given_name="Gail", mrn="MS2", birth_date=date(1980, 1, 2),
            confidential_channel=True, safe_contact="Say only Maple.", safe_contact_reason="ex-husband",
            address_line="9 Elm Street", check_in_on=date(2027, 3, 1),
        )  # fmt: skip
        session.add_all([office, rosa, hidden])
        session.flush()
        at = datetime(2026, 11, 30, 15, tzinfo=UTC)
        referral = Referral(
            patient_id=rosa.id, provider_id=office.id, specialty="cardiology", stage=ReferralStage.SENT,
            stage_on=MONDAY, ordered_on=MONDAY, sent_on=MONDAY,
        )  # fmt: skip
        session.add(referral)
        session.flush()
        session.add_all(
            [
                PatientPhone(patient_id=rosa.id, number="+15550100134"),
                PatientPhone(patient_id=hidden.id, number="+15550100142", is_permitted=True),
                PatientPhone(patient_id=hidden.id, number="+15550100199", rank=0),
                Appointment(patient_id=rosa.id, starts_at=at, booked_on=MONDAY, title="Lab visit"),
                Appointment(patient_id=hidden.id, starts_at=at.replace(hour=16), booked_on=MONDAY),
                Appointment(
                    patient_id=rosa.id,
                    starts_at=at.replace(hour=18),
                    booked_on=MONDAY,
                    referral_id=referral.id,
                ),
                FollowUp(patient_id=rosa.id, title="Send the forms", due_on=MONDAY),
                FollowUp(patient_id=rosa.id, title="Order the scale", due_on=TUESDAY),
                FollowUp(patient_id=hidden.id, title="Methadone refill", due_on=MONDAY),
            ]
        )
    return practice


def events(practice: Practice) -> list[str]:
    return [row[0] for row in practice.execute("SELECT label FROM audit_event WHERE label LIKE 'printed%'")]


def papers(practice: Practice) -> list[Path]:
    folder = practice.paths.root / "papers"
    return sorted(folder.iterdir()) if folder.exists() else []


def test_the_huddle_sheet_holds_the_least_the_team_needs(filled: Practice) -> None:
    text = " ".join(preview(filled, Wanted(PaperKind.HUDDLE)).split())
    assert "Time: 10am; Patient: Rosa A., 1955 (71), MRN MS1; With: Dr. Lena Marsh" in text
    assert "Coverage: no coverage" in text
    assert "visit not confirmed" in text
    assert "Patient: MRN MS2;" in text
    assert "At other offices: 1." in text
    assert "Tue 1 Dec 2026 -------------- No visits." in text
    assert [word for word in (*SECRETS, "0134", "0142", "Silva", "Alvarez") if word in text] == []
    assert events(filled) == [], "a preview does not leave"


def test_today_says_why_and_names_nobody_it_may_not(filled: Practice) -> None:
    text = " ".join(make_text(filled, Wanted(PaperKind.TODAY)).split())
    assert "Alvarez, Rosa, born 14 Mar 1955: Send the forms" in text
    assert "MRN MS2: Follow-up: see the record" in text
    assert "Done 0 · reached 0 · waiting" in text
    assert [word for word in SECRETS if word in text and word != "Lab visit"] == []
    assert events(filled) == ["printed: Today"]


@pytest.mark.parametrize("kind", [PaperKind.TODAY, PaperKind.HANDOFF])
def test_nothing_written_about_somebody_unnamed_is_on_any_paper(filled: Practice, kind: PaperKind) -> None:
    """Whatever kind of record it stands in, and whoever is called or waited for."""
    with filled.change("records") as session:
        hidden = session.exec(select(Patient).where(col(Patient.mrn) == "MS2")).one()
        clinic = Provider(name="Serenity Clinic", phone="+15550100188")
        session.add(clinic)
        session.flush()
        session.add_all(
            [
                BillingCase(patient_id=hidden.id, title="Bill went to Karl", opened_on=MONDAY),
                Referral(
                    patient_id=hidden.id, provider_id=clinic.id, specialty="shelter",
                    stage=ReferralStage.SENT,
                    stage_on=date(2026, 11, 2), ordered_on=date(2026, 11, 2), sent_on=date(2026, 11, 2),
                ),
                IncomingCall(
                    patient_id=hidden.id, at=datetime(2026, 11, 30, 13, tzinfo=UTC), reason="Karl hit me",
                    is_safety=True, disposition=Disposition.HANDED_TO_CLINICIAN, handed_to="Dr. Marsh",
                ),
            ]
        )  # fmt: skip
    text = make_text(filled, Wanted(kind, away=AWAY) if kind is PaperKind.HANDOFF else Wanted(kind))
    assert "MRN MS2" in text
    for word in ("Karl", "shelter", "Serenity", "0188", "0199"):
        assert word not in text


def test_the_handoff_marks_each_item_and_says_whom_to_call(filled: Practice) -> None:
    text = " ".join(preview(filled, Wanted(PaperKind.HANDOFF, away=AWAY)).split())
    before, _, rest = text.partition("Cover: somebody must be there")
    assert "Send the forms" in before
    assert "Call: patient, (555) 010-0134" in before
    assert "CONTACT ONLY AT (555) 010-0142. No other phone, mail, voicemail." in before
    assert "Order the scale" in rest.partition("Hold: waits for the day back")[2]
    assert [word for word in SECRETS if word in text and word != "Lab visit"] == []
    assert "is back on Thu 3 Dec 2026" in text
    with pytest.raises(Refused, match="day off"):
        preview(filled, Wanted(PaperKind.HANDOFF))


def test_an_own_mark_holds_until_the_day_back_and_undo_is_one_step(filled: Practice) -> None:
    rows = {row.ranked.title: row for row in rows_of(filled, AWAY)}
    forms, scale = rows["Send the forms"].ref, rows["Order the scale"].ref
    mark_items(filled, {forms: CoverMark.COVER, scale: CoverMark.BEFORE}, AWAY)
    marks = {row.ref: (row.mark, row.is_own) for row in rows_of(filled, AWAY)}
    assert marks[forms] == (CoverMark.COVER, True)
    assert marks[scale] == (CoverMark.BEFORE, True)
    assert read_marks(filled.execute, Away(AWAY.back, date(2026, 12, 9))) == {}, "another absence"
    ((changes,),) = filled.execute(
        "SELECT count(DISTINCT change_id) FROM audit_event WHERE table_name = 'item_cover'"
    )
    assert changes == 1
    mark_items(filled, {forms: None}, AWAY)
    assert set(read_marks(filled.execute, AWAY)) == {scale}
    with pytest.raises(Refused, match="No mark"):
        mark_items(filled, {}, AWAY)


def test_an_item_that_was_settled_cannot_be_marked(filled: Practice) -> None:
    rows = {row.ranked.title: row.ref for row in rows_of(filled, AWAY)}
    with filled.change("done") as session:
        record = session.get(FollowUp, rows["Send the forms"].record_id)
        assert record is not None
        record.status, record.done_on = FollowUpStatus.DONE, MONDAY
        session.add(record)
    marks = {rows["Order the scale"]: CoverMark.COVER, rows["Send the forms"]: CoverMark.COVER}
    with pytest.raises(Refused, match="settled meanwhile"):
        mark_items(filled, marks, AWAY)
    assert read_marks(filled.execute, AWAY) == {}, "all or nothing"


def test_a_hold_that_lets_a_last_day_lapse_is_not_kept(filled: Practice) -> None:
    with filled.change("a discharge") as session:
        session.add(
            Transition(
                patient_id=1, facility="Mercy", discharged_on=date(2026, 11, 25),
                complexity=TransitionComplexity.HIGH,
            )
        )  # fmt: skip
    away = Away(TUESDAY, date(2026, 12, 4))
    (visit,) = [row.ref for row in rows_of(filled, away) if "TCM-7" in row.ranked.title]
    with pytest.raises(Refused, match="Wed 2 Dec, falls before the day back, Fri 4 Dec"):
        mark_items(filled, {visit: CoverMark.HOLD}, away)
    assert read_marks(filled.execute, away) == {}
    mark_items(filled, {visit: CoverMark.HOLD}, Away(TUESDAY, date(2026, 12, 2)))
    paper = make_text(filled, Wanted(PaperKind.HANDOFF, away=away), PaperFormat.MARKDOWN)
    assert (
        "**It was marked hold, but its last day, Wed 2 Dec, falls before the day back, Fri 4 Dec.**" in paper
    )
    assert "TCM-7" not in paper.partition("## Hold")[2]


def test_the_boss_line_counts_a_record_once_and_a_day_only(filled: Practice) -> None:
    def line() -> str:
        return read_boss_line(filled.execute, read_today(filled.execute, filled.moment())).words

    assert line().startswith("Done 0 · reached 0 ·")
    now = filled.clock.now()
    with filled.change("a morning") as session:
        follow_up = session.get(FollowUp, 1)
        assert follow_up is not None
        follow_up.status, follow_up.done_on = FollowUpStatus.DONE, MONDAY
        visit = session.get(Appointment, 1)
        assert visit is not None
        visit.status, visit.status_on = AppointmentStatus.FULFILLED, MONDAY
        session.add_all([follow_up, visit])
        for outcome, at in (
            (Outcome.REACHED_PATIENT, now),
            (Outcome.REACHED_PROXY, now),
            (Outcome.NO_ANSWER, now),
            (Outcome.REACHED_PATIENT, datetime(2026, 11, 30, 4, 30, tzinfo=UTC)),  # Sunday, 23:30 there
        ):
            session.add(
                Contact(
                    patient_id=1, at=at, channel=Channel.PHONE, outcome=outcome,
                    about_kind=Kind.FOLLOW_UP, about_id=2,
                )
            )  # fmt: skip
    assert line().startswith("Done 3 · reached 1 ·")


@pytest.mark.parametrize("form", list(PaperFormat))
def test_a_paper_is_a_private_file_and_logged(filled: Practice, form: PaperFormat) -> None:
    made = make_file(filled, Wanted(PaperKind.HUDDLE), form)
    assert made.path.name == f"huddle-2026-11-30.{form.value}"
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made.path.read_bytes().startswith(b"%PDF") == (form is PaperFormat.PDF)
    assert bool(made.pages) == (form is PaperFormat.PDF)
    assert events(filled) == ["printed: huddle sheet"]


def test_a_template_with_a_missing_field_is_one_sentence_and_nothing_is_written(
    filled: Practice, own: Path
) -> None:
    (own / HUDDLE).write_text("# {{ day }}\n\n{% for one in days %}{{ one.phone }}{% endfor %}\n", "utf-8")
    with pytest.raises(TemplateProblem) as caught:
        make_file(filled, Wanted(PaperKind.HUDDLE, folder=own), PaperFormat.PDF)
    assert "your own huddle.md, line 3: there is no field one.phone" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (papers(filled), events(filled)) == ([], [])


def test_the_practices_own_template_goes_first(filled: Practice, own: Path) -> None:
    (own / HUDDLE).write_text("Only {{ days[0].lines[0].patient }}\n", "utf-8")
    assert preview(filled, Wanted(PaperKind.HUDDLE, folder=own)) == "Only Rosa A., 1955 (71), MRN MS1\n"


def test_what_cannot_be_logged_does_not_leave(filled: Practice) -> None:
    filled.is_read_only = True
    for leave in (make_text, make_file):
        with pytest.raises(ReadOnly):
            leave(filled, Wanted(PaperKind.TODAY), PaperFormat.TEXT)
    assert papers(filled) == []


def test_markdown_reads_back_as_the_same_paper(filled: Practice) -> None:
    for kind in PaperKind:
        blocks = blocks_of(filled, Wanted(kind, away=AWAY))
        written = markdown_text.render(blocks)
        assert markdown.parse(written) == blocks
        assert "&#" not in written


def test_a_referral_with_a_substance_use_report_is_not_described(filled: Practice, tmp_path: Path) -> None:
    assert withheld_records(filled.execute) == frozenset()
    report = tmp_path / "report.txt"
    report.write_text("Seen.\n", "utf-8")
    attach(filled, 1, report, referral_id=1, is_part2=True)
    visit = filled.execute("SELECT id FROM appointment WHERE referral_id = 1")[0][0]
    marked = {(Kind.REFERRAL, 1), (Kind.APPOINTMENT, visit), (Kind.ELIGIBILITY, visit)}
    assert withheld_records(filled.execute) == withheld_records(filled.execute, 1) == marked
    assert withheld_records(filled.execute, 2) == frozenset()
