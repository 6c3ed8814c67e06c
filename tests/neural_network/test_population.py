"""Estimators that train together end as they would alone."""

import os
import signal
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning

from lamina import MLPClassifier, MLPRegressor
from lamina.callbacks import Callback
from lamina.engine import loop, population_loop
from lamina.engine.loop import record
from lamina.errors import DivergenceError, InvalidParameter
from lamina.neural_network.population import Job, Population, fit_together, same_program

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)
X = X[:300] / 16
Y = Y[:300]
RATES = (0.001, 0.01, 0.03)


@pytest.fixture(params=["one by one", "side by side"])
def seating(request, monkeypatch):
    """Both ways of training: the width is a matter of the net's size alone."""
    monkeypatch.setattr(population_loop, "SMALL_STEP", 0 if request.param == "one by one" else 1e9)
    return request.param


def _jobs(estimator, values, X=X, y=Y):
    return [Job(clone(estimator).set_params(**each), X, y) for each in values]


def _assert_as_alone(job, tolerance):
    alone = clone(job.estimator).fit(job.X, job.y)
    together = job.estimator
    assert job.error is None
    assert together.n_iter_ == alone.n_iter_ == job.epochs
    assert together.stop_reason_ == alone.stop_reason_
    np.testing.assert_allclose(together.loss_curve_, alone.loss_curve_, rtol=tolerance, atol=tolerance)
    for a, b in zip([*together.coefs_, *together.intercepts_], [*alone.coefs_, *alone.intercepts_]):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"early_stopping": True, "n_iter_no_change": 3, "tol": 0.01},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2},
        {"dropout": 0.3, "normalization": "batch", "learning_rate": "onecycle", "clipnorm": 1.0, "ema": 0.9},
    ],
)
def test_classifiers_end_as_alone(seating, settings):
    """Row 145. In float64 batched products round otherwise, over some 20 epochs of few steps; else nothing differs."""
    base = MLPClassifier((8,), max_iter=20, random_state=0, batch_size=50, **settings)
    jobs = _jobs(base, [{"learning_rate_init": rate, "alpha": rate} for rate in RATES])
    fit_together(jobs)
    for job in jobs:
        _assert_as_alone(job, 0 if seating == "one by one" else 1e-9)


def test_members_with_seeds_and_rows_of_their_own(seating):
    """Row 109: an ensemble; and rows in two foldings, of which one fits no whole batches."""
    rows, y = load_diabetes(return_X_y=True)
    rows, y = rows * 20, (y - y.mean()) / y.std()
    base = MLPRegressor(hidden_layer_sizes=(6, 5), max_iter=12, batch_size=40)
    jobs = [Job(clone(base).set_params(random_state=seed), rows[:200], y[:200]) for seed in range(3)]
    some = rows[100:], y[100:]
    jobs += [Job(clone(base).set_params(random_state=seed), *some) for seed in range(2)]
    fit_together(jobs)
    for job in jobs:
        _assert_as_alone(job, 0 if seating == "one by one" else 1e-9)


def test_more_members_than_seats(monkeypatch):
    """Whoever stops makes room; each one's epochs are its own. Tolerance: see above."""
    monkeypatch.setattr(population_loop, "SMALL_STEP", 1e9)
    monkeypatch.setattr(population_loop, "MOST_MEMBERS", 2)
    values = [{"max_iter": n, "random_state": n} for n in (3, 17, 5, 40, 2)]
    jobs = _jobs(MLPClassifier((4,), batch_size=100), values)
    Population(jobs, n_threads=1).advance()
    for job in jobs:
        _assert_as_alone(job, 1e-9)


def test_a_second_population_compiles_nothing(seating, compiles):
    """Eight seats are compiled once; other values, seeds and numbers of epochs bring nothing new."""
    base = MLPClassifier((7,), max_iter=3, batch_size=50, random_state=0)
    one = _jobs(base, [{"alpha": alpha} for alpha in (0.1, 0.2, 0.3, 0.4, 0.5)])
    two = _jobs(base, [{"learning_rate_init": rate, "random_state": 1, "max_iter": 5} for rate in RATES * 2])
    Population(one, n_threads=1).advance()
    with compiles() as during:
        Population(two, n_threads=1).advance()
    assert during.count == 0


def test_bytes_do_not_depend_on_neighbours(monkeypatch):
    """The same member in the first and the last of eight seats, with four and with seven neighbours: the same bytes."""
    monkeypatch.setattr(population_loop, "SMALL_STEP", 1e9)
    rows = X.astype(np.float32)
    found = []
    for others, first in [(4, True), (4, False), (7, True), (7, False)]:
        values = [{"random_state": seed} for seed in range(1, others + 1)]
        values.insert(0 if first else others, {"random_state": 0})
        jobs = _jobs(MLPClassifier((9,), max_iter=5, batch_size=64), values, rows)
        Population(jobs, n_threads=1).advance()
        found.append(next(job.estimator for job in jobs if job.estimator.random_state == 0))
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0].coefs_, other.coefs_))


