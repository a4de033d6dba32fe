from dataclasses import replace

import numpy as np
import pytest

from models.attribution import drug_gene_directions
from models.errors import AttributionError


def test_directions_are_those_of_a_higher_gene(bundle, profiles):
    found = drug_gene_directions(bundle)
    assert set(found) == {"Cisplatin", "Bleomycin (50 uM)"}
    before = bundle.features.transform(profiles)
    for drug, directions in found.items():
        assert set(directions) == set(bundle.features.gene_panel_)
        assert max(one.share_of_largest for one in directions.values()) == 1
        model = bundle.drugs[drug]
        for gene, direction in directions.items():
            reference = bundle.features.reference_
            sd = reference.scale[reference.positions([gene])[0]]
            higher = profiles.astype(float).assign(**{gene: profiles[gene].astype(float) + sd})
            rise = model.score(bundle.features.transform(higher)) - model.score(before)
            expected = model.calibration.slope * rise
            np.testing.assert_allclose(direction.log_odds_per_sd, expected, atol=1e-6)
            assert direction.direction == ("sensitivity" if expected[0] > 0 else "resistance")


def test_trees_have_no_one_direction(bundle):
    assert drug_gene_directions(bundle, ["Elesclomol"]) == {}


def test_a_bundle_without_background_is_refused(bundle):
    with pytest.raises(AttributionError, match="format 2"):
        drug_gene_directions(replace(bundle, background=None))
