"""Answers as tensors of the Open Inference Protocol, in JSON and in its binary extension."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from serving.inference.tensors import BYTES, texts_of, to_binary

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle
    from serving.reviews.answered import Review

MODEL_NAME = "cupromark"
Values = NDArray[Any] | Sequence[str]


@dataclass(frozen=True, slots=True)
class Output:
    """An output: its shape in terms of `n` samples and `d` drugs, and where its values are."""

    datatype: str
    shape: tuple[str, ...]
    values: Callable[[CompiledAnswers, Review], Values]


OUTPUTS: Mapping[str, Output] = {
    "probability_sensitive": Output(
        "FP64", ("n", "d"), lambda given, _: given.probability_sensitive
    ),
    "label": Output(BYTES, ("n", "d"), lambda given, _: texts_of(given.labels())),
    "conformal_set": Output(BYTES, ("n", "d"), lambda given, _: texts_of(given.conformal_sets())),
    "drugs": Output(BYTES, ("d",), lambda given, _: given.drugs),
    "status": Output(BYTES, ("d",), lambda given, _: given.statuses),
    "sample_ids": Output(BYTES, ("n",), lambda given, _: given.sample_ids),
    "domain_percentile": Output("FP64", ("n",), lambda given, _: given.domain_percentile),
    "lineage_used": Output(BYTES, ("n",), lambda given, _: given.lineage_used),
    "warnings": Output(BYTES, ("w",), lambda given, _: given.notes),
    "approval": Output(BYTES, ("d",), lambda _, review: review.marks.states),
    "approval_limits": Output(BYTES, ("d",), lambda _, review: review.marks.limit_texts),
}


def infer_answer(
    answers: CompiledAnswers,
    served: ServedBundle,
    review: Review,
    *,
    wanted: Mapping[str, bool],
    request_id: str | None,
    aliases: Sequence[str],
) -> tuple[bytes, int | None]:
    """Encode answers.

    Parameters
    ----------
    answers, served
        What was answered, and by which bundle.
    review
        What reviewers decided about the drugs.
    wanted
        Names of outputs, and whether each comes as binary data.
    request_id
        Sent back.
    aliases
        Of the version, such as champion.

    Returns
    -------
    tuple
        The body, and the length of the JSON at its beginning; None where that is all of it.
    """
    outputs, binary = [], []
    for name, is_binary in wanted.items():
        values = OUTPUTS[name].values(answers, review)
        described: dict[str, Any] = {
            "name": name,
            "datatype": OUTPUTS[name].datatype,
            "shape": _shape(name, answers),
        }
        if is_binary:
            binary.append(to_binary(values, described["datatype"]))
            described["parameters"] = {"binary_data_size": len(binary[-1])}
        else:
            described["data"] = (
                values.ravel().tolist() if isinstance(values, np.ndarray) else values
            )
        outputs.append(described)
    content = {
        "model_name": MODEL_NAME,
        **({} if served.version is None else {"model_version": served.version}),
        **({} if request_id is None else {"id": request_id}),
        "parameters": _parameters(answers, served, aliases) | _review_parameters(review),
        "outputs": outputs,
    }
    header = orjson.dumps(content)
    return b"".join((header, *binary)), len(header) if binary else None


def _shape(name: str, answers: CompiledAnswers) -> list[int]:
    sizes = {"n": len(answers.sample_ids), "d": len(answers.drugs), "w": len(answers.notes)}
    return [sizes[dimension] for dimension in OUTPUTS[name].shape]


def _parameters(
    answers: CompiledAnswers, served: ServedBundle, aliases: Sequence[str]
) -> dict[str, str | float | bool]:
    """Say what holds for all answers, in what the protocol has here: texts, numbers, booleans."""
    coverage = answers.coverage
    return {
        "bundle": served.bundle.name,
        "bundle_sha256": served.sha256,
        "bundle_aliases": ", ".join(aliases),
        "cohort": served.bundle.cohort,
        "simulated": served.bundle.simulated,
        "level": answers.level,
        "alignment": answers.alignment,
        "gene_coverage": coverage.fraction,
        "n_genes_missing": len(coverage.missing),
    }


def _review_parameters(review: Review) -> dict[str, str | float | bool]:
    """Say how old the approvals are, and which drugs are withheld by them."""
    said: dict[str, str | float | bool] = {
        "withheld_by_review": ", ".join(one.drug for one in review.withheld),
        "approvals_are_current": review.is_current,
    }
    if review.as_of is not None and review.age_seconds is not None:
        said |= {"approvals_as_of": review.as_of, "approvals_age_seconds": review.age_seconds}
    return said
