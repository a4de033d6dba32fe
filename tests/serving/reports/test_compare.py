from dataclasses import replace

import numpy as np
import pytest

from models.bundle_files import load_bundle, write_bundle
from models.compiled import CompiledBundle
from models.linear import LinearScore
from serving.bundles.messages import KnownVersion
from serving.bundles.served import ServedBundle
from serving.errors import NotFoundError, NotReadyError
from serving.reports.choice import choose_bundle
from serving.reports.compare import compare_bundles
from serving.reports.compare_choice import at_hand, choose_side, usual_other
from serving.reports.compare_drug import compare_drug, compare_entries, compare_lines

DRUG = "Cisplatin"


@pytest.fixture
def other(folder, tmp_path):
    """The same bundle with half the coefficients, one drug less, and one whose status fell."""
    bundle = load_bundle(folder)
    model = bundle.drugs[DRUG]
    linear = LinearScore(model.linear.coefficients / 2, model.linear.intercept)
    card = {**model.label_card, "cut_off": 0.123}
    drugs = {name: one for name, one in bundle.drugs.items() if name != "Elesclomol"}
    drugs[DRUG] = replace(model, linear=linear, status="withheld", label_card=card)
    write_bundle(replace(bundle, drugs=drugs), tmp_path / "other")
    compiled = CompiledBundle.load(tmp_path / "other")
    return ServedBundle(compiled, "2", compiled.sha256, "store", 0.0)


@pytest.fixture
def two(client, source, served, other, folder):
    """A service with a champion, and a challenger that is in memory."""
    bundles = source.bundles
    bundles.confirm(replace(served, version="1", source="store"))
    bundles.keep(other)
    listed = (
        KnownVersion("3", "ef" * 32, (), 0.0, {}),
        KnownVersion("2", other.sha256, ("challenger",), 0.0, {"cohort": "made-up"}),
        KnownVersion("1", served.sha256, ("champion",), 0.0, {"cohort": "made-up"}),
    )
    bundles.note(
        replace(bundles.progress, versions=listed, looked=True, other_refusals={"3": "changed"})
    )
    return client


def test_all_drugs_of_two_bundles(two, served, other):
    answer = two.get("/v1/compare")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["a"]["version"], found["b"]["version"]) == ("1", "2")
    assert found["only_in_a"] == ["Elesclomol"]
    assert found["only_in_b"] == []
    row = next(one for one in found["drugs"] if one["drug"] == DRUG)
    assert (row["a"]["status"], row["b"]["status"]) == ("exploratory", "withheld")
    assert row["status_rises"] == -1
    assert row["label_changed"]
    assert row["roc_auc"]["difference"] == 0
    assert {"a": "exploratory", "b": "withheld", "n_drugs": 1} in found["statuses"]
    assert sum(one["n_drugs"] for one in found["statuses"]) == len(found["drugs"])
    states = {one["version"]: (one["state"], one["reason"]) for one in found["bundles"]}
    assert states == {"1": ("answers", None), "2": ("at hand", None), "3": ("refused", "changed")}


def test_a_bundle_held_against_itself_differs_in_nothing(served):
    found = compare_bundles(served, served)
    assert found["is_same"]
    assert "nothing differs" in found["notes"][0]
    assert {one["roc_auc"]["difference"] for one in found["drugs"]} <= {0.0, None}
    assert not any(one["label_changed"] or one["status_rises"] for one in found["drugs"])


