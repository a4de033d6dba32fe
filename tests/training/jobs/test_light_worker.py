"""What a worker loads before it has anything to do."""

import subprocess
import sys


def test_a_worker_at_rest_has_loaded_nothing_that_only_its_children_need():
    """scipy alone holds 80 MB."""
    heavy = {"pandas", "pyarrow", "scipy", "sklearn", "xgboost", "mlflow", "fastapi"}
    modules = "training.jobs.worker, cupromark.job_outside, cupromark.commands.worker, sys"
    program = f"import {modules}; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert heavy & set(done.stdout.split()) == set()
