import json
from dataclasses import replace

import pytest

from models.description import describe_bundle, drug_rows

CARD = {
    "n_lines": 200,
    "roc_auc": {"value": 0.7123, "low": 0.65, "high": 0.77},
    "lineage": {"roc_auc": {"value": 0.6, "low": 0.5, "high": 0.7}},
}


@pytest.fixture
def described(bundle):
    """Two drugs: one with a card, one that was never measured."""
    names = list(bundle.drugs)[:2]
    cards = (CARD, {})
    drugs = {
        name: replace(bundle.drugs[name], evidence_card=card)
        for name, card in zip(names, cards, strict=True)
    }
    return replace(bundle, drugs=drugs, golden=None)


def test_every_drug_has_a_row_in_the_order_of_the_bundle(described):
    rows = drug_rows(described)
    assert rows["drug"].tolist() == list(described.drugs)
    assert rows["roc_auc"].tolist() == ["0.712 [0.650, 0.770]", "not measured"]
    assert rows["lineage alone"].tolist() == ["0.600 [0.500, 0.700]", "not measured"]
    assert rows["n_lines"].tolist()[0] == 200
    statuses = [model.status for model in described.drugs.values()]
    assert rows["status"].tolist() == statuses


def test_a_bundle_says_where_it_came_from_and_what_it_answers(described):
    answer = json.loads(json.dumps(describe_bundle(described), allow_nan=False))
    assert answer["cohort"] == "made-up"
    assert answer["simulated"] is True
    assert (answer["n_drugs"], answer["n_panel_genes"], answer["n_gene_sets"]) == (2, 11, 3)
    assert answer["lineages"] == ["Lung", "Ovary"]
    assert answer["minimum_gene_coverage"] == 0.8
    assert answer["provenance"]["seed"] == 0
    name = next(iter(described.drugs))
    assert answer["drugs"][name]["evidence_card"] == CARD
    assert answer["drugs"][name]["label_card"]["method"] == "tertile"
