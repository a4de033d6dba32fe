"""What reviewers decide, as every route that predicts shows it."""

import csv
import io
import time

import pandas as pd
import pytest

from serving.access.opening import open_access
from serving.app import create_app
from serving.bundles.served import ServedBundle
from serving.database.schema import upgrade_database
from serving.reviews.answered import NEVER_READ
from serving.reviews.material_store import store_material
from serving.reviews.opening import KEPT, open_approvals
from serving.settings import ServingSettings
from serving.uploads.readers import open_uploads

REJECTED, LIMITED, UNDECIDED = "Cisplatin", "Elesclomol", "Bleomycin (50 uM)"
LIMITS = '=HYPERLINK("https://a.example"), not for <b>blood</b>'
SHA, OTHER_SHA = "ab" * 32, "cd" * 32
PATIENCE_SECONDS = 20
PARQUET = "application/vnd.apache.parquet"


class Service:
    """A service over a made-up bundle and its review desk, asked with keys."""

    def __init__(self, app, access, approvals, source, client):
        self.app, self.access, self.approvals, self.source = app, access, approvals, source
        self._client = client
        self._keys = {
            name: access.keys.create(name, scopes, created_by="test")[0].text
            for name, scopes in {
                "caller": ["predict"],
                "lead": ["review", "operate"],
                "second lead": ["review", "operate"],
                "prometheus": ["operate"],
            }.items()
        }

    def ask(self, method, path, *, who="caller", headers=(), **options):
        sent = {"Authorization": f"Bearer {self._keys[who]}", **dict(headers)}
        return self._client.request(method, path, headers=sent, **options)

    def decide(self, drug, decision, *, who="lead", limits="", sha256=SHA):
        of_drug = f"/v1/reviews/sign-offs?bundle={sha256}&drug={drug}"
        (found,) = self.ask("GET", of_drug, who=who).json()["items"]
        body = {
            "bundle_sha256": sha256,
            "drug": drug,
            "decision": decision,
            "limits": limits,
            "figures_sha256": found["figures_sha256"],
        }
        version = {"If-Match": f'"{found["version"]}"'}
        answer = self.ask("POST", "/v1/reviews/sign-offs", who=who, headers=version, json=body)
        assert answer.status_code == 201, answer.text

    def swap(self, sha256):
        served = self.source.served
        self.source.bundles.serve(ServedBundle(served.bundle, "2", sha256, "store", 0.0))


@pytest.fixture(scope="module")
def question(made_up):
    profiles = made_up.make_training_profiles(n_samples=2, seed=5)
    return {
        "scale": "rma_log2",
        "genes": list(profiles.columns),
        "values": profiles.astype(float).to_numpy().tolist(),
    }


@pytest.fixture
def make_reviewed(made_up, one_bundle, make_material, make_finding, clock, tmp_path, asgi_client):
    """Put a service over a database, with two bundles of the same drugs at the desk."""
    opened = []

    def make(address, **given):
        settings = ServingSettings(
            state=tmp_path, database_url=address, upgrade_database=True, **given
        )
        access = open_access(settings, clock=clock, monotonic=time.monotonic)
        upgrade_database(access.database)
        access.key_cache.refresh()
        source = one_bundle(made_up.make_bundle())
        drugs = source.served.bundle.drugs
        for sha256 in (SHA, OTHER_SHA):
            findings = [make_finding(0, sha256=sha256)]
            material = make_material(findings, sha256=sha256, drugs=drugs)
            store_material(access.database, material, clock=clock, stored_by="test")
        approvals = open_approvals(settings, access, clock=clock)
        uploads = open_uploads(settings)
        opened.append((uploads, access))
        app = create_app(
            settings,
            bundles=source,
            access=access,
            approvals=approvals,
            uploads=uploads,
            clock=clock,
        )
        return Service(app, access, approvals, source, asgi_client(app))

    yield make
    for uploads, access in opened:
        uploads.close()
        access.close()


@pytest.fixture
def reviewed(database_address, make_reviewed):
    """The service, with one drug rejected and another approved with limits."""
    service = make_reviewed(database_address)
    service.decide(REJECTED, "reject")
    service.decide(LIMITED, "approve_with_limits", limits=LIMITS)
    return service


def tensors(question, **parameters):
    values = question["values"]
    shape = [len(values), len(values[0])]
    flat = [value for row in values for value in row]
    genes = question["genes"]
    return {
        "parameters": {"scale": "rma_log2", **parameters},
        "inputs": [
            {"name": "expression", "datatype": "FP64", "shape": shape, "data": flat},
            {"name": "genes", "datatype": "BYTES", "shape": [len(genes)], "data": genes},
        ],
    }


