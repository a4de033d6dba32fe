"""The documentation keeps up with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from features.expression import SCALES
from features.reading import FORMATS
from models.drug_model import STATUSES
from models.prediction import Alignment
from training.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_the_page_of_commands_is_up_to_date() -> None:
    written = subprocess.run(
        [sys.executable, "-m", "typer", "cupromark.main", "utils", "docs", "--name", "cupromark"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    remedy = "run: python -m typer cupromark.main utils docs --name cupromark > docs/cli.md"
    assert page("cli.md").strip() == written.strip(), remedy


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("files.md", FORMATS),
        ("files.md", SCALES),
        ("cohorts.md", load_catalogue().cohorts),
        ("training.md", STATUSES),
        ("predicting.md", get_args(Alignment)),
    ],
)
def test_everything_that_can_be_chosen_is_documented(name: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if f"`{word}`" not in page(name)] == []


def test_every_page_is_reached_from_the_first() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)", page("index.md")))
    assert linked == {path.name for path in DOCS.glob("*.md")} - {"index.md"}


def test_every_column_of_an_answer_is_documented(bundle_columns: list[str]) -> None:
    text = page("predicting.md")
    rows = re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)
    assert [row for row in rows if row in bundle_columns] == bundle_columns


@pytest.fixture
def bundle_columns() -> list[str]:
    from models import prediction

    listed = re.search(r"Columns: (.*?)\.\n", prediction.Predictions.__doc__ or "", re.DOTALL)
    assert listed is not None
    return re.sub(r"\([^)]*\)", "", listed[1]).replace("\n", " ").replace(" ", "").split(",")
