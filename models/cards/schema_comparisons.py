"""What the gene sets are held against: controls, random sets, other labels and lines."""

from __future__ import annotations

from models.cards.schema_parts import (
    HIGHER,
    LOWER,
    NONE,
    Json,
    band,
    count,
    figure,
    items,
    map_of,
    number,
    or_reason,
    record,
    text,
)
from models.cards.sentences import CONTROL_NAMES

PAIRS = "share of pairs, 0 to 1, 0.5 is chance"
GAIN = "difference of roc_auc, -1 to 1"
SHARE = "share, 0 to 1"


def controls() -> Json:
    """Describe the fixed controls."""
    return record(
        "roc_auc of the gene sets and of each control: the same estimator on the same folds.",
        {
            name: figure(f"roc_auc of {said}.", PAIRS, HIGHER if "panel" in name else NONE)
            for name, said in CONTROL_NAMES.items()
        },
    )


def gains() -> Json:
    """Describe the gains over the controls."""
    return record(
        "roc_auc of gene sets with lineage minus that of each control, over the same draws of "
        "patients.",
        {
            name: figure(f"Gain over {said}.", GAIN, HIGHER)
            for name, said in CONTROL_NAMES.items()
            if name != "panel"
        },
    )


def random_sets() -> Json:
    """Describe the cloud of random gene sets."""
    return record(
        "roc_auc of random gene sets, matched gene by gene in mean and variance of expression, "
        "with lineage, through the same estimator and folds.",
        {
            "n_sets": count("Random gene sets.", "sets"),
            "mean": figure("Mean over the sets.", PAIRS, NONE),
            "sd": figure("Standard deviation over the sets.", "roc_auc", NONE),
            "low": figure("2.5th percentile of the sets.", PAIRS, NONE),
            "high": figure("97.5th percentile of the sets.", PAIRS, NONE),
            "largest": figure("Best of the sets.", PAIRS, NONE),
            "percentiles": items(
                "Percentiles 0 to 100 of the sets, to draw them; empty without sets.",
                number("A percentile, to four decimals.", PAIRS, NONE),
            ),
            "p": figure("The card's p.", SHARE, LOWER),
            "p_interval": figure(
                "p with the 95% interval that so many sets allow (Clopper-Pearson).", SHARE, LOWER
            ),
            "gain": figure(
                "roc_auc of the gene sets minus that of the random ones: mean, and range of 95% of "
                "the sets.",
                GAIN,
                HIGHER,
            ),
        },
    )


def leave_lineage_out() -> Json:
    """Describe the lineages that were left out."""
    return record(
        "Rank ridge learned from all other lineages.",
        {
            "roc_auc": figure("Pairs within a lineage, over all lineages.", PAIRS, HIGHER),
            "by_lineage": map_of(
                "Lineage -> roc_auc within it.", figure("roc_auc of a lineage.", PAIRS, HIGHER)
            ),
        },
    )


def label_robustness() -> Json:
    """Describe the second label method."""
    method = text("tertile, waterfall, threshold or clinical.")
    return record(
        "The same held-out scores judged by two ways of making labels.",
        {
            "estimator": text("What gave the scores."),
            "method": method,
            "second_method": method,
            "roc_auc": figure("Under the drug's own labels.", PAIRS, HIGHER),
            "second_roc_auc": figure("Under the second labels.", PAIRS, HIGHER),
            "difference": figure("Second minus own.", GAIN, "nearer to 0 is steadier"),
            "agreement": figure("Share of lines with the same label.", SHARE, HIGHER),
            "seed_band": or_reason(band("Over the seeds.", PAIRS, HIGHER), null=True),
            "second_seed_band": or_reason(band("Over the seeds.", PAIRS, HIGHER), null=True),
            "n_sensitive": count("Sensitive lines under the own labels.", "lines"),
            "second_n_sensitive": or_reason(
                count("Sensitive lines under the second labels.", "lines"), null=True
            ),
        },
    )


def external() -> Json:
    """Describe other cohorts."""
    cohort = record(
        "Rank ridge learned from this cohort, on lines of patients that only the other one holds. "
        "What is served may know their responses, from lines screened without expression.",
        {
            "n_shared_lines": count("Lines of patients that both hold.", "lines"),
            "n_unseen_lines": count("Lines of patients that only the other one holds.", "lines"),
            "n_shared_genes": count("Panel genes that both hold.", "genes"),
            "n_tested": count("Unseen lines on which the drug was measured.", "lines"),
            "n_sensitive": count("Sensitive lines of these.", "lines"),
            "roc_auc": figure("On these lines.", PAIRS, HIGHER),
        },
    )
    return map_of("Other cohort -> what it says of unseen lines.", or_reason(cohort))
