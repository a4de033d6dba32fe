"""What must not change an answer, held on a bundle trained on real data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.expression import Expression, ReadingReport
from features.symbols import load_curated_aliases
from models.prediction import predict

TOLERANCE = 1e-6
SEEDS = st.integers(0, 2**32 - 1)
# The same few examples in every run: a law that fails here fails for whoever looks into it.
few_examples = settings(max_examples=8, deadline=None, derandomize=True, database=None)


@pytest.fixture(scope="module", params=["none", "quantile", "rank"])
def answer(request, bundle):
    """Probability by sample and drug, for profiles aligned in one of the three ways."""

    def answer(values):
        report = ReadingReport(
            format="csv",
            orientation="samples_by_genes",
            delimiter=",",
            id_type="symbol",
            n_samples=len(values),
            n_ids=values.shape[1],
            n_genes=values.shape[1],
            steps=(),
        )
        expression = Expression(values, "rma_log2", "symbol", "laws", report)
        table = predict(bundle, expression, drugs=list(bundle.drugs), align=request.param).table
        return table.set_index(["sample_id", "drug"])["probability_sensitive"].sort_index()

    return answer


@pytest.fixture(scope="module")
def draw(bundle):
    """Make profiles around the reference, with genes that the bundle never saw among them."""

    def draw(random):
        reference = bundle.features.reference_
        known = reference.location + reference.scale * random.normal(size=(6, len(reference.genes)))
        values = np.hstack([known, random.uniform(3, 12, size=(6, 40))]).astype(np.float32)
        strangers = [f"STRANGER{number}" for number in range(40)]
        samples = [f"sample_{number}" for number in range(6)]
        return pd.DataFrame(values, index=samples, columns=[*reference.genes, *strangers])

    return draw


@pytest.fixture(scope="module")
def other_names(bundle):
    """Names that stand for one panel gene alone: DRP1 for DNM1L and the like."""
    panel = frozenset(bundle.features.gene_panel_)
    records = bundle.symbols.records_of(bundle.features.gene_panel_)
    listed = {n: r.symbol for r in records for n in (*r.previous, *r.aliases) if r.symbol in panel}
    listed |= {alias: gene for alias, gene in load_curated_aliases().items() if gene in panel}
    found = bundle.symbols.resolve_all(list(listed), "symbol", on_ambiguous="drop").symbols
    pairs = zip(listed.items(), found, strict=True)
    return [(name, gene) for (name, gene), symbol in pairs if symbol == gene]


def assert_same(answers, expected):
    pd.testing.assert_series_equal(answers, expected, rtol=0, atol=TOLERANCE)


@few_examples
@given(seed=SEEDS)
def test_the_order_of_genes_changes_nothing(answer, draw, seed):
    random = np.random.default_rng(seed)
    profiles = draw(random)
    shuffled = profiles.iloc[:, random.permutation(profiles.shape[1])]
    assert_same(answer(shuffled), answer(profiles))


@few_examples
@given(seed=SEEDS)
def test_the_order_of_samples_changes_nothing(answer, draw, seed):
    random = np.random.default_rng(seed)
    profiles = draw(random)
    assert_same(answer(profiles.iloc[random.permutation(len(profiles))]), answer(profiles))


@few_examples
@given(seed=SEEDS)
def test_a_batch_answers_as_its_samples_do_alone(answer, draw, seed):
    profiles = draw(np.random.default_rng(seed))
    alone = pd.concat([answer(profiles.loc[[sample]]) for sample in profiles.index])
    assert_same(alone.sort_index(), answer(profiles))


@few_examples
@given(seed=SEEDS)
def test_a_gene_by_another_name_is_the_same_gene(answer, draw, other_names, seed):
    random = np.random.default_rng(seed)
    profiles = draw(random)
    chosen = random.permutation(len(other_names))[:40]
    renamed = {gene: name for name, gene in (other_names[at] for at in chosen)}
    assert len(renamed) > 10
    assert_same(answer(profiles.rename(columns=renamed)), answer(profiles))


def test_the_names_of_the_reviews_are_among_them(other_names):
    assert len(other_names) > 200
    assert ("ATP5A1", "ATP5F1A") in other_names
