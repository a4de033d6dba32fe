"""What a report says in sentences: in short, limits, methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import exp
from typing import Any

import numpy as np

from models.bundle import Bundle
from models.cards.sentences import limits as card_limits
from models.drug_model import DrugModel
from models.reports.content import ClaimRow, Drivers, DrugReport, Entry, Missing, PanelCover

ESTIMATORS = {
    "rank_ridge": "ridge regression on the rank of the response",
    "shared_ridge": "ridge regression on the rank of the response, with factors that the drugs of "
    "the cohort share",
    "ridge_logistic": "logistic regression with a ridge penalty",
    "elastic_net_logistic": "logistic regression with an elastic-net penalty",
    "boosted_trees": "boosted decision trees",
}
SENSITIVITY_WORDS = {"sensitivity": "sensitive", "resistance": "resistant"}


def estimator_words(estimator: str) -> str:
    """Say in words what an estimator is."""
    return ESTIMATORS.get(estimator, estimator.replace("_", " "))


def in_short(report: DrugReport) -> list[str]:
    """Say in a few sentences what a reader takes away, beside the verdict."""
    drivers = report.drivers
    if isinstance(drivers, Missing):
        return [drivers.reason, *_claims_in_short(report.claims)]
    return [*_weight_in_short(drivers), *_claims_in_short(report.claims), *_panel(report.panel)]


def probability_step(drivers: Drivers, log_odds: float) -> str:
    """Say what an attribution does to the probability at the cohort's base answer."""
    base = 1 / (1 + exp(-drivers.base_log_odds))
    moved = 1 / (1 + exp(-(drivers.base_log_odds + log_odds)))
    return f"{base:.0%} to {moved:.0%}"


def report_limits(
    card: Mapping[str, Any], panel: PanelCover, drivers: Drivers | Missing
) -> tuple[str, ...]:
    """Say what is not known: of the card, and of this report."""
    found = [sentence for sentence in card_limits(card) if not sentence.startswith("Expression")]
    found += _panel(panel)
    found += [
        "The cohort's expression is of untreated cells: what a drug makes of expression, and "
        "resistance that is acquired under treatment, is not in it.",
        "Cell lines in culture have no stroma, no immune cells and no blood supply.",
    ]
    if isinstance(drivers, Missing):
        found.append(drivers.reason)
    else:
        found.append(
            "An attribution says what the classifier made of a gene. Genes that rise and fall "
            "together share their weight, so a gene may stand for its neighbours; intervals here "
            "say how a mean moves with the lines, not how sure the weight itself is: for that see "
            "stability."
        )
    found.append(
        "Association is not cause: nothing here says what happens when a gene is changed. "
        "Research use only, not for decisions about patients."
    )
    return tuple(found)


def claims_source(cohort: str, card: Mapping[str, Any], *, has_ledger: bool) -> str:
    """Say where the verdicts on claims come from."""
    if has_ledger:
        return f"Verdicts: ledger of claims tested on {cohort}."
    if isinstance(card.get("claims"), Mapping):
        return f"Verdicts: claims tested on {cohort} when the evidence card was made."
    return (
        "Claims were not tested when this bundle was made: run `cupromark claims test`, and pass "
        "its file with --ledger."
    )


def method_texts(
    bundle: Bundle, model: DrugModel, drivers: Drivers | Missing
) -> tuple[tuple[str, str], ...]:
    """Say how the figures were made, heading by heading."""
    settings = bundle.provenance.get("settings")
    known = settings if isinstance(settings, Mapping) else {}
    n_features = len(bundle.features.feature_names_)
    texts = [
        (
            "Features",
            f"{n_features} features: z values of {len(bundle.features.gene_panel_)} genes of the "
            "gene sets (standard deviations from the mean of the training lines, log2 scale), "
            f"scores of {len(bundle.features.plan_.set_genes)} sets ({bundle.features.score}), "
            f"{len(bundle.features.plan_.balances)} balances of two sets (one's score minus "
            f"the other's) and {_covariates(bundle)}. The reference is learned inside each fold.",
        ),
        (
            "Classifier",
            f"{estimator_words(model.estimator).capitalize()}; calibrated to a probability by a "
            "sigmoid on held-out scores, with class-conditional conformal sets.",
        ),
        (
            "Evaluation",
            f"{known.get('n_folds', 'Several')} folds in which no patient is on both sides, "
            f"repeated with the seeds {known.get('seeds', 'given under provenance')}; all that "
            "serving learns is learned anew in every fold. Intervals: draws of whole patients.",
        ),
        (
            "Controls",
            "Lineage alone, random gene sets matched gene by gene in mean and variance, all genes "
            "and shuffled labels go through the same estimator on the same folds.",
        ),
    ]
    return (*texts, *_attribution_method(drivers, model))


