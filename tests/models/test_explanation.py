import json
from dataclasses import replace

import numpy as np
import pytest

from models.bundle_files import load_bundle, write_bundle
from models.errors import AttributionError
from models.explanation import explain, observed_direction
from models.explanation_text import describe_explanation
from models.prediction import predict


@pytest.fixture(name="ask")
def fixture_ask(bundle, make_expression, profiles):
    def ask(asked=bundle, values=profiles, **options):
        options.setdefault("drugs", list(bundle.drugs))
        return explain(asked, make_expression(values), lineage="Lung", **options)

    return ask


@pytest.mark.parametrize("by", ["gene", "set", "feature"])
def test_entries_and_base_add_up_to_the_answer_of_predict(
    ask, bundle, make_expression, profiles, by
):
    found = ask(by=by, top=None)
    answers = predict(bundle, make_expression(profiles), drugs=list(bundle.drugs), lineage="Lung")
    probability = answers.table["probability_sensitive"].to_numpy()
    np.testing.assert_array_equal(found.answers["probability_sensitive"], probability)
    sums = found.table.groupby(["sample_id", "drug"], sort=False)["attribution_log_odds"].sum()
    total = found.answers["base_log_odds"].to_numpy() + sums.to_numpy()
    np.testing.assert_allclose(total, np.log(probability / (1 - probability)), atol=1e-4)
    np.testing.assert_allclose(found.answers["log_odds"], total, atol=1e-12)


def test_the_weightiest_come_first_and_a_cut_keeps_them(ask):
    whole, cut = ask(top=None).table, ask(top=3).table
    first = whole[whole["rank"] <= 3].reset_index(drop=True)
    assert first.to_csv() == cut.to_csv()
    for _, entries in whole.groupby(["sample_id", "drug"]):
        size = entries["attribution_log_odds"].abs().to_numpy()
        assert (np.diff(size) <= 0).all()
        assert entries["rank"].tolist() == list(range(1, len(entries) + 1))


def test_kinds(ask):
    by_gene = ask(top=None).table.set_index("name")["kind"]
    assert (by_gene["OPA1"] == "gene").all()
    assert (by_gene["lineage"] == "lineage").all()
    by_feature = set(ask(top=None, by="feature").table["kind"])
    assert by_feature == {"gene", "set", "balance", "lineage", "proliferation"}
    by_set = ask(top=None, by="set").table
    assert set(by_set["kind"]) == {"set", "lineage", "proliferation"}
    assert "total_log_odds" in by_set
    assert "total_log_odds" not in ask().table


@pytest.mark.parametrize(
    ("log_odds", "z", "direction"),
    [
        (0.5, 2.0, "sensitivity"),
        (-0.5, -2.0, "sensitivity"),
        (0.5, -2.0, "resistance"),
        (0.0, 1.0, None),
        (1.0, float("nan"), None),
    ],
)
def test_direction_is_what_higher_expression_goes_with(log_odds, z, direction):
    assert observed_direction(log_odds, z) == direction


def test_claims_stand_beside_their_gene(ask):
    table = ask(drugs=["Cisplatin"], top=None).table
    ctr1 = table[table["name"] == "SLC31A1"]
    for row in ctr1.to_dict("records"):
        column = "claims_agreeing" if row["direction"] == "sensitivity" else "claims_opposing"
        assert "slc31a1" in row[column]
    assert (table.loc[table["name"] == "lineage", "claims_agreeing"] == "").all()


def test_no_claims_without_claims(ask):
    table = ask(claims=()).table
    assert set(table["claims_agreeing"]) | set(table["claims_opposing"]) == {""}


def test_nearest_training_lines(ask, profiles):
    nearest = ask().nearest
    assert nearest.groupby("sample_id").size().to_dict() == dict.fromkeys(profiles.index, 5)
    assert set(nearest["training_line"]) <= {f"line_{at}" for at in range(60)}
    assert set(nearest["lineage"]) <= {"Lung", "Ovary"}
    assert (nearest.groupby("sample_id")["distance"].diff().dropna() >= 0).all()


def test_a_loaded_bundle_explains_the_same(ask, bundle, tmp_path):
    write_bundle(bundle, tmp_path / "bundle")
    loaded = load_bundle(tmp_path / "bundle")
    assert ask(loaded).table.to_csv() == ask().table.to_csv()


def test_profiles_far_from_the_cohort_are_warned_of(ask, profiles):
    assert not any("standard deviations" in note for note in ask().notes)
    assert any("about the platform" in note for note in ask(values=profiles + 20).notes)


def test_a_bundle_of_format_1_is_refused_with_a_reason(ask, bundle):
    with pytest.raises(AttributionError, match="train the bundle anew"):
        ask(replace(bundle, background=None, domain=None))


def test_an_explanation_of_nothing_is_refused(ask):
    with pytest.raises(AttributionError, match="0 entries"):
        ask(top=0)


def test_the_text_adds_up_and_names_both_sides(ask):
    found = ask(top=None)
    lines = describe_explanation(found, "line_0", "Cisplatin", top=4)
    text = "\n".join(lines)
    assert lines[0].startswith("line_0, Cisplatin: probability_sensitive 0.")
    assert "speaks for" in text
    assert "nearest training lines: line_" in text
    assert "lean as claims say" in text
    further = lines.index("  with claims, further down")
    shown = [float(line.split()[0]) for line in lines[:further] if line.startswith("    ")]
    assert len(shown) == 4
    claimed = [line for line in lines[further:] if line.startswith("    ")]
    assert 1 <= len(claimed) <= 4
    assert all("agrees with" in line or "against" in line for line in claimed)
    words = lines[1].split()
    parts = [float(word) for word in words if word[0] in "+-" and word[1:2].isdigit()]
    whole, base, below, others = parts
    assert whole == pytest.approx(base + below + others, abs=0.021)
    assert below == pytest.approx(sum(shown), abs=0.02)


def test_tables_are_json(ask):
    rows = json.loads(ask().table.to_json(orient="records"))
    assert rows[0]["rank"] == 1
