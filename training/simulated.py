"""A simulated cohort, for tests and for a machine that reaches no data: nothing was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from features.expression import Expression, ReadingReport
from features.gene_sets import load_gene_sets
from features.symbols import SymbolTable
from training.cohort import Cohort
from training.joining import DROPPED_COLUMNS, JoiningReport, sample_series
from training.response import Response

SIMULATED_DRUGS = (
    "Cisplatin",
    "Oxaliplatin",
    "Paclitaxel",
    "Gemcitabine",
    "5-Fluorouracil",
    "Venetoclax",
    "Elesclomol",
)
LINEAGES = ("Lung", "Breast", "Ovary", "Bowel", "Skin", "Myeloid")
N_NOISE_GENES = 300
MISSING_SHARE = 0.05
SHARED_PATIENT_SHARE = 0.05

_NOT_MEASURED = "Every value was simulated; nothing was measured."


def simulate_cohort(
    random_state: int,
    n_lines: int = 300,
    drugs: Sequence[str] = SIMULATED_DRUGS,
    *,
    gene_sets: Mapping[str, Sequence[str]] | None = None,
) -> Cohort:
    """Simulate cell lines whose response depends on lineage and on gene sets.

    Every gene set has an activity of its own in a line, which raises its genes; every lineage
    shifts genes and responses. ln_ic50 of a drug = its mean + lineage + 0.9 times the activity of
    the planted set + noise, so that high activity goes with resistance.

    Parameters
    ----------
    random_state
        Seed; the same seed gives the same cohort.
    n_lines
        Number of lines; about one in twenty shares its patient with the one before.
    drugs
        Names of the drugs; drug i is planted with gene set i, in the order of `gene_sets`.
    gene_sets
        Names and genes; the shipped gene sets by default.
    """
    sets = gene_sets or {name: each.genes for name, each in load_gene_sets().items()}
    rng = np.random.default_rng(random_state)
    lines = [f"SIM-{number:04d}" for number in range(1, n_lines + 1)]
    lineage = rng.integers(len(LINEAGES), size=n_lines)
    activity = pd.DataFrame(rng.normal(size=(n_lines, len(sets))), index=lines, columns=list(sets))
    patients = np.cumsum(rng.random(n_lines) >= SHARED_PATIENT_SHARE)
    return Cohort(
        name="simulated",
        expression=_expression(rng, sets, activity, lineage),
        response=_response(rng, drugs, activity, lineage),
        lineage=sample_series([LINEAGES[number] for number in lineage], lines, "lineage"),
        split_group=sample_series([f"SIM-P{n:04d}" for n in patients], lines, "split_group"),
        sources=(),
        joining=_report(n_lines),
        symbols=SymbolTable.panel(),
        simulated=True,
    )


def planted_sets(drugs: Sequence[str], gene_sets: Sequence[str]) -> dict[str, str]:
    """Gene set on which the simulated response to each drug depends."""
    return {drug: gene_sets[number % len(gene_sets)] for number, drug in enumerate(drugs)}


def _expression(
    rng: np.random.Generator,
    sets: Mapping[str, Sequence[str]],
    activity: pd.DataFrame,
    lineage: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> Expression:
    panel = sorted({gene for genes in sets.values() for gene in genes})
    genes = [*panel, *(f"NOISE{number:03d}" for number in range(1, N_NOISE_GENES + 1))]
    member = pd.DataFrame(
        {name: np.isin(genes, list(listed)) for name, listed in sets.items()}, index=genes
    ).to_numpy(dtype=float)
    # A gene of several sets takes their mean, so that no gene varies more than the others.
    weights = member / np.maximum(1.0, member.sum(axis=1, keepdims=True))
    values = (
        rng.uniform(4.0, 10.0, size=len(genes))
        + 0.7 * activity.to_numpy() @ weights.T
        + rng.normal(scale=0.5, size=(len(LINEAGES), len(genes)))[lineage]
        + rng.normal(scale=0.7, size=(len(lineage), len(genes)))
    )
    frame = pd.DataFrame(
        np.clip(values, 0.0, 15.0).astype(np.float32),
        index=pd.Index(activity.index, dtype=object, name="sample"),
        columns=pd.Index(genes, dtype=object, name="gene"),
    )
    report = ReadingReport(
        format="simulated",
        orientation="samples_by_genes",
        delimiter=None,
        id_type="symbol",
        n_samples=len(lineage),
        n_ids=len(genes),
        n_genes=len(genes),
        steps=(_NOT_MEASURED,),
    )
    return Expression(frame, "rma_log2", "symbol", "simulated", report)


def _response(
    rng: np.random.Generator,
    drugs: Sequence[str],
    activity: pd.DataFrame,
    lineage: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> Response:
    columns = {}
    for drug, planted in planted_sets(drugs, list(activity.columns)).items():
        ln_ic50 = (
            rng.uniform(-2.0, 4.0)
            + rng.normal(scale=0.6, size=len(LINEAGES))[lineage]
            + 0.9 * activity[planted].to_numpy()
            + rng.normal(scale=1.0, size=len(lineage))
        )
        columns[drug] = np.where(rng.random(len(lineage)) < MISSING_SHARE, np.nan, ln_ic50)
    values = pd.DataFrame(columns, index=pd.Index(activity.index, dtype=object, name="sample"))
    values.columns = pd.Index(list(drugs), name="drug")
    described = pd.DataFrame(
        {
            "screen": list(drugs),
            "drug_ids": [(drug,) for drug in drugs],
            "names": [(drug,) for drug in drugs],
            "target": None,
        },
        index=values.columns,
    )
    tested_range = pd.DataFrame(
        {"minimum_ln_um": np.log(0.001), "maximum_ln_um": np.log(10.0)}, index=values.columns
    )
    return Response(values, "ln_ic50", tested_range, described)


def _report(n_lines: int) -> JoiningReport:
    dropped = pd.DataFrame(columns=list(DROPPED_COLUMNS))
    return JoiningReport("simulated", n_lines, n_lines, n_lines, dropped, (_NOT_MEASURED,))
