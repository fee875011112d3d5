"""Templates: values stay text, the own copy wins, and what is wrong is said in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.documents import markdown, markdown_text, plain, templating
from carecoord_tui.documents.packet import as_text, fields
from carecoord_tui.documents.templating import TEMPLATES, TemplateProblem
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.packet import default_choice
from tests.documents.make import DATA, NASTY, SENDER, named

LETTER = "referral_letter.md"
FIELDS = fields(DATA, default_choice(DATA), SENDER)


def _problem(own: Path, text: str) -> str:
    (own / LETTER).write_text(text, encoding="utf-8")
    with pytest.raises(TemplateProblem) as caught:
        templating.fill(LETTER, FIELDS, own)
    return str(caught.value)


def test_a_hostile_name_prints_as_it_is(own: Path) -> None:
    text = as_text(named(NASTY), default_choice(DATA), SENDER, own)
    assert text.count(NASTY) == 2
    assert "49" not in text


@given(st.text(alphabet=st.one_of(st.sampled_from("#*_`[]()<>{}|\\-+=&;!~^$%1.: \n\t"), st.characters())))
def test_any_value_is_one_paragraph_of_exactly_its_characters(value: str) -> None:
    cleaned = clean_text(value, templating.MAX_VALUE)
    blocks = markdown.parse(f"before {templating.escape(value)} after")
    assert len(blocks) == 1
    assert isinstance(blocks[0], markdown.Paragraph)
    shown = markdown.plain(blocks[0].line)
    assert shown == f"before {cleaned} after"


_HOSTILE = st.text(alphabet="#*_`[]()<>|\\-+=&;!~^$%1.: \na")


@given(_HOSTILE, _HOSTILE)
def test_markdown_for_people_shows_exactly_the_same(first: str, second: str) -> None:
    """Alone on a line, in a sentence, in bold, in a list and in a cell."""
    one, two = templating.escape(first), templating.escape(second)
    blocks = markdown.parse(
        f"{one}\n\nbefore {one} after\\\n{two}\n\n**{one} x**\n\n- {two}\n\n"
        f"| a | b |\n|---|---|\n| {one} | {two} |\n"
    )
    assert markdown.parse(markdown_text.render(blocks)) == blocks


def test_markdown_for_people_escapes_only_what_would_be_a_sign() -> None:
    value = "As soon as possible. R&D, 1 < 2, follow_up, 2 * 3: $5 (50%) ______ ok - yes!"
    assert markdown_text.render(markdown.parse(templating.escape(value))) == f"{value}\n"
    started = markdown_text.render(markdown.parse(templating.escape("1. <b>x</b> &amp; *y*")))
    assert started == "1\\. \\<b>x\\</b> \\&amp; \\*y\\*\n"


@given(st.text(alphabet="#*_`[]()<>|\\-+=&;!~1. \n"))
def test_a_value_alone_on_its_line_starts_nothing(value: str) -> None:
    cleaned = clean_text(value, templating.MAX_VALUE)
    blocks = markdown.parse(templating.escape(value))
    assert [type(block) for block in blocks] == ([markdown.Paragraph] if cleaned else [])


def test_a_value_cannot_leave_its_cell() -> None:
    value = templating.escape("x | y \\| z")
    (table,) = markdown.parse(f"| | |\n|---|---|\n| a | {value} |\n")
    assert isinstance(table, markdown.Table)
    assert [markdown.plain(cell) for cell in table.rows[0]] == ["a", "x | y \\| z"]


def test_a_value_cannot_break_the_page() -> None:
    assert markdown.parse(templating.escape("\\newpage")) != markdown.parse("\\newpage")
    assert markdown.parse("\\newpage") == (markdown.NewPage(),)


def test_the_own_copy_wins(own: Path) -> None:
    (own / LETTER).write_text("# Ours for {{ patient.name }}", encoding="utf-8")
    assert as_text(DATA, frozenset({"letter"}), SENDER, own).startswith("Ours for Rosa Alvarez")


def test_a_missing_field_is_named_with_its_line_and_the_likely_one(own: Path) -> None:
    assert _problem(own, "# Letter\n\nDear {{ office.name }},\nabout {{ patient.nmae }}\n") == (
        "The template your own referral_letter.md, line 4: there is no field patient.nmae."
        " Did you mean patient.name?"
    )


@pytest.mark.parametrize(
    "text", ["{% if patient.nmae %}x{% endif %}", "{% for x in patient.nmae %}{% endfor %}"]
)
def test_a_missing_field_is_not_taken_for_an_empty_one(own: Path, text: str) -> None:
    assert "line 1: there is no field patient.nmae" in _problem(own, text)


def test_a_syntax_error_names_its_line(own: Path) -> None:
    said = _problem(own, "# Letter\n\n{% if patient.name %}\n")
    assert said.startswith("The template your own referral_letter.md, line 3: ")


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ patient.__class__ }}",
        "{{ patient.update({'name': 'x'}) }}",
        "{% include '../config.toml' %}",
        "{{ 1 // 0 }}",
        "{% for x in range(1000000000) %}x{% endfor %}",
    ],
)
def test_a_template_cannot_do_more_than_show_fields(own: Path, text: str) -> None:
    assert _problem(own, text).startswith("The template your own referral_letter.md")


def test_a_problem_never_holds_a_value(own: Path) -> None:
    assert "Alvarez" not in _problem(own, "{{ patient.name + 1 }}")


def test_unreadable_own_copies_are_refused(own: Path) -> None:
    (own / LETTER).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateProblem, match="UTF-8"):
        templating.load(LETTER, own)
    (own / LETTER).write_text("x" * 100_001, encoding="utf-8")
    with pytest.raises(TemplateProblem, match="100,000"):
        templating.load(LETTER, own)


def test_no_other_file_is_a_template(own: Path) -> None:
    (own / "other.md").write_text("x", encoding="utf-8")
    with pytest.raises(TemplateProblem):
        templating.load("other.md", own)
    with pytest.raises(TemplateProblem):
        templating.load("../templates/referral_letter.md", own)


def test_every_shipped_template_fills_with_nothing_known(own: Path) -> None:
    from dataclasses import replace

    from carecoord_tui.domain.packet import PacketData, PacketPatient, PacketReferral
    from carecoord_tui.domain.vocabulary import ReferralStage

    bare = PacketData(
        today=SENDER.today,
        referral=PacketReferral(
            id=1, specialty="x", stage=ReferralStage.DRAFT, ordered_on=DATA.referral.ordered_on
        ),
        patient=PacketPatient(id=1, family_name="Only", given_name=""),
        office=None,
    )
    nobody = replace(SENDER, practice_name="", phone="")
    values = fields(bare, default_choice(bare), nobody)
    text = "\n".join(plain.render(markdown.parse(templating.fill(name, values, own))) for name in TEMPLATES)
    assert "Only" in text
    assert "None" not in text


def test_the_fields_can_be_listed() -> None:
    names = templating.field_names(FIELDS)
    assert {"patient.name", "office.fax", "coverages[].member", "practice.phone"} <= set(names)
