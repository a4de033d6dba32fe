"""Scales, densities and forests: known answers."""

import pytest

from models.cards.density import density
from models.cards.figures import Reading, figure_at, figure_text, read_figure
from models.cards.forest import Forest, Row, draw_forest
from models.cards.svg import Scale, element, words


def test_a_scale_puts_values_in_their_places() -> None:
    scale = Scale(0.0, 1.0, 10.0, 110.0)
    assert scale(0.25) == 35.0
    assert (scale(-1), scale(2)) == (10.0, 110.0)
    assert Scale(0.0, 1.0, 100.0, 0.0)(0.25) == 75.0
    assert Scale(0.43, 0.81, 0, 1).ticks(0.1) == [0.5, 0.6, 0.7, 0.8]
    assert Scale(-0.1, 0.1, 0, 1).ticks(0.05) == [-0.1, -0.05, 0.0, 0.05, 0.1]


def test_the_density_of_percentiles_is_one_in_all_and_highest_in_the_middle() -> None:
    percentiles = [0.6 + 0.1 * (share / 100) for share in range(101)]
    values, heights = density(percentiles, 1000)
    step = values[1] - values[0]
    assert sum(heights) * step == pytest.approx(1, abs=0.01)
    assert values[heights.index(max(heights))] == pytest.approx(0.65, abs=0.03)
    assert density([0.7] * 101, 10)[0][0] < 0.7  # no spread is a spike, not a division by 0


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        ({"value": 0.76, "low": 0.684, "high": 0.829}, "0.76 [0.68, 0.83]"),
        (0.5, "0.50"),
        (1, "1.00"),
        ("not estimable: too few", "not estimable: too few"),
        (None, "not in this card"),
        (True, "not in this card"),
        ({"low": 1}, "not in this card"),
    ],
)
def test_figures_in_words(figure: object, text: str) -> None:
    assert figure_text(read_figure(figure)) == text


def test_a_path_that_breaks_off_gives_what_stands_there() -> None:
    assert figure_at({"random": "not run: x"}, "random", "mean").reason == "not run: x"
    assert figure_at({}, "random", "mean").reason == "not in this card"
    assert figure_at({"a": {"b": 2.0}}, "a", "b").value == 2


def test_text_is_escaped_and_numbers_are_short() -> None:
    assert "&lt;b&gt;" in words(1, 2, "<b>")
    assert element("rect", x=1.0, width=2.346, fill_opacity='a"b') == (
        '<rect x="1" width="2.35" fill-opacity="a&quot;b"/>'
    )


def test_a_forest_without_a_single_figure_is_still_drawn() -> None:
    row = Row("lineage alone", Reading(None, reason="not estimable: no lineage"))
    svg = draw_forest(Forest("label", "axis", (row,)))
    assert "not estimable" in svg
    assert "no lineage" not in svg
    assert 'class="mark' not in svg
