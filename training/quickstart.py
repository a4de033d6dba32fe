"""The main job in one go: which cohort can be had, which drugs to train, whom to predict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from features.expression import Scale
from features.gene_sets import GeneSetCollection
from training.cohort import Cohort, load_cohort
from training.errors import CatalogueError, DownloadError, JoiningError
from training.files import FileSource
from training.simulated import SIMULATED_DRUGS, simulate_cohort

COHORTS = ("gdsc", "ccle-gdsc2")
SMALLEST_PANEL_SHARE = 1 / 7

REVIEW_DRUGS = (
    "Cisplatin",
    "Oxaliplatin",
    "Docetaxel",
    "Paclitaxel",
    "Gemcitabine",
    "5-Fluorouracil",
    "Cytarabine",
    "Bortezomib",
    "Sorafenib",
    "Venetoclax",
    "Temozolomide",
    "Olaparib",
    "Elesclomol",
)
"""Drugs that the three reviews name and GDSC2 screened."""

EXAMPLE_SERIES = "geo:GSE15709"
EXAMPLE_SCALE: Scale = "mas5_linear"
EXAMPLE_LINEAGE = "Ovary/Fallopian Tube"
EXAMPLE_DRUG = "Cisplatin"
EXAMPLE_GROUPS = {
    "parental, cisplatin-sensitive": tuple(f"GSM{n}" for n in range(385721, 385726)),
    "Round5, cisplatin-resistant": tuple(f"GSM{n}" for n in range(385726, 385731)),
}
"""A2780 ovarian carcinoma cells, by the sample titles of the series."""


@dataclass(frozen=True, slots=True)
class CohortChoice:
    """A cohort and why it was taken."""

    cohort: Cohort
    reasons: tuple[str, ...]


def choose_cohort(files: FileSource, gene_sets: GeneSetCollection) -> CohortChoice:
    """Take the first real cohort that can be had and holds enough of the gene panel.

    Only where none can be reached is a cohort simulated; then everything made from it says so.

    Returns
    -------
    CohortChoice
        Its `reasons` say for every cohort why it was taken or not.
    """
    reasons: list[str] = []
    for name in COHORTS:
        try:
            cohort = load_cohort(name, files=files)
        except (DownloadError, JoiningError, CatalogueError) as error:
            reasons.append(f"{name}: not taken. {error.found}")
            continue
        held = len(set(gene_sets.gene_panel) & set(cohort.expression.genes))
        share = f"{held} of {len(gene_sets.gene_panel)} panel genes"
        if held < SMALLEST_PANEL_SHARE * len(gene_sets.gene_panel):
            reasons.append(f"{name}: not taken. It holds {share}, fewer than a seventh.")
            continue
        n_lines = len(cohort.expression.samples)
        reasons.append(f"{name}: taken. It holds {share} in {n_lines} lines with response.")
        return CohortChoice(cohort, tuple(reasons))
    reasons.append(
        "No real cohort can be had here, so this runs on SIMULATED data: nothing that follows says "
        "anything about a drug."
    )
    return CohortChoice(simulate_cohort(0), tuple(reasons))


def quickstart_drugs(cohort: Cohort) -> Sequence[str]:
    """Drugs of the reviews that the cohort holds; those of the simulation for a simulated one."""
    if cohort.simulated:
        return SIMULATED_DRUGS
    held = set() if cohort.response is None else set(cohort.response.values.columns)
    return [drug for drug in REVIEW_DRUGS if drug in held]


def describe_example(table: pd.DataFrame) -> list[str]:
    """Say what was answered for the example series, and whether it agrees with the groups.

    Parameters
    ----------
    table
        Answers of a bundle for the samples of the example series and its drug.
    """
    answers = table[table["drug"] == EXAMPLE_DRUG].set_index("sample_id")
    sentences = [f"{EXAMPLE_DRUG} in {EXAMPLE_SERIES} (A2780 ovarian cells):"]
    for group, samples in EXAMPLE_GROUPS.items():
        one = answers.loc[list(samples)]
        counts = Counter(str(label) for label in one["label"])
        labels = ", ".join(f"{n} {label}" for label, n in counts.items())
        mean = one["probability_sensitive"].mean()
        sentences.append(f"  {group}: mean probability_sensitive {mean:.2f} ({labels})")
    sentences.append("  Two sublines of one patient: an illustration, not a test.")
    return sentences
