"""Random gene sets that look like the panel in everything but biology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.errors import TrainingError

N_NEIGHBOURS = 30


class TooFewGenesError(TrainingError):
    """A cohort whose other genes are too few to replace the panel."""


@dataclass(frozen=True, slots=True)
class RandomPanels:
    """Panels in which every gene of the true one is replaced by another gene.

    A gene that is in several gene sets is replaced by the same gene in all of them: sizes and
    overlaps of the sets are those of the true panel.

    Attributes
    ----------
    panel
        Genes of the true panel.
    replacements
        (n_panels, n_panel_genes) names; column i stands for `panel[i]`, no gene twice in a row.
    """

    panel: tuple[str, ...]
    replacements: npt.NDArray[np.str_]


def draw_random_panels(
    expression: pd.DataFrame,
    panel: Sequence[str],
    *,
    n_panels: int,
    random_state: int,
    n_neighbours: int = N_NEIGHBOURS,
) -> RandomPanels:
    """Draw panels matched in size, and gene by gene in mean and variance of expression.

    A gene of the panel is replaced by one of the `n_neighbours` genes outside the panel that are
    nearest to it in the ranks of mean and of variance over all samples. Matching reads expression
    alone, never a response.

    Parameters
    ----------
    expression
        Samples x genes, log2: the panel and every other gene of the cohort.
    panel
        Genes to replace.
    n_panels
        How many panels.
    random_state
        Seed.
    n_neighbours
        How many genes are candidates for each gene of the panel.

    Raises
    ------
    TooFewGenesError
        The cohort holds fewer other genes than the panel has.

    References
    ----------
    Venet 2011, doi:10.1371/journal.pcbi.1002240: random signatures as the control of signatures.
    """
    ranks = _mean_and_variance_ranks(expression)
    inside = ranks.index.isin(list(panel))
    others = ranks[~inside]
    if n_panels and len(others) < len(panel):
        raise TooFewGenesError(
            f"The cohort holds {len(others)} genes outside the panel of {len(panel)}.",
            needed="at least as many other genes as panel genes, to draw random gene sets from.",
            remedy="use a cohort with more genes, or leave this control out.",
        )
    distance = _distances(ranks.loc[list(panel)].to_numpy(), others.to_numpy())
    nearest = np.argsort(distance, axis=1, kind="stable")
    generator = np.random.default_rng(random_state)
    drawn = np.empty((n_panels, len(nearest)), dtype=np.int64)
    for row in range(n_panels):
        drawn[row] = _draw(nearest, n_neighbours, generator)
    return RandomPanels(tuple(panel), others.index.to_numpy(dtype=np.str_)[drawn])


def _mean_and_variance_ranks(expression: pd.DataFrame) -> pd.DataFrame:
    figures = pd.DataFrame({"mean": expression.mean(), "variance": expression.var(ddof=1)})
    return figures.rank(pct=True)


def _distances(
    panel: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    gaps: npt.NDArray[np.float64] = np.abs(panel[:, None, :] - others[None, :, :]).sum(axis=2)
    return gaps


def _draw(
    nearest: npt.NDArray[np.int64], n_neighbours: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """One panel: genes choose in random order among their neighbours that are still free."""
    chosen = np.empty(len(nearest), dtype=np.int64)
    taken: set[int] = set()
    for gene in generator.permutation(len(nearest)):
        still_free = (int(one) for one in nearest[gene] if int(one) not in taken)
        free = list(islice(still_free, n_neighbours))
        pick = free[int(generator.integers(len(free)))]
        chosen[gene] = pick
        taken.add(pick)
    return chosen