def table(question, **params):
    split = {"columns": question["genes"], "data": question["values"]}
    return {"dataframe_split": split, "params": {"scale": "rma_log2", **params}}


def file_of(question):
    text = io.StringIO()
    values = pd.DataFrame(question["values"], ["a", "b"], question["genes"])
    values.T.to_csv(text)
    return {"file": ("a.csv", text.getvalue())}


def rows_of(answer):
    if answer.headers["content-type"].startswith("text/csv"):
        return list(csv.DictReader(io.StringIO(answer.text)))
    return pd.read_parquet(io.BytesIO(answer.content)).to_dict(orient="records")


def outputs_of(answer):
    return {one["name"]: one["data"] for one in answer.json()["outputs"]}


def test_json_says_where_each_drug_stands(reviewed, question):
    asked = question | {"drugs": [REJECTED.lower(), LIMITED, UNDECIDED]}
    for path, records in (("predictions", "predictions"), ("explanations", "explanations")):
        body = reviewed.ask("POST", f"/v1/{path}", json=asked).json()
        found = {one["drug"]: one["approval"] for one in body[records]}
        assert found == {LIMITED: "approved_with_limits", UNDECIDED: "none"}
        assert body["reviews"] == {
            "is_current": True,
            "as_of": None,
            "age_seconds": None,
            "limits": {LIMITED: LIMITS},
            "withheld": [
                {"drug": REJECTED, "approval": "rejected", "reason": "Rejected at review."}
            ],
        }
        said = f"1 drug is withheld, being rejected at review: {REJECTED}."
        assert body["warnings"][-1] == said


def test_without_names_a_rejected_drug_is_left_out_and_the_rest_is_as_before(reviewed, question):
    body = reviewed.ask("POST", "/v1/predictions", json=question).json()
    assert {one["drug"] for one in body["predictions"]} == {LIMITED}
    assert "2 withheld drugs were left out; ask for one by name to see it." in body["warnings"]
    alone = reviewed.ask("POST", "/v1/predictions", json=question | {"drugs": [LIMITED]}).json()
    assert alone["predictions"] == body["predictions"]


def test_tables_have_a_column_of_it(reviewed, question):
    for form in ("text/csv", PARQUET):
        answers = [
            reviewed.ask("POST", "/v1/predictions", headers={"Accept": form}, json=question),
            reviewed.ask(
                "POST", "/v1/predictions", headers={"Accept": form},
                files=file_of(question), data={"scale": "rma_log2"},
            ),
        ]  # fmt: skip
        for answer in answers:
            rows = rows_of(answer)
            assert {(row["drug"], row["approval"]) for row in rows} == {
                (LIMITED, "approved_with_limits")
            }
            # In CSV a quote stands before what a spreadsheet would take for a formula.
            limits = f"'{LIMITS}" if form == "text/csv" else LIMITS
            assert {row["approval_limits"] for row in rows} == {limits}
            assert answer.headers["cupromark-drugs-withheld"] == "1"


def test_tensors_say_it(reviewed, question):
    for path in ("/v2/models/cupromark", "/v2/models/cupromark/versions/1"):
        asked = tensors(question, drugs=[REJECTED, LIMITED, UNDECIDED])
        answer = reviewed.ask("POST", f"{path}/infer", json=asked)
        outputs = outputs_of(answer)
        assert outputs["drugs"] == [LIMITED, UNDECIDED]
        assert outputs["approval"] == ["approved_with_limits", "none"]
        assert outputs["approval_limits"] == [LIMITS, ""]
        assert len(outputs["probability_sensitive"]) == 2 * 2
        told = answer.json()["parameters"]
        assert (told["withheld_by_review"], told["approvals_are_current"]) == (REJECTED, True)
        approvals = reviewed.ask("GET", path).json()["parameters"]["approvals"]
        assert approvals[REJECTED] == "rejected"


def test_scoring_says_it(reviewed, question):
    asked = table(question, drugs=[REJECTED, LIMITED])
    answer = reviewed.ask("POST", "/invocations", json=asked)
    found = {
        (one["drug"], one["approval"], one["approval_limits"], one["approval_as_of"])
        for one in answer.json()["predictions"]
    }
    assert found == {(LIMITED, "approved_with_limits", LIMITS, None)}
    assert answer.headers["cupromark-drugs-withheld"] == "1"