@pytest.fixture
def record(client):
    answer = client.get(f"/v1/reports/{DRUG}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def halved(record):
    """The record as it would be with half the weights, upside down by rank."""
    drivers = record["drivers"]

    def half(entry):
        sizes = {name: value / 2 for name, value in entry["mean_size"].items()}
        slope = entry["log_odds_per_sd"]
        slope = None if slope is None else slope / 2
        return {**entry, "mean_size": sizes, "log_odds_per_sd": slope}

    genes = [half(one) for one in drivers["genes"]]
    lines = {**drivers["lines"], "name": [*drivers["lines"]["name"][1:], "another"]}
    return {**record, "drivers": {**drivers, "genes": genes, "lines": lines}}


def test_one_drug_in_two_bundles(record, served, other):
    found = compare_drug(DRUG, served, other, record, halved(record))
    genes = found["genes"]
    assert genes["coefficients"]["pearson"] == pytest.approx(1)
    assert genes["sizes"]["spearman"] == pytest.approx(1)
    for row in genes["rows"]:
        assert row["a"]["rank"] == row["b"]["rank"]
        assert row["b"]["mean_size"]["value"] == pytest.approx(row["a"]["mean_size"]["value"] / 2)
    changed = {one["field"] for one in found["labels"] if one["changed"]}
    assert changed == {"cut_off"}
    lines = found["lines"]
    assert len(lines["name"]) == len(record["drivers"]["lines"]["name"]) - 1


def test_entries_of_one_bundle_alone_have_no_place_in_the_other(record):
    genes = record["drivers"]["genes"]
    found = compare_entries(genes, genes[1:])
    alone = found["rows"][0]
    assert alone["name"] == genes[0]["name"]
    assert alone["b"] is None
    assert found["n_common"] == len(genes) - 1
    assert compare_entries(genes[:2], genes[:2])["sizes"] is None  # two points lie on a line


def test_lines_are_matched_by_name():
    a = {
        "name": ["x", "y", "z", "w"],
        "lineage": ["Lung", None, "Skin", "Lung"],
        "is_sensitive": [True, False, True, False],
        "probability": [0.9, 0.2, 0.7, 0.1],
    }
    order = [2, 0, 3]
    b = {name: [values[at] for at in order] for name, values in a.items()}
    b["is_sensitive"] = [False, True, False]
    found = compare_lines(a, b)
    assert found["name"] == ["x", "z", "w"]
    assert found["probability_a"] == found["probability_b"] == [0.9, 0.7, 0.1]
    assert found["n_labels_changed"] == 1
    assert found["agreement"]["pearson"] == pytest.approx(1)


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_is_that_of_scipy(seed):
    from scipy.stats import spearmanr

    from serving.reports.compare_drug import _correlations

    random = np.random.default_rng(seed)
    a, b = random.integers(0, 6, size=(2, 30)).astype(float)
    assert _correlations(a, b)["spearman"] == pytest.approx(spearmanr(a, b).statistic)
    assert _correlations(a, np.zeros(30)) is None


def test_sides_are_found_by_alias_and_what_is_not_at_hand_says_so(two, source, other):
    bundles = source.bundles
    assert choose_side(bundles, "challenger") is other
    assert choose_side(bundles, "champion").version == "1"
    assert choose_side(bundles, other.sha256[:10]) is choose_bundle(bundles, "2")
    assert usual_other(bundles) == "challenger"
    with pytest.raises(NotFoundError, match="is the previous_champion"):
        choose_side(bundles, "previous_champion")
    assert two.get("/v1/compare", params={"b": "3"}).status_code == 503
    assert two.get("/v1/compare", params={"b": "4"}).status_code == 404
    assert two.get("/v1/compare", params={"b": "<script>"}).status_code == 422


def test_before_the_store_was_read_nothing_is_called_missing(source, served):
    source.bundles.confirm(replace(served, version="1", source="cache"))
    with pytest.raises(NotReadyError, match="not been read yet"):
        choose_side(source.bundles, "challenger")
    assert usual_other(source.bundles) == "challenger"


def test_a_drug_of_one_bundle_alone_is_not_compared(two):
    answer = two.get("/v1/compare/Elesclomol")
    assert answer.status_code == 404
    assert "in one of the two bundles only" in answer.text
    assert "knows no such drug" in two.get("/v1/compare/none-such").text


def test_the_page_lists_what_is_at_hand(two):
    page = two.get("/compare", params={"drug": '<b>"x"'}).text
    assert "refused: changed" in page
    assert "<b>" not in page
    assert 'data-b="challenger"' in page


def test_with_one_bundle_alone_the_page_says_so(client, source):
    assert usual_other(source.bundles) is None
    assert [one["state"] for one in at_hand(source.bundles)] == ["answers"]
    assert "There is one bundle only" in client.get("/compare").text


def test_without_a_login_nothing_is_told(make_service, asgi_client, source, folder):
    locked = asgi_client(make_service(source=source, bundle=str(folder), open_mode=False))
    assert locked.get("/v1/compare").status_code == 401
    assert locked.get(f"/v1/compare/{DRUG}").status_code == 401
    assert locked.get("/compare").status_code == 303
