"""Options that say what a job is to do: the same for `jobs submit` and `schedules add`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cupromark.options import UsageError, split_names

Cohort = Annotated[
    str | None, typer.Option(help="Retrain on this cohort of `cupromark data list`.")
]
Bundle = Annotated[str | None, typer.Option(help="Or put this version or alias before the gate.")]
DrugNames = Annotated[str | None, typer.Option(help="Names parted by commas; all when not given.")]
RandomSetCount = Annotated[
    int | None, typer.Option(min=0, help="Random gene sets to compare with; 0 when not given.")
]
FirstSeed = Annotated[int | None, typer.Option(min=0, help="First seed of the folds; 0.")]
FoldCount = Annotated[int | None, typer.Option(min=2, help="Folds of a repetition; 5.")]
SeedCount = Annotated[int | None, typer.Option(min=1, help="Repetitions of the folds; 3.")]
BatchDrugs = Annotated[int | None, typer.Option(min=1, help="Drugs between two checkpoints; 20.")]
Promote = Annotated[
    str | None, typer.Option(help="if_better (as the gate decides) or never; if_better.")
]
Policy = Annotated[
    str | None, typer.Option(help="Promotion policy, by name; the one that is shipped.")
]
Drill = Annotated[
    bool, typer.Option("--drill", help="A fire drill: shuffle the labels, the gate refuses.")
]
Force = Annotated[bool, typer.Option("--force", help="Do it although nothing is new.")]


def job_fields(
    *,
    cohort: str | None,
    bundle: str | None,
    drugs: str | None,
    random_sets: int | None,
    seed: int | None,
    folds: int | None,
    seeds: int | None,
    batch_drugs: int | None,
    promote: str | None,
    policy: str | None,
    drill: bool,
    force: bool,
    reason: str | None,
) -> dict[str, Any]:
    """Give the fields of a job, without those that nobody named.

    Returns
    -------
    dict
        As `JobSpec.from_json` and the service take them.

    Raises
    ------
    UsageError
        Neither a cohort nor a bundle is named, or both are.
    """
    fields: dict[str, Any] = {
        "kind": _kind(cohort, bundle),
        "cohort": cohort,
        "bundle": bundle,
        "drugs": None if drugs in (None, "all") else split_names(str(drugs)),
        "random_sets": random_sets,
        "seed": seed,
        "n_folds": folds,
        "n_seeds": seeds,
        "batch_drugs": batch_drugs,
        "promote": promote,
        "policy": policy,
        "drill": "shuffled_labels" if drill else None,
        "force": force,
        "reason": reason,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _kind(cohort: str | None, bundle: str | None) -> str:
    if (cohort is None) == (bundle is None):
        raise UsageError(
            "A job needs one of --cohort and --bundle." if cohort is None
            else "--cohort and --bundle do not go together.",
            needed="--cohort to retrain, or --bundle to promote what is registered.",
            remedy="give one of the two.",
        )  # fmt: skip
    return "promote" if cohort is None else "retrain"
