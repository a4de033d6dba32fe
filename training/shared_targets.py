"""What the same training lines teach about all drugs: ranks, completed by factors that drugs share.

Drugs with a common mechanism rank the lines alike. The ranks of the training lines are completed by
a low-rank matrix, which also fills in what was not measured. Lines that were screened but have no
expression take part twice: they show which drugs respond alike, and how their lineage responds. In
the second part the lines of a lineage stand together as one row, at the mean of the features of the
training lines of that lineage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from training.evidence.shared_ridge import RankTargets, rank_targets
from training.metrics import FloatArray

SHRINKAGE = 0.3
N_ITERATIONS = 12
OVERSAMPLING = 10
FEWEST_OF_LINEAGE = 5
"""Training lines of a lineage that make a mean of features worth the name."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Lines without expression, of other patients: responses to all drugs, and lineage.

    Attributes
    ----------
    response
        (n_other_lines, n_drugs), NaN where not measured, low = sensitive.
    lineage
        (n_other_lines,); "" where it is not known.
    """

    response: FloatArray
    lineage: npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class SharedTargets:
    """What a score of every drug is learned from; a row a training line, then one a lineage.

    Attributes
    ----------
    ranks
        (n_rows, n_drugs) standardised ranks, high = sensitive, 0 where not measured.
    completed
        The same with the low-rank part where nothing was measured.
    low_rank
        Number of factors -> (n_rows, n_drugs) low-rank part everywhere.
    of_lineage
        (n_lineages, n_lines): the features of a lineage's row are this times those of the lines.
    n_elsewhere
        (n_lineages,) lines elsewhere that a lineage's row stands for.
    line_products
        (n_lines, n_lines) products of the lines' completed ranks over all drugs.
    """

    ranks: FloatArray
    completed: FloatArray
    low_rank: dict[int, FloatArray]
    of_lineage: FloatArray
    n_elsewhere: FloatArray
    line_products: FloatArray

    @classmethod
    def of(
        cls,
        response: FloatArray,
        lineage: npt.NDArray[np.str_],
        elsewhere: Elsewhere | None,
        n_factors: Sequence[int],
    ) -> SharedTargets:
        """Rank and complete.

        Parameters
        ----------
        response
            (n_lines, n_drugs) of the training lines, NaN where not measured, low = sensitive.
        lineage
            (n_lines,) of them.
        elsewhere
            Lines that have no expression.
        n_factors
            Ranks of the low-rank parts to keep.
        """
        nobody = Elsewhere(response[:0], lineage[:0])
        others = elsewhere or nobody
        targets = rank_targets(np.vstack([response, others.response]))
        completed, left, right = complete_ranks(targets, n_factors=max(n_factors, default=0))
        of_lineage, mean_of = _lineage_rows(lineage, others.lineage)
        n_lines = len(response)

        def rows(matrix: FloatArray) -> FloatArray:
            return np.vstack([matrix[:n_lines], mean_of @ matrix[n_lines:]])

        measured_share = np.maximum(mean_of @ targets.measured[n_lines:], 1e-12)
        ranks = rows(targets.ranks)
        ranks[n_lines:] /= measured_share  # the mean over the lines that were measured
        return cls(
            ranks=ranks,
            completed=rows(completed),
            low_rank={n: rows(left[:, :n] @ right[:n]) for n in n_factors},
            of_lineage=of_lineage,
            n_elsewhere=(mean_of > 0).sum(axis=1).astype(np.float64),
            line_products=completed[:n_lines] @ completed[:n_lines].T,
        )

    @property
    def n_lines(self) -> int:
        """Training lines, without the rows of lineages."""
        return int(self.of_lineage.shape[1])

    def blended(self, n_factors: int, blend: float) -> FloatArray:
        """Completed ranks of which the low-rank part is a share; the bare ranks without factors."""
        if n_factors == 0:
            return self.ranks
        mixed: FloatArray = (1 - blend) * self.completed + blend * self.low_rank[n_factors]
        return mixed

    def of_drugs(self, columns: Sequence[int]) -> SharedTargets:
        """Give some of the drugs, after all of them have shared."""
        kept = list(columns)
        return replace(
            self,
            ranks=self.ranks[:, kept],
            completed=self.completed[:, kept],
            low_rank={n: part[:, kept] for n, part in self.low_rank.items()},
        )


def complete_ranks(
    targets: RankTargets,
    *,
    n_factors: int,
    shrinkage: float = SHRINKAGE,
    n_iterations: int = N_ITERATIONS,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fill in what was not measured from the drugs that were.

    Parameters
    ----------
    n_factors
        Largest rank of the low-rank part.
    shrinkage
        By how much singular values are lowered, as a share of the largest one that noise alone
        would be expected to have.

    Returns
    -------
    tuple
        (n_lines, n_drugs) ranks, the low-rank part standing where nothing was measured; and the
        low-rank part as (n_lines, n_kept) @ (n_kept, n_drugs), strongest factor first.

    References
    ----------
    Mazumder, Hastie and Tibshirani 2010, https://jmlr.org/papers/v11/mazumder10a.html
    (soft-impute). Each singular value decomposition starts from the subspace of the one before it.
    """
    n_lines, n_drugs = targets.ranks.shape
    threshold = shrinkage * (np.sqrt(n_lines) + np.sqrt(n_drugs))
    n_kept = min(n_factors, n_lines, n_drugs)
    completed = targets.ranks
    basis = _leading(completed, min(n_kept + OVERSAMPLING, n_lines, n_drugs))
    left, right = np.zeros((n_lines, n_kept)), np.zeros((n_kept, n_drugs))
    for _ in range(n_iterations if n_kept else 0):
        basis = np.linalg.qr(completed.T @ (completed @ basis))[0]
        vectors, values, turned = np.linalg.svd(completed @ basis, full_matrices=False)
        left = vectors[:, :n_kept] * np.maximum(values - threshold, 0.0)[:n_kept]
        right = turned[:n_kept] @ basis.T
        completed = np.where(targets.measured, targets.ranks, left @ right)
    return completed, left, right


def _leading(matrix: FloatArray, n_columns: int) -> FloatArray:
    """(n_drugs, n_columns) directions of the drugs along which the lines differ most."""
    vectors: FloatArray = np.linalg.eigh(matrix.T @ matrix)[1][:, ::-1][:, :n_columns]
    return vectors


def _lineage_rows(
    lineage: npt.NDArray[np.str_], lineage_elsewhere: npt.NDArray[np.str_]
) -> tuple[FloatArray, FloatArray]:
    """Means over the training lines, and over the lines elsewhere, of every lineage of both."""
    names, counts = np.unique(lineage[lineage != ""], return_counts=True)
    here = names[counts >= FEWEST_OF_LINEAGE]
    both = here[np.isin(here, lineage_elsewhere)]
    members, others = (both[:, None] == one[None, :] for one in (lineage, lineage_elsewhere))
    return _row_means(members), _row_means(others)


def _row_means(members: npt.NDArray[np.bool_]) -> FloatArray:
    means: FloatArray = members / np.maximum(members.sum(axis=1, keepdims=True), 1)
    return means
