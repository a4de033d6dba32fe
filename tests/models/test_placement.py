from dataclasses import replace

import numpy as np

from models.placement import nearest_lines, place_profiles


def features_of(bundle, profiles):
    return bundle.features.transform(profiles)


def test_training_lines_are_known_by_id_and_by_expression(bundle, make_profiles):
    training = make_profiles().iloc[:3]
    renamed = training.set_axis(["mine", "line_1", "yours"])
    renamed.iloc[2] += np.random.default_rng(0).normal(size=renamed.shape[1])
    place = place_profiles(bundle, list(renamed.index), features_of(bundle, renamed))
    assert place.training_lines == ("mine", "line_1")


def test_rounding_does_not_hide_a_training_line(bundle, make_profiles):
    rounded = make_profiles().iloc[:5].round(2).set_axis(list("abcde"))
    place = place_profiles(bundle, list("abcde"), features_of(bundle, rounded))
    assert place.training_lines == tuple("abcde")


def test_fresh_profiles_are_no_training_lines(bundle, profiles):
    fresh = profiles.set_axis([f"new_{at}" for at in range(len(profiles))])
    place = place_profiles(bundle, list(fresh.index), features_of(bundle, fresh))
    assert place.training_lines == ()
    assert ((place.percentile >= 0) & (place.percentile <= 100)).all()


def test_far_profiles_are_far(bundle, profiles):
    far = place_profiles(bundle, list("abcdefg"), features_of(bundle, profiles + 30))
    assert (far.percentile == 100).all()


def test_the_nearest_line_of_a_training_line_is_itself(bundle, make_profiles):
    training = make_profiles().iloc[[4]]
    (near,) = nearest_lines(bundle, features_of(bundle, training), k=3)
    assert near[0].sample == "line_4"
    assert near[0].distance < 1e-3
    assert near[0].lineage == "Ovary"


def test_a_bundle_that_knows_no_lines_says_nothing(bundle, profiles):
    bare = replace(bundle, domain=None)
    features = features_of(bundle, profiles)
    place = place_profiles(bare, list(profiles.index), features)
    assert np.isnan(place.percentile).all()
    assert place.training_lines == ()
    assert nearest_lines(bare, features) == [[]] * len(profiles)
