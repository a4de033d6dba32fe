from features.expression import SCALES
from serving.pages.predict_form import DEFAULT_LEVEL, LEVELS, SCALE_CHOICES, predict_page
from serving.predictions.question import DEFAULT_LEVEL as LEVEL_OF_THE_API
from serving.reviews.standing import BundleStanding


def test_every_scale_is_explained_once():
    assert sorted(choice.scale for choice in SCALE_CHOICES) == sorted(SCALES)


def test_the_form_asks_for_what_the_api_takes_by_default():
    assert DEFAULT_LEVEL == LEVEL_OF_THE_API
    assert DEFAULT_LEVEL in [level for level, _ in LEVELS]


def test_all_drugs_are_offered_and_withheld_ones_are_not_counted(source, hostile):
    drugs = source.served.bundle.drugs
    statuses = dict(zip(drugs, source.served.bundle.statuses, strict=True))
    values = predict_page(source.served, BundleStanding({}, statuses))
    names = [drug["name"] for drug in values["drugs"]]
    assert names == sorted(source.served.bundle.drugs, key=str.casefold)
    withheld = [drug["name"] for drug in values["drugs"] if drug["status"] == "withheld"]
    assert hostile in withheld
    assert values["n_answered"] == len(names) - len(withheld)
