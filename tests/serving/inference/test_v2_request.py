import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.errors import CupromarkError, InvalidRequestError, RequestTooLargeError
from serving.inference.v2_request import read_infer_request
from serving.settings import ServingSettings

GENES = ["FDX1", "DLAT", "SLC31A1"]
VALUES = [[1, 2, 3], [4, 5, 6]]
SETTINGS = ServingSettings(max_profiles=4, max_genes=10, max_drugs=3)


def expression(**changes):
    data = {"name": "expression", "datatype": "FP64", "shape": [2, 3], "data": VALUES}
    return {name: value for name, value in (data | changes).items() if value is not None}


def names(name, values, **changes):
    return {"name": name, "datatype": "BYTES", "shape": [len(values)], "data": values} | changes


def body(*inputs, scale="log2_tpm", with_genes=True, outputs=None, **parameters):
    listed = [*inputs, *([names("genes", GENES)] if with_genes else [])]
    document = {"inputs": listed, "parameters": {"scale": scale} | parameters}
    if outputs is not None:
        document["outputs"] = outputs
    return orjson.dumps(document)


def read(raw, header_length=None):
    return read_infer_request(raw, header_length, SETTINGS)


def question(*inputs, **options):
    return read(body(*inputs, **options)).question


@pytest.mark.parametrize("data", [VALUES, [1, 2, 3, 4, 5, 6], [[1.0, 2, 3], [4, 5, 6.0]]], ids=str)
@pytest.mark.parametrize("datatype", ["FP16", "FP32", "FP64"])
def test_flat_and_nested_data_are_the_same(data, datatype):
    asked = question(expression(data=data, datatype=datatype))
    np.testing.assert_array_equal(asked.profiles.values, VALUES)
    assert asked.profiles.genes == GENES
    assert asked.profiles.sample_ids == ("profile_1", "profile_2")


@pytest.mark.parametrize(
    ("datatype", "dtype"),
    [("FP16", "<f2"), ("FP32", "<f4"), ("FP64", "<f8"), ("INT8", "i1"), ("INT16", "<i2"),
     ("INT32", "<i4"), ("INT64", "<i8"), ("UINT8", "u1"), ("UINT64", "<u8")],
)  # fmt: skip
def test_binary_data_are_the_same(datatype, dtype):
    raw = np.array(VALUES, dtype=dtype).tobytes()
    described = expression(datatype=datatype, data=None, parameters={"binary_data_size": len(raw)})
    header = body(described)
    asked = read(header + raw, str(len(header))).question
    np.testing.assert_array_equal(asked.profiles.values, VALUES)


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (None, None),
        ([], None),
        (["A", "B"], ("A", "B")),
        ("A", ("A",)),
        ("A, B", ("A", "B")),
        ('["A, B", "C"]', ("A, B", "C")),
    ],
)
def test_drugs_are_a_list_or_a_text(given, understood):
    assert question(expression(), drugs=given).drugs == understood


def test_names_come_as_tensors_or_parameters():
    by_tensor = question(expression(), names("drugs", ["A"]), names("sample_ids", ["a", "b"]))
    assert by_tensor.drugs == ("A",)
    assert by_tensor.profiles.sample_ids == ("a", "b")
    by_parameter = question(expression(), with_genes=False, genes=",".join(GENES))
    assert by_parameter.profiles.genes == GENES


def test_lineage_is_of_all_or_of_each():
    assert question(expression(), lineage="Lung").lineage == "Lung"
    assert question(expression(), names("lineage", ["Lung"])).lineage == "Lung"
    each = question(expression(), names("lineage", ["Lung", ""]))
    assert each.lineage == {"profile_1": "Lung"}
    assert question(expression()).lineage is None


def test_what_clients_add_of_their_own_does_not_matter():
    added = {"binary_data_output": False, "priority": 1, "timeout": 5, "content_type": "np"}
    assert question(expression(), **added).scale == "log2_tpm"


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b"[]", ""),
        (b"{}", "/inputs"),
        (body(expression(), extra=1), "/parameters/extra"),
        (body(expression(), scale=None), "/parameters/scale"),
        (body(expression(), level=2), "/parameters/level"),
        (body(expression(), level=True), "/parameters/level"),
        (body(expression(), align="sideways"), "/parameters/align"),
        (body(expression(), drugs=[1]), "/parameters/drugs"),
        (body(expression(), lineage=["Lung"]), "/parameters/lineage"),
        (body(expression(shape=[3, 2])), "/inputs/0/data"),
        (body(expression(shape=[2, 3], data=[1, 2])), "/inputs/0/data"),
        (body(expression(shape=[6], data=[1, 2, 3, 4, 5, 6])), "/inputs"),
        (body(expression(shape=[0, 3], data=[])), "/inputs"),
        (body(expression(shape=[True, 6])), "/inputs/0/shape"),
        (body(expression(shape=[-2, -3])), "/inputs/0/shape"),
        (body(expression(data=[[1, 2, True], [4, 5, 6]])), "/inputs/0/data"),
        (body(expression(data=[[1, 2, None], [4, 5, 6]])), "/inputs/0/data"),
        (body(expression(data=[[1, 2, "3"], [4, 5, 6]])), "/inputs/0/data"),
        (body(expression(datatype="INT32", data=[1, 2, 3, 4, 5, 6.5])), "/inputs/0/data"),
        (body(expression(datatype="BOOL")), "/inputs/0/datatype"),
        (body(expression(datatype="BYTES", data=["a"] * 6)), "/inputs"),
        (body(expression(name="profiles")), "/inputs/0/name"),
        (body(expression(), expression()), "/inputs/1/name"),
        (body(expression(data=None)), "/inputs/0/data"),
        (body(expression(), with_genes=False), "/inputs"),
        (body(expression(), names("sample_ids", ["a", "a"])), "/inputs"),
        (body(expression(), names("sample_ids", ["a"])), "/inputs"),
        (body(expression(), names("lineage", ["a", "b", "c"])), "/inputs"),
        (body(expression(), outputs=[{"name": "nothing"}]), "/outputs/0/name"),
        (body(expression(), outputs=[1]), "/outputs/0/name"),
        (body(expression(), outputs="label"), "/outputs"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(raw, pointer):
    with pytest.raises(InvalidRequestError) as refused:
        read(raw)
    assert pointer in [place.pointer for place in refused.value.errors]


@pytest.mark.parametrize(
    "raw",
    [
        body(expression(shape=[5, 3], data=[1] * 15)),
        body(expression(), drugs=["A", "B", "C", "D"]),
        body(expression(shape=[1, 11], data=[1] * 11)),
    ],
)
def test_limits_hold(raw):
    with pytest.raises(RequestTooLargeError):
        read(raw)


@pytest.mark.parametrize(
    "length", ["0", "-1", "x", "999999", "²", "", "9" * 5_000], ids=lambda length: length[:5]
)
def test_a_header_length_must_fit(length):
    with pytest.raises(CupromarkError, match="Inference-Header-Content-Length"):
        read(body(expression()), length)


@given(st.binary(max_size=200), st.integers(0, 300))
def test_binary_data_of_any_kind_end_in_an_error_that_is_known_if_in_any(raw, size):
    described = names("genes", GENES, parameters={"binary_data_size": size})
    described.pop("data")
    header = orjson.dumps({"inputs": [expression(), described], "parameters": {"scale": "tpm"}})
    try:
        asked = read(header + raw, str(len(header)))
    except CupromarkError:
        return
    assert len(asked.question.profiles.genes) == len(GENES)
