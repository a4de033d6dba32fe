"""Jobs are read strictly, and written as they are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.jobs.errors import JobSpecError
from models.jobs.spec import STEPS, JobSpec

RETRAIN = {"kind": "retrain", "cohort": "gdsc"}


def test_defaults():
    spec = JobSpec.from_json(RETRAIN)
    assert spec == JobSpec(kind="retrain", cohort="gdsc")
    assert (spec.drugs, spec.promote, spec.reason, spec.batch_drugs) == (
        "all",
        "if_better",
        "by hand",
        20,
    )


@given(
    st.fixed_dictionaries(
        {"kind": st.just("retrain"), "cohort": st.sampled_from(["gdsc", "geo:GSE1"])},
        optional={
            "drugs": st.just("all")
            | st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True),
            "random_sets": st.integers(0, 10_000),
            "seed": st.integers(0, 2**31 - 1),
            "n_folds": st.integers(2, 20),
            "n_seeds": st.integers(1, 20),
            "batch_drugs": st.integers(1, 2000),
            "promote": st.sampled_from(["never", "if_better"]),
            "policy": st.none() | st.just("strict.json"),
            "drill": st.none() | st.just("shuffled_labels"),
            "reason": st.sampled_from(["by hand", "schedule:weekly", "new release", "drift"]),
            "force": st.booleans(),
        },
    )
)
def test_what_is_read_is_written(document):
    spec = JobSpec.from_json(document)
    assert JobSpec.from_json(spec.to_json()) == spec
    for name, value in document.items():
        assert spec.to_json()[name] == value


def test_a_promotion_has_a_bundle_and_nothing_of_a_training():
    spec = JobSpec.from_json({"kind": "promote", "bundle": "challenger"})
    assert "cohort" not in spec.to_json()
    with pytest.raises(JobSpecError, match="cohort"):
        JobSpec.from_json({"kind": "promote", "bundle": "3", "cohort": "gdsc"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "train"),
        ("kind", None),
        ("cohort", "../etc"),
        ("cohort", None),
        ("cohort", 3),
        ("drugs", []),
        ("drugs", "Cisplatin"),
        ("drugs", ["a", "a"]),
        ("drugs", ["a\n"]),
        ("random_sets", -1),
        ("seed", 1.0),
        ("seed", True),
        ("n_folds", 1),
        ("n_seeds", 21),
        ("batch_drugs", 0),
        ("promote", "always"),
        ("bundle", "3"),
        ("policy", "/etc/passwd"),
        ("policy", "../x"),
        ("drill", "fire"),
        ("reason", "because"),
        ("reason", "schedule:"),
        ("force", 1),
        ("colour", "red"),
    ],
)
def test_a_field_that_cannot_be_is_named(field, value):
    with pytest.raises(JobSpecError) as refused:
        JobSpec.from_json({**RETRAIN, field: value})
    assert refused.value.field == field
    assert refused.value.needed


def test_steps_are_in_the_order_of_the_work():
    assert STEPS.index("register") < STEPS.index("gate") < STEPS.index("promote")
