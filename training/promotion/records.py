"""Decisions of the gate in MLflow: at the version, and at the run that it came from."""

from __future__ import annotations

import json

from models.mlflow_session import mlflow_session
from models.store import BundleStore, StoredBundle
from training.promotion.decision import Decision

FOLDER = "promotion"
LONGEST_TAG = 4_000


def record_decision(store: BundleStore, stored: StoredBundle, decision: Decision) -> None:
    """Write what was decided about a version: tags, and the whole as JSON at its run.

    Called twice with the same decision, it leaves the same.
    """
    tags = {
        "promotion": word_of(decision),
        "promotion_policy": decision.policy_version,
        "promotion_at": decision.decided_at,
        "promotion_by": decision.decided_by,
        "promotion_reasons": _cut("; ".join(decision.reasons)),
    }
    if decision.overruled_because:
        tags["promotion_because"] = _cut(decision.overruled_because)
    text = json.dumps(decision.to_json(), indent=1, ensure_ascii=False)
    moment = decision.decided_at.replace(":", "").replace("+0000", "Z")
    with mlflow_session(store.tracking_uri) as client:
        if stored.run_id is not None:
            for key, value in tags.items():
                client.set_tag(stored.run_id, key, value)
            file = f"{FOLDER}/version-{stored.version}-{moment}.json"
            client.log_text(stored.run_id, text, file)
        for key, value in tags.items():
            client.set_model_version_tag(store.name, stored.version, key, value)


def word_of(decision: Decision) -> str:
    """Say `accepted`, `refused`, or `overruled` where it was promoted all the same."""
    if decision.accepted:
        return "accepted"
    return "overruled" if decision.overruled_because else "refused"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TAG else f"{text[: LONGEST_TAG - 3]}..."
