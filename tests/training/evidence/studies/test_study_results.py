"""Every study of a simulated cohort: figures as JSON, tables for people, reasons for bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.gene_sets import load_gene_sets
from models.estimators import RankRidge
from training.cell_line_models import CellLineModels
from training.cohort import Cohort
from training.errors import CatalogueError, TrainingError
from training.evaluation import EvaluationSettings
from training.evidence.ablation import AblationSettings
from training.evidence.controls import ControlSettings
from training.evidence.multi_task import MultiTaskSettings
from training.evidence.platforms import PlatformSettings, compare_platforms
from training.evidence.studies.calibration_methods import study_calibration
from training.evidence.studies.gene_sets import study_ablation
from training.evidence.studies.label_methods import study_labels
from training.evidence.studies.patient_response import study_patients
from training.evidence.studies.platform_robustness import study_platforms
from training.evidence.studies.response_factors import study_factors
from training.evidence.studies.study import Study, study_file, write_study
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel"]
GENE_SETS = load_gene_sets().subset(
    ["mitochondrial_fission", "mitochondrial_fusion", "copper_export"]
)
GENES = {name: one.genes for name, one in GENE_SETS.items()}
EVALUATION = EvaluationSettings(
    n_folds=3, n_inner_folds=3, seeds=(0,), n_bootstrap=50, families=(RankRidge(),)
)
SETTINGS = TrainingSettings(drugs=DRUGS, evaluation=EVALUATION, n_jobs=1)
CONTROLS = ControlSettings(seeds=(0,), n_jobs=1)
FACTORS = MultiTaskSettings(
    CONTROLS, n_factors=(1,), blends=(0.4,), penalties=(300, 100), n_bootstrap=50, n_inner_folds=3
)
Run = Callable[[Cohort, TrainingSettings], Study]


def run_ablation(cohort: Cohort, settings: TrainingSettings) -> Study:
    asked = AblationSettings(CONTROLS, n_bootstrap=50)
    return study_ablation(cohort, GENE_SETS, settings, asked, n_genes=3)


def run_factors(cohort: Cohort, settings: TrainingSettings) -> Study:
    return study_factors(cohort, GENE_SETS, settings, FACTORS)


def run_labels(cohort: Cohort, settings: TrainingSettings) -> Study:
    return study_labels(cohort, GENE_SETS, settings, second_method="waterfall")


def run_calibration(cohort: Cohort, settings: TrainingSettings) -> Study:
    return study_calibration(cohort, GENE_SETS, settings)


STUDIES: tuple[Run, ...] = (run_ablation, run_factors, run_labels, run_calibration)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulate_cohort(0, 120, DRUGS, gene_sets=GENES)


def without_lineage(cohort: Cohort) -> Cohort:
    nothing = pd.Series(pd.NA, index=cohort.lineage.index, dtype=cohort.lineage.dtype)
    return replace(cohort, lineage=nothing)


def written(study: Study) -> dict[str, object]:
    found: dict[str, object] = json.loads(json.dumps(study.to_json(), allow_nan=False))
    return found


@pytest.mark.parametrize("run", STUDIES)
def test_a_study_has_figures_of_every_drug_and_tables(cohort: Cohort, run: Run) -> None:
    study = run(cohort, SETTINGS)
    assert set(study.figures["drugs"]) == set(DRUGS)
    assert written(study)["about"] == json.loads(json.dumps(study.about))
    text = study.to_markdown()
    assert "SIMULATED" in text
    assert study.forest is not None
    assert study.forest.rows
    for table in study.tables:
        assert {len(row) for row in table.rows} == {len(table.columns)}


@pytest.mark.parametrize("run", STUDIES)
def test_an_unknown_drug_is_refused_with_close_names(cohort: Cohort, run: Run) -> None:
    with pytest.raises(CatalogueError, match="did you mean Cisplatin"):
        run(cohort, replace(SETTINGS, drugs=["Cisplatine"]))


@pytest.mark.parametrize("run", STUDIES)
def test_a_drug_of_few_lines_has_a_reason_and_no_number(run: Run) -> None:
    cohort = simulate_cohort(0, 120, DRUGS, gene_sets=GENES)
    assert cohort.response is not None
    cohort.response.values.iloc[12:, cohort.response.values.columns.get_loc("Docetaxel")] = np.nan
    study = run(cohort, SETTINGS)
    assert "Docetaxel" in study.skipped
    assert "Docetaxel" not in study.figures["drugs"]
    assert "Docetaxel: not estimable: " in study.to_markdown()


def test_a_cohort_of_which_no_drug_can_be_studied_is_refused() -> None:
    few = simulate_cohort(0, 20, DRUGS, gene_sets=GENES)
    with pytest.raises(TrainingError, match="None of 2 drugs can be studied"):
        run_ablation(few, SETTINGS)
    single = replace(few, split_group=few.split_group.map(lambda _: "one"))
    with pytest.raises(TrainingError, match="holds 1 patients"):
        run_ablation(single, SETTINGS)


def test_without_lineage_nothing_is_held_against_lineage(cohort: Cohort) -> None:
    figures = run_ablation(without_lineage(cohort), SETTINGS).figures
    reason = "not estimable: no two lineages have 5 lines"
    for of_set in figures["gene_sets"].values():
        assert of_set["mean_added_to_lineage"] == reason
        assert isinstance(of_set["mean_added_to_panel"], dict)
    for of_drug in figures["drugs"].values():
        assert of_drug["lineage"] == reason


def test_without_lineage_platforms_have_no_figure_within_it(cohort: Cohort) -> None:
    unknown = without_lineage(cohort)
    pairs = {sample: sample for sample in cohort.expression.samples}
    settings = PlatformSettings(SETTINGS, n_bootstrap=20)
    found = compare_platforms(unknown, unknown, pairs, GENE_SETS, ["Cisplatin"], settings)
    figures = found.drugs["quantile"]["Cisplatin"].to_json()
    assert figures["spearman_within_lineage"] == "not estimable: the cohort holds no lineage"


def test_platforms_of_cohorts_that_model_csv_does_not_know_are_refused(cohort: Cohort) -> None:
    nothing = CellLineModels(pd.DataFrame())
    with pytest.raises(TrainingError, match="samples of simulated"):
        study_platforms(cohort, cohort, nothing, GENE_SETS, DRUGS, PlatformSettings())


def clinical(cohort: Cohort) -> Cohort:
    assert cohort.response is not None
    values = cohort.response.values
    labels = values.gt(values.median()).astype(float).where(values.notna())
    response = replace(cohort.response, values=labels, kind="clinical_response")
    return replace(cohort, response=response)


def test_patients_have_q_and_reasons(cohort: Cohort) -> None:
    study = study_patients(clinical(cohort), GENE_SETS, SETTINGS)
    for of_drug in study.figures["drugs"].values():
        assert 0 <= of_drug["q"] <= 1
    unknown = study_patients(clinical(without_lineage(cohort)), GENE_SETS, SETTINGS)
    for of_drug in unknown.figures["drugs"].values():
        assert of_drug["cancer_type"].startswith("not estimable: ")
        assert of_drug["q"] == "not estimable: no gain to test"
    some = replace(SETTINGS, drugs=["docetaxel"])
    assert set(study_patients(clinical(cohort), GENE_SETS, some).figures["drugs"]) == {"Docetaxel"}
    with pytest.raises(CatalogueError, match="Aspirin"):
        study_patients(clinical(cohort), GENE_SETS, replace(SETTINGS, drugs=["Aspirin"]))


def test_a_study_is_kept_beside_the_cards(cohort: Cohort, tmp_path: Path) -> None:
    study = run_labels(cohort, SETTINGS)
    path = study_file(tmp_path / "evidence", study.name, ["geo:GSE1"])
    assert path == tmp_path / "evidence" / "geo-GSE1-labels.json"
    write_study(study, path)
    assert json.loads(path.read_text()) == written(study)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(TrainingError, match="cannot be written"):
        write_study(study, blocked / "labels.json")
