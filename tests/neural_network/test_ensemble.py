"""Ensembles: members as solo estimators, averages by NumPy, and what an ensemble has in place of a network's."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.ensemble import BaggingClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.utils import check_random_state

import lamina
from lamina import MLPClassifier, MLPRegressor
from lamina.engine.program import program_for
from lamina.engine.uncertainty import draw
from lamina.errors import DataError, DivergenceError, InvalidParameter
from lamina.inspection import doctor, input_gradients
from lamina.neural_network.ensemble import bootstrap_counts, mean_history

X, Y = load_digits(return_X_y=True)
X, Y, X_NEW, Y_NEW = X[:300] / 16.0, Y[:300], X[300:800] / 16.0, Y[300:800]
SMALL = {"hidden_layer_sizes": (12,), "learning_rate_init": 0.02, "max_iter": 12, "random_state": 0}
#: sums over rows may be in another order where networks are trained together
ROUNDING = {"rtol": 1e-7, "atol": 1e-9}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return MLPClassifier(**SMALL, n_members=3).fit(X, Y)


@pytest.fixture(scope="module")
def probabilities(fitted):
    return np.stack([member.predict_proba(X_NEW) for member in fitted.estimators_])


def entropy(p):
    return -(p * np.log(p)).sum(axis=-1)


def assert_same_network(one, other):
    for ours, theirs in zip([*one.coefs_, *one.intercepts_], [*other.coefs_, *other.intercepts_], strict=True):
        np.testing.assert_allclose(ours, theirs, **ROUNDING)
    np.testing.assert_allclose(one.history_["loss"], other.history_["loss"], **ROUNDING)


def test_members_are_solo_estimators(fitted):
    """Row 109."""
    seeds = [member.random_state for member in fitted.estimators_]
    assert len(set(seeds)) == 3
    for seed, member in zip(seeds, fitted.estimators_, strict=True):
        assert_same_network(member, MLPClassifier(**{**SMALL, "random_state": seed}).fit(X, Y))


def test_members_are_those_of_bagging(fitted):
    bagging = BaggingClassifier(MLPClassifier(**SMALL), n_estimators=3, bootstrap=False, random_state=0).fit(X, Y)
    for ours, theirs in zip(fitted.estimators_, bagging.estimators_, strict=True):
        assert_same_network(ours, theirs)
    np.testing.assert_allclose(fitted.predict_proba(X_NEW), bagging.predict_proba(X_NEW), **ROUNDING)


def test_bootstrap_weighs_rows_by_how_often_they_were_drawn():
    """Row 109: with weights of their own, rows weigh the product."""
    weight = np.random.RandomState(1).uniform(0.5, 2, len(X))
    ensemble = MLPClassifier(**SMALL, n_members=2, bootstrap=True).fit(X, Y, weight)
    for member in ensemble.estimators_:
        counts = bootstrap_counts(member.random_state, len(X))
        assert counts.sum() == len(counts) == len(X)
        assert 0.3 < (counts == 0).mean() < 0.45  # 1 / e is expected
        solo = MLPClassifier(**{**SMALL, "random_state": member.random_state}).fit(X, Y, counts * weight)
        assert_same_network(member, solo)


@pytest.mark.parametrize(
    "changes", [{"solver": "lbfgs"}, {"early_stopping": True}, {"learning_rate_init": "find"}], ids=str
)
def test_whatever_a_member_does_alone(changes):
    ensemble = MLPClassifier(**{**SMALL, **changes}, n_members=2, class_weight="balanced").fit(X, Y)
    member = ensemble.estimators_[1]
    assert_same_network(member, clone(member).fit(X, Y))
    assert ensemble.score(X, Y) > 0.5


def test_validation_data():
    ensemble = MLPClassifier(**SMALL, n_members=2).fit(X, Y, validation_data=(X_NEW, Y_NEW))
    val_loss = [member.history_["val_loss"] for member in ensemble.estimators_]
    np.testing.assert_allclose(ensemble.history_["val_loss"], np.mean(val_loss, axis=0))


def test_probabilities_are_averaged(fitted, probabilities):
    """Row 109."""
    mean = probabilities.mean(axis=0)
    np.testing.assert_allclose(fitted.predict_proba(X_NEW), mean, rtol=1e-12)
    np.testing.assert_array_equal(fitted.predict(X_NEW), mean.argmax(axis=1))
    loss, score = fitted.evaluate(X_NEW, Y_NEW)
    assert loss == pytest.approx(log_loss(Y_NEW, mean))
    assert score == pytest.approx(accuracy_score(Y_NEW, mean.argmax(axis=1))) == fitted.score(X_NEW, Y_NEW)


@pytest.mark.parametrize("y", [Y > 4, np.column_stack([Y > 4, Y % 2, Y < 2])], ids=["binary", "multilabel"])
def test_yes_or_no(y):
    ensemble = MLPClassifier(**SMALL, n_members=2).fit(X, y)
    mean = np.mean([member.predict_proba(X_NEW) for member in ensemble.estimators_], axis=0)
    np.testing.assert_allclose(ensemble.predict_proba(X_NEW), mean, rtol=1e-12)
    truth = np.column_stack([Y_NEW > 4, Y_NEW % 2, Y_NEW < 2]) if y.ndim == 2 else Y_NEW > 4
    p = mean if y.ndim == 2 else mean[:, 1:]
    of_labels = -np.where(truth.reshape(p.shape), np.log(p), np.log(1 - p)).sum(axis=1)
    assert ensemble.evaluate(X_NEW, truth)[0] == pytest.approx(of_labels.mean())


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_numbers_are_averaged(loss):
    ensemble = MLPRegressor(**SMALL, loss=loss, n_members=3).fit(X, Y)
    each = np.stack([member.predict(X_NEW) for member in ensemble.estimators_])
    np.testing.assert_allclose(ensemble.predict(X_NEW), each.mean(axis=0), rtol=1e-12)
    u = ensemble.predict_uncertainty(X_NEW)
    np.testing.assert_allclose(u.epistemic[:, 0], each.var(axis=0), rtol=1e-9)
    assert u.aleatoric is None
    assert ensemble.evaluate(X_NEW, Y_NEW)[1] == pytest.approx(ensemble.score(X_NEW, Y_NEW))


def test_better_than_its_mean_member(fitted, probabilities):
    """Row 109: the log loss is convex, and members that differ gain by it."""
    of_members = [log_loss(Y_NEW, p) for p in probabilities]
    assert log_loss(Y_NEW, fitted.predict_proba(X_NEW)) < 0.95 * np.mean(of_members)


def test_uncertainty_without_dropout_is_that_of_the_members(fitted, probabilities):
    """Rows 108, 109: total = aleatoric + epistemic = mean entropy + mutual information."""
    u = fitted.predict_uncertainty(X_NEW)
    mean = probabilities.mean(axis=0)
    np.testing.assert_allclose(u.mean, mean, rtol=1e-12)
    np.testing.assert_allclose(u.std, probabilities.std(axis=0), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(u.entropy, entropy(mean), rtol=1e-12)
    np.testing.assert_allclose(u.aleatoric, entropy(probabilities).mean(axis=0), rtol=1e-9)
    divergences = (probabilities * np.log(probabilities / mean)).sum(axis=-1)  # of members from their mean
    np.testing.assert_allclose(u.epistemic, divergences.mean(axis=0), rtol=1e-6, atol=1e-12)


def test_dropout_gives_draws_of_every_member():
    ensemble = MLPClassifier(**SMALL, dropout=0.3, n_members=2).fit(X, Y)
    u = ensemble.predict_uncertainty(X_NEW, n_samples=5)
    generator = np.random.RandomState(check_random_state(0).randint(2**31))
    seeds = generator.randint(2**32, size=(2, 5, 2), dtype=np.uint32)
    by_hand = np.concatenate(
        [
            draw(
                program_for(member._plan()), *member._on_device(), X_NEW, own, {"dropout/rate": np.float64(0.3)}, False
            )
            for member, own in zip(ensemble.estimators_, seeds, strict=True)
        ]
    )
    np.testing.assert_allclose(u.mean, by_hand.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(u.epistemic, entropy(u.mean) - entropy(by_hand).mean(axis=0), rtol=1e-6, atol=1e-12)


def test_gradients_are_those_of_the_mean(fitted):
    step = 1e-5
    moved = X_NEW[:20].copy()
    moved[:, 20] += step
    slope = np.abs(fitted.predict_proba(moved) - fitted.predict_proba(X_NEW[:20])) / step
    assert input_gradients(fitted, X_NEW[:20])[20] == pytest.approx(slope.mean(), rel=1e-3)
    assert fitted.feature_importances_.sum() == pytest.approx(1)


def test_any_number_of_rows_and_seeds_is_one_program(compiles):
    ensemble = MLPClassifier(**{**SMALL, "hidden_layer_sizes": (11,)}, n_members=2).fit(X, Y)
    with compiles(at_most=1):
        ensemble.predict(X_NEW[:100])
    with compiles(at_most=0):
        ensemble.set_params(random_state=1).fit(X, Y).predict(X_NEW[:99])


def test_files_pickles_and_clones(fitted, tmp_path):
    fitted.save(tmp_path / "ensemble.lamina")
    for copy in (lamina.load(tmp_path / "ensemble.lamina"), pickle.loads(pickle.dumps(fitted))):
        assert len(copy.estimators_) == 3
        np.testing.assert_array_equal(copy.predict_proba(X_NEW), fitted.predict_proba(X_NEW))
        np.testing.assert_array_equal(copy.history_["loss"], fitted.history_["loss"])
    assert not hasattr(clone(fitted), "estimators_")


def test_the_history_is_the_mean(fitted):
    """One that has stopped counts with its last values, so that the curve makes no jump there."""
    assert fitted.n_iter_ == max(member.n_iter_ for member in fitted.estimators_) == len(fitted.history_["loss"])
    long, short = fitted.estimators_[0].history_, fitted.estimators_[1].history_
    short = type(short)({name: column[:3] for name, column in short.items()})
    mean = mean_history([long, short])
    np.testing.assert_array_equal(mean["epoch"], long["epoch"])
    np.testing.assert_allclose(mean["loss"][2:], (long["loss"][2:] + short["loss"][2]) / 2)
    np.testing.assert_allclose(mean["seconds"][[0, 5]], [long["seconds"][0] + short["seconds"][0], long["seconds"][5]])


def test_what_one_network_has_is_asked_of_a_member(fitted):
    for name in ("coefs_", "loss_curve_", "model_"):
        with pytest.raises(AttributeError, match=rf"estimators_\[0\]\.{name}"):
            getattr(fitted, name)
    assert not hasattr(fitted, "partial_fit")
    assert not hasattr(fitted, "hidden_activations")
    with pytest.raises(AttributeError, match="has no attribute 'coef_'"):
        fitted.coef_  # noqa: B018
    assert "<svg" in fitted._repr_html_()


def test_a_refit_leaves_nothing_behind():
    estimator = MLPClassifier(**SMALL).fit(X, Y)
    alone = estimator.predict_proba(X_NEW)
    estimator.set_params(n_members=2).fit(X, Y > 4)
    assert "coefs_" not in vars(estimator)
    assert estimator.predict_proba(X_NEW).shape == (500, 2)
    estimator.set_params(n_members=1).fit(X, Y)
    assert not hasattr(estimator, "estimators_")
    np.testing.assert_array_equal(estimator.predict_proba(X_NEW), alone)


def test_diverged_members_are_named_and_left_out():
    X, y = np.random.RandomState(0).randn(2, 40, 1)
    ensemble = MLPRegressor(
        hidden_layer_sizes=(8,), solver="sgd", learning_rate_init=0.7, n_members=4, max_iter=30, random_state=0
    )
    with pytest.raises(DivergenceError, match="Member 3 of 4 diverged; the other 3 are kept in estimators_"):
        ensemble.fit(X, y[:, 0])
    each = [member.predict(X) for member in ensemble.estimators_]
    assert len(each) == 3
    np.testing.assert_allclose(ensemble.predict(X), np.mean(each, axis=0), rtol=1e-12)


def test_when_all_diverge_nothing_is_kept():
    ensemble = MLPRegressor(**{**SMALL, "learning_rate_init": 1e3}, solver="sgd", n_members=2)
    with pytest.raises(DivergenceError, match=r"Members 1, 2 of 2 diverged; none is kept\. Member 1: .*learning_rate"):
        ensemble.fit(X, Y)
    assert not hasattr(ensemble, "estimators_")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_members": 0}, "n_members to be a whole number at least 1"),
        ({"n_members": 2.0}, "n_members to be a whole number"),
        ({"n_members": 1, "bootstrap": True}, "Give n_members=5"),
        ({"warm_start": True}, "warm_start is for a single network"),
        ({"time_budget": 3}, "time_budget is for a single network"),
    ],
    ids=str,
)
def test_parameters_that_make_no_sense(changes, message):
    with pytest.raises(InvalidParameter, match=message):
        MLPClassifier(**{**SMALL, "n_members": 2, **changes}).fit(X, Y)


def test_what_fit_and_inspection_take_for_one_network_only():
    ensemble = MLPClassifier(**SMALL, n_members=2)
    with pytest.raises(InvalidParameter, match="callbacks is for a single network"):
        ensemble.fit(X, Y, callbacks=[lamina.callbacks.TerminateOnNaN()])
    with pytest.raises(InvalidParameter, match="coefs_init is for a single network"):
        ensemble.fit(X, Y, coefs_init=[])
    with pytest.raises(InvalidParameter, match="n_members=2 is an ensemble"):
        doctor(ensemble, X, Y)
    with pytest.raises(DataError, match="NaN"):
        ensemble.fit(np.full_like(X, np.nan), Y)


def test_verbose_gives_a_line_for_each_member(capsys):
    MLPClassifier(**SMALL, n_members=2, verbose=True).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["Member 1 of 2", "Member 2 of 2"]
