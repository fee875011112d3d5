"""What a packet holds by default, and what never leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.documents.packet import as_pdf, as_text, fields
from carecoord_tui.domain.packet import (
    PART2_NOTICE,
    PacketAuthorization,
    PacketCoverage,
    PacketData,
    Section,
    code_key,
    default_choice,
    described,
    has_part2,
    is_changed,
    lines,
)
from tests.documents.make import DATA, SENDER

DEFAULT = default_choice(DATA)


def test_minimum_necessary_by_default() -> None:
    assert {
        "cover", "letter", "demographics", "coverage",
        "history:1", "history:3", "history:5", "document:1",
    } == DEFAULT  # fmt: skip


def test_part_2_and_sensitive_records_are_off_by_default(own: Path) -> None:
    text = as_text(DATA, DEFAULT, SENDER, own)
    for word in ("Opioid", "Buprenorphine", "Antiretroviral", "Clinic note", "Part 2", "42 CFR"):
        assert word not in text
    assert not has_part2(DATA, DEFAULT)


def test_a_part_2_record_carries_its_notice_and_the_consent(own: Path) -> None:
    chosen = DEFAULT | {"history:6"}
    text = as_text(DATA, chosen, SENDER, own)
    assert has_part2(DATA, chosen)
    assert PART2_NOTICE in text
    assert "A copy of the patient's consent goes with these records" in text
    assert "Opioid use disorder (F11.20). Part 2 record" in text


def test_the_text_holds_what_is_ticked_and_nothing_else(own: Path) -> None:
    text = as_text(DATA, DEFAULT, SENDER, own)
    for word in (
        "Rosa Alvarez", "14 Mar 1955 (71 years)", "urgent", "I50.9", "Can the diuretic be raised?",
        "Interpreter: Spanish", "Transport", "Humana (primary)", "H123-45", "Furosemide", "Penicillin",
        "Echo, result, 12 Nov 2026", "(555) 010-0134", "12 Elm St, Springfield, MA 01101",
    ):  # fmt: skip
        assert word in text, word
    for word in ("Medicaid", "Asthma", "Warfarin", "Knee", "X-ray", "Fax\n"):
        assert word not in text, word


def test_without_demographics_no_number_is_printed(own: Path) -> None:
    text = as_text(DATA, DEFAULT - {Section.DEMOGRAPHICS}, SENDER, own)
    assert "010-0134" not in text
    assert "12 Elm" not in text
    assert "Rosa Alvarez" in text  # the letter says whom it is about


def test_a_confidential_channel_says_so(own: Path) -> None:
    patient = replace(DATA.patient, confidential_channel=True, address=())
    text = as_text(replace(DATA, patient=patient), DEFAULT, SENDER, own)
    assert "CONTACT ONLY AT (555) 010-0134. No other phone, mail, voicemail." in text
    assert "Do not confirm this person is a patient." in text


def test_a_confidential_channel_without_a_number_leads_to_us(own: Path) -> None:
    patient = replace(DATA.patient, confidential_channel=True, address=(), phones=())
    text = as_text(replace(DATA, patient=patient), DEFAULT, SENDER, own)
    assert "CONTACT ONLY AT our office, (555) 010-0100. No other phone, mail, voicemail." in text


def test_the_cover_counts_every_page(own: Path) -> None:
    (own / "referral_packet_cover.md").write_text("# {{ pages }}", encoding="utf-8")
    one = as_pdf(DATA, frozenset({Section.COVER}), SENDER, own)
    all_of_it = as_pdf(replace(DATA, history=DATA.history * 20), DEFAULT, SENDER, own)
    assert one.pages == 1
    assert all_of_it.pages > 3
    assert all_of_it.unprintable == 0
    assert all_of_it == as_pdf(replace(DATA, history=DATA.history * 20), DEFAULT, SENDER, own)


def test_the_cover_names_no_patient(own: Path) -> None:
    from carecoord_tui.documents import markdown, plain, templating
    from carecoord_tui.documents.packet import COVER

    values = fields(DATA, DEFAULT | {"history:6"}, SENDER, pages=4)
    text = plain.render(markdown.parse(templating.fill(COVER, values, own)))
    for word in ("Silva Cardiology", "(555) 010-0401", "(555) 010-0100", "Pages: 4", "30 Nov 2026"):
        assert word in text, word
    assert "protected health information" in text
    assert "in error" in text
    for word in ("Alvarez", "Rosa", "1955", "part 2", "heart"):
        assert word not in text, word


def test_every_line_has_a_key_of_its_own_and_is_described() -> None:
    keys = [line.key for line in lines(DATA)]
    assert len(keys) == len(set(keys))
    assert described(DATA, DEFAULT) == (
        "fax cover sheet, referral letter, demographics, primary coverage, 3 history lines, attachments: Echo"
    )


# --- what nobody can tick or edit away ------------------------------------------------------------------

CONFIDENTIAL = replace(DATA, patient=replace(DATA.patient, confidential_channel=True, address=()))
DISCREET = "Do not confirm this person is a patient. Ask us before you change how you reach"


@pytest.mark.parametrize("chosen", [DEFAULT - {"demographics"}, frozenset({"history:1"})])
def test_without_demographics_the_notices_stand_and_lead_to_us(own: Path, chosen: frozenset[str]) -> None:
    text = as_text(CONFIDENTIAL, chosen, SENDER, own)
    assert "CONTACT ONLY AT our office, (555) 010-0100. No other phone, mail, voicemail." in text
    assert DISCREET in text.replace("\n", " ")
    assert "010-0134" not in text


def test_an_edited_template_cannot_drop_a_notice(own: Path) -> None:
    for name in ("referral_details.md", "referral_letter.md"):
        (own / name).write_text("Short.", encoding="utf-8")
    text = as_text(CONFIDENTIAL, DEFAULT | {"history:6"}, SENDER, own)
    assert text.startswith("CONTACT ONLY AT (555) 010-0134. No other phone, mail, voicemail.")
    assert DISCREET in text.replace("\n", " ")
    assert PART2_NOTICE in text
    discreet = replace(DATA, patient=replace(DATA.patient, asks_discretion=True))
    assert as_text(discreet, DEFAULT, SENDER, own).startswith("Do not confirm")
    assert "Do not confirm" not in as_text(DATA, DEFAULT, SENDER, own)


def test_the_notices_never_stand_on_the_cover(own: Path) -> None:
    assert as_pdf(CONFIDENTIAL, frozenset({Section.COVER}), SENDER, own).pages == 2


def test_what_was_not_ticked_reaches_no_template() -> None:
    data = replace(DATA, authorizations=(PacketAuthorization(number="A77", service="Echo"),))
    held = repr(fields(data, DEFAULT - {Section.DEMOGRAPHICS, Section.COVERAGE}, SENDER))
    for word in ("010-0134", "12 Elm", "MRN-1", "female", "A77", "H123-45"):
        assert word not in held, word
        assert word in repr(fields(data, DEFAULT, SENDER)), word


# --- diagnoses that tell the same -----------------------------------------------------------------------


def _with_codes(*codes: str) -> PacketData:
    sensitive = replace(DATA.history[1], id=20, text="HIV", code="B20", is_sensitive=True)
    return replace(DATA, referral=replace(DATA.referral, diagnoses=codes), history=(*DATA.history, sensitive))


@pytest.mark.parametrize(
    ("code", "is_part2"), [("F11.20", True), ("F11.10", True), ("f1123", True), ("B20", False)]
)
def test_a_guarded_diagnosis_is_a_tick_of_its_own_and_off(own: Path, code: str, is_part2: bool) -> None:
    data = _with_codes("I50.9", code)
    (line,) = (one for one in lines(data) if one.key == code_key(code))
    assert (line.by_default, line.is_part2, line.is_sensitive) == (False, is_part2, not is_part2)
    left_out = as_text(data, default_choice(data), SENDER, own)
    assert "I50.9" in left_out
    assert code not in left_out
    chosen = default_choice(data) | {line.key}
    assert f"- {code}" in as_text(data, chosen, SENDER, own)
    assert has_part2(data, chosen) is is_part2
    assert (PART2_NOTICE in as_text(data, chosen, SENDER, own)) is is_part2
    assert f"diagnoses: {code}" in described(data, chosen)


def test_other_diagnoses_need_no_tick() -> None:
    assert not [line for line in lines(_with_codes("I50.9", "F32.9")) if line.key.startswith("code:")]


# --- plans in force -------------------------------------------------------------------------------------


def test_an_ended_plan_stays_here_and_the_next_one_goes(own: Path) -> None:
    first, second = DATA.coverages
    data = replace(DATA, coverages=(replace(first, ends_on=date(2026, 11, 29)), second))
    told = {line.key: (line.text, line.detail, line.by_default) for line in lines(data)}
    assert told["coverage"] == ("Secondary coverage", "Medicaid", True)
    assert told["other_coverage"] == ("Other coverage", "Humana, ended 29 Nov 2026", False)
    text = as_text(data, default_choice(data), SENDER, own)
    assert "Medicaid (secondary)" in text
    assert "Humana" not in text
    assert "Humana (ended 29 Nov 2026)" in as_text(data, DEFAULT | {Section.OTHER_COVERAGE}, SENDER, own)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "words"),
    [
        (None, date(2026, 11, 29), "Humana, ended 29 Nov 2026"),
        (date(2026, 12, 1), None, "Humana, begins 1 Dec 2026"),
        (date(2026, 11, 30), date(2026, 11, 30), "Humana"),
    ],
)
def test_the_only_plan_goes_by_default_while_it_is_in_force(
    starts_on: date | None, ends_on: date | None, words: str
) -> None:
    plan = PacketCoverage(id=1, payer_name="Humana", starts_on=starts_on, ends_on=ends_on)
    data = replace(DATA, coverages=(plan,))
    (line,) = (one for one in lines(data) if one.key == Section.COVERAGE)
    assert (line.detail, Section.COVERAGE in default_choice(data)) == (words, words == "Humana")


# --- changed since --------------------------------------------------------------------------------------


def test_only_what_the_ticks_were_set_for_counts_as_changed() -> None:
    asthma, furosemide = DATA.history[1], DATA.history[2]
    history = tuple(
        replace(row, is_sensitive=True) if row in (asthma, furosemide) else row for row in DATA.history
    )
    assert is_changed(DATA, replace(DATA, history=history), DEFAULT)
    assert not is_changed(DATA, replace(DATA, history=history), DEFAULT - {"history:3"})
    assert is_changed(DATA, replace(DATA, documents=()), DEFAULT)
    assert is_changed(DATA, replace(DATA, office=None), DEFAULT)
    assert is_changed(DATA, CONFIDENTIAL, DEFAULT)
    reworded = replace(DATA.referral, reason="Ankles", question="", diagnoses=())
    assert not is_changed(DATA, replace(DATA, referral=reworded), DEFAULT)
