"""The table in which a training is read: one row a drug."""

from __future__ import annotations

from typing import Any

import pandas as pd

from training.cohort import Cohort
from training.drug_training import TrainedDrug
from training.metrics import Interval
from training.run import TrainingResult


def drug_table(result: TrainingResult) -> pd.DataFrame:
    """One row a trained drug, best roc_auc first.

    Columns: drug, estimator, status, n_lines, n_sensitive, cut_off_um, then every figure of the
    evaluation (roc_auc and its interval, the same for lineage alone and for the gain, calibration).
    """
    rows = [
        {
            "drug": drug,
            "estimator": one.model.estimator,
            "status": one.model.status,
            "cut_off_um": one.model.label_card["cut_off_um"],
            **one.evaluation.metrics,
        }
        for drug, one in result.trained.items()
    ]
    table = pd.DataFrame(rows)
    return table.sort_values(["roc_auc", "drug"], ascending=[False, True], ignore_index=True)


def display_table(result: TrainingResult) -> pd.DataFrame:
    """Narrow table for the terminal: figures with their 95% intervals, best roc_auc first."""
    if not result.trained:
        return pd.DataFrame({"drug": []})
    order = drug_table(result)["drug"]
    rows = []
    for drug in order:
        one = result.trained[drug]
        rows.append(
            {
                "drug": drug,
                "n": one.evaluation.n_lines,
                "roc_auc [95% CI]": _shown(one.evaluation.roc_auc),
                "lineage alone": _of_lineage(one, one.evaluation.lineage_roc_auc),
                "gain": _of_lineage(one, one.evaluation.gain_over_lineage, sign="+"),
                "estimator": one.model.estimator,
                "status": one.model.status,
            }
        )
    return pd.DataFrame(rows)


def describe_training(cohort: Cohort, result: TrainingResult) -> list[str]:
    """Say what came out, in sentences."""
    sentences = []
    if result.trained:
        sentences.append(
            f"Mean roc_auc on unseen samples over the drugs trained ({len(result.trained)}): "
            f"{result.mean_roc_auc:.3f}; lineage alone: {_lineage_mean(result) or 'not known'}."
        )
    sentences += [f"{one.drug} was left out. {one.reason}" for one in result.skipped.values()]
    if result.interrupted:
        sentences.append("Interrupted: finished drugs are kept with their run, nothing registered.")
    if cohort.simulated:
        sentences.append("SIMULATED data: these figures say nothing about any drug.")
    return sentences


def training_json(cohort: Cohort, result: TrainingResult) -> dict[str, Any]:
    """Everything that the terminal shows, for programs."""
    return {
        "cohort": cohort.name,
        "simulated": cohort.simulated,
        "mean_roc_auc": result.mean_roc_auc if result.trained else None,
        "mean_lineage_roc_auc": result.mean_lineage_roc_auc if _lineage_mean(result) else None,
        "interrupted": result.interrupted,
        "drugs": {
            drug: {
                "status": one.model.status,
                "estimator": one.model.estimator,
                **one.model.evidence_card,
            }
            for drug, one in result.trained.items()
        },
        "skipped": {drug: one.reason for drug, one in result.skipped.items()},
    }


def _lineage_mean(result: TrainingResult) -> str | None:
    known = any(one.evaluation.lineage_known for one in result.trained.values())
    return f"{result.mean_lineage_roc_auc:.3f}" if known else None


def _of_lineage(one: TrainedDrug, interval: Interval, *, sign: str = "") -> str:
    return _shown(interval, sign=sign) if one.evaluation.lineage_known else "no lineage"


def _shown(interval: Interval, *, sign: str = "") -> str:
    return f"{interval.value:{sign}.2f} [{interval.low:{sign}.2f}, {interval.high:{sign}.2f}]"
