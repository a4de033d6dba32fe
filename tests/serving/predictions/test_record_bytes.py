from types import SimpleNamespace

import numpy as np
import orjson
import pytest

from models.conformal import CONFORMAL_SETS, LABELS
from serving.predictions.record_bytes import CONFORMAL_LISTS, prediction_bytes
from serving.reviews.approvals import Approval
from serving.reviews.standing import BundleStanding


def make_answers(n_samples, n_drugs, seed=0):
    random = np.random.default_rng(seed)
    percentile = random.random(n_samples) * 100
    percentile[0] = np.nan
    return SimpleNamespace(
        sample_ids=tuple(f'sample "{number}" \u00e9,' for number in range(n_samples)),
        drugs=tuple(f"drug, \\{number}" for number in range(n_drugs)),
        statuses=tuple(random.choice(["supported", "exploratory", "withheld"], n_drugs).tolist()),
        probability_sensitive=random.random((n_samples, n_drugs)) ** 9,
        set_codes=random.integers(0, 4, (n_samples, n_drugs)).astype(np.int8),
        domain_percentile=percentile,
    )


def marks_of(answers):
    """Every other drug approved, and nobody decided about the rest."""
    approvals = {drug: Approval("approved") for drug in answers.drugs[::2]}
    statuses = dict(zip(answers.drugs, answers.statuses, strict=True))
    return BundleStanding(approvals, statuses).marks(answers.drugs)


@pytest.mark.parametrize("n_samples", [1, 2, 5])
@pytest.mark.parametrize("n_drugs", [1, 3, 60])
def test_the_bytes_are_those_of_the_objects(n_samples, n_drugs):
    answers = make_answers(n_samples, n_drugs)
    expected = [
        {
            "sample_id": sample,
            "drug": drug,
            "probability_sensitive": answers.probability_sensitive[at, of],
            "label": LABELS[answers.set_codes[at, of]],
            "conformal_set": CONFORMAL_LISTS[answers.set_codes[at, of]],
            "status": answers.statuses[of],
            "approval": "none" if of % 2 else "approved",
            "domain_percentile": answers.domain_percentile[at],
        }
        for at, sample in enumerate(answers.sample_ids)
        for of, drug in enumerate(answers.drugs)
    ]
    told = prediction_bytes(answers, marks_of(answers))
    assert told == orjson.dumps(expected, option=orjson.OPT_SERIALIZE_NUMPY)


def test_every_set_has_its_list():
    names = {"none": [], "both": ["sensitive", "resistant"]}
    assert [names.get(one, [one]) for one in CONFORMAL_SETS] == list(CONFORMAL_LISTS)
