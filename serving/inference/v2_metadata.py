"""What the server and its model say of themselves in the Open Inference Protocol."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from features.expression import SCALES
from serving.inference.tensors import BYTES
from serving.inference.v2_outputs import MODEL_NAME, OUTPUTS
from serving.inference.v2_question import TEXT_INPUTS
from serving.predictions.question import ALIGNMENTS

if TYPE_CHECKING:
    from serving.bundles.served import ServedBundle
    from serving.reviews.approval_cache import ApprovalCache

BINARY_DATA = "binary_tensor_data"


def server_metadata() -> dict[str, Any]:
    """Describe the server."""
    return {"name": MODEL_NAME, "version": version("cupromark"), "extensions": [BINARY_DATA]}


def model_metadata(
    served: ServedBundle, versions: Sequence[str], approvals: ApprovalCache
) -> dict[str, Any]:
    """Describe the model: what it takes, what it gives, and which drugs and genes it uses."""
    bundle = served.bundle
    standing = approvals.snapshot.standing(served)
    expression = {"name": "expression", "datatype": "FP64", "shape": [-1, -1]}
    texts = [{"name": name, "datatype": BYTES, "shape": [-1]} for name in TEXT_INPUTS]
    outputs = [
        {"name": name, "datatype": output.datatype, "shape": [-1] * len(output.shape)}
        for name, output in OUTPUTS.items()
    ]
    return {
        "name": MODEL_NAME,
        "versions": list(versions),
        "platform": "cupromark_bundle",
        "inputs": [expression, *texts],
        "outputs": outputs,
        "parameters": {
            "version": served.version,
            "sha256": served.sha256,
            "cohort": bundle.cohort,
            "simulated": bundle.simulated,
            "expression_scale": bundle.expression_scale,
            "scales": list(SCALES),
            "alignments": list(ALIGNMENTS),
            "minimum_gene_coverage": bundle.minimum_gene_coverage,
            "approvals": {drug: standing.state_of(drug) for drug in bundle.drugs},
            "gene_panel": list(bundle.gene_panel),
        },
    }
