"""Other cohorts: lines that are new to the classifier, and how they are ranked."""

from dataclasses import replace

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlSettings
from training.evidence.other_cohorts import NO_PATIENTS, ask_cohort, load_other_cohorts
from training.files import FileSettings, FileSource
from training.metrics import Interval
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel"]
SETTINGS = ControlSettings(n_jobs=1)
GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}


def part(cohort, lines, name):
    """Some lines of a cohort, as a cohort of its own."""
    values = cohort.expression.values.iloc[lines]
    kept = cohort.response.values.iloc[lines]
    return replace(
        cohort,
        name=name,
        expression=replace(cohort.expression, values=values),
        response=replace(cohort.response, values=kept),
        lineage=cohort.lineage.iloc[lines],
        split_group=cohort.split_group.iloc[lines],
    )


@pytest.fixture(name="halves", scope="module")
def fixture_halves():
    """Lines 0-199 and 150-349 of one simulation: some patients are in both."""
    whole = simulate_cohort(0, 350, DRUGS, gene_sets=GENES)
    return part(whole, np.arange(200), "first"), part(whole, np.arange(150, 350), "second")


def asked(first, other):
    data, _ = control_data(first, GENE_SETS, DRUGS, TrainingSettings())
    return ask_cohort(data, SETTINGS, GENE_SETS, other, n_bootstrap=50)


def test_shared_lines_are_counted_and_never_tested(halves):
    first, second = halves
    found = asked(first, second)
    shared = second.split_group.isin(set(first.split_group))
    assert (found.n_shared_lines, found.n_unseen_lines) == (shared.sum(), (~shared).sum())
    assert found.n_shared_lines >= 50
    measured = second.response.values["Cisplatin"].notna() & ~shared
    assert found.n_tested["Cisplatin"] == measured.sum()
    assert found.roc_auc["Cisplatin"].low > 0.5  # what was planted carries over
    # What the shared lines answered has no say in the figure.
    response = second.response.values.copy()
    order = response.loc[shared, "Cisplatin"].to_numpy()
    response.loc[shared, "Cisplatin"] = order[::-1]
    other = replace(second, response=replace(second.response, values=response))
    assert asked(first, other).roc_auc["Cisplatin"] == found.roc_auc["Cisplatin"]


def test_another_platform_that_stretches_every_gene_changes_nothing(halves):
    first, second = halves
    stretched = second.expression.values.astype(np.float64) * 3 + 5
    other = replace(second, expression=replace(second.expression, values=stretched))
    found, plain = asked(first, other).roc_auc, asked(first, second).roc_auc
    for drug in DRUGS:
        assert found[drug].value == pytest.approx(plain[drug].value, abs=2e-3)


def test_what_cannot_be_asked_is_a_reason(halves):
    first, second = halves
    lines = replace(second, split_group=second.split_group.index.to_series())
    assert "without Model.csv" in str(asked(first, lines).roc_auc["Cisplatin"])
    assert "every line" in str(asked(first, first).roc_auc["Cisplatin"])
    few = second.expression.values.iloc[:, :3]
    narrow = replace(second, expression=replace(second.expression, values=few))
    assert "shared panel genes" in str(asked(first, narrow).roc_auc["Cisplatin"])
    response = replace(second.response, values=second.response.values[["Docetaxel"]])
    found = asked(first, replace(second, response=response))
    assert str(found.roc_auc["Cisplatin"]) == "not estimable: second does not measure the drug"
    assert isinstance(found.roc_auc["Docetaxel"], Interval)
    assert found.of_drug("Cisplatin")["n_tested"] == 0


def test_cohorts_whose_files_are_not_here_say_how_to_get_them(tmp_path):
    settings = replace(FileSettings.from_environment(), cache=tmp_path, mirror=None)
    found = load_other_cohorts(FileSource(settings), "ccle-gdsc2")
    assert found.cohorts == ()
    assert set(found.not_run) == {"gdsc", "depmap-gdsc2", "depmap-sanger-auc"}
    assert found.not_run["gdsc"].startswith("not run: ")
    assert "cupromark data fetch gdsc" in found.not_run["gdsc"]


@pytest.mark.parametrize("name", ["table", "tcga"])
def test_without_model_csv_no_line_is_called_unseen(name, tmp_path):
    settings = replace(FileSettings.from_environment(), cache=tmp_path, mirror=None)
    found = load_other_cohorts(FileSource(settings), name)
    assert not found.cohorts
    assert found.not_run
    assert all(one == f"not estimable: {NO_PATIENTS}" for one in found.not_run.values())
