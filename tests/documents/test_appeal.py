"""The appeal letter: from the practice's own template too; without a field nothing is written or logged."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.documents.appeal import make_letter, make_letter_text
from carecoord_tui.documents.templating import APPEAL_LETTER, TemplateProblem, own_templates
from carecoord_tui.domain.vocabulary import DenialReason, PayerClass
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.denials import DenialEntry, add_denial
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Coverage, Patient, Payer


@pytest.fixture
def denial(practice: Practice) -> int:
    """Otto Brandt's rehab, denied by a Medicare Advantage plan on Fri 27 Nov."""
    with practice.change("people") as session:
        otto = Patient(family_name="Brandt", given_name="Otto", birth_date=date(1944, 5, 6))
        payer = Payer(name="Humana", payer_class=PayerClass.MEDICARE_ADVANTAGE, appeal_fax="+15550100133")
        session.add_all([otto, payer])
        session.flush()
        session.add(Coverage(patient_id=otto.id, payer_id=payer.id, member_id="H-1"))
    entry = DenialEntry(
        service="Inpatient rehab",
        notice_on=date(2026, 11, 27),
        coverage_id=1,
        reason_kind=DenialReason.NOT_NECESSARY,
        who_appeals="Greta Brandt",
    )
    return add_denial(practice, 1, entry)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The templates folder beside the config file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = own_templates()
    assert tmp_path in folder.parents
    folder.mkdir(parents=True)
    return folder


def released(practice: Practice) -> tuple[int, list[str]]:
    """Disclosures that were logged, and papers that lie in the folder."""
    ((logged,),) = practice.execute("SELECT count(*) FROM disclosure")
    folder = practice.paths.root / "papers"
    return logged, sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def test_the_shipped_letter_names_all_that_a_payer_asks_for(practice: Practice, denial: int) -> None:
    text = " ".join(make_letter_text(practice, denial).split())
    for words in ("Medicare Adv. reconsideration", "Humana", "(555) 010-0133", "Brandt", "H-1",
                  "Inpatient rehab", "27 Nov 2026", "not medically necessary", "Greta Brandt"):  # fmt: skip
        assert words in text
    assert released(practice)[0] == 1


def test_the_practices_own_template_goes_first(practice: Practice, denial: int, own: Path) -> None:
    (own / APPEAL_LETTER).write_text("# Appeal\n\n{{ patient.name }} and {{ denial.service }}\n", "utf-8")
    text = make_letter_text(practice, denial)
    assert "Otto Brandt and Inpatient rehab" in text or "Brandt, Otto and Inpatient rehab" in text
    assert "What we ask of you" not in text
    made = make_letter(practice, denial)
    assert made.path.read_bytes().startswith(b"%PDF")
    assert released(practice) == (2, [made.path.name])


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ patient.nam }}\n", "line 1: there is no field patient.nam. Did you mean patient.name?"),
        ("# A\n\n{{ denial.ICD }}\n", "line 3: there is no field denial.ICD."),
        ("{% if appeal.who %}\nnever closed\n", "your own appeal_letter.md"),
    ],
)
def test_a_template_that_cannot_be_filled_is_one_sentence_and_nothing_leaves(
    practice: Practice, denial: int, own: Path, template: str, words: str
) -> None:
    (own / APPEAL_LETTER).write_text(template, "utf-8")
    for make in (make_letter, make_letter_text):
        with pytest.raises(TemplateProblem) as caught:
            make(practice, denial)
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "Brandt" not in str(caught.value)
    assert released(practice) == (0, [])


def test_without_a_payer_no_letter_is_made(practice: Practice, denial: int) -> None:
    nobody = add_denial(practice, 1, DenialEntry(service="Walker", notice_on=date(2026, 11, 27)))
    for number, words in ((nobody, "has no payer yet"), (999, "no longer there")):
        with pytest.raises(Refused, match=words):
            make_letter(practice, number)
    assert released(practice) == (0, [])