def test_a_diverging_member_leaves_the_others_alone(seating):
    jobs = _jobs(
        MLPClassifier((8,), solver="sgd", activation="identity", max_iter=8, random_state=0, batch_size=50),
        [{"learning_rate_init": rate} for rate in (0.01, 1e12, 0.1)],
    )
    fit_together(jobs)
    assert isinstance(jobs[1].error, DivergenceError)
    assert all(np.isfinite(a).all() for a in jobs[1].estimator.coefs_)
    _assert_as_alone(jobs[0], 1e-9)
    _assert_as_alone(jobs[2], 1e-9)


def test_a_wrong_member_says_what_its_fit_would_say():
    jobs = _jobs(MLPClassifier((4,), max_iter=2, random_state=0), [{"activation": "rleu"}, {"alpha": -1.0}, {}])
    fit_together(jobs)
    assert [type(job.error).__name__ for job in jobs] == ["UnknownName", "InvalidParameter", "NoneType"]
    assert all(job.ended for job in jobs)


def test_a_warning_of_the_data_comes_once_for_each_fit():
    jobs = _jobs(MLPRegressor(hidden_layer_sizes=(4,), max_iter=2), [{"alpha": 0.1}, {"alpha": 0.2}], y=1e6 * Y)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit_together(jobs)
    assert sum("standard deviation" in str(warning.message) for warning in caught) == 2


def test_those_with_a_fit_of_their_own():
    values = [{"solver": "lbfgs"}, {"time_budget": 60.0}, {}]
    jobs = _jobs(MLPClassifier((4,), max_iter=5, random_state=0), values)
    fit_together(jobs)
    for job in jobs:
        alone = clone(job.estimator).fit(X, Y)
        assert job.error is None
        assert all(np.array_equal(a, b) for a, b in zip(alone.coefs_, job.estimator.coefs_))
    with pytest.raises(InvalidParameter, match=r"lbfgs.*cannot be paused"):
        Population(_jobs(MLPClassifier((4,), solver="lbfgs"), [{}])).advance(2)


def test_pauses_change_nothing(seating):
    """At a pause an estimator predicts as one whose training was stopped there; at its end it is as if never paused."""
    base = MLPClassifier((8,), max_iter=9, random_state=0, batch_size=50, learning_rate="cosine")
    jobs = _jobs(base, [{"learning_rate_init": rate} for rate in RATES])
    population = Population(jobs)
    population.advance(4)
    assert [job.epochs for job in jobs] == [4, 4, 4]
    assert population.running == jobs

    class StopAtFour(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 3

    stopped = clone(jobs[1].estimator).fit(X, Y, callbacks=[StopAtFour()])
    np.testing.assert_allclose(jobs[1].estimator.predict_proba(X), stopped.predict_proba(X), rtol=1e-9, atol=1e-12)
    population.advance()
    assert not population.running
    for job in jobs:
        _assert_as_alone(job, 0 if seating == "one by one" else 1e-9)


def test_dropped_members_stay_fitted(seating):
    jobs = _jobs(MLPClassifier((8,), max_iter=9, batch_size=50, random_state=0), [{"alpha": a} for a in (0.1, 1.0)])
    population = Population(jobs)
    population.advance(3)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        population.drop(jobs[:1])
    assert population.running == jobs[1:]
    dropped = jobs[0].estimator
    assert dropped.n_iter_ == len(dropped.loss_curve_) == 3
    assert dropped.stop_reason_ == "Dropped: others were better."


def test_ctrl_c_pauses_and_another_call_goes_on(seating, monkeypatch):
    """Nothing is lost: all go on from where they were."""
    jobs = _jobs(
        MLPClassifier((8,), max_iter=20_000, batch_size=50, tol=0, n_iter_no_change=np.inf, random_state=0),
        [{"learning_rate_init": rate} for rate in (1e-5, 2e-5)],
    )
    population = Population(jobs)
    population.advance(1)

    pressed = iter([signal.SIGINT])

    def interrupted(*arguments):
        record(*arguments)
        for key in pressed:
            os.kill(os.getpid(), key)

    for module in (loop, population_loop):
        monkeypatch.setattr(module, "record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        population.advance()
    monkeypatch.undo()
    before = [job.epochs for job in jobs]
    assert max(before) > 1
    assert max(before) < 20_000
    population.advance(5)
    assert [job.epochs for job in jobs] == [epochs + 5 for epochs in before]
    assert all(job.estimator.predict(X).shape == (300,) for job in jobs)


def test_what_shares_a_program():
    """Values are traced; what the compiled program consists of is not."""
    base = MLPClassifier((8,))
    same = [{"alpha": 1.0}, {"learning_rate_init": 0.1}, {"random_state": 3}, {"max_iter": 7}, {"momentum": 0.5}]
    assert len({same_program(clone(base).set_params(**each), Y) for each in same}) == 1
    other = [{"activation": "tanh"}, {"solver": "sgd"}, {"dropout": 0.1}, {"batch_size": 7}, {"early_stopping": True}]
    assert len({same_program(clone(base).set_params(**each), Y) for each in other}) == len(other)
