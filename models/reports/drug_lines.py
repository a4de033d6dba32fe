"""The training lines on which one drug was measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.drug_model import DrugModel
from models.reports.content import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class DrugLines:
    """Lines of a drug, with their features.

    Attributes
    ----------
    patients
        (n_lines,) of which draws are made; a line of which none is known is one of its own.
    is_sensitive, probability
        (n_lines,) labels and mean held-out probabilities; None where the bundle keeps none.
    """

    samples: tuple[str, ...]
    lineage: tuple[str | None, ...]
    patients: tuple[str, ...]
    features: FloatArray
    is_sensitive: NDArray[np.bool_] | None
    probability: FloatArray | None


def lines_of_drug(
    model: DrugModel,
    samples: tuple[str, ...],
    lineage: tuple[str | None, ...],
    features: FloatArray,
) -> DrugLines:
    """Keep the lines on which a drug was measured; all of them where that is not known.

    Parameters
    ----------
    samples, lineage, features
        (n_lines,), (n_lines,) and (n_lines, n_features) of all training lines.
    """
    held_out = model.held_out
    place = {sample: at for at, sample in enumerate(samples)}
    if held_out is None or not any(sample in place for sample in held_out.samples):
        return DrugLines(samples, lineage, samples, features, None, None)
    kept = [at for at, sample in enumerate(held_out.samples) if sample in place]
    places = [place[held_out.samples[at]] for at in kept]
    return DrugLines(
        samples=tuple(held_out.samples[at] for at in kept),
        lineage=tuple(lineage[at] for at in places),
        patients=tuple(held_out.groups[at] for at in kept),
        features=features[places],
        is_sensitive=held_out.is_sensitive[kept],
        probability=held_out.mean_probability[kept],
    )
