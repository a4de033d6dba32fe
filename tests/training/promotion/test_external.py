from dataclasses import replace

import numpy as np
import pytest

from training.files import FileSettings, FileSource
from training.promotion.comparison import compare
from training.promotion.errors import PolicyError
from training.promotion.external import ExternalAnswers, ExternalDrug, ask_external
from training.promotion.external_checks import check_external
from training.promotion.external_cohorts import ask_external_cohorts
from training.promotion.questions import Question


@pytest.fixture(scope="module")
def other(training):
    """Another cohort: half of its lines are of patients of the first one."""
    cohort = training.simulate(7, n_lines=160)
    patients = [
        group if at % 2 else f"elsewhere {at // 4}" for at, group in enumerate(cohort.split_group)
    ]
    return replace(
        cohort,
        name="elsewhere",
        split_group=cohort.split_group.copy().mask(lambda one: one == one, patients),
    )


@pytest.fixture
def check(champion, policy):
    asked = Question(champion, champion, policy, compare(champion, champion, policy))
    return lambda found: check_external(asked, "elsewhere", found)


def known_patients(bundle, changed):
    """Two lines a patient, as Model.csv would say."""

    def paired(held_out):
        groups = tuple(f"patient {at // 2}" for at in range(len(held_out.samples)))
        return replace(held_out, groups=groups)

    return changed.held_out(bundle, paired)


def test_only_lines_of_unseen_patients_are_asked_about(champion, changed, other):
    bundle = known_patients(champion, changed)
    shared = sorted(set(other.split_group))[:10]
    taken = changed.held_out(
        bundle, lambda one: replace(one, groups=(*shared, *one.groups[len(shared) :]))
    )
    found = ask_external(bundle, taken, other)
    assert found.not_estimable is None
    assert found.n_unseen == int((~other.split_group.isin(shared)).sum())
    for drug in found.drugs.values():
        assert not set(drug.patients) & set(shared)
        np.testing.assert_array_equal(drug.challenger, drug.champion)


def test_the_same_answers_make_no_difference(champion, changed, other, check):
    bundle = known_patients(champion, changed)
    found = check(ask_external(bundle, bundle, other))
    assert found.passed is True
    assert found.found.startswith("+0.000 [+0.000, +0.000]")


def test_worse_answers_elsewhere_are_refused(check):
    random = np.random.default_rng(0)
    sensitive = np.arange(200) % 3 == 0
    good = sensitive + 0.5 * random.normal(size=200)
    drug = ExternalDrug(
        patients=tuple(f"p{at}" for at in range(200)),
        is_sensitive=sensitive,
        challenger=random.normal(size=200),
        champion=good,
    )
    assert check(ExternalAnswers("elsewhere", {"A": drug}, 200)).passed is False
    turned = replace(drug, challenger=good, champion=drug.challenger)
    assert check(ExternalAnswers("elsewhere", {"A": turned}, 200)).passed is True


def test_what_cannot_be_asked_says_why(champion, changed, other, check):
    bundle = known_patients(champion, changed)
    alone = replace(other, split_group=other.split_group.index.to_series())
    lacking = replace(
        other, expression=replace(other.expression, values=other.expression.values.iloc[:, :5])
    )
    own = replace(other, name=champion.cohort)
    old = changed.held_out(champion, lambda held_out: None)
    unmeasured = replace(other, response=None)
    for challenger, cohort, words in (
        (bundle, alone, "without the patients"),
        (bundle, lacking, "needed genes"),
        (bundle, own, "the cohort that was learned from"),
        (old, other, "format 1"),
        (bundle, unmeasured, "measures no drug that both"),
    ):
        found = check(ask_external(challenger, bundle, cohort))
        assert found.passed is None
        assert words in found.reason
    assert check(None).reason == "the cohort was not asked: its files are not at hand"


def test_cohorts_that_are_not_at_hand_are_not_asked_and_unknown_ones_refused(
    champion, policy, tmp_path
):
    files = FileSource(FileSettings(None, tmp_path))
    assert ask_external_cohorts(champion, champion, policy, files) == []
    with pytest.raises(PolicyError, match="the cohort nowhere, which is not known"):
        ask_external_cohorts(champion, None, replace(policy, external_cohorts=("nowhere",)), files)
