"""The published schema: valid itself, strict, and with every field described."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from models.cards.schema import NAME, card_schema, described

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "schemas" / NAME


def errors(card: dict[str, Any]) -> list[str]:
    checker = jsonschema_rs.Draft202012Validator(card_schema())
    return [f"{list(one.instance_path)}: {one.message}" for one in checker.iter_errors(card)]


def test_it_is_a_schema_of_its_draft() -> None:
    jsonschema_rs.meta.validate(card_schema())


def test_the_published_copy_is_the_one_that_the_command_prints() -> None:
    assert json.loads(PUBLISHED.read_text()) == card_schema(), (
        f"cupromark evidence schema > docs/schemas/{NAME}"
    )


def test_every_field_is_described_and_every_figure_has_a_unit_and_a_direction() -> None:
    fields = described(card_schema())
    assert len(fields) > 100
    assert [name for name, text in fields.items() if len(text) < 4] == []
    for name in ("roc_auc", "random.percentiles", "calibration.slope", "label_card.cut_off_um"):
        assert name in fields
    assert "higher is better" in fields["roc_auc"]
    assert "lower is better" in fields["brier"]


def test_numbers_without_unit_are_not_described() -> None:
    def numeric(schema: Any, path: str = "") -> list[str]:
        found = []
        for name, field in schema.get("properties", {}).items():
            kinds = [field.get("type"), *(one.get("type") for one in field.get("anyOf", ()))]
            if {"number", "integer"} & set(kinds) and "x-unit" not in field:
                found.append(f"{path}.{name}")
            for part in (field, *field.get("anyOf", ())):
                found += numeric(part, f"{path}.{name}")
        return found

    assert numeric(card_schema()) == []


def test_whole_and_bare_cards_are_valid(card: dict[str, Any], bare_card: dict[str, Any]) -> None:
    assert errors(card) == []
    assert errors(bare_card) == []
    assert bare_card["q"].startswith("not run: ")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("roc_auc",), None),
        (("roc_auc",), "unknown"),
        (("roc_auc",), {"value": 0.7}),
        (("status",), "proven"),
        (("random", "percentiles"), "not estimable: none"),
        (("something_new",), 1.0),
        (("coverage", "0.8", "by_lineage", "Lung"), True),
    ],
)
def test_what_is_no_card_is_refused(card: dict[str, Any], path: Any, value: Any) -> None:
    *folders, last = path
    place = card
    for name in folders:
        place = place[name]
    place[last] = value
    assert errors(card)
