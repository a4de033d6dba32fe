"""Ablation on simulated cohorts, where it is known which set matters."""

import json
from dataclasses import replace

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from training.errors import TrainingError
from training.evidence.ablation import AblationSettings, SetAblation, ablate_sets
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlData, ControlSettings
from training.evidence.figures import NotEstimable
from training.evidence.gene_ablation import ablate_genes
from training.evidence.reduced_plans import only_set, without_gene, without_set
from training.metrics import Interval
from training.settings import TrainingSettings
from training.simulated import planted_sets, simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel"]
SETS = ("mitochondrial_fission", "fatty_acid_oxidation", "mitochondrial_fusion", "copper_export")
GENE_SETS = load_gene_sets().subset(SETS)
SETTINGS = AblationSettings(ControlSettings(seeds=(0,)), n_bootstrap=200)


@pytest.fixture(scope="module")
def data() -> ControlData:
    genes = {name: one.genes for name, one in GENE_SETS.items()}
    cohort = simulate_cohort(1, 200, DRUGS, gene_sets=genes)
    return control_data(cohort, GENE_SETS, DRUGS, TrainingSettings())[0]


@pytest.fixture(scope="module")
def ablation(data: ControlData) -> SetAblation:
    return ablate_sets(data, SETTINGS)


def value(figure: object) -> float:
    assert isinstance(figure, Interval)
    return figure.value


@pytest.mark.parametrize("figures", ["added_to_panel", "added_to_lineage"])
def test_the_planted_set_adds_most_and_surely(ablation: SetAblation, figures: str) -> None:
    planted = planted_sets(DRUGS, list(GENE_SETS))
    for at, drug in enumerate(DRUGS):
        found = {one.gene_set: getattr(one, figures)[at] for one in ablation.sets}
        assert max(found, key=lambda name: value(found[name])) == planted[drug]
        assert found[planted[drug]].low > 0


def test_the_interval_of_a_set_that_means_nothing_holds_0(ablation: SetAblation) -> None:
    planted = planted_sets(DRUGS, list(GENE_SETS)).values()
    for one in ablation.sets:
        if one.gene_set not in planted:
            for figure in one.added_to_panel:
                assert isinstance(figure, Interval)
                assert figure.low <= 0 <= figure.high


def test_a_set_without_genes_has_reasons_and_no_numbers(data: ControlData) -> None:
    without = without_set(data.plan, "copper_export")
    lacking = replace(data, plan=replace(without, empty_sets=("copper_export",)))
    last = ablate_sets(lacking, SETTINGS).sets[-1]
    assert last.gene_set == "copper_export"
    assert all(isinstance(one, NotEstimable) for one in last.added_to_panel)
    assert str(last.mean_added_to_lineage).startswith("not estimable: ")


def test_the_mean_over_drugs_is_the_mean_of_the_drugs(ablation: SetAblation) -> None:
    for one in ablation.sets:
        mean = np.mean([value(figure) for figure in one.added_to_panel])
        assert value(one.mean_added_to_panel) == pytest.approx(mean)


def test_everything_is_json(ablation: SetAblation) -> None:
    written = json.loads(json.dumps(ablation.to_json(), allow_nan=False))
    assert set(written["gene_sets"]) == set(SETS)
    assert set(written["drugs"]["Cisplatin"]["gene_sets"]) == set(SETS)


def test_reduced_plans_keep_genes_that_other_sets_bring(data: ControlData) -> None:
    shared = set(data.plan.set_genes["mitochondrial_fission"]) & {
        gene
        for name, genes in data.plan.set_genes.items()
        if name != "mitochondrial_fission"
        for gene in genes
    }
    without = without_set(data.plan, "mitochondrial_fission")
    assert shared <= set(without.gene_panel)
    assert all(
        "mitochondrial_fission" not in (b.numerator, b.denominator) for b in without.balances
    )
    alone = only_set(data.plan, "copper_export")
    assert alone.gene_panel == tuple(sorted(data.plan.set_genes["copper_export"]))
    assert not alone.balances
    gene = data.plan.gene_panel[0]
    assert all(gene not in genes for genes in without_gene(data.plan, gene).set_genes.values())


def test_a_gene_that_alone_carries_the_response_is_missed(data: ControlData) -> None:
    gene = data.plan.gene_panel[3]
    response = data.expression[gene].to_numpy(dtype=np.float64)[:, None]
    label = response <= np.quantile(response, 1 / 3)
    carried = replace(data, drugs=("Carried",), response=response, is_sensitive=label)
    ablation = ablate_genes(carried, "Carried", settings=SETTINGS)
    assert ablation.genes[0] == gene
    assert len(ablation.genes) == 10
    missed = ablation.change[gene]
    assert isinstance(missed, Interval)
    assert missed.high < 0
    assert missed.value == min(value(one) for one in ablation.change.values())
    assert f"without {gene}" in ablation.to_json()["change"]


def test_unknown_genes_and_drugs_are_named(data: ControlData) -> None:
    with pytest.raises(TrainingError, match="TP53X"):
        ablate_genes(data, "Cisplatin", genes=["TP53X"], settings=SETTINGS)
    with pytest.raises(TrainingError, match="Aspirin"):
        ablate_genes(data, "Aspirin", settings=SETTINGS)
