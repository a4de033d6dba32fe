from __future__ import annotations

import numpy as np
import pandas as pd

from training.simulated import planted_sets, simulate_cohort

GENE_SETS = {"fission": ["DNM1L", "FIS1", "MFF"], "fusion": ["MFN1", "MFN2", "OPA1"]}
DRUGS = ["Cisplatin", "Docetaxel"]


def test_it_says_that_it_is_simulated() -> None:
    cohort = simulate_cohort(0, 50, DRUGS, gene_sets=GENE_SETS)
    assert cohort.simulated
    assert cohort.name == "simulated"
    assert cohort.sources == ()
    assert "nothing was measured" in cohort.expression.report.steps[0]


def test_the_same_seed_gives_the_same_cohort() -> None:
    one, same, other = (simulate_cohort(seed, 50, DRUGS, gene_sets=GENE_SETS) for seed in (1, 1, 2))
    assert one.response is not None
    assert same.response is not None
    pd.testing.assert_frame_equal(one.expression.values, same.expression.values)
    pd.testing.assert_frame_equal(one.response.values, same.response.values)
    assert not one.expression.values.equals(other.expression.values)


def test_the_planted_set_and_no_other_goes_with_the_response() -> None:
    planted = planted_sets(DRUGS, list(GENE_SETS))
    assert planted == {"Cisplatin": "fission", "Docetaxel": "fusion"}
    correlations: dict[tuple[str, bool], list[float]] = {}
    for seed in range(10):
        cohort = simulate_cohort(seed, 300, DRUGS, gene_sets=GENE_SETS)
        assert cohort.response is not None
        for drug in DRUGS:
            for name, genes in GENE_SETS.items():
                score = cohort.expression.values[genes].mean(axis=1)
                found = score.corr(cohort.response.values[drug])
                correlations.setdefault((drug, name == planted[drug]), []).append(found)
    for (_, is_planted), found in correlations.items():
        assert (np.mean(found) > 0.3) if is_planted else (abs(np.mean(found)) < 0.15)


def test_some_lines_share_a_patient_and_some_responses_are_missing() -> None:
    cohort = simulate_cohort(3)
    assert cohort.response is not None
    n_patients = cohort.split_group.nunique()
    assert 0.9 * 300 < n_patients < 300
    missing = cohort.response.values.isna().mean().mean()
    assert 0.02 < missing < 0.08
    assert {"FDX1", "DNM1L"} <= set(cohort.expression.genes)
