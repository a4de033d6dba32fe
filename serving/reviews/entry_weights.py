"""Which genes and gene sets weigh most in a drug's answers, and which way they lean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.gene_sets import Direction
from models.attribution import Attributions, Attributor, drug_gene_directions
from models.bundle import Bundle
from models.errors import AttributionError
from models.reports.drivers import observed_lean
from models.reports.training_lines import TrainingLines, training_lines
from serving.reviews.dependence import Dependence, thin_dependence

FloatArray = NDArray[np.float64]
N_GENES, N_SETS = 10, 5
DRUGS_AT_ONCE = 8  # 600 lines x 8 drugs x 150 genes are 6 MB an array


@dataclass(frozen=True, slots=True)
class EntryWeight:
    """A gene or gene set among the weightiest of a drug.

    Attributes
    ----------
    rank
        From 1, among the genes or among the sets.
    mean_size
        Mean |attribution| in log-odds over all training lines that the bundle keeps; None where
        it keeps none of which features can be worked out exactly.
    share
        Of the sum of these over all entries; else weight over that of the weightiest gene. 0 to 1.
    log_odds_per_sd
        What one standard deviation more of a gene adds; None unless the score is linear.
    direction
        What higher expression goes with in the classifier; None where it depends on the line.
    dependence
        Attribution against value; None where the lines' features cannot be worked out.
    """

    name: str
    of: Literal["gene", "set"]
    rank: int
    mean_size: float | None
    share: float
    log_odds_per_sd: float | None
    direction: Direction | None
    dependence: Dependence | None = None


def weigh_entries(
    bundle: Bundle, *, n_genes: int = N_GENES, n_sets: int = N_SETS
) -> dict[str, tuple[EntryWeight, ...]]:
    """Find the weightiest genes and sets of every drug, weightiest first.

    Attributions are exact over the training lines where their features can be worked out. Else
    linear scores are weighed by their coefficients, and trees are left out.

    Returns
    -------
    dict
        Drug -> entries; nothing for drugs that cannot be taken apart, as in bundles of format 1.
    """
    lines = training_lines(bundle)
    try:
        if isinstance(lines, TrainingLines):
            return dict(_over_lines(bundle, lines.features, n_genes, n_sets))
        return _by_coefficients(bundle, n_genes)
    except AttributionError:
        return {}


def _over_lines(
    bundle: Bundle, features: FloatArray, n_genes: int, n_sets: int
) -> Iterator[tuple[str, tuple[EntryWeight, ...]]]:
    names = tuple(bundle.drugs)
    for start in range(0, len(names), DRUGS_AT_ONCE):
        drugs = names[start : start + DRUGS_AT_ONCE]
        attributor = Attributor.of(bundle, drugs=drugs)
        by_gene, by_set = attributor.attribute_genes_and_sets(features)
        slopes = _slopes(attributor)
        for place, drug in enumerate(drugs):
            genes = _heaviest(by_gene, place, attributor.shares.genes, n_genes, slopes[place])
            sets = _heaviest(by_set, place, attributor.shares.sets, n_sets, None)
            yield drug, (*genes, *sets)


def _slopes(attributor: Attributor) -> list[FloatArray | None]:
    """(n_genes,) log-odds a standard deviation of each drug; None for trees."""
    slopes: list[FloatArray | None] = [None] * len(attributor.models)
    if attributor.linear is not None and attributor.shares.is_linear:
        coefficients = attributor.linear.gene_coefficients
        for place, row in zip(attributor.linear_places.tolist(), coefficients, strict=True):
            slopes[place] = row
    return slopes


def _heaviest(
    given: Attributions, place: int, names: Sequence[str], n_kept: int, slopes: FloatArray | None
) -> list[EntryWeight]:
    log_odds = given.log_odds[:, place, :]
    sizes = np.abs(log_odds).mean(axis=0)
    whole = float(sizes.sum()) or 1.0
    heaviest = np.argsort(-sizes[: len(names)], kind="stable")[:n_kept].tolist()
    weights = []
    for rank, at in enumerate(heaviest, start=1):
        if sizes[at] == 0:
            break
        slope = None if slopes is None else float(slopes[at])
        lean = observed_lean(given.values[:, at], log_odds[:, at])
        weights.append(
            EntryWeight(
                name=names[at],
                of="set" if given.by == "set" else "gene",
                rank=rank,
                mean_size=float(sizes[at]),
                share=float(sizes[at]) / whole,
                log_odds_per_sd=slope,
                direction=lean if slope is None else _lean_of(slope),
                dependence=thin_dependence(given.values[:, at], log_odds[:, at]),
            )
        )
    return weights


def _by_coefficients(bundle: Bundle, n_genes: int) -> dict[str, tuple[EntryWeight, ...]]:
    return {
        drug: tuple(
            EntryWeight(
                gene, "gene", rank, None, one.share_of_largest, one.log_odds_per_sd, one.direction
            )
            for rank, (gene, one) in enumerate(
                sorted(genes.items(), key=lambda item: -item[1].share_of_largest)[:n_genes], start=1
            )
            if one.direction is not None
        )
        for drug, genes in drug_gene_directions(bundle).items()
    }


def _lean_of(slope: float) -> Direction | None:
    if slope == 0:
        return None
    return "sensitivity" if slope > 0 else "resistance"
