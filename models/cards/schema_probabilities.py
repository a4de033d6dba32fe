"""Probabilities and conformal sets in the schema of a card."""

from __future__ import annotations

from models.cards.schema_parts import (
    LOWER,
    NONE,
    Json,
    choice,
    count,
    figure,
    interval,
    items,
    map_of,
    number,
    record,
)

SHARE = "share, 0 to 1"


def calibration() -> Json:
    """Describe whether promises come true."""
    probability = "share of sensitive lines, 0 to 1"
    point = record(
        "One bin of equal count.",
        {
            "promised": number("Mean probability promised.", probability, NONE),
            "observed": interval("Share that was sensitive.", probability, NONE),
            "n_predictions": count("Lines in the bin, each once a seed.", "predictions"),
        },
    )
    return record(
        "Calibration of the probabilities on unseen lines.",
        {
            "brier": figure("The card's Brier score.", "0 to 1", LOWER),
            "prevalence_brier": number("Brier score of the prevalence.", "0 to 1", LOWER),
            "expected_calibration_error": figure("The card's calibration error.", SHARE, LOWER),
            "error_if_calibrated": figure(
                "Calibration error that as many lines would show if every promise held: mean, and "
                "range of 95% of simulated labels.",
                SHARE,
                NONE,
            ),
            "slope": figure(
                "Slope of the label on the log-odds promised; below 1: promises too extreme.",
                "log-odds per log-odds",
                "nearer to 1 is better",
            ),
            "intercept": figure("Its intercept.", "log-odds", "nearer to 0 is better"),
            "in_the_large": figure(
                "Intercept with the slope held at 1; above 0: more lines are sensitive than "
                "promised.",
                "log-odds",
                "nearer to 0 is better",
            ),
            "reliability": items("Promised against observed.", point),
        },
    )


def calibration_choice() -> Json:
    """Describe the choice of sigmoid or Venn-Abers."""
    return record(
        "Which calibration promises better on unseen lines.",
        {
            "chosen": choice(
                "Sigmoid, unless Venn-Abers is better by more than a standard error.",
                ("sigmoid", "venn_abers"),
            ),
            "sigmoid_brier": figure("Brier score with sigmoid.", "0 to 1", LOWER),
            "venn_abers_brier": figure("Brier score with Venn-Abers.", "0 to 1", LOWER),
            "difference": figure(
                "Venn-Abers minus sigmoid, line by line; below 0 favours Venn-Abers.",
                "difference of Brier scores",
                NONE,
            ),
            "standard_error": figure("Of the difference.", "difference of Brier scores", LOWER),
        },
    )


def coverage() -> Json:
    """Describe the conformal sets."""
    nominal = "near the level is right; lower breaks the promise"
    whose = {"overall": "all", "sensitive": "sensitive", "resistant": "resistant"}
    at_level = record(
        "Conformal sets at one level.",
        {
            "level": number("Share of sets that is to hold the label.", SHARE, NONE),
            **{
                name: figure(f"Share of sets of {said} lines that hold the label.", SHARE, nominal)
                for name, said in whose.items()
            },
            "no_call_share": figure("Share of sets with both labels.", SHARE, LOWER),
            "empty_share": figure("Share of sets with no label.", SHARE, LOWER),
            "mean_set_size": figure("Labels a set.", "labels, 0 to 2", "nearer to 1 is better"),
            "standard_errors": map_of(
                "Bootstrap standard errors of overall, sensitive and resistant.",
                number("Standard error.", SHARE, LOWER),
            ),
            "by_lineage": map_of(
                "Lineage -> share of its sets that hold the label.",
                figure("Coverage of a lineage.", SHARE, nominal),
            ),
        },
    )
    return map_of("Level -> coverage of the class-conditional conformal sets.", at_level)
