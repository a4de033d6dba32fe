"""Jobs in words: what they do, where they stand, what came of them, how long they take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from models.jobs.job import Job, JobState, Outcome
from models.jobs.spec import DRILL_WENT_THROUGH, STEPS, JobSpec

STEP_WORDS = MappingProxyType(
    {
        "fetch": "Fetch",
        "verify": "Verify",
        "join": "Join",
        "train": "Train",
        "evidence": "Evidence",
        "report": "Report",
        "register": "Register",
        "shadow": "Shadow",
        "gate": "Gate",
        "promote": "Promote",
    }
)
DOING = MappingProxyType(
    {
        "fetch": "It fetches what it works on.",
        "verify": "It holds every file against its checksum.",
        "join": "It joins expression and response, and looks whether anything is new.",
        "train": "It trains the classifiers, drug by drug.",
        "evidence": "It holds what was trained against controls.",
        "report": "It writes the reports.",
        "register": "It registers the bundle.",
        "shadow": "The bundle answers beside the champion, unseen.",
        "gate": "The promotion gate judges the bundle.",
        "promote": "The bundle becomes the champion.",
    }
)
# Steps of jobs that ended well without them.
LEFT_OUT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        Outcome.REFUSED: frozenset({"promote"}),
        Outcome.REGISTERED: frozenset({"gate", "promote"}),
        Outcome.NOTHING_NEW: frozenset(STEPS[STEPS.index("train") :]),
    }
)
FIELD_WORDS = MappingProxyType(
    {
        "kind": "Kind",
        "cohort": "Cohort",
        "drugs": "Drugs",
        "bundle": "Bundle",
        "random_sets": "Random gene sets",
        "n_folds": "Folds",
        "n_seeds": "Repeats of the folds",
        "seed": "First seed",
        "batch_drugs": "Drugs between two checkpoints",
        "promote": "After the gate",
        "policy": "Promotion policy",
        "drill": "Fire drill",
        "reason": "Why",
        "force": "Even if nothing is new",
    }
)
VALUE_WORDS = MappingProxyType(
    {
        ("promote", "if_better"): "promote what passes",
        ("promote", "never"): "register only",
        ("policy", None): "the one that is shipped",
        ("drill", None): "no",
        ("drill", "shuffled_labels"): "yes, with shuffled labels",
    }
)
FIGURE_WORDS = MappingProxyType(
    {
        "n_samples": "Samples",
        "n_genes": "Genes",
        "n_drugs": "Drugs",
        "n_drugs_trained": "Drugs trained",
        "n_drugs_skipped": "Drugs left out",
        "mean_roc_auc": "Mean roc_auc",
        "mean_lineage_roc_auc": "Mean roc_auc of lineage alone",
        "mean_gain_over_lineage": "Mean gain over lineage",
        "status_supported": "Drugs supported",
        "status_exploratory": "Drugs exploratory",
        "status_withheld": "Drugs withheld",
        "bundle_sha256": "Bundle, SHA-256",
        "shadow_n_profiles": "Shadow: profiles asked about",
        "shadow_n_drugs": "Shadow: drugs compared",
        "shadow_mean_difference": "Shadow: mean difference in probability",
        "shadow_largest_difference": "Shadow: largest difference in probability",
        "shadow_share_above_0.1": "Shadow: share of answers more than 0.1 apart",
        "shadow_share_other_call": "Shadow: share of answers with another call",
        "shadow_most_changed_drug": "Shadow: drug that changed most",
    }
)
OF_PROMOTION = ("fetch", "shadow", "gate", "promote")
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        Outcome.PROMOTED: "It passed the gate and is the champion now.",
        Outcome.REFUSED: "The gate refused it; the champion stays.",
        Outcome.REGISTERED: "It is registered. Nobody asked for a promotion.",
        Outcome.NOTHING_NEW: "Nothing is new since the last training, so nothing was trained.",
    }
)
DRILL_PASSED = (
    "The gate would have let shuffled labels pass: the policy must be mended. The champion stays."
)
DRILL_REFUSED = "The gate refused it, as it should: the labels were shuffled. The champion stays."
SHORT_OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        Outcome.PROMOTED: "promoted",
        Outcome.REFUSED: "refused by the gate",
        Outcome.REGISTERED: "registered",
        Outcome.NOTHING_NEW: "nothing new",
    }
)
QUEUED = "It waits for a worker."
FIGURES_IN_WORDS = 3
MINUTE, HOUR = 60, 3600


def title_of(spec: JobSpec) -> str:
    """Say in a few words what a job does."""
    if spec.kind == "promote":
        return f"Promote {spec.bundle}"
    return f"Retrain on {spec.cohort}"


def drugs_of(spec: JobSpec) -> str | None:
    """Say which drugs are trained; None for a job that trains none."""
    if spec.kind == "promote":
        return None
    if spec.drugs == "all":
        return "all drugs"
    named = ", ".join(spec.drugs[:FIGURES_IN_WORDS])
    more = len(spec.drugs) - FIGURES_IN_WORDS
    return f"{named} and {more:,} more" if more > 0 else named


def said_of(job: Job) -> str:
    """Say in a sentence where a job stands."""
    if job.outcome == Outcome.REFUSED and job.spec.drill is not None:
        return DRILL_PASSED if DRILL_WENT_THROUGH in job.reasons else DRILL_REFUSED
    if job.outcome is not None:
        return OUTCOMES.get(job.outcome, job.outcome)
    if job.reason:
        return job.reason[:1].upper() + job.reason[1:]
    if job.state is JobState.QUEUED:
        return QUEUED
    return "" if job.state.is_over else DOING.get(job.step or "", "It begins.")


def steps_of(job: Job) -> list[tuple[str, str, str]]:
    """List (name, words, stand) of the steps that this kind of job takes.

    A step is done, now, to come, left out, or the one where the job stopped.
    """
    names = OF_PROMOTION if job.spec.kind == "promote" else STEPS
    if job.outcome is not None:
        left_out = LEFT_OUT.get(job.outcome, frozenset())
        refused = "gate" if job.outcome == Outcome.REFUSED else None
        stands = {name: "left out" if name in left_out else "done" for name in names}
        stands |= {refused: "stopped"} if refused else {}
        return [(name, STEP_WORDS[name], stands[name]) for name in names]
    at = STEPS.index(job.step) if job.step in STEPS else -1
    is_there = "stopped" if job.state.is_over else "now"

    def stand(name: str) -> str:
        place = STEPS.index(name)
        return is_there if place == at else "done" if place < at else "to come"

    return [(name, STEP_WORDS[name], stand(name)) for name in names]


def gate_rows(reasons: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Take the gate's sentences apart: (check, found, needed)."""
    rows = []
    for reason in reasons:
        check, colon, rest = reason.partition(": ")
        found, _, needed = (rest if colon else reason).partition("; needed ")
        rows.append((plain_name(check) if colon else "", found, needed))
    return rows


def plain_name(name: str) -> str:
    """Write a name for people; roc_auc is a word."""
    return name.replace("_", " ").replace("roc auc", "roc_auc")


def field_words(spec: JobSpec) -> list[tuple[str, str]]:
    """List what was asked for, in the order of the form: (field, value)."""
    given = spec.to_json()
    return [
        (words, _value_words(name, given[name]))
        for name, words in FIELD_WORDS.items()
        if name in given
    ]


def _value_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return VALUE_WORDS.get((name, value), str(value))


def figure_words(value: float | str) -> str:
    """Write a figure: whole numbers as they are, others to three decimals."""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if float(value).is_integer() else f"{round(value, 3) + 0.0:.3f}"


def length_words(seconds: float | None) -> str:
    """Write a length of time: 45 s, 12 min, 3 h 20 min; nothing where it is not known."""
    if seconds is None:
        return ""
    if seconds < MINUTE:
        return f"{max(0, round(seconds))} s"
    if seconds < HOUR:
        return f"{round(seconds / MINUTE)} min"
    hours, rest = divmod(round(seconds / MINUTE), MINUTE)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def moment_words(seconds: float) -> str:
    """Write a moment, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%d %B %Y, %H:%M} UTC"
