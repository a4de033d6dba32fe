"""A service whose bundle lies in a folder, with linear scores and trees."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from features.symbols import SymbolTable
from models.bundle_files import write_bundle
from models.compiled import CompiledBundle
from serving.bundles.served import ServedBundle

MADE_FOR_REPORTS = Path(__file__).resolve().parents[2] / "models" / "reports" / "conftest.py"


@pytest.fixture(scope="session")
def made_for_reports():
    """The module that makes the bundle of the tests of `models.reports`."""
    spec = importlib.util.spec_from_file_location("bundles_for_reports", MADE_FOR_REPORTS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_ids(symbols):
    """The same genes, one of them with the public ids that bundles of real data hold."""
    records = symbols.records_of(symbols)
    ids = {"entrez": "2230", "ensembl": "ENSG00000137714"}
    return SymbolTable.from_records(
        replace(one, **ids) if one.symbol == "FDX1" else one for one in records
    )


@pytest.fixture(scope="session")
def folder(made_for_reports, made_up, tmp_path_factory):
    """Folder of the bundle."""
    bundle, _ = made_for_reports.make_report_bundle(
        made_up.make_bundle(), made_up.make_training_profiles()
    )
    slashed = replace(bundle.drugs["Cisplatin"], drug="A/B.pdf 5")
    written = replace(
        bundle, drugs={**bundle.drugs, slashed.drug: slashed}, symbols=with_ids(bundle.symbols)
    )
    path = tmp_path_factory.mktemp("for-reports") / "bundle"
    write_bundle(written, path)
    return path


@pytest.fixture(scope="session")
def served(folder):
    """The bundle of the folder, as a service that answers has it."""
    compiled = CompiledBundle.load(folder)
    return ServedBundle(compiled, None, compiled.sha256, "folder", 0.0)


@pytest.fixture
def source(one_bundle, served):
    found = one_bundle(served.bundle.bundle)
    found.bundles.serve(served)
    return found


@pytest.fixture
def client(make_service, asgi_client, source, folder):
    return asgi_client(make_service(source=source, bundle=str(folder)))