def test_of_a_rejected_drug_alone_nothing_is_answered_anywhere(reviewed, question):
    form = {"scale": "rma_log2", "drugs": REJECTED}
    answers = [
        *(
            reviewed.ask(
                "POST", f"/v1/{path}", json=question | {"drugs": [name]}, headers={"Accept": form}
            )
            for path, form in (
                ("predictions", "application/json"),
                ("predictions", "text/csv"),
                ("predictions", PARQUET),
                ("explanations", "application/json"),
            )
            for name in (REJECTED, REJECTED.upper())
        ),
        reviewed.ask("POST", "/v1/predictions", files=file_of(question), data=form),
        reviewed.ask("POST", "/v1/explanations", files=file_of(question), data=form),
    ]
    assert {answer.json()["type"] for answer in answers} == {"/problems/unanswerable"}
    answers += [
        reviewed.ask("POST", "/invocations", json=table(question, drugs=[REJECTED])),
        reviewed.ask(
            "POST", "/v2/models/cupromark/infer", json=tensors(question, drugs=[REJECTED])
        ),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert f"rejected at review: {REJECTED}." in answer.text
        assert "probability" not in answer.text


def test_the_page_and_the_examples_offer_no_rejected_drug(reviewed):
    page = reviewed.ask("GET", "/predict").text
    option = next(line for line in page.splitlines() if f'value="{REJECTED}"' in line)
    assert " disabled" in option
    assert "All 1 whose evidence" in page
    examples = reviewed.ask("GET", "/openapi.json").json()["paths"]["/v1/predictions"]["post"]
    content = examples["requestBody"]["content"]["application/json"]
    assert content["examples"]["by column"]["value"]["drugs"] == [LIMITED]


def test_what_was_withheld_is_counted_and_stands_in_the_audit_trail(reviewed, question):
    reviewed.ask("POST", "/v1/predictions", json=question)
    reviewed.ask("POST", "/v1/predictions", json=question | {"drugs": [REJECTED]})
    metrics = reviewed.ask("GET", "/metrics", who="prometheus").text
    assert 'cupromark_predictions_withheld_total{approval="rejected"} 4.0' in metrics
    assert "cupromark_approvals_age_seconds 0.0" in metrics
    reviewed.access.audit.start()
    reviewed.access.audit.close()
    from serving.access.audit_entries import read_entries

    details = [entry.detail for entry in read_entries(reviewed.access.database)]
    assert details.count("1 drug withheld by review") == 2


def test_an_answer_that_is_kept_for_its_key_is_not_given_after_a_rejection(
    sqlite_address, make_reviewed, question
):
    service = make_reviewed(sqlite_address)
    service.approvals.refresh()
    key = {"Idempotency-Key": "one"}

    def ask():
        asked = question | {"drugs": [REJECTED, LIMITED]}
        answer = service.ask("POST", "/v1/predictions", headers=key, json=asked)
        drugs = {one["drug"] for one in answer.json()["predictions"]}
        return drugs, "idempotency-replayed" in answer.headers

    assert ask() == ({REJECTED, LIMITED}, False)
    assert ask() == ({REJECTED, LIMITED}, True)
    service.decide(REJECTED, "reject")
    assert ask() == ({LIMITED}, False)
    assert ask() == ({LIMITED}, True)


def test_one_persons_approval_lifts_a_rejection_only_where_one_is_enough(
    sqlite_address, make_reviewed, question
):
    service = make_reviewed(sqlite_address, two_person_rule=True)
    asked = question | {"drugs": [REJECTED]}

    def told():
        answer = service.ask("POST", "/v1/predictions", json=asked)
        return answer.json()["predictions"][0]["approval"] if answer.is_success else "withheld"

    states = []
    for who, decision in (
        ("lead", "approve"), ("lead", "reject"), ("lead", "approve"), ("second lead", "approve"),
    ):  # fmt: skip
        service.decide(REJECTED, decision, who=who)
        states.append(told())
    assert states == ["awaiting_second_person", "withheld", "withheld", "approved"]


def test_only_approved_drugs_are_answered_where_that_is_set(
    sqlite_address, make_reviewed, question
):
    service = make_reviewed(sqlite_address, unapproved="withhold")
    service.approvals.refresh()
    answer = service.ask("POST", "/v1/predictions", json=question)
    assert answer.status_code == 422
    assert "not approved at review" in answer.json()["detail"]
    service.decide(LIMITED, "approve")
    asked = question | {"drugs": [LIMITED, UNDECIDED]}
    body = service.ask("POST", "/v1/predictions", json=asked).json()
    assert {one["drug"] for one in body["predictions"]} == {LIMITED}
    assert [(one["drug"], one["approval"]) for one in body["reviews"]["withheld"]] == [
        (UNDECIDED, "none")
    ]


def test_a_swap_of_the_bundle_takes_its_own_decisions_into_effect(reviewed, question):
    reviewed.swap(OTHER_SHA)
    asked = question | {"drugs": [REJECTED, LIMITED]}
    body = reviewed.ask("POST", "/v1/predictions", json=asked).json()
    assert [one["approval"] for one in body["predictions"]] == ["none"] * 4
    reviewed.decide(REJECTED, "approve", sha256=OTHER_SHA)
    body = reviewed.ask("POST", "/v1/predictions", json=asked).json()
    assert [one["approval"] for one in body["predictions"]] == ["approved", "none"] * 2
    old = reviewed.ask("POST", "/v2/models/cupromark/versions/1/infer", json=tensors(question))
    assert outputs_of(old)["drugs"] == [LIMITED]


def test_decisions_of_this_process_and_of_others_act_within_the_time_that_is_set(
    database_address, make_reviewed, question
):
    service = make_reviewed(database_address, approval_seconds=0.2)
    other = make_reviewed(database_address, approval_seconds=60)
    asked = question | {"drugs": [REJECTED]}

    def approval(one):
        answer = one.ask("POST", "/v1/predictions", json=asked)
        return answer.json()["predictions"][0]["approval"] if answer.is_success else "rejected"

    def comes_to(one, expected):
        until = time.monotonic() + PATIENCE_SECONDS
        while approval(one) != expected and time.monotonic() < until:
            time.sleep(0.02)
        return approval(one) == expected

    service.approvals.start()
    other.approvals.start()
    try:
        assert approval(service) == approval(other) == "none"
        for decision, expected in (("approve", "approved"), ("reject", "rejected")) * 5:
            other.decide(REJECTED, decision)
            assert approval(other) == expected  # at once, though it looks once a minute
            assert comes_to(service, expected)  # it looks five times a second
    finally:
        service.approvals.close()
        other.approvals.close()


def test_without_its_database_the_service_says_how_old_its_approvals_are(
    postgres, postgres_address, make_reviewed, question, clock
):
    service = make_reviewed(postgres_address, approval_seconds=60)
    service.decide(REJECTED, "reject")
    service.decide(LIMITED, "approve")
    asked = question | {"drugs": [REJECTED, LIMITED]}
    began = clock.now
    postgres.stop()
    try:
        clock.advance(100)
        body = service.ask("POST", "/v1/predictions", json=asked).json()
        assert body["reviews"]["is_current"]
        clock.advance(900)
        body = service.ask("POST", "/v1/predictions", json=asked).json()
        said = body["reviews"]
        assert {one["drug"]: one["approval"] for one in body["predictions"]} == {
            LIMITED: "approved"
        }
        assert (said["is_current"], said["age_seconds"]) == (False, 1000.0)
        as_of = pd.Timestamp(said["as_of"]).timestamp()
        assert as_of == began
        assert said["as_of"] in body["warnings"][-1]
        told = service.ask("POST", "/v1/predictions", headers={"Accept": "text/csv"}, json=asked)
        assert {row["approval_as_of"] for row in rows_of(told)} == {said["as_of"]}
    finally:
        postgres.start()


def test_a_service_that_never_read_them_says_unknown(sqlite_address, make_reviewed, question):
    service = make_reviewed(sqlite_address)  # nobody has looked yet
    body = service.ask("POST", "/v1/predictions", json=question).json()
    assert {one["approval"] for one in body["predictions"]} == {"unknown"}
    assert body["warnings"][-1] == NEVER_READ
    assert (body["reviews"]["is_current"], body["reviews"]["as_of"]) == (False, None)


def test_what_was_read_holds_over_a_restart_without_the_database(
    postgres, postgres_address, make_reviewed, question, tmp_path, clock
):
    service = make_reviewed(postgres_address)
    service.decide(REJECTED, "reject")
    assert (tmp_path / KEPT).exists()
    settings = ServingSettings(state=tmp_path, database_url=postgres_address)
    postgres.stop()
    try:
        restarted = open_approvals(settings, service.access, clock=clock)
        restarted.start()
        restarted.close()
    finally:
        postgres.start()
    assert restarted.snapshot.standing(service.source.served).state_of(REJECTED) == "rejected"
    assert restarted.look.at == clock.now


@pytest.fixture
def sqlite_address(tmp_path):
    return f"sqlite:///{tmp_path / 'serving.db'}"
