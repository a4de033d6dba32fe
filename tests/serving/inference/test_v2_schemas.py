from serving.examples import SHORT, tensor_examples
from serving.inference.options import NAMES
from serving.inference.v2_question import IGNORED, INPUTS
from serving.inference.v2_request import FIELDS
from serving.inference.v2_schemas import InferParameters, InferRequestBody, InputTensor


def test_the_schema_names_what_is_read():
    assert set(InferRequestBody.model_fields) == FIELDS
    assert set(InferParameters.model_fields) == NAMES | IGNORED | {"genes"}
    assert InputTensor.model_fields["name"].annotation.__args__ == INPUTS


def test_the_example_fits():
    InferRequestBody.model_validate(tensor_examples(SHORT)["one profile"])
