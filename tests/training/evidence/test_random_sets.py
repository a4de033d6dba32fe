"""Random panels resemble the panel in mean and variance, and hold none of its genes."""

import numpy as np
import pandas as pd
import pytest

from training.errors import TrainingError
from training.evidence.random_sets import draw_random_panels


def expression(n_genes: int = 400) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    means, spreads = generator.uniform(2, 12, n_genes), generator.uniform(0.2, 2, n_genes)
    values = generator.normal(means, spreads, size=(50, n_genes))
    return pd.DataFrame(values, columns=[f"G{number}" for number in range(n_genes)])


PANEL = [f"G{number}" for number in range(40)]


def test_no_panel_gene_and_no_gene_twice() -> None:
    panels = draw_random_panels(expression(), PANEL, n_panels=30, random_state=0)
    assert panels.replacements.shape == (30, 40)
    assert not np.isin(panels.replacements, PANEL).any()
    assert all(len(set(row)) == 40 for row in panels.replacements)


def test_replacements_are_nearer_in_mean_and_variance_than_any_genes() -> None:
    values = expression()
    panels = draw_random_panels(values, PANEL, n_panels=30, random_state=0)
    for figure in (values.mean(), values.var()):
        rank = figure.rank(pct=True)
        gap = np.abs(rank[panels.replacements.ravel()].to_numpy() - np.tile(rank[PANEL], 30))
        assert gap.mean() < 0.2  # a third of the range between two genes at random


def test_the_seed_decides() -> None:
    one, same, other = (
        draw_random_panels(expression(), PANEL, n_panels=5, random_state=seed).replacements
        for seed in (0, 0, 1)
    )
    assert (one == same).all()
    assert (one != other).any()


def test_too_few_other_genes_are_refused() -> None:
    with pytest.raises(TrainingError, match="20 genes outside the panel of 40"):
        draw_random_panels(expression(60), PANEL, n_panels=5, random_state=0)
