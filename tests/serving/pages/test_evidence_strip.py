import pytest

from serving.errors import NotFoundError
from serving.pages.evidence_strip import drug_address, evidence_fragment


def test_the_drawing_and_its_table_hold_the_figures_of_the_card(source):
    html = evidence_fragment(source.served, "cisplatin")
    drawing, shown = html.split("<details>")
    for words in ("0.81 [0.72, 0.90]", "0.70", "0.65 [0.60, 0.70]"):
        assert words in drawing
    for words in ("0.810 [0.720, 0.900]", "0.700", "0.650 [0.600, 0.700]"):
        assert words in shown


def test_what_was_not_run_says_so(source, hostile):
    html = evidence_fragment(source.served, hostile)
    assert "not estimable" in html
    assert "not run" in html
    assert "<img" not in html


def test_a_drug_that_is_not_known_has_no_evidence(source):
    with pytest.raises(NotFoundError):
        evidence_fragment(source.served, "none such")


def test_an_address_holds_any_name():
    assert drug_address("A/B?") == "/drugs/A%2FB%3F"
