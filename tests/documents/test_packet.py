"""What a packet holds by default, and what never leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from carecoord_tui.documents.packet import as_pdf, as_text
from carecoord_tui.domain.packet import PART2_NOTICE, Section, default_choice, described, has_part2, lines
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
    assert "Contact only at (555) 010-0134. No other phone, mail, voicemail." in text
    assert "Do not confirm to anybody that this person is a patient." in text


def test_a_confidential_channel_without_a_number_leads_to_us(own: Path) -> None:
    patient = replace(DATA.patient, confidential_channel=True, address=(), phones=())
    text = as_text(replace(DATA, patient=patient), DEFAULT, SENDER, own)
    assert "Contact only at our office, (555) 010-0100. No other phone, mail, voicemail." in text


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
    from carecoord_tui.documents.packet import COVER, fields

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
