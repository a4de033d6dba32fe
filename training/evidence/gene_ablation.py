"""Single genes: what becomes of a drug's roc_auc without each of those that matter most.

The genes are chosen with all lines in view, so that their losses are not those of genes drawn at
random; that a gene is not missed may mean that another one stands for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from training.errors import TrainingError
from training.evidence.ablation import AblationSettings, draw_plans, learn_tables
from training.evidence.controls import ControlData
from training.evidence.figures import Figure, figure_json
from training.evidence.paired_gains import gains, intervals_of
from training.evidence.panel_features import PanelAlgebra
from training.evidence.reduced_plans import without_gene
from training.evidence.shared_ridge import rank_targets
from training.evidence.stability import attribution_sizes

N_ATTRIBUTED_GENES = 10


@dataclass(frozen=True, slots=True)
class GeneAblation:
    """What becomes of a drug's roc_auc without each of some genes.

    Attributes
    ----------
    genes
        Most attributed first.
    change
        Gene -> roc_auc without it minus roc_auc with it; below 0 where it is missed.
    """

    drug: str
    roc_auc: Figure
    genes: tuple[str, ...]
    change: dict[str, Figure]

    def to_json(self) -> dict[str, Any]:
        """`without CDKN2A` -> change."""
        changes = {f"without {gene}": figure_json(self.change[gene]) for gene in self.genes}
        return {"roc_auc": figure_json(self.roc_auc), "change": changes}


def ablate_genes(
    data: ControlData,
    drug: str,
    *,
    genes: Sequence[str] | None = None,
    n_genes: int = N_ATTRIBUTED_GENES,
    settings: AblationSettings | None = None,
) -> GeneAblation:
    """Take genes away one at a time, from everything that is computed from them.

    Parameters
    ----------
    drug
        One of `data.drugs`.
    genes
        Genes of the panel; by default the `n_genes` most attributed ones.

    Raises
    ------
    TrainingError
        A gene is not in the panel, or the drug is not in the data.
    """
    settings = settings or AblationSettings()
    one = _of_drug(data, drug)
    if genes is None:
        genes = most_attributed_genes(one, n_genes=n_genes, settings=settings)
    strangers = sorted(set(genes) - set(data.plan.gene_panel))
    if strangers:
        raise TrainingError(
            f"Not among the {len(data.plan.gene_panel)} panel genes: {', '.join(strangers)}.",
            needed="genes of the panel that the cohort holds.",
            remedy="leave them out.",
        )
    plans = [data.plan, *(without_gene(data.plan, gene) for gene in genes)]
    panel, *variants = draw_plans(one, plans, settings)
    change = {gene: gains(drawn, panel)[0] for gene, drawn in zip(genes, variants, strict=True)}
    roc_auc = intervals_of(panel.value, panel.draws)[0]
    return GeneAblation(drug, roc_auc, tuple(genes), change)


def most_attributed_genes(
    data: ControlData, *, n_genes: int = N_ATTRIBUTED_GENES, settings: AblationSettings
) -> tuple[str, ...]:
    """Genes with the largest mean size of attribution over the drugs of the data."""
    everyone = np.arange(len(data.response))
    tables, algebra = learn_tables(data, everyone, settings), PanelAlgebra.of_plan(data.plan)
    features = np.hstack([algebra.features(tables.of(algebra.panel)), tables.lineage])
    sizes = attribution_sizes(features, algebra, rank_targets(data.response)).mean(axis=0)
    order = np.argsort(-sizes, kind="stable")[:n_genes]
    return tuple(algebra.panel[at] for at in order)


def _of_drug(data: ControlData, drug: str) -> ControlData:
    if drug not in data.drugs:
        raise TrainingError(
            f"{drug} is not among the {len(data.drugs)} drugs.",
            needed="a drug that was labelled.",
            remedy="see why it was left out, or name another drug.",
        )
    at = data.drugs.index(drug)
    return replace(
        data,
        drugs=(drug,),
        response=data.response[:, [at]],
        is_sensitive=data.is_sensitive[:, [at]],
    )
