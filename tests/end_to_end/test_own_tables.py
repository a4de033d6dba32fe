"""`cupromark train` on a user's own files, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest

DRUG = "Compound 7"


@pytest.fixture
def own_files(bundle, tmp_path):
    """Sixty samples and labels that ACADM decides: an expression table and one of labels."""
    random = np.random.default_rng(3)
    reference = bundle.features.reference_
    values = reference.location + reference.scale * random.normal(size=(60, len(reference.genes)))
    samples = [f"own_{number:02}" for number in range(60)]
    expression = pd.DataFrame(np.clip(values, 0.1, 19), index=samples, columns=reference.genes)
    expression.T.to_csv(tmp_path / "expression.csv", index_label="gene")
    low = expression["ACADM"] < expression["ACADM"].median()
    labels = pd.DataFrame(
        {"sample_id": samples, "drug": DRUG, "label": np.where(low, "resistant", "sensitive")}
    )
    labels.to_csv(tmp_path / "labels.csv", index=False)
    return tmp_path


@pytest.fixture
def train(run, shared_data, monkeypatch, tmp_path):
    monkeypatch.setenv("CUPROMARK_MIRROR", str(shared_data))
    monkeypatch.setenv("CUPROMARK_CACHE", str(tmp_path / "cache"))

    def train(*options):
        return run("train", *options, "--seeds", 1, "--jobs", 1, "--store", tmp_path / "store")

    return train


@pytest.fixture
def train_table(train, own_files):
    def train_table(*options, **files):
        expression = files.get("expression", own_files / "expression.csv")
        response = files.get("response", own_files / "labels.csv")
        given = ("--expression", expression, "--response", response, "--scale", "rma_log2")
        return train("--cohort", "table", *given, *options)

    return train_table


def test_own_files_train_promote_and_predict(run, train_table, own_files, tmp_path):
    trained = train_table("--drugs", DRUG, "--promote", "--json")
    assert trained.code == 0, trained.err
    assert json.loads(trained.out)["version"] == "1"
    command = ("predict", own_files / "expression.csv", "--scale", "rma_log2")
    options = ("--drugs", DRUG, "--store", tmp_path / "store", "--out", tmp_path / "answers.csv")
    assert run(*command, *options).code == 0
    answers = pd.read_csv(tmp_path / "answers.csv").set_index("sample_id")
    assert set(answers["cohort"]) == {"table"}
    labels = pd.read_csv(own_files / "labels.csv").set_index("sample_id")["label"]
    mean = answers["probability_sensitive"].groupby(labels).mean()
    assert mean["sensitive"] > mean["resistant"]


def test_the_table_of_a_training_tells_the_version(train_table):
    trained = train_table("--drugs", DRUG)
    assert trained.code == 0, trained.err
    assert "lineage alone" in trained.out
    assert "Registered as version 1, the challenger" in trained.out
    assert "cupromark promote 1 --store" in trained.out


def _few(table):
    return table.iloc[:12]


def _of_one_class(table):
    return table.assign(label="sensitive")


def _of_others(table):
    return table.assign(sample_id=[f"stranger_{n}" for n in range(len(table))])


def _twice(table):
    return pd.concat([table, table.iloc[:1]])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_few, DRUG),
        (_of_one_class, DRUG),
        (_of_others, "own_00"),
        (_twice, "own_00 under Compound 7 more than once"),
        (lambda table: table.assign(label="maybe"), "'maybe'"),
        (lambda table: table.drop(columns="sample_id"), "has no column sample_id"),
        (lambda table: table.iloc[:0], "holds no rows"),
    ],
)
def test_labels_that_nothing_can_be_learned_from_are_refused(
    run, train_table, own_files, tmp_path, change, found
):
    change(pd.read_csv(own_files / "labels.csv")).to_csv(tmp_path / "changed.csv", index=False)
    refused = train_table("--drugs", DRUG, response=tmp_path / "changed.csv")
    assert (refused.code, refused.out) == (2, "")
    assert found in refused.err
    assert "What to do:" in refused.err
    assert "Traceback" not in refused.err
    assert run("models", "list", "--store", tmp_path / "store", "--json").out == "[]\n"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--cohort", "table"), "came without --expression, --response, --scale"),
        (("--cohort", "table", "--expression", "x.csv"), "came without --response, --scale"),
        (("--cohort", "tcga", "--scale", "log2_tpm"), "--scale came with --cohort tcga"),
        (("--cohort", "ccle-gdsc2", "--drugs", "Cisplatine"), "did you mean Cisplatin"),
        (("--cohort", "ccle-gdsc2", "--drugs", ","), "No drug was named"),
        (("--cohort", "ccle-gdsc2", "--label", "tertiles"), "did you mean tertile"),
        (("--cohort", "ccle-gdsc2", "--min-samples", "5000"), "5000"),
        (("--cohort", "ccle-gdsc2", "--gene-sets", "/none.gmt"), "none.gmt"),
        (("--cohort", "ccle-gdsc2", "--label", "threshold", "--drugs", "Cisplatin"), "threshold"),
        (("--cohort", "geo:GSE15709"), "without the scale of its values"),
        (("--cohort", "geo:GSE15709", "--scale", "mas5_linear"), "response"),
        (("--cohort", "geo:15709"), "15709"),
    ],
)
def test_a_training_that_cannot_be_is_refused(train, options, found):
    refused = train(*options)
    assert (refused.code, refused.out) == (2, "")
    assert found in refused.err
    assert "What to do:" in refused.err
    assert "Traceback" not in refused.err


def test_own_files_that_are_not_there_are_refused(train_table, tmp_path):
    for which in ("expression", "response"):
        refused = train_table(**{which: tmp_path / "nowhere.csv"})
        assert refused.code == 2
        assert "nowhere.csv cannot be read" in refused.err
