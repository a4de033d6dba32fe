"""Claims on simulated cohorts: what was planted is found, what was not is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.claim_table import Claim, direction_when_high
from features.claims import load_claims
from features.gene_sets import load_gene_sets
from training.claims_testing import testing
from training.claims_testing.cancer_lineages import CANCER_LINEAGES
from training.claims_testing.drug_classes import DRUG_CLASSES, LIVER_PRODRUGS, drugs_of_class
from training.claims_testing.ledger import Ledger, LedgerRow
from training.claims_testing.measurement import Measurement
from training.cohort import Cohort, load_cohort
from training.errors import TrainingError
from training.file_settings import FileSettings
from training.files import FileSource
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets()
DRUGS = ("Cisplatin", "Oxaliplatin", "Paclitaxel")
TEMPLATE = next(claim for claim in load_claims() if claim.rests_on_expression and claim.gene)
REVERSED = {"resistance": "sensitivity", "sensitivity": "resistance"}
SWAPPED = {"supported": "contradicted", "contradicted": "supported"}


def claim_of(gene: str | None = "FDX1", drug: str | None = "Cisplatin", **changes: str) -> Claim:
    given = {
        **{"claim_id": "planted", "gene": gene, "process": None, "change": "up", "cancer": None},
        **{"drug": drug, "drug_class": "platinum", "effect": "resistance", **changes},
    }
    made = replace(TEMPLATE, **given)  # type: ignore[arg-type]
    return replace(made, direction_when_high=direction_when_high(made.change, made.effect))


def cohort_of(seed: int = 0, n_lines: int = 200, lineages: int = 5) -> Cohort:
    """A cohort whose expression and response are noise, for tests to write into."""
    base = simulate_cohort(seed, n_lines, DRUGS)
    rng = np.random.default_rng([seed, 1])
    values = base.expression.values
    noise = pd.DataFrame(
        rng.normal(6, 1, size=values.shape), index=values.index, columns=values.columns
    )
    response = response_of(base)
    drawn = pd.DataFrame(
        rng.normal(size=response.shape), index=response.index, columns=response.columns
    )
    names = [f"lineage {number}" for number in rng.integers(lineages, size=n_lines)]
    lineage = pd.Series(names, index=values.index, dtype=object)
    return with_response(with_expression(replace(base, lineage=lineage), noise), drawn)


def response_of(cohort: Cohort) -> pd.DataFrame:
    if cohort.response is None:
        pytest.fail("the cohort has no response")
    return cohort.response.values.copy()


def with_expression(cohort: Cohort, values: pd.DataFrame) -> Cohort:
    return replace(cohort, expression=replace(cohort.expression, values=values))


def with_response(cohort: Cohort, values: pd.DataFrame) -> Cohort:
    if cohort.response is None:
        pytest.fail("the cohort has no response")
    return replace(cohort, response=replace(cohort.response, values=values))


def plant(cohort: Cohort, gene: str, drugs: Sequence[str], slope: float) -> Cohort:
    """Raise ln_ic50 with the gene: high expression goes with resistance."""
    response = response_of(cohort)
    for drug in drugs:
        response[drug] += slope * (cohort.expression.values[gene] - 6)
    return with_response(cohort, response)


def run(claims: Sequence[Claim], cohort: Cohort, **settings: int) -> Ledger:
    return testing.test_claims(claims, cohort, GENE_SETS, **{"n_bootstrap": 200, **settings})


def row_of(claim: Claim, cohort: Cohort) -> LedgerRow:
    return run([claim], cohort).rows[0]


def measured(row: LedgerRow) -> Measurement:
    if not isinstance(row.measurement, Measurement):
        pytest.fail(row.verdict)
    return row.measurement


def test_a_planted_association_is_found_with_its_sign() -> None:
    cohort = plant(cohort_of(), "FDX1", ["Cisplatin"], 0.7)
    row = row_of(claim_of(), cohort)
    found = measured(row)
    assert row.verdict == "supported"
    assert found.effect_size.value < -0.3
    assert found.within_lineage.low <= found.within_lineage.value <= found.within_lineage.high < 0
    assert row.q_value is not None
    assert row.q_value < 0.001
    assert row_of(claim_of(effect="sensitivity"), cohort).verdict == "contradicted"
    assert row_of(claim_of(change="down", effect="sensitivity"), cohort).verdict == "supported"


def test_the_marginal_figure_is_the_spearman_correlation_with_sensitivity() -> None:
    cohort = plant(cohort_of(3), "FDX1", ["Cisplatin"], 0.4)
    expected = cohort.expression.values["FDX1"].corr(
        -response_of(cohort)["Cisplatin"], method="spearman"
    )
    assert measured(row_of(claim_of(), cohort)).effect_size.value == pytest.approx(expected)


def test_reversing_a_claim_swaps_supported_and_contradicted() -> None:
    cohort = simulate_cohort(2, 150, DRUGS)
    claims = [claim for claim in load_claims() if claim.rests_on_expression]
    turned = [
        replace(
            claim,
            effect=REVERSED[claim.effect],  # type: ignore[arg-type]
            direction_when_high=REVERSED[str(claim.direction_when_high)],  # type: ignore[arg-type]
        )
        for claim in claims
    ]
    there, back = (run(each, cohort, n_bootstrap=100).rows for each in (claims, turned))
    assert [SWAPPED.get(row.verdict, row.verdict) for row in there] == [r.verdict for r in back]
    assert {"supported", "contradicted"} <= {row.verdict for row in there}


def test_noise_is_mostly_inconclusive() -> None:
    cohort = cohort_of(5, n_lines=120)
    genes = list(cohort.expression.values.columns[:300])
    rows = run([claim_of(gene, claim_id=f"noise-{gene.lower()}") for gene in genes], cohort).rows
    decided = [row for row in rows if row.verdict != "inconclusive"]
    assert len(decided) <= 0.1 * len(rows)
    assert not [row for row in rows if row.q_value is not None and row.q_value < 0.05]
    p_values = np.array([measured(row).p_value for row in rows])
    assert 0.4 < p_values.mean() < 0.6


def test_an_association_between_lineages_alone_is_marginal_only() -> None:
    cohort = cohort_of(1, n_lines=240)
    shift = cohort.lineage.map({f"lineage {n}": 2.0 * n for n in range(5)}).astype(float)
    values, response = cohort.expression.values.copy(), response_of(cohort)
    values["FDX1"] += shift
    response["Cisplatin"] += shift
    row = row_of(claim_of(), with_response(with_expression(cohort, values), response))
    assert measured(row).effect_size.high < -0.5
    assert abs(measured(row).within_lineage.value) < 0.2
    assert row.verdict == "inconclusive"


def test_a_class_is_the_mean_over_its_drugs_in_the_cohort() -> None:
    cohort = plant(cohort_of(), "FDX1", ["Cisplatin"], 0.7)
    each = [measured(row_of(claim_of(drug=drug), cohort)) for drug in ("Cisplatin", "Oxaliplatin")]
    found = measured(row_of(claim_of(drug=None), cohort))
    assert found.drugs == ("Cisplatin", "Oxaliplatin")
    expected = np.mean([one.within_lineage.value for one in each])
    assert found.within_lineage.value == pytest.approx(expected)


def test_a_process_is_the_mean_z_of_its_genes() -> None:
    cohort = cohort_of(4)
    genes = list(GENE_SETS["lipoylation"].genes)
    response = response_of(cohort)
    response["Cisplatin"] += 4 * (cohort.expression.values[genes].mean(axis=1) - 6)
    row = row_of(claim_of(None, process="lipoylation"), with_response(cohort, response))
    assert row.verdict == "supported"
    assert measured(row).effect_size.value < -0.4


def test_oxphos_stands_for_its_five_complexes() -> None:
    row = row_of(claim_of(None, process="oxphos"), cohort_of())
    assert row.question is not None
    complexes = [name for name in GENE_SETS if name.startswith("oxphos_complex_")]
    assert set(row.question.genes) == {g for name in complexes for g in GENE_SETS[name].genes}


def test_the_cancer_that_a_claim_names_has_a_figure_of_its_own() -> None:
    cohort = cohort_of()
    lineage = cohort.lineage.replace({"lineage 0": "Lung", "lineage 1": "Breast"})
    cohort = replace(cohort, lineage=lineage)
    row = row_of(claim_of(cancer="lung cancer"), cohort)
    assert row.cancer_lineages == ("Lung",)
    assert isinstance(row.in_cancer, Measurement)
    assert row.in_cancer.n_lines == int((lineage == "Lung").sum())
    elsewhere = row_of(claim_of(cancer="thyroid cancer"), cohort)
    assert "no lineage of the cohort stands for thyroid cancer" in str(elsewhere.in_cancer)
    few = lineage.where((lineage != "Lung") | (np.arange(len(lineage)) < 30), "Breast")
    assert "fewer than 15" in str(
        row_of(claim_of(cancer="lung cancer"), replace(cohort, lineage=few)).in_cancer
    )


def test_the_same_seed_gives_the_same_ledger_whatever_the_jobs_and_the_other_claims() -> None:
    cohort = cohort_of()
    claims = [claim_of(), claim_of("DLAT", claim_id="other"), claim_of(drug=None, claim_id="class")]
    one, two = run(claims, cohort, n_jobs=1), run(claims, cohort, n_jobs=2)
    assert one == two
    assert row_of(claims[0], cohort).measurement == one.rows[0].measurement
    assert run(claims, cohort, random_state=1) != one


def test_claims_on_one_measurement_count_as_one_test() -> None:
    cohort = plant(cohort_of(), "FDX1", ["Cisplatin"], 0.3)
    alone = row_of(claim_of(), cohort)
    repeated = run([claim_of(claim_id=f"again-{n}") for n in range(5)], cohort)
    assert {row.q_value for row in repeated.rows} == {alone.q_value}
    assert len(repeated.measurements()) == 1


def test_prodrugs_stand_for_their_class_in_patients_only() -> None:
    in_dish = drugs_of_class("chemotherapy", "ln_ic50")
    in_patients = drugs_of_class("chemotherapy", "clinical_response")
    assert "Cyclophosphamide" not in in_dish
    assert set(in_patients) == {*in_dish, *LIVER_PRODRUGS["chemotherapy"]}


def test_every_class_and_cancer_of_a_testable_claim_is_known_or_cannot_be_tested() -> None:
    claims = [claim for claim in load_claims() if claim.rests_on_expression]
    classes = {claim.drug_class for claim in claims if claim.drug is None} - set(DRUG_CLASSES)
    assert classes == {"immunotherapy", "radiation", "apoptosis inducer", "copper-based agent"}
    cancers = {cancer for claim in claims for cancer in claim.cancers} - set(CANCER_LINEAGES)
    assert cancers == {"normal tissue"}


REASONS = [
    (claim_of(change="phosphorylated"), "phosphorylated is not a level"),
    (claim_of(testable_hint="nanoplatform"), "nanoplatform"),
    (claim_of("NOTAGENE"), "no gene is called NOTAGENE"),
    (claim_of("EGLN3"), "no gene is called EGLN3"),
    (claim_of(None, process="nosuchset"), "no gene set is called nosuchset"),
    (claim_of(drug="Unobtainium"), "the cohort does not measure Unobtainium"),
    (claim_of(drug=None, drug_class="radiation"), "no drug of a cohort stands for radiation"),
    (claim_of(drug=None, drug_class="arsenical"), "no drug of the class arsenical"),
]


@pytest.mark.parametrize(("claim", "reason"), REASONS, ids=[reason for _, reason in REASONS])
def test_a_claim_that_cannot_be_tested_says_why(claim: Claim, reason: str) -> None:
    check_untested(row_of(claim, cohort_of(n_lines=60)), reason)


def test_a_cohort_that_cannot_test_says_why() -> None:
    cohort = cohort_of(n_lines=60)
    values, response, lineage = cohort.expression.values, response_of(cohort), cohort.lineage
    few = response.where(np.repeat(np.arange(60)[:, None] < 19, len(DRUGS), axis=1))
    by_lineage = lineage.astype("category").cat.codes.astype(float)
    cases = {
        "the cohort has no response": replace(cohort, response=None),
        "the cohort does not measure FDX1": with_expression(cohort, values.drop(columns="FDX1")),
        "expression of FDX1 is the same in all lines": with_expression(
            cohort, values.assign(FDX1=3.0)
        ),
        "expression of FDX1 does not vary within any lineage": with_expression(
            cohort, values.assign(FDX1=by_lineage)
        ),
        "the response to Cisplatin is the same in all": with_response(
            cohort, response.assign(Cisplatin=1.0)
        ),
        "Cisplatin was measured in 19 lines, fewer than 20": with_response(cohort, few),
        "the cohort states no lineage": replace(
            cohort, lineage=pd.Series([None] * 60, index=lineage.index, dtype=object)
        ),
        "0 lines with a response to Cisplatin share a lineage": replace(
            cohort, lineage=pd.Series(values.index, index=values.index, dtype=object)
        ),
    }
    for reason, each in cases.items():
        check_untested(row_of(claim_of(), each), reason)


def test_a_process_needs_enough_of_its_genes() -> None:
    cohort = cohort_of(n_lines=60)
    genes = GENE_SETS["lipoylation"].genes
    fewer = with_expression(cohort, cohort.expression.values.drop(columns=list(genes[2:])))
    row = row_of(claim_of(None, process="lipoylation"), fewer)
    check_untested(row, f"the cohort measures 2 of the {len(genes)} genes of lipoylation")


def check_untested(row: LedgerRow, reason: str) -> None:
    assert row.verdict.startswith("not testable: ")
    assert reason in row.verdict
    figures = row.to_json()
    assert row.q_value is None
    for name in ("n_lines", "effect_size", "within_lineage", "in_cancer", "p_value", "q_value"):
        assert figures[name] is None


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(TrainingError, match="at least 50"):
        run([claim_of()], cohort_of(n_lines=60), n_bootstrap=3)


@pytest.mark.parametrize("name", ["ccle-gdsc2", "depmap-gdsc2"])
def test_every_claim_of_the_reviews_has_a_verdict(shared_data: Path, name: str) -> None:
    settings = FileSettings.from_environment({"CUPROMARK_MIRROR": str(shared_data)})
    cohort = load_cohort(name, files=FileSource(settings))
    ledger = run(load_claims(), cohort)
    assert [row.claim for row in ledger.rows] == list(load_claims())
    assert sum(ledger.counts().values()) == len(ledger.rows)
    assert len(ledger.tested()) >= 40
