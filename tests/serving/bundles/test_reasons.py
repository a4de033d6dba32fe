import pytest

from models.errors import StoreError
from serving.bundles.reasons import reason_of, without_places


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The bundle in /srv/var/b/ab12 was refused.", "The bundle in ab12 was refused."),
        ("'/srv/var/x.npz', twice", "'x.npz', twice"),
        ("sqlite:////srv/var/mlflow.db refused", "its address refused"),
        ("MLflow at http://me:pw@host:5000/x said no", "MLflow at its address said no"),
        ("the ratio 3/4 and GET /v1", "the ratio 3/4 and GET v1"),
        ("linear.npz was changed.", "linear.npz was changed."),
    ],
)
def test_places_are_left_out(text, shown):
    assert without_places(text) == shown


def test_a_reason_says_all_three_and_no_more_than_500_characters():
    error = StoreError("It is away.", needed="a store.", remedy="start it.")
    assert reason_of(error) == "It is away. Needed: a store. What to do: start it."
    assert len(without_places("x" * 10_000)) == 500
