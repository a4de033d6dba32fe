import json

import pytest

from training.promotion.errors import PolicyError
from training.promotion.policy import CHECKS, RULES, PromotionPolicy, load_policy
from training.promotion.retention_policy import RetentionPolicy, load_retention_policy


def content():
    return json.loads(load_policy().to_json())


def refusal(changed):
    text = changed if isinstance(changed, str) else json.dumps(changed)
    with pytest.raises(PolicyError) as refused:
        PromotionPolicy.from_json(text)
    return str(refused.value)


def test_the_shipped_policy_gives_a_reason_for_every_rule():
    policy = load_policy()
    assert set(policy.reasons) == set(RULES)
    assert all(reason.endswith(".") for reason in policy.reasons.values())
    assert set(policy.unknown_blocks) < set(CHECKS)
    assert PromotionPolicy.from_json(policy.to_json()) == policy


def test_the_name_follows_the_values_and_not_the_reasons():
    other = content()
    other["rules"]["roc_auc_floor"]["reason"] = "Another reason."
    assert PromotionPolicy.from_json(json.dumps(other)).name == load_policy().name
    other["rules"]["roc_auc_floor"]["value"] = 0.61
    assert PromotionPolicy.from_json(json.dumps(other)).name != load_policy().name


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("roc_auc_floor", 0.4),
        ("roc_auc_floor", "0.6"),
        ("roc_auc_floor", True),
        ("n_draws", 1000.0),
        ("n_draws", 10),
        ("lost_drugs", -1),
        ("sign_off_people", 3),
        ("sign_off_statuses", ["good"]),
        ("sign_off_statuses", "supported"),
        ("unknown_blocks", ["roc_auc", "roc_auc"]),
        ("external_cohorts", [""]),
        ("latency_ms", None),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(rule, value):
    changed = content()
    changed["rules"][rule]["value"] = value
    assert f"The rule {rule} has the value {value!r}" in refusal(changed)


def test_what_is_missing_unknown_or_without_reason_is_refused():
    lacking, more, silent, other = (content() for _ in range(4))
    del lacking["rules"]["brier_margin"]
    more["rules"]["brier_margins"] = more["rules"]["brier_margin"]
    silent["rules"]["brier_margin"]["reason"] = " "
    other["format"] = 2
    assert "The rules lack brier_margin" in refusal(lacking)
    assert "hold brier_margins, which is not known" in refusal(more)
    assert "The rule brier_margin has no reason" in refusal(silent)
    assert "a policy 'promotion' of format 1" in refusal(other)
    assert "lack rules" in refusal({"format": 1, "policy": "promotion", "version": "1"})


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": NaN}', '{"format": 1, "format": 1}', "[" * 100_000]
)
def test_what_is_no_json_object_is_refused(text):
    assert "no JSON" in refusal(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(PolicyError, match=r"none\.json cannot be read"):
        load_policy(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b"\xff")
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "latin.json")
    (tmp_path / "whole.json").write_text(load_policy().to_json())
    assert load_policy(tmp_path / "whole.json") == load_policy()


def test_the_policy_of_retention_is_read_as_strictly():
    shipped = load_retention_policy()
    assert set(shipped.reasons) == {
        "keep_newest",
        "keep_days",
        "keep_run_days",
        "keep_log_days",
        "keep_job_days",
    }
    with pytest.raises(PolicyError, match="a policy 'retention' of format 1"):
        RetentionPolicy.from_json(load_policy().to_json())
