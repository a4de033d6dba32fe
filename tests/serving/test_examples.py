import pytest

from serving.examples import EXAMPLES, SHORT, fill_examples
from serving.explanations.schemas import ExplainByColumn
from serving.inference.scoring_schemas import (
    InputsBody,
    InstancesBody,
    RecordsBody,
    SplitBody,
)
from serving.inference.v2_schemas import InferRequestBody
from serving.predictions.schemas import QuestionByColumn, QuestionByProfile
from serving.validations.schemas import ValidateByColumn

FORMS = {
    "/v1/predictions": (QuestionByColumn, QuestionByProfile),
    "/v1/explanations": (ExplainByColumn,),
    "/v1/validations": (ValidateByColumn,),
    "/invocations": (SplitBody, RecordsBody, InstancesBody, InputsBody),
    "/v2/models/{name}/infer": (InferRequestBody,),
    "/v2/models/{name}/versions/{version}/infer": (InferRequestBody,),
}


@pytest.mark.parametrize("path", EXAMPLES)
def test_an_example_has_the_form_that_its_route_takes(path):
    examples = EXAMPLES[path](SHORT)
    for form, example in zip(FORMS[path], examples.values(), strict=True):
        form.model_validate(example)


def test_examples_take_the_place_of_those_of_the_same_route_and_of_no_other():
    def operation():
        return {"requestBody": {"content": {"application/json": {"examples": {"old": {}}}}}}

    known, other = operation(), operation()
    document = {"paths": {"/v1/explanations": {"post": known}, "/v1/else": {"post": other}}}
    fill_examples(document, SHORT)
    examples = known["requestBody"]["content"]["application/json"]["examples"]
    assert examples["by column"]["value"]["genes"] == list(SHORT.genes)
    assert "old" not in examples
    assert other == operation()
