"""Study `ablation`: what each gene set adds, and what becomes of a drug without a gene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from features.gene_sets import GeneSetCollection
from training.cohort import Cohort
from training.evidence.ablation import AblationSettings, SetAblation, SetContribution, ablate_sets
from training.evidence.controls import ControlData
from training.evidence.figures import Figure, figure_json, number_or
from training.evidence.gene_ablation import GeneAblation, ablate_genes
from training.evidence.intervals import p_of_interval
from training.evidence.p_values import benjamini_hochberg
from training.evidence.studies.forest import Forest
from training.evidence.studies.selection import constant_genes, lay_out
from training.evidence.studies.study import Study, about_cohort
from training.evidence.studies.tables import StudyTable, figure_text, number_text
from training.metrics import FloatArray, Interval
from training.settings import TrainingSettings

NOTE = (
    "Figures are differences of roc_auc on unseen lines, in folds grouped by patient, with a "
    "bootstrap over patients. That a set or a gene is not missed does not say that it means "
    "nothing: others may stand for it. What a set adds to lineage is not held against random genes "
    "here; `evidence run` does that. q is Benjamini-Hochberg's, over all sets or over all genes."
)
MOST_DRUGS_SHOWN = 20
MOST_GENES_SHOWN = 20


def study_ablation(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    training: TrainingSettings,
    settings: AblationSettings,
    *,
    n_genes: int,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Leave every gene set out, let every one stand alone, and take single genes away.

    Parameters
    ----------
    training
        Its drugs and labels are read.
    n_genes
        The most attributed genes of each drug that are taken away one by one; 0 for none.
    progress
        Told how many parts are done: a part is a fold of the sets, or the genes of a drug.
    """
    data, skipped = lay_out(cohort, gene_sets, training, settings.controls)
    n_folds = settings.controls.n_folds * len(settings.controls.seeds)
    drugs = data.drugs if n_genes else ()

    def tell(done: int) -> None:
        if progress:
            progress(done, n_folds + len(drugs))

    sets = ablate_sets(data, settings, progress=lambda done, _: tell(done))
    genes = []
    for done, drug in enumerate(drugs, start=1):
        genes.append(ablate_genes(data, drug, n_genes=n_genes, settings=settings))
        tell(n_folds + done)
    return Study(
        name="ablation",
        title=f"What gene sets and genes add on {cohort.name}",
        about=about_cohort(cohort, **_asked(settings, n_genes)),
        figures=_figures(data, sets, genes),
        tables=_tables(sets, genes),
        notes=tuple(filter(None, (NOTE, _empty_sets(sets)))),
        forest=_forest(sets),
        skipped=skipped,
    )


def _asked(settings: AblationSettings, n_genes: int) -> dict[str, Any]:
    controls = asdict(settings.controls)
    shown = ("seeds", "n_folds", "lineage_minimum", "lineage_weight")
    return {name: controls[name] for name in shown} | {
        "n_bootstrap": settings.n_bootstrap,
        "n_genes": n_genes,
    }


def _figures(data: ControlData, sets: SetAblation, genes: list[GeneAblation]) -> dict[str, Any]:
    figures = sets.to_json()
    tested = sets.sets
    for name in ("mean_added_to_panel", "mean_added_to_lineage"):
        q_values = _q_values([getattr(one, name) for one in tested])
        for one, q_value in zip(tested, q_values, strict=True):
            shown = figure_json(number_or(q_value, "no interval"))
            figures["gene_sets"][one.gene_set][f"q_{name}"] = shown
    for of_drug in genes:
        figures["drugs"][of_drug.drug]["genes"] = of_drug.to_json()["change"]
    return figures | {"constant_genes": list(constant_genes(data))}


def _tables(sets: SetAblation, genes: list[GeneAblation]) -> tuple[StudyTable, ...]:
    tables = [_set_table(sets)]
    if len(sets.drugs) <= MOST_DRUGS_SHOWN:
        tables.append(_drug_table(sets))
    if genes:
        tables.append(_gene_table(genes))
    return tuple(tables)


