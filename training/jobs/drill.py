"""A fire drill of the gate: a cohort whose responses belong to other lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.cohort import Cohort
from training.drug_tasks import response_of


def with_shuffled_labels(cohort: Cohort, *, random_state: int) -> Cohort:
    """Give every line the responses of another one, the same for all drugs.

    What is learned from it is worth nothing, so that a gate that lets it pass is broken.
    """
    response = response_of(cohort)
    order = np.random.default_rng(random_state).permutation(len(response.values))
    values = response.values.iloc[order].set_axis(response.values.index, axis=0)
    return replace(cohort, response=replace(response, values=values))
