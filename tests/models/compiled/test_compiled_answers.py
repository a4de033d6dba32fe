"""The law: a compiled bundle answers as `models.prediction.predict` does."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd
import pytest

from features.errors import CellError, CupromarkError
from features.symbols import GeneRecord, SymbolTable
from features.transformer import GeneSetFeatures
from models.compiled import CompiledBundle
from models.domain import DomainReference
from models.linear import LinearScore
from models.prediction import predict
from models.profile_tables import expression_of

ALL = ("Cisplatin", "Elesclomol", "Bleomycin (50 uM)", "5-Fluorouracil")
PARAMETERS = {
    "as made": {},
    "rank": {"score": "rank"},
    "enrichment": {"score": "enrichment", "covariates": ("lineage",)},
    "no lineage": {"covariates": ()},
    "genes alone": {"levels": ("genes",), "covariates": ("proliferation",)},
    "sets alone": {"levels": ("sets",)},
    "balances alone": {"levels": ("balances",)},
    "weighted lineage": {"lineage_weight": 3.0, "levels": ("genes", "sets")},
    "covariates alone": {"levels": (), "covariates": ("lineage", "proliferation")},
    "lineage alone": {"levels": ()},
}


def refitted(bundle, profiles, parameters):
    """The bundle on other features, with scores drawn at random."""
    if not parameters:
        return bundle
    lineage = np.where(np.arange(len(profiles)) % 3 == 0, "Lung", "Ovary").astype(object)
    training = profiles.assign(**{"covariate:lineage": lineage})
    features = GeneSetFeatures(bundle.gene_sets, **parameters).fit(training)
    matrix, random = features.transform(training), np.random.default_rng(7)
    n_panel = len(features.gene_panel_) if "genes" in features.levels else 0
    drugs = {
        name: replace(
            model,
            trees=None,
            linear=LinearScore(random.normal(size=matrix.shape[1]) / 3, float(random.normal())),
        )
        for name, model in bundle.drugs.items()
    }
    domain = None
    if n_panel:
        domain = DomainReference.fit(matrix[:, :n_panel], list(profiles.index), lineage)
    return replace(
        bundle,
        features=features,
        drugs=drugs,
        domain=domain,
        background=matrix.mean(axis=0),
        golden=None,
    )


@pytest.fixture(scope="module", params=list(PARAMETERS))
def one_bundle(request, bundle, make_profiles):
    return refitted(bundle, make_profiles(), PARAMETERS[request.param])


def outcome(ask):
    try:
        return ask()
    except CupromarkError as error:
        return type(error), str(error)


def by_both(bundle, table, *, scale="rma_log2", **options):
    def slowly():
        return predict(bundle, expression_of(table, scale=scale, symbols=bundle.symbols), **options)

    def compiled():
        return CompiledBundle(bundle).predict(
            list(table.columns),
            table.to_numpy(),
            scale=scale,
            sample_ids=[str(sample) for sample in table.index],
            **options,
        )

    return outcome(slowly), outcome(compiled)


def assert_same(expected, found):
    if isinstance(expected, tuple) or isinstance(found, tuple):
        assert found == expected
        return
    table, shape = expected.table, found.probability_sensitive.shape
    assert shape == (len(found.sample_ids), len(found.drugs))
    np.testing.assert_allclose(
        found.probability_sensitive.ravel(), table["probability_sensitive"], rtol=0, atol=1e-9
    )
    assert list(chain(*found.labels())) == table["label"].tolist()
    assert list(chain(*found.conformal_sets())) == table["conformal_set"].tolist()
    columns = {
        "sample_id": np.repeat(found.sample_ids, shape[1]),
        "drug": list(found.drugs) * shape[0],
        "status": list(found.statuses) * shape[0],
        "lineage_used": np.repeat(found.lineage_used, shape[1]),
        "gene_coverage": [found.coverage.fraction] * len(table),
        "n_genes_missing": [len(found.coverage.missing)] * len(table),
        "alignment": [found.alignment] * len(table),
    }
    for name, values in columns.items():
        assert list(values) == table[name].tolist(), name
    np.testing.assert_allclose(
        np.repeat(found.domain_percentile, shape[1]), table["domain_percentile"], rtol=0, atol=1e-9
    )
    assert found.notes == expected.notes
    assert found.coverage == expected.coverage


@pytest.mark.parametrize("align", ["auto", "none", "quantile", "rank"])
@pytest.mark.parametrize("scale", ["rma_log2", "log2_tpm"])
def test_alignments_and_features(one_bundle, profiles, align, scale):
    assert_same(*by_both(one_bundle, profiles, scale=scale, align=align, lineage="Lung"))


@pytest.mark.parametrize(
    "missing", [["OPA1"], ["MKI67", "GENE3", "OPA1"], ["ATP7A", "ATP7B", "DNM1L"]]
)
def test_missing_genes(one_bundle, profiles, missing):
    table = profiles.drop(columns=missing)
    assert_same(*by_both(one_bundle, table, drugs=ALL))
    assert_same(*by_both(one_bundle, table, drugs=ALL, align="quantile"))


@pytest.mark.parametrize("level", [0.01, 0.3, 0.5, 2 / 3, 0.8, 0.9, 0.95, 0.999, 0, 1, 80])
def test_every_level(bundle, make_profiles, level):
    table = make_profiles(n_samples=40, seed=9)
    assert_same(*by_both(bundle, table, level=level, drugs=ALL))


@pytest.mark.parametrize(
    "drugs",
    [
        None,
        ALL,
        ["elesclomol"],
        ["5-Fluorouracil", "Cisplatin", "CISPLATIN"],
        [],
        ["nothing"],
        "Cisplatin",
    ],
)
def test_drugs_that_are_asked_for(bundle, profiles, drugs):
    assert_same(*by_both(bundle, profiles, drugs=drugs))


@pytest.mark.parametrize(
    "lineage", [None, "Lung", "Moon", {"line_0": "Lung", "line_1": "Moon"}, {"line_3": "Ovary"}, {}]
)
def test_lineages(one_bundle, profiles, lineage):
    assert_same(*by_both(one_bundle, profiles, lineage=lineage))


def linear_values(profiles):
    return 2.0 ** (profiles + 3)


@pytest.mark.parametrize("scale", ["tpm", "fpkm", "counts", "mas5_linear", "log2_fpkm", "rma_log2"])
def test_scales(bundle, profiles, scale):
    assert_same(*by_both(bundle, linear_values(profiles), scale=scale, drugs=ALL))
    assert_same(*by_both(bundle, linear_values(profiles).round(), scale=scale, drugs=ALL))


@pytest.mark.parametrize("scale", [None, "percent"])
def test_scales_that_are_none(bundle, profiles, scale):
    assert_same(*by_both(bundle, profiles, scale=scale))


def renamed(profiles):
    return profiles.rename(columns={"DNM1L": "DRP1", "SLC31A1": "CTR1", "MFN1": "mfn1"})


def with_a_gene_twice(profiles):
    return profiles.assign(DRP1=profiles["DNM1L"] + 1.0)


def empty_name(profiles):
    return profiles.rename(columns={"GENE3": " "})


def dates(profiles):
    return profiles.rename(columns={"GENE3": "2-Sep", "GENE4": "1-Mar"})


def probes(profiles):
    return profiles.set_axis([f"{at}_s_at" for at in range(profiles.shape[1])], axis=1)


def mouse(profiles):
    return profiles.set_axis([name.capitalize() for name in profiles.columns], axis=1)


def strangers(profiles):
    return profiles.set_axis([f"NONE{at}" for at in range(profiles.shape[1])], axis=1)


def flat(profiles):
    return profiles.mask(pd.Series(np.arange(len(profiles)) == 2, profiles.index), 7.0)


def not_finite(profiles):
    return profiles.mask(np.eye(*profiles.shape, 3, dtype=bool), np.inf)


def too_large(profiles):
    return profiles.astype(float).mask(np.eye(*profiles.shape, 3, dtype=bool), 1e39)


def same_samples(profiles):
    return profiles.set_axis(["a", "b", "c", "a", "d", "e", "f"])


def one_sample(profiles):
    return profiles.iloc[[4]]


def shuffled(profiles):
    return profiles.sample(frac=1, axis=1, random_state=3)


@pytest.mark.parametrize(
    "change",
    [
        renamed,
        with_a_gene_twice,
        empty_name,
        dates,
        probes,
        mouse,
        strangers,
        flat,
        not_finite,
        same_samples,
        one_sample,
        shuffled,
    ],
)
def test_tables_of_every_kind(bundle, profiles, change):
    assert_same(*by_both(bundle, change(profiles), drugs=ALL))
    assert_same(*by_both(bundle, change(profiles), drugs=ALL, align="rank"))


@pytest.fixture(scope="module", name="with_ids")
def fixture_with_ids(bundle):
    """Genes with Entrez and Ensembl ids, and a former name that fits two of them."""
    genes = bundle.features.reference_.genes
    records = [
        GeneRecord(
            gene,
            str(100 + at),
            f"ENSG{at:011d}",
            previous=("OLDGENE",) if gene in ("GENE1", "GENE2") else (),
        )
        for at, gene in enumerate(genes)
    ]
    return replace(bundle, symbols=SymbolTable.from_records(records))


@pytest.mark.parametrize("form", ["{}", "{}_at", "ENSG{:011d}", "ENSG{:011d}.7", "X ({})"])
def test_ids_of_other_kinds(with_ids, profiles, form):
    genes = with_ids.features.reference_.genes
    start = 0 if "ENSG" in form else 100
    names = {gene: form.format(at + start) for at, gene in enumerate(genes)}
    assert_same(*by_both(with_ids, profiles.rename(columns=names), drugs=ALL))


def test_ambiguous_names_are_dropped_and_named(with_ids, profiles):
    table = profiles.rename(columns={"GENE1": "OLDGENE"})
    assert_same(*by_both(with_ids, table, drugs=ALL, align="quantile"))
    answers = CompiledBundle(with_ids).predict(table.columns, table, scale="rma_log2")
    assert answers.gene_report.ambiguous == {"OLDGENE": ("GENE1", "GENE2")}
    assert answers.gene_report.id_type == "symbol"


def test_names_that_were_changed_are_told(bundle, profiles):
    table = with_a_gene_twice(renamed(profiles).rename(columns={"DRP1": "DNM1L"}))
    report = CompiledBundle(bundle).predict(table.columns, table, scale="rma_log2").gene_report
    assert report.renamed == {"CTR1": "SLC31A1", "mfn1": "MFN1", "DRP1": "DNM1L"}
    assert report.duplicated == {"DNM1L": 2}
    assert report.n_genes == profiles.shape[1]


def test_a_training_line_is_recognised(bundle, make_profiles):
    table = make_profiles().iloc[:3].set_axis(["new", "line_1", "other"])
    expected, found = by_both(bundle, table)
    assert_same(expected, found)
    assert found.training_lines == ("new", "line_1", "other")


def test_values_too_large_for_float32_are_refused(bundle, profiles):
    with pytest.raises(CellError, match="7 values of the table are not finite numbers"):
        CompiledBundle(bundle).predict(profiles.columns, too_large(profiles), scale="tpm")


def test_answers_do_not_depend_on_what_was_asked_before(bundle, profiles):
    compiled = CompiledBundle(bundle)
    tables = [profiles, renamed(profiles), profiles.drop(columns="OPA1"), shuffled(profiles)]
    for table in tables * 2:
        for align in ("none", "quantile"):
            found = compiled.predict(table.columns, table, scale="rma_log2", align=align)
            fresh = CompiledBundle(bundle).predict(
                table.columns, table, scale="rma_log2", align=align
            )
            np.testing.assert_array_equal(found.probability_sensitive, fresh.probability_sensitive)
            assert found.notes == fresh.notes


@pytest.mark.parametrize("scale", ["rma_log2", "tpm", "counts", "mas5_linear"])
def test_what_is_given_stays_as_it_is(bundle, profiles, scale):
    given = linear_values(profiles).to_numpy(np.float32)
    if scale == "rma_log2":
        given = profiles.to_numpy(np.float32)
    before = given.copy()
    CompiledBundle(bundle).predict(profiles.columns, given, scale=scale)
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize(
    "values", [[[1.0, "x"]], [[1.0], [1.0, 2.0]], [1.0, 2.0], [[1.0, 2.0, 3.0]], [], [[None, 1.0]]]
)
def test_values_of_another_shape_are_refused(bundle, values):
    with pytest.raises(CupromarkError):
        CompiledBundle(bundle).predict(["FDX1", "OPA1"], values, scale="rma_log2")


def test_as_many_names_as_samples(bundle, profiles):
    ask = CompiledBundle(bundle).predict
    assert ask(profiles.columns, profiles, scale="rma_log2").sample_ids[-1] == "profile_7"
    with pytest.raises(CupromarkError, match="7 samples, and 2 names"):
        ask(profiles.columns, profiles, scale="rma_log2", sample_ids=["a", "b"])


def test_nearest_lines_are_those_of_the_domain(bundle, profiles):
    compiled = CompiledBundle(bundle)
    answers = compiled.predict(profiles.columns, profiles, scale="rma_log2")
    z = bundle.features.transform(profiles)[:, : len(bundle.features.gene_panel_)]
    assert compiled.nearest(answers, k=3) == bundle.domain.nearest(z, 3)
    without = CompiledBundle(replace(bundle, domain=None))
    assert without.nearest(answers) == [[]] * len(profiles)


def test_many_profiles_are_answered_in_the_order_of_the_drugs_asked(bundle, profiles):
    many = pd.concat([profiles] * 30, ignore_index=True)
    assert_same(*by_both(bundle, many, drugs=list(reversed(ALL)), lineage="Ovary"))
