"""What a compiled bundle answers: arrays beside what goes with all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.alignment import AlignMethod
from features.coverage import GeneCoverage
from features.expression import IdType
from models.conformal import CONFORMAL_SETS, LABELS, ConformalSet, Label

_LABELS = np.array(LABELS, dtype=object)
_CONFORMAL_SETS = np.array(CONFORMAL_SETS, dtype=object)


@dataclass(frozen=True, slots=True, eq=False)
class GeneReport:
    """What became of the names of genes.

    Attributes
    ----------
    id_type
        The kind of gene id that was found.
    n_genes
        Genes that were left, each once.
    renamed
        Name as given -> approved symbol, where they differ.
    unknown
        Ids that the bundle's table does not hold: symbols keep their name, other ids were dropped.
    ambiguous
        Ids that were dropped because they fit several genes -> those genes.
    duplicated
        Genes that several columns held -> how many; their mean (log2) was taken.
    """

    id_type: IdType
    n_genes: int
    renamed: dict[str, str]
    unknown: tuple[str, ...]
    ambiguous: dict[str, tuple[str, ...]]
    duplicated: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class CompiledAnswers:
    """Answers for n samples and d drugs.

    Attributes
    ----------
    sample_ids
        (n,) names.
    drugs, statuses
        (d,) names and statuses, in the order of the bundle or of the question.
    probability_sensitive
        (n, d) float64, C-contiguous, 0 to 1.
    set_codes
        (n, d) int8, places in `models.conformal.CONFORMAL_SETS` and `LABELS`.
    domain_percentile
        (n,) from 0 (amid the training lines) to 100; NaN where the bundle does not know them.
    training_lines
        Samples that are training lines, by name or by expression.
    coverage
        Genes of the panel that were there, and those for which the training mean stands.
    gene_report
        What became of the names of genes.
    alignment
        How the profiles were brought to the scale of the training cohort.
    lineage_used
        (n,) the lineage, or that it was unknown, or is not used.
    notes
        Sentences on what was done to the profiles, and on what was left out.
    level
        Fraction of samples whose conformal set must hold their class, in each class.
    panel_z
        (n, n_panel) z values of the panel genes: what lines are compared by.
    """

    sample_ids: tuple[str, ...]
    drugs: tuple[str, ...]
    statuses: tuple[str, ...]
    probability_sensitive: NDArray[np.float64]
    set_codes: NDArray[np.int8]
    domain_percentile: NDArray[np.float64]
    training_lines: tuple[str, ...]
    coverage: GeneCoverage
    gene_report: GeneReport
    alignment: AlignMethod
    lineage_used: tuple[str, ...]
    notes: tuple[str, ...]
    level: float
    panel_z: NDArray[np.float64]

    def labels(self) -> list[list[Label]]:
        """Label of each sample and drug: sensitive, resistant or no call."""
        labels: list[list[Label]] = _LABELS[self.set_codes].tolist()
        return labels

    def conformal_sets(self) -> list[list[ConformalSet]]:
        """Conformal set of each sample and drug: sensitive, resistant, both or none."""
        sets: list[list[ConformalSet]] = _CONFORMAL_SETS[self.set_codes].tolist()
        return sets
