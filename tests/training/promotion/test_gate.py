from dataclasses import replace

import numpy as np
import pytest

from training.promotion.comparison import agreeing_lines, compare
from training.promotion.gate import judge
from training.promotion.latency import MeasuredLatency, measure_latency
from training.promotion.policy import CHECKS
from training.promotion.shadow_checks import ShadowFigures
from training.run import train

QUICK = MeasuredLatency(0.1, 0.1, 2)


@pytest.fixture
def decide(policy):
    def decide(challenger, champion, **asked):
        rules = asked.pop("policy", policy)
        asked = {"missing_sign_offs": (), "observed_latency": QUICK, **asked}
        return judge(challenger, champion, rules, **asked)

    return decide


def check(decision, name):
    return next(one for one in decision.checks if one.name == name)


@pytest.fixture(scope="module")
def of_shuffled_labels(training):
    """A bundle that learned from responses dealt out to other lines."""
    cohort = training.simulate(0)
    values = cohort.response.values
    dealt = values.sample(frac=1, random_state=1).set_axis(values.index)
    return train(
        replace(cohort, response=replace(cohort.response, values=dealt)),
        training.gene_sets,
        training.settings(),
    ).bundle


def test_a_bundle_passes_against_itself_with_differences_of_nothing(decide, champion):
    decision = decide(champion, champion)
    assert decision.accepted
    assert decision.reasons == []
    assert [one.name.split(":")[0] for one in decision.checks] == list(CHECKS)
    assert "+0.000 [+0.000, +0.000] over 2 of 2" in check(decision, "roc_auc").found
    assert "2 of them in the same folds" in check(decision, "roc_auc").found
    unknown = [one.name for one in decision.checks if one.passed is None]
    assert unknown == ["external:depmap-gdsc2"]


def test_the_first_champion_is_checked_by_itself(decide, champion):
    decision = decide(champion, None)
    assert decision.accepted
    assert decision.champion_sha256 is None
    computed = [one.name for one in decision.checks if one.passed is not None]
    assert computed == [
        "golden_answers",
        "real_data",
        "drill",
        "roc_auc_floor",
        "answered_drugs",
        "coverage",
        "latency",
        "size",
        "sign_offs",
    ]


def test_shuffled_labels_are_refused_even_as_the_first_champion(
    decide, champion, of_shuffled_labels
):
    first = decide(of_shuffled_labels, None)
    assert not first.accepted
    assert {"roc_auc_floor", "answered_drugs"} <= set(first.blocking)
    assert any("roc_auc_floor: mean over 2 drugs 0." in reason for reason in first.reasons)
    later = decide(of_shuffled_labels, champion)
    assert {"roc_auc_floor", "roc_auc", "worse_statuses"} <= set(later.blocking)
    assert "shared lines changed their label" in check(later, "roc_auc").reason
    assert any(reason.startswith("roc_auc: not known, and must be") for reason in later.reasons)


def test_one_that_ranks_worse_is_refused_and_its_drugs_are_named(decide, champion, changed):
    worse = changed.noisier(champion, 0.9)
    decision = decide(worse, champion)
    assert {"roc_auc", "worse_drugs", "brier"} <= set(decision.blocking)
    assert check(decision, "worse_drugs").found == "2: Cisplatin, Docetaxel"
    assert decide(champion, worse).accepted  # the other way round it is a gain


def test_a_collapsed_drug_is_not_hidden_by_the_mean(decide, champion, changed):
    collapsed = changed.noisier(champion, 1.0).drugs["Docetaxel"]
    challenger = changed.drug(champion, "Docetaxel", held_out=collapsed.held_out)
    decision = decide(challenger, champion)
    assert check(decision, "worse_drugs").found == "1: Docetaxel"


def test_differences_change_their_sign_with_the_sides(champion, changed, policy):
    other = changed.noisier(champion, 0.3)
    one, back = compare(other, champion, policy), compare(champion, other, policy)
    for figure in ("roc_auc", "brier", "no_call"):
        there, here = one.mean_difference(figure), back.mean_difference(figure)
        assert (there.value, there.low, there.high) == pytest.approx(
            (-here.value, -here.high, -here.low), abs=1e-12
        )


