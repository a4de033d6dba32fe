from io import BytesIO

import pandas as pd

from serving.pages.example_profiles import N_SAMPLES, example_profiles


def test_the_example_is_answered_without_complaint(source):
    bundle = source.served.bundle
    profiles = pd.read_csv(BytesIO(example_profiles(source.served)), sep="\t", index_col=0).T
    answers = bundle.predict(
        list(profiles.columns),
        profiles.to_numpy(),
        scale=bundle.expression_scale,
        sample_ids=list(profiles.index),
    )
    assert answers.coverage.fraction == 1.0
    assert answers.probability_sensitive.shape[0] == N_SAMPLES
    assert all(name.startswith("made-up") for name in answers.sample_ids)


def test_the_example_is_the_same_every_time(source):
    assert example_profiles(source.served) == example_profiles(source.served)
