"""Study `platforms`: the same lines on a microarray and by RNA-seq, through the same model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from features.gene_sets import GeneSetCollection
from training.cell_line_models import CellLineModels
from training.cohort import Cohort
from training.errors import TrainingError
from training.evidence.figures import NotEstimable
from training.evidence.platform_agreement import AGREEMENT_FIGURES
from training.evidence.platforms import (
    PlatformRobustness,
    PlatformSettings,
    compare_platforms,
    pair_lines,
)
from training.evidence.studies.forest import Forest
from training.evidence.studies.study import Study, about_cohort
from training.evidence.studies.tables import StudyTable, figure_text
from training.joining_cell_lines import SampleId

SAMPLE_IDS: dict[str, SampleId] = {
    "ccle-gdsc2": "ccle_name",
    "depmap-gdsc2": "model_id",
    "depmap-sanger-auc": "model_id",
}
"""What the samples of a cohort are called in Model.csv."""

NAMES = {
    "spearman": "Spearman of the probabilities",
    "spearman_within_lineage": "Spearman within lineages",
    "flipped_at_half": "share of calls that flip at 0.5",
    "flipped_at_prevalence": "share of calls that flip at the prevalence",
    "roc_auc_same": "roc_auc on the platform of training",
    "roc_auc_other": "roc_auc on the other platform",
}
NOTE = (
    "Lines that neither they nor their patients were learned from are asked about twice: with the "
    "profile of the platform that the model was learned from, and with that of the other one, "
    "aligned. Both know the lineage; within lineages is what the measured genes agree on."
)


def study_platforms(
    trained_on: Cohort,
    asked_on: Cohort,
    models: CellLineModels,
    gene_sets: GeneSetCollection,
    drugs: Sequence[str],
    settings: PlatformSettings,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Compare what a model answers about the same held-out lines on two platforms.

    Raises
    ------
    TrainingError
        A cohort whose samples Model.csv cannot name.
    """
    pairs = pair_lines(
        trained_on.expression.samples,
        asked_on.expression.samples,
        models,
        first_id=_sample_id(trained_on),
        second_id=_sample_id(asked_on),
    )
    found = compare_platforms(
        trained_on, asked_on, pairs, gene_sets, drugs, settings, progress=progress
    )
    seed = settings.training.evaluation.seeds[0]
    return Study(
        name="platforms",
        title=f"The same lines in {trained_on.name} and in {asked_on.name}",
        about=about_cohort(trained_on, seed=seed, n_bootstrap=settings.n_bootstrap)
        | {"asked_on": asked_on.name},
        figures=found.to_json(),
        tables=_tables(found),
        notes=(_shared(found), NOTE),
        forest=_forest(found),
        skipped=found.skipped,
    )


def _sample_id(cohort: Cohort) -> SampleId:
    if cohort.name not in SAMPLE_IDS:
        raise TrainingError(
            f"Model.csv cannot tell which lines the samples of {cohort.name} are.",
            needed=f"one of {', '.join(SAMPLE_IDS)}.",
            remedy="name two of these cohorts.",
        )
    return SAMPLE_IDS[cohort.name]


def _shared(found: PlatformRobustness) -> str:
    return (
        f"{found.n_shared_lines} lines, {found.n_shared_genes} genes and "
        f"{len(found.shared_panel_genes)} panel genes are in both files. Verdict (mean Spearman "
        f"over drugs, quantile alignment): {figure_text(found.verdict)}."
    )


def _tables(found: PlatformRobustness) -> tuple[StudyTable, ...]:
    if not found.drugs:
        return ()
    inconclusive = isinstance(found.verdict, NotEstimable)
    title = "For information only, see the verdict. " if inconclusive else ""
    n_drugs = len(next(iter(found.drugs.values())))
    means = tuple(
        (NAMES[name], *(figure_text(one[name]) for one in found.means.values()))
        for name in AGREEMENT_FIGURES
    )
    columns = ("figure", *(f"{method} alignment" for method in found.means))
    tables = [StudyTable(f"{title}Mean over {n_drugs} drugs.", columns, means)]
    shown = ("spearman", "spearman_within_lineage", "flipped_at_half")
    rows = tuple(
        (drug, *(figure_text(getattr(one, name), digits=2) for name in shown))
        for drug, one in found.drugs["quantile"].items()
    )
    heads = ("drug", "Spearman", "within lineages", "share of calls that flip at 0.5")
    tables.append(StudyTable(f"{title}Each drug, quantile alignment.", heads, rows))
    return tuple(tables)


def _forest(found: PlatformRobustness) -> Forest | None:
    if not found.drugs:
        return None
    rows = tuple((drug, one.spearman) for drug, one in found.drugs["quantile"].items())
    title = f"Agreement of {found.trained_on} and {found.asked_on} on the same lines"
    if isinstance(found.verdict, NotEstimable):
        title += f" ({found.verdict})"
    return Forest(title, "Spearman correlation of the probabilities", 0.0, rows)
