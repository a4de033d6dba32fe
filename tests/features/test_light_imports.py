"""What the process that answers requests imports must not bring pandas or pyarrow."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FEATURES = (
    "alignment",
    "claim_table",
    "claims",
    "coverage",
    "errors",
    "expression",
    "feature_arrays",
    "feature_plan",
    "gene_ids",
    "gene_sets",
    "gene_values",
    "gmt",
    "hgnc",
    "lineage",
    "proliferation",
    "ranks",
    "readers.duplicates",
    "readers.gene_resolution",
    "reference",
    "scales",
    "scores",
    "symbols",
    "transformer",
)
MODELS = (
    "archive",
    "attribution",
    "bundle",
    "bundle_files",
    "calibration",
    "compiled",
    "conformal",
    "domain",
    "drug_arrays",
    "drug_choice",
    "drug_model",
    "errors",
    "golden_answers",
    "golden_check",
    "linear",
    "manifest",
    "placement",
    "prediction_notes",
    "trees",
)


@pytest.mark.parametrize(("package", "modules"), [("features", FEATURES), ("models", MODELS)])
def test_they_are_light(package, modules):
    imports = "; ".join(f"import {package}.{module}" for module in modules)
    heavy = "{'pandas', 'pyarrow', 'scipy', 'sklearn', 'xgboost', 'mlflow'}"
    code = f"import sys; {imports}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