def test_the_order_of_lines_does_not_matter(champion, changed, policy):
    def turned(held_out):
        def tables(name):
            return getattr(held_out, name)[:, ::-1]

        return replace(
            held_out,
            samples=held_out.samples[::-1],
            groups=held_out.groups[::-1],
            is_sensitive=held_out.is_sensitive[::-1],
            **{name: tables(name) for name in ("probability", "score", "fold")},
        )

    found = compare(changed.held_out(champion, turned), champion, policy)
    assert found.same_folds == 2
    for figure in ("roc_auc", "brier", "calibration_error", "no_call"):
        difference = found.mean_difference(figure)
        assert (difference.value, difference.low) == pytest.approx((0, 0), abs=1e-9)


def test_overconfidence_is_refused_though_the_ranking_is_the_same(decide, champion, changed):
    def surer(held_out):
        return replace(held_out, probability=(held_out.probability > 0.4).astype(np.float32))

    decision = decide(changed.held_out(champion, surer), champion)
    assert {"brier", "calibration_error"} <= set(decision.blocking)
    assert check(decision, "roc_auc").passed


def test_sets_that_never_decide_are_refused(decide, champion, changed):
    def silent(held_out):
        return replace(held_out, probability=np.full_like(held_out.probability, 0.33))

    decision = decide(changed.held_out(champion, silent), champion)
    assert "no_call" in decision.blocking
    assert check(decision, "coverage").passed  # whoever never decides is never wrong


def flip(held_out, n_lines):
    label = held_out.is_sensitive.copy()
    label[:n_lines] = ~label[:n_lines]
    return replace(held_out, is_sensitive=label)


def test_a_few_changed_labels_are_left_out_and_many_are_not_compared(champion):
    held_out = champion.drugs["Cisplatin"].held_out
    n_lines = len(held_out.samples)
    few = agreeing_lines(held_out, flip(held_out, 3), changed_labels_share=0.05)
    np.testing.assert_array_equal(few.first, np.arange(3, n_lines))
    many = agreeing_lines(held_out, flip(held_out, 30), changed_labels_share=0.05)
    assert many.reason == f"30 of {n_lines} shared lines changed their label"
    elsewhere = replace(held_out, samples=tuple(f"other {at}" for at in range(n_lines)))
    none = agreeing_lines(held_out, elsewhere, changed_labels_share=0.05)
    assert none.reason == "no line was held out by both"


def test_what_cannot_be_computed_blocks_where_the_policy_says_so(decide, champion, changed, policy):
    old = changed.held_out(champion, lambda held_out: None)  # as of format 1
    decision = decide(champion, old)
    assert decision.blocking == ("roc_auc", "worse_drugs", "brier", "calibration_error")
    assert "the champion keeps no held-out predictions" in check(decision, "roc_auc").reason
    assert decide(champion, old, policy=replace(policy, unknown_blocks=())).accepted
    assert "roc_auc_floor" in decide(old, None).blocking


def test_simulated_data_do_not_replace_measured_ones(decide, champion):
    measured = replace(champion, provenance={**champion.provenance, "simulated": False})
    decision = decide(champion, measured)
    assert {"real_data", "roc_auc"} <= set(decision.blocking)
    assert check(decide(measured, champion), "real_data").passed


def test_lost_drugs_and_worse_statuses_are_named(decide, champion, changed):
    better = changed.drug(champion, "Cisplatin", status="supported")
    fewer = replace(champion, drugs={"Cisplatin": champion.drugs["Cisplatin"]})
    decision = decide(fewer, better)
    assert check(decision, "lost_drugs").found == "1: Docetaxel"
    worse = check(decision, "worse_statuses")
    before = champion.drugs["Cisplatin"].status
    assert worse.found == f"1: Cisplatin (supported to {before})"
    assert check(decide(better, champion), "worse_statuses").passed
    stranger = replace(
        champion, drugs={"X": replace(champion.drugs["Cisplatin"], drug="X")}, golden=None
    )
    assert check(decide(stranger, champion), "roc_auc").reason == "the two have no drug in common"


