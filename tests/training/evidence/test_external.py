"""The A2780 check, on simulated profiles and on the series itself."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.expression import Expression
from features.gene_sets import load_gene_sets
from models.bundle import Bundle
from models.estimators import RankRidge
from training.cell_line_models import read_models
from training.cohort import Cohort, load_cohort
from training.errors import TrainingError
from training.evaluation import EvaluationSettings
from training.evidence.external import check_cisplatin, line_names
from training.evidence.studies.external_check import study_external
from training.file_settings import FileSettings
from training.files import FileSource
from training.quickstart import EXAMPLE_GROUPS, EXAMPLE_SERIES
from training.run import train
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
SETTINGS = TrainingSettings(
    drugs=["Cisplatin"],
    n_jobs=1,
    evaluation=EvaluationSettings(
        n_folds=3, n_inner_folds=3, seeds=(0,), n_bootstrap=20, families=(RankRidge(),)
    ),
)
SAMPLES = [sample for samples in EXAMPLE_GROUPS.values() for sample in samples]


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    genes = {name: one.genes for name, one in GENE_SETS.items()}
    return simulate_cohort(0, 120, ["Cisplatin"], gene_sets=genes)


@pytest.fixture(scope="module")
def bundle(cohort: Cohort) -> Bundle:
    trained = train(cohort, GENE_SETS, SETTINGS).bundle
    assert trained is not None
    return trained


def profiles(cohort: Cohort) -> Expression:
    """Simulated profiles under the names of the series: the most sensitive lines come first."""
    assert cohort.response is not None
    ranked = cohort.response.values["Cisplatin"].dropna().sort_values().index
    values = cohort.expression.values.loc[[*ranked[:5], *ranked[-5:]]]
    named = values.set_axis(pd.Index(SAMPLES, dtype=object, name="sample"))
    return replace(cohort.expression, values=named)


def test_groups_are_told_apart_where_they_differ(bundle: Bundle, cohort: Cohort) -> None:
    check = check_cisplatin(bundle, profiles(cohort), ["A-2780", "HeLa"])
    assert isinstance(check.roc_auc, float)
    assert check.roc_auc > 0.9
    sensitive, resistant = check.mean_probability.values()
    assert sensitive > resistant
    assert list(check.n_profiles.values()) == [5, 5]


def test_the_order_of_the_samples_changes_nothing(bundle: Bundle, cohort: Cohort) -> None:
    ordered = profiles(cohort)
    turned = replace(ordered, values=ordered.values.iloc[::-1])
    first, second = (check_cisplatin(bundle, one, []) for one in (ordered, turned))
    assert first.roc_auc == second.roc_auc
    np.testing.assert_allclose(
        list(first.mean_probability.values()), list(second.mean_probability.values())
    )


def test_a_line_of_the_training_cohort_is_said_to_be_shared(bundle: Bundle, cohort: Cohort) -> None:
    shared = check_cisplatin(bundle, profiles(cohort), ["a2780"])
    unseen = check_cisplatin(bundle, profiles(cohort), ["A2780CIS"])
    assert (shared.shared_lines, shared.unseen_lines) == (("A2780",), ())
    assert (unseen.shared_lines, unseen.unseen_lines) == ((), ("A2780",))


def test_there_is_no_interval_and_the_note_says_why(bundle: Bundle, cohort: Cohort) -> None:
    written = json.loads(json.dumps(check_cisplatin(bundle, profiles(cohort), []).to_json()))
    assert written["interval"].startswith("not estimable: one pair")
    assert any("not a test" in note for note in written["notes"])


def test_the_study_says_whether_the_line_was_learned_from(bundle: Bundle, cohort: Cohort) -> None:
    said = {}
    for name, lines in (("shared", ["A-2780"]), ("unseen", ["HeLa"]), ("not known", None)):
        study = study_external(bundle, profiles(cohort), lines)
        said[name] = study.figures["n_shared_lines"]
        assert json.dumps(study.to_json(), allow_nan=False)
        assert "interval not estimable: one pair of sublines" in study.to_markdown()
    assert said == {"shared": 1, "unseen": 0, "not known": "not known"}


def test_a_series_that_lacks_profiles_is_refused(bundle: Bundle, cohort: Cohort) -> None:
    whole = profiles(cohort)
    with pytest.raises(TrainingError, match=SAMPLES[0]):
        check_cisplatin(bundle, replace(whole, values=whole.values.iloc[1:]), [])


def test_the_series_itself(shared_data: Path) -> None:
    files = FileSource(FileSettings(mirror=str(shared_data), cache=shared_data / "no-cache"))
    models = read_models(files.fetch(files.catalogue.file("depmap_models")).path)
    array = load_cohort("ccle-gdsc2", files=files)
    assert "COLO678" in line_names(array, models)
    trained = train(array, load_gene_sets(), SETTINGS).bundle
    assert trained is not None
    series = load_cohort(EXAMPLE_SERIES, files=files, scale="mas5_linear")
    check = check_cisplatin(trained, series.expression, line_names(array, models))
    assert isinstance(check.roc_auc, float)
    assert 0 <= check.roc_auc <= 1
    assert check.alignment == "quantile"
    assert len(check.shared_lines) + len(check.unseen_lines) == 1