def _empty_sets(sets: SetAblation) -> str:
    empty = [one.gene_set for one in sets.sets if not one.genes]
    return f"Not estimable, without a gene in the cohort: {', '.join(empty)}." if empty else ""


def _set_table(sets: SetAblation) -> StudyTable:
    ordered = _by_gain(sets.sets)
    to_panel = _q_values([one.mean_added_to_panel for one in ordered])
    to_lineage = _q_values([one.mean_added_to_lineage for one in ordered])
    rows = [
        (
            one.gene_set,
            f"{len(one.genes)} ({len(one.own_genes)})",
            figure_text(one.mean_added_to_panel, sign="+", digits=4),
            number_text(to_panel[at]),
            figure_text(one.mean_added_to_lineage, sign="+", digits=4),
            number_text(to_lineage[at]),
        )
        for at, one in enumerate(ordered)
    ]
    return StudyTable(
        f"Mean over {len(sets.drugs)} drugs of what each gene set adds to roc_auc: to the rest of "
        "the panel with lineage, and alone to lineage.",
        ("gene set", "genes (its own)", "added to panel", "q", "added to lineage", "q "),
        tuple(rows),
    )


def _drug_table(sets: SetAblation) -> StudyTable:
    rows = []
    for at, drug in enumerate(sets.drugs):
        best = max(sets.sets, key=lambda one: _value(one.added_to_panel[at]))
        alone = max(sets.sets, key=lambda one: _value(one.added_to_lineage[at]))
        rows.append(
            (
                drug,
                figure_text(sets.panel[at]),
                figure_text(sets.lineage[at]),
                f"{best.gene_set} {figure_text(best.added_to_panel[at], sign='+')}",
                f"{alone.gene_set} {figure_text(alone.added_to_lineage[at], sign='+')}",
            )
        )
    columns = ("drug", "panel, lineage", "lineage alone", "most missed set", "best set alone")
    title = "The largest of the sets' contributions, drug by drug; the largest of many flatters."
    return StudyTable(title, columns, tuple(rows))


def _gene_table(genes: list[GeneAblation]) -> StudyTable:
    pairs = [(one, gene) for one in genes for gene in one.genes]
    q_values = _q_values([one.change[gene] for one, gene in pairs])
    rows = list(zip(pairs, q_values, strict=True))
    title = "roc_auc without a gene minus roc_auc with it, for each drug's most attributed genes."
    if len(rows) > MOST_GENES_SHOWN:
        rows.sort(key=lambda row: _value(row[0][0].change[row[0][1]]))
        title += f" The {MOST_GENES_SHOWN} largest losses of {len(rows)}; --json has all of them."
    cells = tuple(
        (one.drug, f"without {gene}", figure_text(one.change[gene], sign="+"), number_text(q_value))
        for (one, gene), q_value in rows[:MOST_GENES_SHOWN]
    )
    return StudyTable(title, ("drug", "panel", "change", "q"), cells)


def _forest(sets: SetAblation) -> Forest:
    rows = tuple((one.gene_set, one.mean_added_to_panel) for one in _by_gain(sets.sets))
    title = f"What each gene set adds to the rest of the panel, mean over {len(sets.drugs)} drugs"
    return Forest(title, "roc_auc with the set minus without it", 0.0, rows)


def _by_gain(sets: tuple[SetContribution, ...]) -> list[SetContribution]:
    """Order the sets that have genes, the most missed first."""
    held = [one for one in sets if one.genes]
    return sorted(held, key=lambda one: -_value(one.mean_added_to_panel))


def _q_values(figures: list[Figure]) -> FloatArray:
    p_values = [p_of_interval(one) if isinstance(one, Interval) else np.nan for one in figures]
    return benjamini_hochberg(np.array(p_values))


def _value(figure: Figure) -> float:
    return figure.value if isinstance(figure, Interval) else -np.inf
