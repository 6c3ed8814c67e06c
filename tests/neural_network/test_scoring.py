"""The score of the validation rows: any metric, against scikit-learn's, and early stopping on it."""

import numpy as np
import pytest
from sklearn import metrics as theirs
from sklearn.datasets import load_digits

import lamina
from lamina import MLPClassifier, MLPRegressor, metrics
from lamina.errors import InvalidParameter, UnknownName

X, DIGIT = load_digits(return_X_y=True)
X, CLASSES = X[:200] / 16, DIGIT[:200]
NUMBERS = DIGIT[:200] / 3.0
WEIGHT = np.random.RandomState(0).uniform(0.5, 2, 50)
SMALL = {"hidden_layer_sizes": (6,), "random_state": 0, "learning_rate_init": 0.05, "max_iter": 4, "batch_size": 50}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def f1(y, model):
    return theirs.f1_score(y, model.predict(X[150:]), average="macro", sample_weight=WEIGHT)


def log_loss(y, model):
    return -theirs.log_loss(y, model.predict_proba(X[150:]), sample_weight=WEIGHT)


def mae(y, model):
    return -theirs.mean_absolute_error(y, model.predict(X[150:]), sample_weight=WEIGHT)


@pytest.mark.parametrize(
    ("cls", "scoring", "expected"),
    [
        (MLPClassifier, "f1", f1),
        (MLPClassifier, "categorical_crossentropy", log_loss),
        (MLPClassifier, "loss", log_loss),
        (MLPRegressor, "mae", mae),
        (MLPRegressor, metrics.MeanAbsoluteError(), mae),
    ],
    ids=["f1", "cross-entropy", "loss", "mae", "object"],
)
def test_scores_equal_scikit_learns(cls, scoring, expected):
    """Row 87: of the final weights, with row weights; what is better when less has a minus sign. 1e-7: Keras' clipping
    of probabilities at 1e-7, and sums in another order."""
    y = CLASSES if cls is MLPClassifier else NUMBERS
    model = cls(**SMALL, scoring=scoring).fit(X[:150], y[:150], validation_data=(X[150:], y[150:], WEIGHT))
    np.testing.assert_allclose(model.history_["val_score"][-1], expected(y[150:], model), rtol=1e-7)


@pytest.mark.parametrize("scoring", ["mean_absolute_error", "loss"])
def test_early_stopping_on_what_is_better_when_less(scoring):
    """Rows 85, 87: patience counts from the smallest error, whose weights come back. 1e-10: another order of sums."""
    settings = SMALL | {"max_iter": 300, "early_stopping": True, "n_iter_no_change": 2, "tol": 0.0}
    model = MLPRegressor(**settings, scoring=scoring).fit(
        X[:150], NUMBERS[:150], validation_data=(X[150:], NUMBERS[150:])
    )
    scores = model.history_["val_score"]
    assert model.validation_scores_ == scores.tolist()
    assert model.best_validation_score_ == scores.max() > scores[-1]
    assert model.n_iter_ == scores.argmax() + 4 < 300
    error = model.predict(X[150:]) - NUMBERS[150:]
    measured = -np.abs(error).mean() if scoring != "loss" else -0.5 * np.square(error).mean()
    np.testing.assert_allclose(measured, scores.max(), rtol=1e-10)
    if scoring == "loss":
        np.testing.assert_array_equal(scores, -model.history_["val_loss"])


@pytest.mark.parametrize("scoring", ["mae", "loss"])
def test_lbfgs_measures_it_too(scoring):
    """Row 87."""
    settings = {"hidden_layer_sizes": (6,), "random_state": 0, "max_iter": 4, "solver": "lbfgs"}
    model = MLPRegressor("absolute_error", **settings, scoring=scoring)
    model.fit(X[:150], NUMBERS[:150], validation_data=(X[150:], NUMBERS[150:], WEIGHT))
    np.testing.assert_allclose(model.history_["val_score"][-1], mae(NUMBERS[150:], model), rtol=1e-10)


def test_verbose_lines_and_files(capsys, tmp_path):
    model = MLPClassifier(**SMALL, early_stopping=True, scoring="loss", verbose=True).fit(X, CLASSES)
    assert f"Validation score: {model.validation_scores_[0]:f}" in capsys.readouterr().out
    model.set_params(scoring=metrics.F1Score("micro")).save(tmp_path / "model.lamina")
    assert lamina.load(tmp_path / "model.lamina").scoring == metrics.F1Score("micro")


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (MLPClassifier(scoring="f1_macro"), UnknownName, 'Did you mean "f1_score".*Known: accuracy, auc'),
        (MLPRegressor(scoring="neg_mean_squared_error"), UnknownName, 'Did you mean "mean_squared_error"'),
        (MLPClassifier(scoring=theirs.make_scorer(theirs.f1_score)), InvalidParameter, "an object of lamina.metrics"),
        (MLPClassifier(scoring=metrics.SparseCategoricalAccuracy()), InvalidParameter, "without Sparse"),
        (MLPClassifier(scoring="categorical_crossentropy"), InvalidParameter, "outputs are yes or no"),
        (MLPClassifier(scoring=metrics.CategoricalAccuracy()), InvalidParameter, "outputs are yes or no"),
    ],
)
def test_what_is_refused(model, error, message):
    with pytest.raises(error, match=message):
        model.fit(X, CLASSES > 4)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize(
    "changes", [{"loss": "huber"}, {"loss": "huber", "scoring": "loss"}, {"solver": "lbfgs"}], ids=str
)
def test_evaluate_is_the_validation(changes):
    """On the validation rows it gives what the last epoch's history has, also for losses with numbers of their own."""
    model = MLPRegressor(**SMALL | changes)
    model.fit(X[:150], NUMBERS[:150], validation_data=(X[150:], NUMBERS[150:], WEIGHT))
    expected = {name: model.history_[f"val_{name}"][-1] for name in ("loss", "score")}
    assert model.evaluate(X[150:], NUMBERS[150:], WEIGHT, return_dict=True) == pytest.approx(expected, rel=1e-12)
    assert model.evaluate(X[150:], NUMBERS[150:], WEIGHT) == pytest.approx(list(expected.values()), rel=1e-12)
