"""MLflow's scoring protocol, with MLflow's own client and its own reading of every form."""

import io
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

PARAMS = {"scale": "rma_log2", "level": 0.9}
# The served version has a number and another hash than the bundle that was never written.
OF_THE_BUNDLE = ["bundle_version", "bundle_sha256"]


@pytest.fixture(scope="module")
def theirs():
    """MLflow's reading and its client, and what the stored model answers in its hands."""
    with pytest.MonkeyPatch.context() as patched, warnings.catch_warnings(record=True):
        patched.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        warnings.simplefilter("always")  # recorded: importing it warns of its own type hints
        from mlflow.pyfunc.scoring_server import infer_and_parse_data, parse_csv_input
        from mlflow.pyfunc.scoring_server.client import ScoringServerClient

        from models.pyfunc_model import answer
    return SimpleNamespace(
        read=infer_and_parse_data, read_csv=parse_csv_input, client=ScoringServerClient,
        answer=answer,
    )  # fmt: skip


@pytest.fixture
def named(profiles):
    """Profiles with the columns that name and place the samples."""
    lineage = ["Lung", "Ovary", None, "Lung", "Mars"]
    return profiles.astype(float).reset_index(names="sample_id").assign(lineage=lineage)


def forms(table):
    lists = table.astype(object).where(table.notna(), None)
    return {
        "dataframe_split": lists.to_dict(orient="split", index=False),
        "dataframe_records": lists.to_dict(orient="records"),
        "instances": lists.to_dict(orient="records"),
        "inputs": lists.to_dict(orient="list"),
    }


# The stored model knows the bundle alone.
OF_REVIEWS = ["approval", "approval_limits", "approval_as_of"]


def compare(answered, expected):
    assert list(answered.columns) == [*expected.columns, *OF_REVIEWS]
    assert set(answered["approval"]) == {"none"}
    np.testing.assert_allclose(
        answered["probability_sensitive"], expected["probability_sensitive"], rtol=0, atol=1e-6
    )
    np.testing.assert_allclose(answered["domain_percentile"], expected["domain_percentile"])
    exact = expected.columns.difference([*OF_THE_BUNDLE, "probability_sensitive",
                                         "domain_percentile"])  # fmt: skip
    pd.testing.assert_frame_equal(answered[exact], expected[exact], check_dtype=False)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"drugs": ["Elesclomol", "Bleomycin (50 uM)"]},
        {"drugs": []},
        {"align": "quantile"},
        {"lineage": "Lung"},
        {"level": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["dataframe_split", "dataframe_records", "instances", "inputs"])
def test_every_form_is_answered_as_mlflow_would(client, theirs, compiled, named, form, changes):
    params = PARAMS | changes
    payload = {form: forms(named)[form]}
    answered = client.request("POST", "/invocations", json=payload | {"params": params})
    assert answered.status_code == 200, answered.text
    read = theirs.read(payload)
    expected = theirs.answer(compiled.bundle, read, params)
    compare(pd.DataFrame(answered.json()["predictions"]), expected)


def test_names_come_from_the_index_or_are_numbers(client, theirs, compiled, profiles):
    table = profiles.astype(float)
    for payload in (
        {"dataframe_split": table.to_dict(orient="split")},
        {"dataframe_split": table.to_dict(orient="split", index=False)},
        {"dataframe_records": table.to_dict(orient="records")},
        {"inputs": table.to_dict(orient="records")},
    ):
        answered = client.request("POST", "/invocations", json=payload | {"params": PARAMS})
        # MLflow's reading drops the index of dataframe_split; a DataFrame keeps it.
        split = payload.get("dataframe_split", {})
        read = theirs.read(payload)
        if "index" in split:
            read.index = split["index"]
        compare(
            pd.DataFrame(answered.json()["predictions"]),
            theirs.answer(compiled.bundle, read, PARAMS),
        )


def test_csv_is_answered_as_the_same_table(client, theirs, compiled, named):
    text = named.to_csv(index=False)
    query = "?scale=rma_log2&level=0.9&drugs=Elesclomol&drugs=Cisplatin"
    answered = client.request(
        "POST", f"/invocations{query}", content=text, headers={"Content-Type": "text/csv"}
    )
    assert answered.status_code == 200, answered.text
    params = PARAMS | {"drugs": ["Elesclomol", "Cisplatin"]}
    expected = theirs.answer(compiled.bundle, theirs.read_csv(io.StringIO(text)), params)
    compare(pd.DataFrame(answered.json()["predictions"]), expected)


def test_the_index_of_a_csv_names_the_samples(client, profiles):
    answered = client.request(
        "POST",
        "/invocations?scale=rma_log2&drugs=Cisplatin",
        content=profiles.to_csv(),
        headers={"Content-Type": "text/csv"},
    )
    samples = [one["sample_id"] for one in answered.json()["predictions"]]
    assert samples == list(profiles.index)


def test_mlflows_own_client(address, theirs, compiled, named):
    host, port = address
    remote = theirs.client(host, port)
    remote.wait_server_ready(timeout=60)
    given = named.drop(columns="lineage")
    answered = remote.invoke(given, params=PARAMS).get_predictions()
    compare(answered, theirs.answer(compiled.bundle, given, PARAMS))
    assert remote.get_version()
