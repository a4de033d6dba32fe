import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.bundle_files import write_bundle
from models.compiled import CompiledBundle
from models.errors import BundleDamagedError, BundleError
from models.linear import LinearScore

ROOT = Path(__file__).parents[3]
HEAVY = "{'pandas', 'pyarrow', 'scipy', 'sklearn', 'xgboost', 'shap', 'mlflow'}"


@pytest.fixture(name="folder", scope="module")
def fixture_folder(bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compiled") / "bundle"
    write_bundle(bundle, folder)
    return folder


@pytest.fixture(name="compiled", scope="module")
def fixture_compiled(folder):
    return CompiledBundle.load(folder, version="7", with_golden=True)


def test_it_says_what_the_bundle_is(compiled, bundle):
    assert (compiled.name, compiled.version) == ("7", "7")
    assert len(compiled.sha256) == 64
    assert compiled.drugs == tuple(bundle.drugs)
    assert compiled.statuses == ("supported", "exploratory", "withheld", "withheld")
    assert (compiled.cohort, compiled.simulated) == ("made-up", True)
    assert compiled.expression_scale == "rma_log2"
    assert compiled.lineages == ("Lung", "Ovary")
    assert compiled.gene_panel == bundle.features.gene_panel_
    assert compiled.minimum_gene_coverage == 0.8
    assert compiled.provenance["seed"] == 0


def test_golden_answers_are_reproduced(compiled):
    compiled.check_golden()


def test_another_score_does_not_reproduce_them(compiled):
    model = compiled.bundle.drugs["Cisplatin"]
    other = LinearScore(model.linear.coefficients, model.linear.intercept + 1e-4)
    drugs = {**compiled.bundle.drugs, "Cisplatin": replace(model, linear=other)}
    with pytest.raises(BundleDamagedError, match="Cisplatin differs by"):
        CompiledBundle(replace(compiled.bundle, drugs=drugs)).check_golden()


def test_without_golden_answers_nothing_is_vouched_for(folder):
    with pytest.raises(BundleError, match="no golden answers"):
        CompiledBundle.load(folder).check_golden()


def test_what_answering_does_not_need_is_not_kept(folder):
    bundle = CompiledBundle.load(folder).bundle
    assert bundle.golden is None
    assert all(model.held_out is None for model in bundle.drugs.values())


@pytest.mark.parametrize("name", ["linear.npz", "held_out.npz", "golden.npz", "drugs.json"])
def test_damage_is_found_in_every_file(bundle, tmp_path, name):
    write_bundle(bundle, tmp_path / "bundle")
    path = tmp_path / "bundle" / name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(BundleDamagedError, match=name):
        CompiledBundle.load(tmp_path / "bundle")


@pytest.mark.parametrize("align", ["none", "quantile", "rank"])
def test_nothing_heavy_is_imported(folder, align):
    code = f"""
import sys
from pathlib import Path
import numpy as np
from models.compiled import CompiledBundle
compiled = CompiledBundle.load(Path(sys.argv[1]), with_golden=True)
compiled.check_golden()
genes = list(compiled.bundle.features.reference_.genes)
values = np.random.default_rng(0).uniform(30, 2000, size=(2, len(genes)))
for ask in (compiled.predict, compiled.explain):
    ask(genes, values, scale="tpm", align="{align}", drugs=compiled.drugs)
print(sorted({HEAVY} & set(sys.modules)))
"""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_cache_of_gene_lists_stays_bounded(bundle, profiles):
    compiled = CompiledBundle(bundle)
    plans = compiled._questions._plans
    for at in range(40):
        extra = [f"OTHER{at}_{number}" for number in range(3000)]
        values = np.hstack([profiles, np.ones((len(profiles), len(extra)))])
        compiled.predict([*profiles.columns, *extra], values, scale="rma_log2")
        assert plans.cost <= plans.most
    assert 1 < len(plans) < 40
