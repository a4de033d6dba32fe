import csv
import io

import numpy as np
import pytest

from models.compiled import CompiledBundle
from serving.predictions.answer_csv import COLUMNS, csv_bytes
from serving.predictions.endpoint import SMALL
from serving.predictions.schemas import PredictionAnswer


def predict(client, document, **headers):
    return client.request("POST", "/v1/predictions", json=document, headers=headers)


def test_an_answer_is_what_the_bundle_answers(client, made_up_source, profiles, by_column):
    compiled: CompiledBundle = made_up_source.served.bundle
    document = by_column(profiles, level=0.9, drugs=list(compiled.drugs))
    body = predict(client, document).json()
    expected = compiled.predict(
        list(profiles.columns),
        profiles.to_numpy(),
        scale="rma_log2",
        drugs=list(compiled.drugs),
        level=0.9,
        sample_ids=list(profiles.index),
    )
    told = np.array([each["probability_sensitive"] for each in body["predictions"]])
    np.testing.assert_array_equal(told, expected.probability_sensitive.ravel())
    labels = [each["label"] for each in body["predictions"]]
    assert labels == [label for row in expected.labels() for label in row]
    names = {"both": ["sensitive", "resistant"], "none": []}
    sets = [each["conformal_set"] for each in body["predictions"]]
    assert sets == [names.get(one, [one]) for row in expected.conformal_sets() for one in row]
    percentiles = [each["domain_percentile"] for each in body["samples"]]
    assert percentiles == expected.domain_percentile.tolist()
    assert body["warnings"] == list(expected.notes)
    assert body["gene_coverage"]["fraction"] == expected.coverage.fraction
    assert body["level"] == 0.9


@pytest.mark.parametrize("n_missing", [0, 2])
def test_an_answer_keeps_to_its_schema(client, made_up_source, profiles, by_column, n_missing):
    panel = made_up_source.served.bundle.gene_panel
    document = by_column(profiles.drop(columns=list(panel[:n_missing])))
    answer = PredictionAnswer.model_validate_json(predict(client, document).content, strict=True)
    assert answer.gene_coverage.missing == list(panel[:n_missing])
    assert sorted(answer.gene_coverage.replaced) == list(panel[:n_missing])
    assert answer.bundle.version == "1"
    assert len(answer.predictions) == 7 * 2


def test_both_forms_get_the_same_answer(client, profiles, by_column, by_profile):
    one = predict(client, by_column(profiles)).json()
    assert predict(client, by_profile(profiles)).json() == one


def test_the_order_of_genes_changes_nothing(client, profiles, by_column):
    shuffled = profiles.sample(frac=1, axis=1, random_state=3)
    one, other = (predict(client, by_column(each)).json() for each in (profiles, shuffled))
    for first, second in zip(one["predictions"], other["predictions"], strict=True):
        assert first["probability_sensitive"] == pytest.approx(second["probability_sensitive"])


def test_a_large_request_gets_the_answers_of_small_ones(client, made_up, by_column):
    profiles = made_up.make_training_profiles(n_samples=SMALL // 49 + 2, seed=9)
    together = predict(client, by_column(profiles, drugs=["Cisplatin"])).json()["predictions"]
    apart = [
        record
        for start in range(0, len(profiles), 200)
        for record in predict(
            client, by_column(profiles[start : start + 200], drugs=["Cisplatin"])
        ).json()["predictions"]
    ]
    assert together == apart


def test_csv_holds_what_json_holds(client, profiles, by_column):
    document = by_column(profiles)
    answer = predict(client, document, Accept="text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == COLUMNS
    records = predict(client, document).json()["predictions"]
    for row, record in zip(rows, records, strict=True):
        assert (row["sample_id"], row["drug"]) == (record["sample_id"], record["drug"])
        assert float(row["probability_sensitive"]) == record["probability_sensitive"]
        assert row["label"] == record["label"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_is_no_formula_of_a_spreadsheet(start):
    written = csv_bytes(("name", "value"), [(f"{start}cmd|x", -1.5)]).decode()
    [_, row] = csv.reader(io.StringIO(written, newline=""))
    assert row == [f"'{start}cmd|x".replace("\r", " "), "-1.5"]


def test_a_sample_named_like_a_formula_is_harmless_in_csv(client, profiles, by_column):
    document = by_column(profiles[:1]) | {"ids": ['=HYPERLINK("x")']}
    text = predict(client, document, Accept="text/csv").text
    assert {row["sample_id"] for row in csv.DictReader(io.StringIO(text))} == {'\'=HYPERLINK("x")'}


def test_a_form_that_is_not_made_is_not_acceptable(client, profiles, by_column):
    answer = predict(client, by_column(profiles), Accept="image/png")
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not-acceptable")
    assert "application/vnd.apache.parquet" in answer.json()["needed"]


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"scale": "tpm"}, "scale"),
        ({"values": [[31337.5] + [6.5] * 48]}, "scale"),
        ({"values": [[6.5] * 49]}, "unanswerable"),
        ({"genes": ["1-Mar", "2-Sep"] + [f"G{at}" for at in range(47)]}, "gene-identifiers"),
        ({"genes": [f"G{at}" for at in range(49)]}, "gene-coverage"),
        ({"drugs": ["CANARY"]}, "invalid-request"),
        ({"values": [[1e300] + [6.5] * 48]}, None),
    ],
)
def test_what_a_bundle_refuses_is_a_problem_without_values(
    client, profiles, by_column, change, slug
):
    answer = predict(client, by_column(profiles[:1]) | change)
    assert answer.status_code == 422
    body = answer.json()
    assert slug is None or body["type"] == f"/problems/{slug}"
    assert "31337" not in answer.text
    assert "CANARY" not in answer.text


def test_without_a_bundle_nothing_is_predicted(make_service, asgi_client, profiles, by_column):
    from serving.app import THIN_PATHS

    client = asgi_client(make_service(thin_paths=THIN_PATHS))
    assert predict(client, by_column(profiles)).json()["type"] == "/problems/not-ready"
