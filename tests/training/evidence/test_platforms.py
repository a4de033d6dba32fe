"""Agreement of platforms: perfect on the same profiles, unharmed by monotone distortion."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from features.gene_sets import load_gene_sets
from training.cell_line_models import read_models
from training.cohort import Cohort, load_cohort
from training.evaluation import EvaluationSettings
from training.evidence.figures import NotEstimable
from training.evidence.platform_agreement import spearman
from training.evidence.platforms import PlatformSettings, compare_platforms, pair_lines
from training.file_settings import FileSettings
from training.files import FileSource
from training.metrics import Interval
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin"]
GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
TRAINING = TrainingSettings(
    evaluation=EvaluationSettings(n_folds=3, n_inner_folds=3, seeds=(0,)), lineage_weight=2.0
)
SETTINGS = PlatformSettings(TRAINING, n_bootstrap=50)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    genes = {name: one.genes for name, one in GENE_SETS.items()}
    return simulate_cohort(0, 120, DRUGS, gene_sets=genes)


def measured_again(cohort: Cohort, *, noise: float, genes: int | None = None) -> Cohort:
    """The same lines on a platform with another, monotone scale."""
    generator = np.random.default_rng(1)
    values = cohort.expression.values
    blurred = values.to_numpy() + noise * generator.normal(size=values.shape)
    values = pd.DataFrame(np.exp2(blurred / 3.0), index=values.index, columns=values.columns)
    kept = values if genes is None else values[values.columns[:genes]]
    return replace(cohort, name="again", expression=replace(cohort.expression, values=kept))


def pairs(cohort: Cohort) -> dict[str, str]:
    return {sample: sample for sample in cohort.expression.samples}


def test_a_monotone_scale_changes_little_and_noise_more(cohort: Cohort) -> None:
    agreement = []
    for noise in (0.0, 2.0):
        other = measured_again(cohort, noise=noise)
        found = compare_platforms(cohort, other, pairs(cohort), GENE_SETS, DRUGS, SETTINGS)
        figure = found.drugs["quantile"]["Cisplatin"].spearman
        assert isinstance(figure, Interval)
        agreement.append(figure.value)
    assert agreement[0] > 0.95
    assert agreement[1] < agreement[0] - 0.1


def test_figures_are_json_and_within_their_bounds(cohort: Cohort) -> None:
    other = measured_again(cohort, noise=0.5)
    found = compare_platforms(cohort, other, pairs(cohort), GENE_SETS, DRUGS, SETTINGS)
    written = json.loads(json.dumps(found.to_json(), allow_nan=False))
    for method in ("quantile", "rank"):
        figures = written["drugs"][method]["Cisplatin"]
        assert 0 <= figures["flipped_at_half"]["value"] <= 1
        assert written["means"][method]["spearman"] == figures["spearman"]["value"]
        within, plain = figures["spearman_within_lineage"], figures["spearman"]
        assert within["value"] <= plain["value"] + 0.05


def test_few_shared_genes_are_said_and_not_concluded_from(cohort: Cohort) -> None:
    few = measured_again(cohort, noise=0.0, genes=8)
    found = compare_platforms(cohort, few, pairs(cohort), GENE_SETS, DRUGS, SETTINGS)
    n_panel = len(found.shared_panel_genes)
    assert isinstance(found.verdict, NotEstimable)
    assert f"{n_panel} shared panel genes" in str(found.verdict)
    assert "Cisplatin" in found.drugs["quantile"]  # for information
    fewer = measured_again(cohort, noise=0.0, genes=3)
    nothing = compare_platforms(cohort, fewer, pairs(cohort), GENE_SETS, DRUGS, SETTINGS)
    assert isinstance(nothing.verdict, NotEstimable)
    assert not nothing.drugs


def test_only_shared_lines_are_asked_about(cohort: Cohort) -> None:
    other = measured_again(cohort, noise=0.5)
    some = dict(list(pairs(cohort).items())[:40])
    found = compare_platforms(cohort, other, some, GENE_SETS, DRUGS, SETTINGS)
    assert found.n_shared_lines == 40
    flipped = found.drugs["quantile"]["Cisplatin"].flipped_at_half
    assert isinstance(flipped, Interval)
    assert flipped.value * 40 == pytest.approx(round(flipped.value * 40))


def test_spearman_is_scipys_and_strata_remove_what_they_share() -> None:
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=(2, 60)).round(1)
    assert spearman(first, second) == pytest.approx(spearmanr(first, second).statistic)
    strata = np.repeat(["a", "b"], 30)
    shift = np.repeat([0.0, 50.0], 30)
    assert spearman(first + shift, second + shift) > 0.7
    assert abs(spearman(first + shift, second + shift, strata)) < 0.35
    assert np.isnan(spearman(first * 0, second))


def test_public_slices_share_lines_and_too_few_panel_genes(shared_data: Path) -> None:
    files = FileSource(FileSettings(mirror=str(shared_data), cache=shared_data / "no-cache"))
    array, sequencing = (load_cohort(n, files=files) for n in ("ccle-gdsc2", "depmap-gdsc2"))
    models = read_models(files.fetch(files.catalogue.file("depmap_models")).path)
    both = pair_lines(
        array.expression.samples,
        sequencing.expression.samples,
        models,
        first_id="ccle_name",
        second_id="model_id",
    )
    assert len(both) > 200
    gene_sets = load_gene_sets()
    settings = replace(SETTINGS, n_bootstrap=20)
    found = compare_platforms(array, sequencing, both, gene_sets, ["Venetoclax"], settings)
    if len(found.shared_panel_genes) < 20:
        assert str(found.verdict).startswith("not estimable: ")
    figure = found.drugs["quantile"]["Venetoclax"].spearman
    assert isinstance(figure, Interval)
    assert figure.value > 0.3