def _attribution_method(drivers: Drivers | Missing, model: DrugModel) -> Iterator[tuple[str, str]]:
    if isinstance(drivers, Missing):
        return
    exact = (
        "A linear score: coefficient times distance from the mean of the training lines, all "
        "features that a gene is part of taken together, which is exact for genes."
        if drivers.is_linear
        else "Exact for features (trees: path-dependent TreeSHAP); what a set or balance got is "
        "shared out equally among its genes, which is a convention."
    )
    yield (
        "Attributions",
        "SHAP values (Shapley additive explanations) of the log-odds of being sensitive: base "
        f"value plus all attributions is the answer, held to 1e-4 on every line. {exact} Worked "
        f"out for the {len(drivers.samples)} lines measured with the drug ({drivers.n_patients} "
        "patients), from the z values in the bundle, by the final classifier, which has seen these "
        f"lines. Means of sizes with the 2.5th to 97.5th percentile of {drivers.n_draws:,} draws "
        "of whole patients.",
    )
    yield (
        "Gene sets",
        "In the partition a gene of several sets is shared out equally among them, so that sets "
        "add up to the answer. Totals count a gene whole in each of its sets; they overlap.",
    )
    if model.trees is not None:
        yield "Interactions", "Exact SHAP interaction values of the same trees."


def _covariates(bundle: Bundle) -> str:
    names = [str(one) for one in bundle.features.covariates]
    return " and ".join(names) if names else "no covariates"


def _weight_in_short(drivers: Drivers) -> Iterator[str]:
    of_lineage = [one.mean_size.value or 0.0 for one in drivers.genes if one.kind == "lineage"]
    genes = [one.attribution for one in drivers.genes_alone]
    if of_lineage and genes:
        together = float(np.abs(np.sum(genes, axis=0)).mean())
        yield (
            f"Lineage moves the answer of a line by {of_lineage[0]:.2f} log-odds on average, all "
            f"{len(genes)} genes together by {together:.2f}, the weightiest gene by "
            f"{drivers.genes_alone[0].mean_size.value or 0.0:.2f}."
        )
    top = drivers.genes_alone[:5]
    if top:
        yield (
            "The weightiest genes are " + ", ".join(_with_direction(one) for one in top) + ". "
            "Weighty is not proven: see stability and controls."
        )


def _with_direction(entry: Entry) -> str:
    if entry.direction is None:
        return f"{entry.title} (no one direction)"
    return f"{entry.title} (high counts towards {SENSITIVITY_WORDS[entry.direction]})"


def _claims_in_short(claims: tuple[ClaimRow, ...]) -> Iterator[str]:
    count = {
        word: sum(row.verdict == word for row in claims)
        for word in ("supported", "contradicted", "inconclusive")
    }
    n_tested = sum(count.values())
    if not claims:
        yield "No claim of the three reviews speaks of this drug or its class."
    elif not n_tested:
        yield f"{len(claims)} claims speak of this drug or its class; none was tested."
    else:
        yield (
            f"Of {len(claims)} claims about this drug or its class {n_tested} were tested on the "
            f"cohort: {count['supported']} supported, {count['contradicted']} contradicted, "
            f"{count['inconclusive']} inconclusive."
        )


def _panel(panel: PanelCover) -> list[str]:
    if panel.n_held == panel.n_panel:
        return []
    return [
        f"The cohort measures {panel.n_held} of the {panel.n_panel} genes of the gene sets; the "
        f"other {panel.n_panel - panel.n_held} can play no part, whatever their biology."
    ]
