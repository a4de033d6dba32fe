"""Counts of profiles for tests of drift."""

from dataclasses import replace

import pytest

from models.drift.counts import DriftCounts


@pytest.fixture
def counted():
    """Make counts of what (n_genes, 8) histograms say."""

    def counted(by_gene):
        n_profiles = int(by_gene.sum(axis=1).max(initial=0))
        return replace(DriftCounts.none(len(by_gene)), by_gene=by_gene, n_profiles=n_profiles)

    return counted
