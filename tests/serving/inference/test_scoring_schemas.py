import pytest

from serving.examples import SHORT, scoring_examples
from serving.inference.options import NAMES
from serving.inference.scoring_schemas import FORM_BODIES, CsvQuery, Params
from serving.inference.tables import FORMS


def test_the_schema_names_what_is_read():
    assert set(Params.model_fields) == set(CsvQuery.model_fields) == NAMES
    assert tuple(scoring_examples(SHORT)) == FORMS


@pytest.mark.parametrize(("body", "form"), list(zip(FORM_BODIES, FORMS, strict=True)))
def test_the_examples_fit(body, form):
    body.model_validate(scoring_examples(SHORT)[form])
