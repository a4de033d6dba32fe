"""Shadow, gate and promote: a registered bundle beside the champion."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from features.errors import CupromarkError
from models.bundle import Bundle
from models.bundle_files import verify_bundle
from models.compiled import CompiledBundle
from models.errors import StoreError
from models.store import CHAMPION, NOBODY, BundleStore
from training.errors import TrainingError
from training.files import FileSettings, FileSource
from training.jobs.work import Result, Task
from training.promotion.external_cohorts import ask_external_cohorts
from training.promotion.policy import PromotionPolicy, load_policy
from training.promotion.promoting import consider
from training.promotion.records import record_decision
from training.promotion.shadow_checks import ShadowFigures

MOST_PROFILES = 200
NOTABLE_DIFFERENCE = 0.1


def find_version(task: Task) -> Result:
    """Find and verify the bundle that a promotion names."""
    stored = task.store.show(str(task.spec.bundle))
    task.store.fetch(stored.version)
    return {
        "version": stored.version,
        "run_id": stored.run_id,
        "experiment_id": task.store.experiment_id(),
        "bundle_sha256": stored.sha256,
        "cohort": stored.tags.get("cohort", ""),
    }


def shadow(task: Task) -> Result:
    """Ask challenger and champion about the same profiles, and sum up how their answers differ.

    The profiles are the challenger's training lines as its bundle keeps them.
    """
    challenger = task.store.load(task.given["version"])
    stored = task.store.find(CHAMPION)
    if stored is None or stored.sha256 == challenger.sha256:
        return {"compared": False, "why": "there is no other champion", "figures": {}}
    champion = task.store.load(stored.version)
    try:
        return {"compared": True, "figures": shadow_figures(challenger, champion)}
    except CupromarkError as error:
        return {"compared": False, "why": str(error), "figures": {}}


def shadow_figures(challenger: Bundle, champion: Bundle) -> dict[str, float | str]:
    """Differences of the answers about up to 200 of the challenger's training lines.

    Raises
    ------
    CupromarkError
        They have no drug in common, or one cannot answer these profiles.
    """
    drugs = [drug for drug in challenger.drugs if drug in champion.drugs]
    domain = challenger.domain
    if not drugs or domain is None:
        raise TrainingError(
            "The answers cannot be compared: no drug in common, or no training lines are kept.",
            needed="a drug in common, and a challenger that keeps its training lines.",
            remedy="none: the gate decides without it.",
        )
    lines = _spread(len(domain.samples))
    genes, values = _profiles(challenger, lines)
    lineage = {f"line_{one}": str(domain.lineage[one]) for one in lines if domain.lineage[one]}
    asked: dict[str, Any] = {
        "scale": challenger.features.reference_.expression_scale,
        "drugs": drugs,
        "lineage": lineage or None,
        "sample_ids": [f"line_{one}" for one in lines],
        "is_log2": True,
    }
    ours, theirs = (CompiledBundle(one).predict(genes, values, **asked) for one in
                    (challenger, champion))  # fmt: skip
    off = np.abs(ours.probability_sensitive - theirs.probability_sensitive)
    changed = ours.set_codes != theirs.set_codes
    most = int(off.mean(axis=0).argmax())
    return {
        "shadow_n_profiles": float(len(lines)),
        "shadow_n_drugs": float(len(drugs)),
        "shadow_mean_difference": float(off.mean()),
        "shadow_largest_difference": float(off.max()),
        "shadow_share_above_0.1": float((off > NOTABLE_DIFFERENCE).mean()),
        "shadow_share_other_call": float(changed.mean()),
        "shadow_most_changed_drug": drugs[most],
    }


def read_policy(task: Task) -> Result:
    """Say what the policy asks of the service about this version; nothing where none is due."""
    policy, champion = policy_of(task), task.store.find(CHAMPION)
    manifest = verify_bundle(task.store.fetch(task.given["version"]))
    held = set(manifest.about["drugs"].values())
    return {
        "policy": policy.name,
        "statuses": [one for one in policy.sign_off_statuses if one in held],
        "people": policy.sign_off_people,
        "judged_kinds": list(policy.judged_kinds),
        "shadow_of": champion.sha256 if champion is not None and policy.shadow_answers else None,
    }


def decide(task: Task) -> Result:
    """Put the version before the gate, and write the decision to its run and version."""
    policy = policy_of(task)
    considered = consider(
        task.store,
        task.given["version"],
        policy,
        missing_sign_offs=lambda bundle: task.given["missing_sign_offs"],
        ask_shadow=partial(_answers_in_shadow, task),
        ask_external=partial(
            ask_external_cohorts, policy=policy, files=FileSource(FileSettings.from_environment())
        ),
        decided_by=f"{task.submitted_by}, job {task.job_id}",
    )
    record_decision(task.store, considered.challenger, considered.decision)
    champion = considered.champion
    return {
        "decision": considered.decision.to_json(),
        "reasons": considered.decision.reasons,
        "champion": None if champion is None else champion.version,
    }


def promote(task: Task) -> Result:
    """Make the version the champion, with what people decided about its drugs as tags.

    Where another one has become champion since the gate decided, nothing is changed, and
    `is_overtaken` says so.
    """
    version, before = task.given["version"], task.given["champion"]
    if _champion_of(task.store) != version:
        try:
            task.store.promote(version, replacing=NOBODY if before is None else before)
        except StoreError:
            now = _champion_of(task.store)
            if now == before:
                raise
            if now != version:  # else it was promoted, and what failed came after it
                return {"before": before, "is_new": False, "is_overtaken": True}
    task.store.tag(version, task.given["approvals"])
    return {"before": before, "is_new": before != version, "is_overtaken": False}


def policy_of(task: Task) -> PromotionPolicy:
    """Read the policy that the job names."""
    name = task.spec.policy
    return load_policy(task.policies / f"{name.removesuffix('.json')}.json" if name else None)


def _champion_of(store: BundleStore) -> str | None:
    """Version of the champion; None where there is none."""
    found = store.find(CHAMPION)
    return None if found is None else found.version


def _answers_in_shadow(task: Task, challenger: Bundle, champion: Bundle) -> ShadowFigures | None:
    """Give what the service counted, unless another champion has come since it was asked."""
    del challenger  # the version that the service was asked about
    counted = task.given["shadow"]
    if counted is None or champion.sha256 != task.given["shadow_of"]:
        return None
    return ShadowFigures(**counted)


def _spread(n_lines: int) -> list[int]:
    """Places of up to 200 lines, evenly spread."""
    places = np.linspace(0, n_lines - 1, min(n_lines, MOST_PROFILES)).round()
    return [int(place) for place in np.unique(places)]


def _profiles(bundle: Bundle, lines: list[int]) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Expression (log2) of the panel genes of training lines, from their z values."""
    assert bundle.domain is not None  # noqa: S101 - the caller has looked
    genes, reference = list(bundle.features.gene_panel_), bundle.features.reference_
    place = {gene: at for at, gene in enumerate(reference.genes)}
    at = [place[gene] for gene in genes]
    z = bundle.domain.features[lines][:, : len(genes)].astype(np.float64)
    return genes, z * reference.scale[at] + reference.location[at]
