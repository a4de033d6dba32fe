from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest

from training.evaluation import evaluate_drug
from training.plots import draw_curves

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def drawn(training):
    task = training.task()
    settings = training.evaluation(seeds=(0, 1))
    return task, evaluate_drug(task, training.features, settings)


def test_it_is_a_png_of_the_stated_size(drawn):
    task, evaluation = drawn
    picture = draw_curves("Cisplatin", task.is_sensitive, evaluation)
    assert picture.startswith(PNG)
    assert struct.unpack(">II", picture[16:24]) == (924, 495)
    assert 10_000 < len(picture) < 100_000


def test_the_same_figures_give_the_same_bytes(drawn):
    task, evaluation = drawn
    one, same = (draw_curves("Cisplatin", task.is_sensitive, evaluation) for _ in range(2))
    assert one == same


def test_the_order_of_lines_does_not_draw_the_curve(drawn):
    # Calibration with slope 0 gives whole folds one probability.
    task, evaluation = drawn
    tied = replace(evaluation, probability=np.round(evaluation.probability, 1))
    order = np.random.default_rng(0).permutation(len(task.response))
    turned = replace(tied, probability=tied.probability[:, order])
    pictures = [
        draw_curves("Cisplatin", task.is_sensitive, tied),
        draw_curves("Cisplatin", task.is_sensitive[order], turned),
    ]
    assert pictures[0] == pictures[1]


def test_a_long_name_is_cut(drawn):
    task, evaluation = drawn
    long, longer = (
        draw_curves("x" * n_letters, task.is_sensitive, evaluation) for n_letters in (100, 200)
    )
    assert long == longer
