"""The registered bundle as MLflow itself runs it: loaded in a process, and served over HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.bundle_files import write_bundle
from models.prediction import predict
from models.store import local_store
from tests.ports import free_port

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def registered(bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("serving")
    write_bundle(bundle, folder / "bundle")
    store = local_store(folder / "var")
    store.register(folder / "bundle")
    return store, store.promote("1")


@pytest.fixture(scope="module")
def environment(registered):
    store, _ = registered
    return {
        **os.environ,
        "MLFLOW_TRACKING_URI": store.tracking_uri,
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONPATH": str(ROOT),
        # mlflow starts uvicorn by name
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    }


@pytest.fixture(scope="module")
def server(environment, tmp_path_factory):
    port = free_port()
    serve = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local"]
    where = ["-m", "models:/cupromark@champion", "-h", "127.0.0.1", "-p", str(port)]
    with (tmp_path_factory.mktemp("log") / "serve.log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603
            [*serve, *where],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_up(process, address, Path(log.name))
            yield address
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def wait_until_up(process, address, log, seconds=180):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"mlflow models serve ended: {log.read_text()}")
        try:
            with urllib.request.urlopen(f"{address}/ping", timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"mlflow models serve did not answer: {log.read_text()}")


def ask(address, body):
    request = urllib.request.Request(  # noqa: S310
        f"{address}/invocations",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        return pd.DataFrame(json.loads(response.read())["predictions"])


def test_loads_with_pickle_turned_off(environment, make_profiles, tmp_path):
    profiles = make_profiles(n_samples=2, seed=5)
    profiles.to_csv(tmp_path / "profiles.csv", index_label="sample_id")
    code = (
        "import sys, mlflow, pandas as pd;"
        "model = mlflow.pyfunc.load_model('models:/cupromark@champion');"
        "table = pd.read_csv(sys.argv[1]);"
        "print(model.predict(table, params={'scale': 'rma_log2'}).to_csv(index=False))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(tmp_path / "profiles.csv")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "line_0,Cisplatin," in done.stdout


@pytest.mark.parametrize("form", ["dataframe_split", "dataframe_records", "inputs", "records_list"])
def test_served_answers_equal_those_of_the_bundle(
    server, bundle, make_profiles, make_expression, form
):
    profiles = make_profiles(n_samples=3, seed=5)
    expected = predict(bundle, make_expression(profiles), drugs=list(bundle.drugs), level=0.9).table
    named = profiles.astype(float).reset_index(names="sample_id")
    data = {
        "dataframe_split": named.to_dict(orient="split", index=False),
        "dataframe_records": named.to_dict(orient="records"),
        "inputs": named.to_dict(orient="list"),
        "records_list": named.to_dict(orient="records"),
    }[form]
    params = {"scale": "rma_log2", "drugs": list(bundle.drugs), "level": 0.9}
    key = "inputs" if form == "records_list" else form
    answer = ask(server, {key: data, "params": params})
    assert list(answer.columns[:7]) == list(expected.columns[:7])
    np.testing.assert_allclose(
        answer["probability_sensitive"], expected["probability_sensitive"], rtol=0, atol=1e-6
    )
    for column in ("sample_id", "drug", "label", "status", "conformal_set"):
        assert answer[column].tolist() == expected[column].tolist()


def test_served_bundle_insists_on_a_scale(server, make_profiles):
    body = {"dataframe_split": make_profiles(n_samples=1).astype(float).to_dict(orient="split")}
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(server, body)
    assert 400 <= refused.value.code < 600
    assert "No scale was declared" in refused.value.read().decode()
    refused.value.close()