def test_answers_that_are_not_given_again_are_refused(decide, champion, changed):
    drug, model = next((d, m) for d, m in champion.drugs.items() if m.linear is not None)
    score = replace(model.linear, intercept=model.linear.intercept + 0.01)
    decision = decide(changed.drug(champion, drug, linear=score), champion)
    assert decision.blocking == ("golden_answers",)
    assert f"{drug} differs by" in check(decision, "golden_answers").found
    assert "golden_answers" in decide(replace(champion, golden=None), champion).blocking


@pytest.mark.parametrize(
    ("missing", "status", "passed"),
    [
        ((), "supported", True),
        (("1 drug: nobody decided about Cisplatin.",), "supported", False),
        (None, "supported", None),
        (None, "exploratory", True),  # nothing is due: the desk need not be asked
    ],
)
def test_reviews_are_asked_for_where_the_policy_says_so(
    decide, champion, changed, missing, status, passed
):
    challenger = champion
    for drug in champion.drugs:
        challenger = changed.drug(challenger, drug, status=status)
    decision = decide(challenger, None, missing_sign_offs=missing)
    assert check(decision, "sign_offs").passed is passed
    assert ("sign_offs" in decision.blocking) is (passed is not True)


@pytest.mark.parametrize(
    ("observed", "passed", "found"),
    [
        (ShadowFigures(1_000, 100), True, "1,000 answers, 10.0% with another label"),
        (ShadowFigures(1_000, 101), False, "1,000 answers, 10.1% with another label"),
        (ShadowFigures(999, 0), False, "999 answers, 0.0% with another label"),
        (ShadowFigures(0, 0), False, "no answer in the shadow"),
        (None, None, "not known"),
    ],
)
def test_answers_in_the_shadow_are_asked_for_where_the_policy_says_so(
    decide, champion, policy, observed, passed, found
):
    asking = replace(policy, shadow_answers=1_000, shadow_changed_share=0.1)
    decision = decide(champion, champion, policy=asking, observed_shadow=observed)
    assert check(decision, "shadow").passed is passed
    assert check(decision, "shadow").found == found
    assert ("shadow" in decision.blocking) is (passed is not True)
    assert decide(champion, champion, observed_shadow=observed).accepted  # the shipped policy
    assert "shadow" not in decide(champion, None, policy=asking).blocking


def test_latency_and_size_are_held_against_the_champion(decide, champion, policy):
    for ours, theirs, passed in ((4, 0.1, True), (6, 1, False), (6, 5, True), (60, 60, False)):
        decision = decide(champion, champion, observed_latency=MeasuredLatency(ours, theirs, 2))
        assert check(decision, "latency").passed is passed
    unmeasured = decide(champion, champion, observed_latency=None)
    assert check(unmeasured, "latency").passed is None
    assert unmeasured.accepted
    small = decide(champion, champion, policy=replace(policy, size_mb=0.1))
    assert small.blocking == ("size",)


def test_latency_is_the_median_over_turns(champion):
    moments = iter(np.cumsum(np.tile([0.0, 0.001, 0.0, 0.002], 40)))
    found = measure_latency(champion, champion, repeats=5, clock=lambda: next(moments))
    assert found == MeasuredLatency(pytest.approx(1.0), pytest.approx(2.0), 2)
    assert measure_latency(champion, None).champion_ms is None
    stranger = replace(champion, drugs={"X": replace(champion.drugs["Cisplatin"], drug="X")})
    assert measure_latency(stranger, champion) is None


def test_a_decision_is_json_with_every_check(decide, champion):
    decision = decide(champion, champion, decided_by="me")
    document = decision.to_json()
    assert document["accepted"] is True
    assert document["decided_by"] == "me"
    assert document["decided_at"].endswith("+00:00")
    assert document["policy_version"].startswith("3 (")
    assert len(document["checks"]) == len(CHECKS)
    assert set(document["checks"][0]) == {"name", "passed", "found", "needed", "reason"}


def test_the_same_question_gets_the_same_answer(decide, champion, changed):
    other = changed.noisier(champion, 0.2)
    assert decide(other, champion).checks == decide(other, champion).checks
