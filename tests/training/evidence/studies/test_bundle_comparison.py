"""Two bundles side by side: what is real, what is not, and what cannot be compared."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.bundle import Bundle
from models.drug_model import DrugModel
from models.held_out import HeldOutPredictions
from training.errors import TrainingError
from training.evidence.studies.bundle_comparison import compare_bundles
from training.evidence.studies.bundle_differences import (
    BundleComparison,
    DrugDifference,
    judge_difference,
)
from training.evidence.studies.side_by_side import comparison_study
from training.metrics import Interval
from training.run import TrainingResult


@pytest.fixture(scope="module")
def bundle(trained: TrainingResult) -> Bundle:
    assert trained.bundle is not None
    return trained.bundle


def held_out_of(model: DrugModel) -> HeldOutPredictions:
    assert model.held_out is not None
    return model.held_out


def with_scores(bundle: Bundle, *, noise: float, drugs: tuple[str, ...] | None = None) -> Bundle:
    """The same bundle, had its classifiers ranked the lines less well."""
    generator = np.random.default_rng(0)
    changed = dict(bundle.drugs)
    for name in drugs or tuple(bundle.drugs):
        held = held_out_of(bundle.drugs[name])
        score = held.score + noise * held.score.std() * generator.normal(size=held.score.shape)
        blurred = replace(held, score=score.astype(np.float32))
        changed[name] = replace(bundle.drugs[name], held_out=blurred)
    return replace(bundle, drugs=changed)


def difference(comparison: BundleComparison, drug: str = "Cisplatin") -> DrugDifference:
    found = comparison.differences[drug]
    assert isinstance(found, DrugDifference)
    return found


def test_nothing_is_real_between_a_bundle_and_itself(bundle: Bundle) -> None:
    comparison = compare_bundles(bundle, bundle, n_draws=100)
    assert comparison.counts == {
        "better": 0,
        "worse": 0,
        "no real difference": 2,
        "not comparable": 0,
    }
    assert difference(comparison).roc_auc == Interval(0.0, 0.0, 0.0)
    assert difference(comparison).q == 1.0


def test_a_bundle_that_ranks_worse_is_worse_and_the_other_way_round_better(bundle: Bundle) -> None:
    poor = with_scores(bundle, noise=20.0, drugs=("Cisplatin",))
    there, back = compare_bundles(bundle, poor), compare_bundles(poor, bundle)
    assert difference(there).verdict == "worse"
    assert difference(back).verdict == "better"
    assert difference(there, "Docetaxel").verdict == "no real difference"
    assert difference(there).roc_auc.value == pytest.approx(-difference(back).roc_auc.value)
    assert difference(there).q >= difference(there).p
    assert isinstance(there.mean_roc_auc, Interval)
    assert there.mean_roc_auc.value == pytest.approx(difference(there).roc_auc.value / 2)


def test_the_roc_auc_behind_a_difference_is_that_of_the_card(bundle: Bundle) -> None:
    flat = with_scores(bundle, noise=0.0)
    held = {name: held_out_of(model) for name, model in bundle.drugs.items()}
    even = {
        name: replace(bundle.drugs[name], held_out=replace(one, score=np.zeros_like(one.score)))
        for name, one in held.items()
    }
    comparison = compare_bundles(replace(flat, drugs=even), bundle, n_draws=100)
    for drug, model in bundle.drugs.items():
        card = model.evidence_card["roc_auc"]["value"]
        assert 0.5 + difference(comparison, drug).roc_auc.value == pytest.approx(card, abs=1e-6)


@pytest.mark.parametrize("reason", ["different cohorts", "keeps no held-out", "different labels"])
def test_what_cannot_be_compared_says_why(bundle: Bundle, reason: str) -> None:
    changes: dict[str, Any] = {}
    if reason == "different cohorts":
        changes["provenance"] = {**bundle.provenance, "cohort": "another"}
    elif reason == "keeps no held-out":
        changes["drugs"] = {n: replace(m, held_out=None) for n, m in bundle.drugs.items()}
    else:
        changes["drugs"] = {
            name: replace(model, held_out=replace(held, is_sensitive=~held.is_sensitive))
            for name, model in bundle.drugs.items()
            for held in [held_out_of(model)]
        }
    comparison = compare_bundles(bundle, replace(bundle, **changes), n_draws=100)
    assert comparison.counts["not comparable"] == len(bundle.drugs)
    for found in comparison.differences.values():
        assert str(found).startswith("not comparable: ")
        assert reason in str(found)
    assert str(comparison.mean_roc_auc) == "not estimable: no drug could be compared"
    text = comparison_study(comparison).to_markdown()
    assert reason in text
    json.dumps(comparison.to_json(), allow_nan=False)


def test_bundles_without_a_common_drug_are_refused(bundle: Bundle) -> None:
    names = list(bundle.drugs)
    first, second = (replace(bundle, drugs={name: bundle.drugs[name]}) for name in names)
    with pytest.raises(TrainingError, match="no drug in common"):
        compare_bundles(first, second)
    one = compare_bundles(first, bundle, n_draws=100)
    assert one.only_second == (names[1],)
    assert f"Only in B: {names[1]}." in comparison_study(one).to_markdown()


def test_json_holds_both_cards(bundle: Bundle) -> None:
    written = json.loads(json.dumps(compare_bundles(bundle, bundle, n_draws=100).to_json()))
    for sides in written["drugs"].values():
        for side in ("a", "b"):
            assert set(sides[side]) == {
                *("roc_auc", "lineage", "random", "q", "brier", "coverage", "status")
            }
        assert sides["difference"]["verdict"] == "no real difference"


@pytest.mark.parametrize(
    ("interval", "q", "verdict"),
    [
        (Interval(0.1, 0.05, 0.2), 0.01, "better"),
        (Interval(-0.1, -0.2, -0.05), 0.01, "worse"),
        (Interval(0.1, 0.05, 0.2), 0.2, "no real difference"),
        (Interval(0.1, -0.01, 0.2), 0.01, "no real difference"),
        (Interval(0.1, 0.05, 0.2), float("nan"), "no real difference"),
    ],
)
def test_a_difference_is_real_by_one_rule(interval: Interval, q: float, verdict: str) -> None:
    assert judge_difference(interval, q) == verdict
