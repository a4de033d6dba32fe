"""What surrounds the figures: labels, lineage, domain, stability, the literature."""

from __future__ import annotations

from models.cards.schema_parts import (
    HIGHER,
    LOWER,
    NONE,
    Json,
    choice,
    count,
    figure,
    flag,
    interval,
    items,
    map_of,
    number,
    or_reason,
    record,
    text,
)

SHARE = "share, 0 to 1"


def stability() -> Json:
    """Describe the agreement of attribution rankings."""
    unit = "Spearman correlation, -1 to 1"
    return record(
        "Whether the same genes matter when the classifier is learned from other lines.",
        {
            "panel": figure(
                "Mean over pairs of folds and seeds; interval of a jackknife over folds.",
                unit,
                HIGHER,
            ),
            **_random_figures(unit),
            "gain": figure("Panel minus random sets: mean and range.", unit, HIGHER),
        },
    )


def leak() -> Json:
    """Describe how well features tell lineages."""
    unit = "balanced accuracy, 0 to 1"
    return record(
        "How well the features, without the lineage columns, tell the lineage of unseen lines. One "
        "figure for the whole cohort.",
        {
            "panel": figure("Of the gene sets.", unit, "high means the features carry tissue"),
            **_random_figures(unit),
            "chance": figure("One over the number of lineages.", unit, NONE),
            "lineages": items("Lineages that were told apart.", text("Name of a lineage.")),
        },
    )


def _random_figures(unit: str) -> dict[str, Json]:
    return {
        "random": figure("Mean of random gene sets of the same size.", unit, NONE),
        "random_lowest": figure("Lowest of the random sets.", unit, NONE),
        "random_highest": figure("Highest of the random sets.", unit, NONE),
    }


def domain() -> Json:
    """Describe the distance from the cohort."""
    percentiles = record(
        "Domain percentiles of lines that the reference had not seen.",
        {
            "quantiles": map_of(
                "Quantile -> percentile.",
                number("Distance percentile.", "percentile, 0 to 100", NONE),
            ),
            "share_unlike": figure(
                "Share above percentile 95; 0.05 is right for lines like the cohort's.", SHARE, NONE
            ),
        },
    )
    return record(
        "How unlike the cohort its own held-out patients and lineages look. One for the cohort.",
        {
            "held_out_patients": or_reason(percentiles),
            "held_out_lineages": or_reason(percentiles),
            "share_unlike_by_lineage": map_of(
                "Lineage that was left out -> share of its lines above percentile 95.",
                figure("Share of a lineage.", SHARE, "higher: the lineage is recognised as new"),
            ),
            "discrimination": figure(
                "How often a line of a left-out lineage is farther off than one of a left-out "
                "patient; 0.5 tells nothing.",
                "share of pairs, 0 to 1",
                HIGHER,
            ),
        },
    )


def claims() -> Json:
    """Describe the claims of the literature."""
    words = ("agree", "disagree", "inconclusive")
    claim = record(
        "One tested claim.",
        {
            "claim": text("Id in the table of claims."),
            "subject": text("Gene or process."),
            "about": text("`drug` where it names the drug, else the class that it names."),
            "direction_when_high": text("What high expression is claimed to go with."),
            "verdict": choice("What the cohort says of it.", words),
            "within_lineage": or_reason(
                interval(
                    "Correlation of expression with sensitivity within lineages; above 0: with "
                    "sensitivity.",
                    "Spearman correlation, -1 to 1",
                    NONE,
                ),
                null=True,
            ),
            "q": or_reason(number("Benjamini-Hochberg q of it.", SHARE, LOWER), null=True),
        },
    )
    return record(
        "Claims of the three reviews about this drug or its class, tested on the cohort.",
        {
            "n_tested": count("Claims that could be tested.", "claims"),
            "agree": count("Claims whose direction the cohort shows.", "claims"),
            "disagree": count("Claims of which it shows the opposite.", "claims"),
            "inconclusive": count("Claims whose interval holds 0.", "claims"),
            "share_agreeing": figure("agree / (agree + disagree); Wilson's interval.", SHARE, NONE),
            "tested": items("Every tested claim.", claim),
        },
    )


def label_card() -> Json:
    """Describe how the labels were made."""
    lowest = "low response is sensitive"
    return record(
        "How the labels of the drug were made.",
        {
            "method": text("tertile, waterfall, threshold or clinical."),
            "response_kind": text("ln_ic50 (ln µM), dose_response_auc (0-1) or clinical_response."),
            "cut_off": number(
                "Highest response that is sensitive.", "that of response_kind", lowest
            ),
            "cut_off_um": or_reason(number("The same as IC50.", "µM", lowest), null=True),
            "n_sensitive": count("Sensitive lines.", "lines"),
            "n_resistant": count("Resistant lines.", "lines"),
            "minimum_tested_ln_um": or_reason(
                number("Lowest concentration tested.", "ln µM", NONE), null=True
            ),
            "maximum_tested_ln_um": or_reason(
                number("Highest concentration tested.", "ln µM", NONE), null=True
            ),
            "outside_tested_range": or_reason(
                flag("Whether the cut-off lies outside these; null if not known."), null=True
            ),
            "share_beyond_tested_range": or_reason(
                number("Share of lines above the highest one.", SHARE, LOWER), null=True
            ),
        },
    )
