"""What a report says, apart from how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from features.claim_table import Claim
from features.gene_sets import Direction
from models.cards.figures import Reading
from models.drug_model import Status
from models.reports.families import Family

FloatArray = NDArray[np.float64]
EntryKind = Literal["gene", "set", "lineage", "proliferation"]


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that this bundle does not allow; `reason` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A gene, a gene set or a covariate, over the training lines of the drug.

    Attributes
    ----------
    mean_size
        Mean size of its attribution in log-odds, whatever the sign, with a 95% interval over draws
        of whole patients.
    share
        Of the sum of `mean_size` over all entries, 0 to 1.
    direction
        What higher expression goes with; None where that depends on the line, and for lineage.
    log_odds_per_sd
        What one standard deviation more of a gene adds; None unless the score is linear.
    expected, context
        What the literature behind the gene set expects of higher expression, and where.
    agreeing, opposing
        Claims about this drug or its class that lean the same way as the classifier, or not.
    total_size
        Of a set: the same with its genes counted whole; totals overlap.
    attribution, value
        (n_lines,) log-odds, and z (of a set, mean z of its genes); `value` is NaN for lineage.
    """

    name: str
    title: str
    kind: EntryKind
    family: Family | None
    sets: tuple[str, ...]
    n_genes: int
    mean_size: Reading
    share: float
    direction: Direction | None
    log_odds_per_sd: float | None
    expected: Direction | None
    context: str
    agreeing: tuple[Claim, ...]
    opposing: tuple[Claim, ...]
    total_size: Reading | None
    attribution: FloatArray
    value: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Drivers:
    """What the classifier rests on, over the training lines on which the drug was measured.

    Attributes
    ----------
    genes, sets
        Weightiest first; covariates stand among both.
    is_linear
        Whether attributions by gene are exact SHAP values of the genes themselves.
    base_log_odds
        The answer before anything is known of a line.
    is_sensitive, probability
        (n_lines,) measured labels, and mean held-out probabilities of being sensitive; None where
        the bundle does not keep them.
    lineage
        (n_lines,) None where it is not known.
    patients
        (n_lines,) of which draws are made.
    """

    genes: tuple[Entry, ...]
    sets: tuple[Entry, ...]
    is_linear: bool
    base_log_odds: float
    samples: tuple[str, ...]
    lineage: tuple[str | None, ...]
    patients: tuple[str, ...]
    is_sensitive: NDArray[np.bool_] | None
    probability: FloatArray | None
    n_patients: int
    n_draws: int

    @property
    def genes_alone(self) -> tuple[Entry, ...]:
        """The entries that are genes."""
        return tuple(entry for entry in self.genes if entry.kind == "gene")


@dataclass(frozen=True, slots=True)
class FeaturePair:
    """Two features whose attributions depend on each other.

    Attributes
    ----------
    mean_size
        Mean over lines of what both together add beyond what each adds alone, in log-odds.
    """

    first: str
    second: str
    mean_size: float


@dataclass(frozen=True, slots=True)
class Interactions:
    """Interactions of features: none in a linear score, exact ones in trees.

    Attributes
    ----------
    share
        Sum of the sizes of all interactions over that and the sizes of what features do alone.
    """

    pairs: tuple[FeaturePair, ...]
    share: float
    is_linear: bool


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim about the drug or its class, and what the data say of it.

    Attributes
    ----------
    verdict
        supported, contradicted, inconclusive, not testable or not tested.
    reason
        Why it was not tested, else empty.
    correlation
        Spearman correlation of expression with sensitivity within lineages.
    leaning
        What higher expression of the gene goes with in the classifier; None where unknown.
    """

    claim: Claim
    verdict: str
    reason: str
    correlation: Reading
    n_lines: int | None
    q_value: float | None
    leaning: Direction | None


@dataclass(frozen=True, slots=True)
class LineageRow:
    """The lines of one lineage.

    Attributes
    ----------
    sensitive
        Measured share of sensitive lines, with a 95% interval (Wilson).
    promised
        Mean held-out probability of being sensitive.
    lineage_log_odds, gene_log_odds
        Mean attribution of lineage, and of all genes together; None where there is none.
    """

    name: str
    n_lines: int
    n_sensitive: int
    sensitive: Reading
    promised: float
    lineage_log_odds: float | None
    gene_log_odds: float | None


@dataclass(frozen=True, slots=True)
class LineAtAnEnd:
    """A training line with one of the highest or lowest held-out probabilities."""

    sample: str
    lineage: str | None
    probability: float
    is_sensitive: bool


@dataclass(frozen=True, slots=True)
class LineageView:
    """What was promised of lineages and lines while they were held out."""

    rows: tuple[LineageRow, ...]
    highest: tuple[LineAtAnEnd, ...]
    lowest: tuple[LineAtAnEnd, ...]
    fewest: int


@dataclass(frozen=True, slots=True)
class PanelCover:
    """How much of the gene sets the cohort measures."""

    n_held: int
    n_panel: int
    missing: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class DrugReport:
    """All that a report of a drug says.

    Attributes
    ----------
    card
        The evidence card, as of `models.cards.card.whole_card`.
    created_at
        When the bundle was made, the only date of a report; empty where the bundle does not say.
    claims_source
        Where the verdicts on claims come from, as a sentence.
    limits, methods, provenance, citation
        Sentences; (heading, text); (what, value); lines.
    """

    drug: str
    cohort: str
    simulated: bool
    status: Status
    version: str | None
    bundle_sha256: str
    created_at: str
    card: dict[str, Any]
    estimator: str
    panel: PanelCover
    drivers: Drivers | Missing
    interactions: Interactions | Missing
    claims: tuple[ClaimRow, ...]
    claims_source: str
    lineages: LineageView | Missing
    limits: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]
    citation: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Why parts of the report are not there, each reason once."""
        parts = (self.drivers, self.interactions, self.lineages)
        return tuple(dict.fromkeys(part.reason for part in parts if isinstance(part, Missing)))
