"""A limit in seconds, by a clock that the tests turn; and both doors by the real one."""

import time
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import lamina as keras
from lamina import MLPClassifier
from lamina.callbacks import Callback, TimeBudget
from lamina.callbacks import time_budget as module
from lamina.errors import InvalidParameter

X = np.random.RandomState(0).randn(60, 3)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


class Slow(Callback):
    """Every epoch takes 0.1 s longer."""

    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("seconds", "took", "epochs"),
    [
        (10, [3, 3, 3, 3], 3),  # the fourth would end at 12
        (10, [9, 3, 3], 2),  # the first one compiles, and says nothing of the second
        (10, [12, 3], 1),
        (10, [1, 1, 5, 1], 3),  # the fourth is expected to take 5 as the third
        (100, [3, 3, 3], 3),
    ],
)
def test_no_epoch_that_does_not_fit(run, model, monkeypatch, seconds, took, epochs):
    """Row 93."""
    ends = iter(np.cumsum([0, *took]).tolist())
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(ends))
    budget = TimeBudget(seconds)
    assert len(run(budget, [{} for _ in took])) == epochs
    assert model.stop_training == (budget.stop_reason is not None)


def test_it_serves_twice(run, model):
    budget = TimeBudget(1e-9)
    run(budget, [{}, {}])
    assert "The time budget of 1e-09 s has no room for another epoch" in budget.stop_reason
    budget.seconds = 100.0
    assert len(run(budget, [{}, {}])) == 2
    assert budget.stop_reason is None


@pytest.mark.parametrize("changes", [{}, {"solver": "lbfgs"}, {"early_stopping": True}], ids=str)
def test_a_fit_within_its_time(changes):
    """Row 93: epochs of at least 0.1 s, and room for a few; a reason instead of a warning."""
    model = MLPClassifier((4,), max_iter=1000, random_state=0, time_budget=1.0, n_iter_no_change=1000, **changes)
    model.set_params(tol=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        model.fit(X, Y, callbacks=[Slow()])
    assert 1 <= model.n_iter_ <= 10
    assert model.stop_reason_ == model.history_.stop_reason
    assert model.stop_reason_.startswith("The time budget of 1 s has no room for another epoch: ")
    if "early_stopping" in changes:
        assert model.best_validation_score_ == max(model.validation_scores_)
    if "solver" not in changes:
        assert model.partial_fit(X, Y).n_iter_ == 1  # no budget for a single epoch


def test_a_model_within_its_time():
    """Row 93, through the Keras door."""
    model = keras.Sequential([keras.layers.Dense(1, input_shape=(3,))])
    model.compile(loss="mse", optimizer="sgd")
    history = model.fit(X, Y, epochs=1000, verbose=0, callbacks=[Slow(), TimeBudget(0.5)])
    assert 1 <= len(history.epoch) <= 5


def test_what_is_no_time():
    with pytest.raises(InvalidParameter, match="TimeBudget expects seconds to be a number above 0"):
        TimeBudget(0)
    with pytest.raises(InvalidParameter, match="time_budget to be None or a number above 0"):
        MLPClassifier(time_budget=-1).fit(X, Y)
