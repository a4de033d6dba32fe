"""What tests of several packages share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


def find_shared_data() -> Path | None:
    """Find the folder of real public data: CUPROMARK_MIRROR, else ../shared/data."""
    mirror = os.environ.get("CUPROMARK_MIRROR", "")
    candidates = [Path(mirror)] if mirror and "://" not in mirror else []
    candidates.append(CHECKOUT.parent / "shared" / "data")
    return next((folder for folder in candidates if (folder / "MANIFEST.json").is_file()), None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = find_shared_data()
    if folder is not None:
        return folder
    reason = "no real data: neither CUPROMARK_MIRROR nor ../shared/data is a folder of it"
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Where nothing may be missing, a test that is skipped has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true forbids: {report.longrepr}"
    return report
