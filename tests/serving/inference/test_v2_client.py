"""The Open Inference Protocol as a client sees it that was written by others."""

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

LINEAGES = ["Lung", "Ovary", "", "", ""]


@pytest.fixture
def remote(address):
    host, port = address
    with triton.InferenceServerClient(f"{host}:{port}") as client:
        yield client


def tensor(name, values, datatype, *, binary):
    made = triton.InferInput(name, list(values.shape), datatype)
    made.set_data_from_numpy(values, binary_data=binary)
    return made


def inputs_of(profiles, *, binary, datatype="FP32"):
    values = profiles.to_numpy(dtype=np.float32 if datatype == "FP32" else np.float64)
    return [
        tensor("expression", values, datatype, binary=binary),
        tensor("genes", np.array(profiles.columns, dtype=object), "BYTES", binary=binary),
        tensor("sample_ids", np.array(profiles.index, dtype=object), "BYTES", binary=binary),
        tensor("lineage", np.array(LINEAGES, dtype=object), "BYTES", binary=binary),
    ]


def texts(result, name):
    given = result.as_numpy(name)
    decoded = [one.decode() if isinstance(one, bytes) else one for one in given.ravel()]
    return np.array(decoded, dtype=object).reshape(given.shape).tolist()


def check(result, expected):
    np.testing.assert_allclose(
        result.as_numpy("probability_sensitive"), expected.probability_sensitive, rtol=1e-12
    )
    np.testing.assert_allclose(
        result.as_numpy("domain_percentile").astype(float), expected.domain_percentile
    )
    assert texts(result, "label") == expected.labels()
    assert texts(result, "conformal_set") == expected.conformal_sets()
    assert texts(result, "drugs") == list(expected.drugs)
    assert texts(result, "status") == list(expected.statuses)
    assert texts(result, "sample_ids") == list(expected.sample_ids)
    assert texts(result, "lineage_used") == list(expected.lineage_used)
    assert texts(result, "warnings") == list(expected.notes)


def parameters_of(expected, **changes):
    return {"scale": "rma_log2", "drugs": ",".join(expected.drugs), "level": 0.9} | changes


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_binary_tensors_both_ways(remote, profiles, expected, compression):
    result = remote.infer(
        "cupromark",
        inputs_of(profiles, binary=True),
        request_id="mine",
        parameters=parameters_of(expected),
        request_compression_algorithm=compression,
        response_compression_algorithm=compression,
    )
    check(result, expected)
    told = result.get_response()
    assert (told["id"], told["model_version"]) == ("mine", "1")
    assert told["parameters"]["bundle_aliases"] == "champion"
    assert told["parameters"]["simulated"] is True
    assert all("binary_data_size" in one["parameters"] for one in told["outputs"])


@pytest.mark.parametrize("datatype", ["FP32", "FP64"])
def test_json_tensors_both_ways(remote, profiles, expected, datatype):
    names = ("probability_sensitive", "domain_percentile", "label", "conformal_set", "drugs",
             "status", "sample_ids", "lineage_used", "warnings")  # fmt: skip
    result = remote.infer(
        "cupromark",
        inputs_of(profiles, binary=False, datatype=datatype),
        outputs=[triton.InferRequestedOutput(name, binary_data=False) for name in names],
        model_version="1",
        parameters=parameters_of(expected),
    )
    check(result, expected)
    assert all("data" in one for one in result.get_response()["outputs"])


def test_some_outputs_some_of_them_binary(remote, profiles, expected):
    wanted = [
        triton.InferRequestedOutput("label", binary_data=False),
        triton.InferRequestedOutput("probability_sensitive", binary_data=True),
    ]
    result = remote.infer(
        "cupromark",
        inputs_of(profiles, binary=True),
        outputs=wanted,
        parameters=parameters_of(expected),
    )
    assert [one["name"] for one in result.get_response()["outputs"]] == [
        "label",
        "probability_sensitive",
    ]
    np.testing.assert_allclose(
        result.as_numpy("probability_sensitive"), expected.probability_sensitive, rtol=1e-12
    )
    assert texts(result, "label") == expected.labels()


def test_health_and_metadata(remote, compiled):
    assert remote.is_server_live()
    assert remote.is_server_ready()
    assert remote.is_model_ready("cupromark")
    assert remote.is_model_ready("cupromark", "1")
    assert not remote.is_model_ready("cupromark", "7")
    assert not remote.is_model_ready("another")
    assert "binary_tensor_data" in remote.get_server_metadata()["extensions"]
    metadata = remote.get_model_metadata("cupromark")
    assert metadata["versions"] == ["1"]
    assert metadata["parameters"]["gene_panel"] == list(compiled.gene_panel)
    assert {one["name"] for one in metadata["inputs"]} == {
        "expression", "genes", "sample_ids", "drugs", "lineage"
    }  # fmt: skip


def test_the_client_understands_what_is_wrong(remote, profiles, expected):
    with pytest.raises(InferenceServerException, match="/parameters/scale: must be one of"):
        remote.infer(
            "cupromark",
            inputs_of(profiles, binary=True),
            parameters=parameters_of(expected, scale="furlongs"),
        )
    with pytest.raises(InferenceServerException, match="no such model"):
        remote.infer("another", inputs_of(profiles, binary=True))


def test_metadata_holds_for_what_is_answered(remote, profiles, expected):
    result = remote.infer(
        "cupromark", inputs_of(profiles, binary=True), parameters=parameters_of(expected)
    )
    stated = {one["name"]: one for one in remote.get_model_metadata("cupromark")["outputs"]}
    for output in result.get_response()["outputs"]:
        assert output["datatype"] == stated[output["name"]]["datatype"]
        assert len(output["shape"]) == len(stated[output["name"]]["shape"])
