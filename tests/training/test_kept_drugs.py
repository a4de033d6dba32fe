"""A training that was stopped goes on where it was, and comes to the same."""

from dataclasses import replace

import pandas as pd
import pytest

from training.drug_training import TrainedDrug
from training.evidence.controls import ControlSettings
from training.evidence.resume import clear_kept, n_kept
from training.kept_drugs import training_fingerprint
from training.response import ScreenedElsewhere
from training.run import train

CONTROLS = ControlSettings(n_random_sets=60, seeds=(0,), n_folds=3)


class Watching:
    """Counts what is told; presses Ctrl-C when told so often."""

    def __init__(self, *, stop_at_drug=None, stop_at_control=None):
        self.drugs, self.controls = [], []
        self.stop_at_drug, self.stop_at_control = stop_at_drug, stop_at_control

    def started(self, cohort, settings, drugs):
        del cohort, settings, drugs

    def finished_drug(self, result):
        self.drugs.append(result)
        if len(self.drugs) == self.stop_at_drug:
            raise KeyboardInterrupt

    def finished_controls(self, done, total):
        self.controls.append(done)
        self.total = total
        if len(self.controls) == self.stop_at_control:
            raise KeyboardInterrupt


@pytest.fixture
def run(training, tmp_path):
    def go(observer, **changes):
        settings = training.settings(controls=CONTROLS, **changes)
        keep = tmp_path / "kept"
        return train(training.cohort, training.gene_sets, settings, observers=[observer], keep=keep)

    go.keep = tmp_path / "kept"
    return go


def card_of(result, drug="Cisplatin"):
    return result.trained[drug].model.evidence_card


def test_a_run_stopped_in_the_controls_goes_on_there_and_comes_to_the_same(training, run):
    first = Watching(stop_at_control=2)
    assert run(first).interrupted
    assert n_kept(run.keep) == len(training.drugs) + 2
    second = Watching()
    result = run(second)
    assert not result.interrupted
    assert len(second.drugs) == len(training.drugs)  # told of, though not learned again
    assert second.controls[0] == 3
    assert second.controls[-1] == second.total
    whole = train(
        training.cohort, training.gene_sets, training.settings(controls=CONTROLS), observers=[]
    )
    assert card_of(result) == card_of(whole)
    assert result.bundle.drugs["Docetaxel"].linear.intercept == pytest.approx(
        whole.bundle.drugs["Docetaxel"].linear.intercept
    )
    clear_kept(run.keep)
    assert n_kept(run.keep) == 0


def test_a_drug_that_was_finished_is_not_learned_again(run, monkeypatch):
    assert run(Watching(stop_at_drug=1)).interrupted
    learned = []
    monkeypatch.setattr("training.run._train_one", _recording(learned))
    result = run(Watching())
    assert len(learned) == 1
    assert len(result.trained) == 2


def _recording(learned):
    from training.run import _train_one

    def record(*arguments):
        result = _train_one(*arguments)
        learned.append(result.model.drug if isinstance(result, TrainedDrug) else result.drug)
        return result

    return record


def screened_elsewhere(cohort, response):
    drugs = cohort.response.values.columns
    values = pd.DataFrame(response, index=["elsewhere"], columns=drugs)
    others = ScreenedElsewhere(values, pd.Series(["Lung"], index=["elsewhere"], dtype="string"))
    return replace(cohort, response=replace(cohort.response, elsewhere=others))


def test_other_data_settings_or_gene_sets_are_another_question(training):
    cohort, sets, settings = training.cohort, training.gene_sets, training.settings()
    drugs = list(training.drugs)
    asked = training_fingerprint(cohort, sets, settings, drugs)
    assert asked == training_fingerprint(cohort, sets, replace(settings, n_jobs=2), drugs)
    assert asked == training_fingerprint(cohort, sets, replace(settings, controls=CONTROLS), drugs)
    others = [
        (training.simulate(1), sets, settings, drugs),
        (replace(cohort, lineage=cohort.split_group), sets, settings, drugs),
        (cohort, sets.subset(list(sets)[:2]), settings, drugs),
        (cohort, sets, replace(settings, lineage_weight=2.0), drugs),
        (cohort, sets, settings, drugs[:1]),
        *((screened_elsewhere(cohort, one), sets, settings, drugs) for one in (0.0, 1.0)),
    ]
    assert len({training_fingerprint(*one) for one in others}) == len(others)
    assert asked not in {training_fingerprint(*one) for one in others}
