"""The bytes against objects written out from the same attributions."""

from types import SimpleNamespace

import numpy as np
import orjson
import pytest

from features.claims import load_claims
from models.attribution import Attributions
from serving.explanations.claim_index import ClaimIndex
from serving.explanations.record_bytes import explanation_bytes
from serving.predictions.record_bytes import prediction_bytes
from serving.reviews.approvals import Approval
from serving.reviews.standing import BundleStanding

DRUGS = ("Elesclomol", 'no "such", drug', "Cisplatin")
GENES = ("FDX1", "ATP7B", "SLC31A1", "GLS", "lineage")
SETS = ("cuproptosis", "lineage")
STATUSES = ("supported", "withheld", "exploratory")
MARKS = BundleStanding(
    {"Cisplatin": Approval("approved")}, dict(zip(DRUGS, STATUSES, strict=True))
).marks(DRUGS)


@pytest.fixture(scope="module")
def claims():
    return ClaimIndex(load_claims())


def make_attributions(by, names, n_samples, seed):
    random = np.random.default_rng(seed)
    shape = (n_samples, len(DRUGS), len(names))
    values = random.normal(size=(n_samples, len(names)))
    values[:, -1] = np.nan
    return Attributions(
        by=by,
        names=names,
        drugs=DRUGS,
        log_odds=random.normal(size=shape),
        base_log_odds=random.normal(size=len(DRUGS)),
        residual=np.zeros(shape[:2]),
        values=values,
        set_totals=random.normal(size=shape) if by == "set" else None,
    )


def make_explained(n_samples, top):
    random = np.random.default_rng(n_samples)
    genes = make_attributions("gene", GENES, n_samples, seed=1)
    order = np.argsort(-np.abs(genes.log_odds), axis=2)
    answers = SimpleNamespace(
        sample_ids=tuple(f"sample {number}" for number in range(n_samples)),
        drugs=DRUGS,
        statuses=STATUSES,
        probability_sensitive=random.random((n_samples, len(DRUGS))),
        set_codes=random.integers(0, 4, (n_samples, len(DRUGS))).astype(np.int8),
        domain_percentile=random.random(n_samples) * 100,
    )
    sets = make_attributions("set", SETS, n_samples, seed=2)
    return SimpleNamespace(answers=answers, genes=genes, sets=sets, top=order[:, :, :top])


def written_out(explained, claims):
    records = orjson.loads(prediction_bytes(explained.answers, MARKS))
    for number, record in enumerate(records):
        at, of = divmod(number, len(DRUGS))
        genes = explained.genes
        record["base_log_odds"] = genes.base_log_odds[of]
        record["log_odds"] = genes.base_log_odds[of] + genes.log_odds.sum(axis=2)[at, of]
        record["additivity_residual"] = genes.residual[at, of]
        record["genes"] = entries(genes, "gene", at, of, explained.top[at, of], claims)
        order = np.argsort(-np.abs(explained.sets.log_odds[at, of]))[: explained.top.shape[2]]
        record["gene_sets"] = entries(explained.sets, "gene set", at, of, order, claims)
    return records


def entries(given, kind, at, of, places, claims):
    totals = given.log_odds if given.set_totals is None else given.set_totals
    return [
        {
            "name": given.names[place],
            "kind": "lineage" if given.names[place] == "lineage" else kind,
            "attribution_log_odds": given.log_odds[at, of, place],
            "total_log_odds": totals[at, of, place],
            "value_z": given.values[at, place],
            "higher_expression_goes_with": (direction := direction_of(given, at, of, place)),
            "claims": claims.found(DRUGS[of], given.names[place], direction),
        }
        for place in places
    ]


def direction_of(given, at, of, place):
    product = given.log_odds[at, of, place] * given.values[at, place]
    if np.isnan(product) or product == 0:
        return None
    return "sensitivity" if product > 0 else "resistance"


@pytest.mark.parametrize("top", [1, 2, 5])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_the_bytes_are_those_of_the_objects(n_samples, top, claims):
    explained = make_explained(n_samples, top)
    expected = written_out(explained, claims)
    for _ in range(2):  # made, then remembered
        told = explanation_bytes(explained, MARKS, claims)
        assert told == orjson.dumps(expected, option=orjson.OPT_SERIALIZE_NUMPY)


def test_claims_stand_with_the_entries_that_they_are_about(claims):
    tails = claims.tails(("Elesclomol",), ("FDX1", "no such gene"))
    told = [orjson.loads(b'{"direction":' + tails[at]) for at in range(6)]
    assert [one["direction"] for one in told] == [None, "sensitivity", "resistance"] * 2
    assert told[1]["claims"]["agreeing"]
    assert told[1]["claims"]["agreeing"] == told[2]["claims"]["opposing"]
    assert not any(one["claims"]["agreeing"] for one in told[3:])
