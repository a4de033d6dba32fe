"""From what a caller sends to what the scores are computed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from features.alignment import AlignMethod, choose_alignment
from features.expression import Scale
from models.bundle import Bundle
from models.compiled.gene_plan import GenePlan, GenePlans
from models.compiled.lineages import Given, Lineages
from models.compiled.scoring import Needed
from models.compiled.selections import Selection, Selections
from models.compiled.values import log2_values, profile_values, sample_names
from models.prediction_notes import Alignment, note_alignment
from models.profile_values import declared, refuse_flat


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question, understood.

    Attributes
    ----------
    selection
        The drugs that answer.
    samples
        (n,) names.
    plan
        What the names of genes mean.
    method
        How the profiles are aligned.
    alignment_note, lineage_notes
        What is said about that, and about lineages.
    lineage_used
        (n,) what stands for the lineage of each sample.
    needed
        What scores are computed from.
    """

    selection: Selection
    samples: tuple[str, ...]
    plan: GenePlan
    method: AlignMethod
    alignment_note: str
    lineage_used: tuple[str, ...]
    lineage_notes: tuple[str, ...]
    needed: Needed


class Questions:
    """Understands questions to one bundle, and remembers the lists of genes asked with last."""

    def __init__(self, bundle: Bundle, selections: Selections) -> None:
        self._selections = selections
        self._reference = bundle.features.reference_
        self._arrays = bundle.features.arrays_
        self._lineages = Lineages(bundle.features.lineage_coding_)
        self._plans = GenePlans(
            lambda genes, method, source: GenePlan.of(bundle, genes, method, source=source)
        )

    def understand(
        self,
        genes: Sequence[str],
        values: ArrayLike,
        *,
        scale: Scale | None,
        drugs: Sequence[str] | None,
        align: Alignment,
        lineage: Given,
        sample_ids: Sequence[str] | None,
        source: str,
        is_log2: bool = False,
    ) -> Asked:
        """Check everything that was sent; see `CompiledBundle.predict` for errors."""
        scale = declared(scale)
        selection = self._selections.of(drugs)
        # A file was held to its scale as a whole, and these may be a part of its genes.
        in_log2 = (
            profile_values(values, genes, source=source)
            if is_log2
            else log2_values(values, genes, scale, source=source)
        )
        samples = sample_names(sample_ids, len(in_log2), source=source)
        plan = self._plans.get(genes, self._method(scale, align), source=source)
        by_gene = plan.columns.gather(in_log2, rule="mean")
        if not is_log2:
            refuse_flat(by_gene, samples)
        return self._asked(selection, samples, plan, by_gene, scale, align, lineage)

    def understand_log2(
        self,
        genes: Sequence[str],
        in_log2: NDArray[np.float32],
        samples: tuple[str, ...],
        *,
        scale: Scale,
        drugs: Sequence[str],
        align: AlignMethod,
        lineage: Given,
    ) -> Asked:
        """Take values that are log2 already, whatever their scale was, and as they are."""
        plan = self._plans.get(genes, align, source="the profiles")
        selection = self._selections.of(drugs)
        by_gene = plan.columns.gather(in_log2, rule="mean")
        return self._asked(selection, samples, plan, by_gene, scale, align, lineage)

    def _asked(
        self,
        selection: Selection,
        samples: tuple[str, ...],
        plan: GenePlan,
        by_gene: NDArray[np.float32],
        scale: Scale,
        align: Alignment,
        lineage: Given,
    ) -> Asked:
        needed = plan.needed_values(by_gene)
        lineages = self._lineages.find(samples, lineage)
        method = self._method(scale, align)
        return Asked(
            selection=selection,
            samples=samples,
            plan=plan,
            method=method,
            alignment_note=note_alignment(
                method,
                asked=align != "auto",
                scale=scale,
                bundle_scale=self._reference.expression_scale,
            ),
            lineage_used=lineages.names,
            lineage_notes=lineages.notes,
            needed=Needed(needed, self._arrays.z(needed), lineages.places),
        )

    def _method(self, scale: Scale, align: Alignment) -> AlignMethod:
        return choose_alignment(scale, self._reference) if align == "auto" else align
