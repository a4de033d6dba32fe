import subprocess
import sys

import pytest

from serving.errors import SettingsError
from serving.telemetry import traced


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("serving.telemetry.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="extra `telemetry`"):
        traced(None)


HEAVY = ("opentelemetry.sdk", "mlflow", "pandas", "pyarrow", "sklearn", "xgboost", "shap", "jinja2")


def test_the_answering_process_starts_without_what_it_does_not_need():
    program = f"import serving.run, sys; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
