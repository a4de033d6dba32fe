"""What the tensors and the parameters of the Open Inference Protocol ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from serving.errors import InvalidField
from serving.inference.options import names_of, read_options
from serving.inference.tensors import BYTES, Tensor
from serving.predictions.fields import text
from serving.predictions.profiles import LONGEST_NAME, Profiles, refuse_too_many
from serving.predictions.question import Question

if TYPE_CHECKING:
    from serving.settings import ServingSettings

TEXT_INPUTS = ("genes", "sample_ids", "drugs", "lineage")
INPUTS = ("expression", *TEXT_INPUTS)
# What clients of this protocol send of their own accord, and what does not matter here.
IGNORED = frozenset(
    {"binary_data_output", "content_type", "headers", "priority", "timeout"}
    | {f"sequence_{part}" for part in ("id", "start", "end")}
)


def question_of(
    tensors: Mapping[str, Tensor],
    parameters: Mapping[str, Any],
    settings: ServingSettings,
    wrong: list[InvalidField],
) -> Question | None:
    """Make a question of inputs by name and of parameters; None where something is wrong.

    Raises
    ------
    RequestTooLargeError
        More profiles, genes or drugs than the limits allow.
    """
    texts = {name: _texts(tensors.get(name), wrong) for name in TEXT_INPUTS}
    options = {name: given for name, given in parameters.items() if name not in IGNORED}
    genes = texts["genes"] or names_of(options.pop("genes", None))
    if texts["drugs"] is not None:
        options["drugs"] = texts["drugs"]
    lineage = texts["lineage"]
    if lineage is not None and len(lineage) == 1:
        options["lineage"], lineage = lineage[0] or None, None
    profiles = _profiles(tensors.get("expression"), genes, texts["sample_ids"], settings, wrong)
    if profiles is not None and lineage is not None:
        profiles = _with_lineage(profiles, lineage, wrong)
    return read_options(options, profiles, settings, wrong, at="/parameters/")


def _texts(tensor: Tensor | None, wrong: list[InvalidField]) -> list[str] | None:
    if tensor is None:
        return None
    if tensor.datatype != BYTES or not isinstance(tensor.values, list):
        wrong.append(InvalidField("/inputs", f"must have {tensor.name} as {BYTES}"))
        return None
    may_be_empty = tensor.name == "lineage"  # the protocol has no null
    if not all(
        text(one, longest=LONGEST_NAME) or (may_be_empty and not one) for one in tensor.values
    ):
        wrong.append(
            InvalidField("/inputs", f"must have names of 1 to {LONGEST_NAME} letters as "
                         f"{tensor.name}")
        )  # fmt: skip
        return None
    return tensor.values


def _profiles(
    expression: Tensor | None,
    genes: list[str] | None,
    sample_ids: list[str] | None,
    settings: ServingSettings,
    wrong: list[InvalidField],
) -> Profiles | None:
    if not genes:
        said = "must have the names of its genes: the input `genes`, or the parameter `genes`"
        wrong.append(InvalidField("/inputs", said))
    if expression is None or isinstance(expression.values, list) or len(expression.shape) != 2:
        said = "must have one called expression: numbers of the shape [samples, genes]"
        wrong.append(InvalidField("/inputs", said))
    if wrong or expression is None or genes is None:
        return None
    n_samples, n_genes = expression.shape
    refuse_too_many(n_samples, n_genes, settings)
    if not n_samples or n_genes != len(genes):
        said = (
            f"must have at least one sample, and one column of expression a gene ({len(genes):,})"
        )
        wrong.append(InvalidField("/inputs", said))
    names = sample_ids or [f"profile_{number}" for number in range(1, n_samples + 1)]
    if len(names) != n_samples or len(set(names)) != n_samples:
        wrong.append(InvalidField("/inputs", "must have as many sample_ids as samples, each once"))
    if wrong:
        return None
    return Profiles(genes, np.asarray(expression.values), tuple(names))


def _with_lineage(
    profiles: Profiles, lineage: Sequence[str], wrong: list[InvalidField]
) -> Profiles | None:
    if len(lineage) != len(profiles.sample_ids):
        wrong.append(InvalidField("/inputs", "must have one lineage, or one a sample"))
        return None
    pairs = zip(profiles.sample_ids, lineage, strict=True)
    by_sample = {sample: name for sample, name in pairs if name}
    return Profiles(profiles.genes, profiles.values, profiles.sample_ids, by_sample)
