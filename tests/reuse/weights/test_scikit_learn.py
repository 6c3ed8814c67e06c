"""scikit-learn's own networks as the oracle, in both directions."""

import copy
import warnings

import numpy as np
import pytest
from sklearn import neural_network as theirs
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lamina
from lamina import neural_network as ours
from lamina.errors import InvalidParameter
from lamina.losses import Huber
from lamina.reuse import from_sklearn, to_sklearn

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, CLASSES = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NAMES = np.array(["a", "b", "c"])[CLASSES]
FEW = {"hidden_layer_sizes": (7, 5), "max_iter": 4, "random_state": 0}
CLASS_TARGETS = {
    "binary": NAMES[:100] == "a",
    "multiclass": NAMES,
    "multilabel": np.stack([CLASSES == 0, CLASSES >= 1, X[:, 0] > 0], axis=1).astype(int),
    "two labels": np.stack([CLASSES == 0, X[:, 0] > 0], axis=1).astype(int),
    "one class": np.repeat("only", 100),
}
NUMBER_TARGETS = {"one": X[:, 0] * 2 + 1, "several": X[:, :2] @ np.array([[1.0, 2], [3, 4]])}


def pairs(kind):
    """A fitted network of each door, with the same numbers to learn from."""
    cases = [("MLPClassifier", y, {}) for y in CLASS_TARGETS.values()]
    cases += [("MLPRegressor", y, {}) for y in NUMBER_TARGETS.values()]
    cases += [("MLPRegressor", np.abs(NUMBER_TARGETS["one"]), {"loss": "poisson"})]
    cases += [("MLPClassifier", NAMES, {"activation": a}) for a in ("identity", "logistic", "tanh")]
    cases += [("MLPClassifier", NAMES, {"hidden_layer_sizes": ()}), ("MLPClassifier", NAMES, {"solver": "lbfgs"})]
    return [(name, getattr(kind, name)(**FEW | settings), y) for name, y, settings in cases]


def assert_alike(a, b, rows):
    """1e-6: both compute in float64, and sum in different orders."""
    np.testing.assert_array_equal(a.predict(rows), b.predict(rows)) if hasattr(a, "classes_") else None
    outputs = [est.predict_proba(rows) if hasattr(est, "classes_") else est.predict(rows) for est in (a, b)]
    np.testing.assert_allclose(*outputs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("name", "mlp", "y"), pairs(theirs), ids=str)
def test_from_sklearn(name, mlp, y):
    """Row 30: the same predictions, score and record."""
    rows = X[: len(y)]
    mlp.fit(rows, y)
    estimator = from_sklearn(mlp)
    assert type(estimator) is getattr(ours, name)
    assert_alike(estimator, mlp, rows)
    assert estimator.score(rows, y) == pytest.approx(mlp.score(rows, y), rel=1e-6)
    for attribute in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(estimator, attribute) == getattr(mlp, attribute)
    assert getattr(estimator, "loss_curve_", None) == getattr(mlp, "loss_curve_", None)
    assert {name: estimator.get_params()[name] for name in mlp.get_params()} == mlp.get_params()
    np.testing.assert_array_equal(estimator.history_["loss"], getattr(mlp, "loss_curve_", []))


@pytest.mark.parametrize(("name", "estimator", "y"), pairs(ours), ids=str)
def test_to_sklearn(name, estimator, y):
    """Row 30: the same predictions, and parameters that scikit-learn takes."""
    rows = X[: len(y)]
    mlp = to_sklearn(estimator.fit(rows, y))
    assert type(mlp) is getattr(theirs, name)
    assert_alike(mlp, estimator, rows)
    assert mlp.score(rows, y) == pytest.approx(estimator.score(rows, y), rel=1e-6)
    assert mlp.get_params() == {name: estimator.get_params()[name] for name in mlp.get_params()}
    assert all(array.flags.writeable for array in [*mlp.coefs_, *mlp.intercepts_])
    if estimator.solver != "lbfgs":
        mlp.partial_fit(rows, y)
        assert len(mlp.loss_curve_) == len(estimator.loss_curve_) + 1


@pytest.mark.parametrize("settings", [{}, {"early_stopping": True, "validation_fraction": 0.3}, {"solver": "lbfgs"}])
@pytest.mark.parametrize("convert", [from_sklearn, to_sklearn])
def test_warm_start_goes_on_along_the_same_curve(convert, settings):
    """Rows 30, 94. 1e-7: float64, many epochs."""
    home = theirs if convert is from_sklearn else ours
    source = home.MLPClassifier(**FEW | {"warm_start": True} | settings).fit(X, NAMES)
    copied = convert(source)
    for estimator in (source, copied):
        estimator.fit(X, NAMES)
    assert copied.loss_ == pytest.approx(source.loss_, rel=1e-7)
    assert getattr(copied, "validation_scores_", None) == getattr(source, "validation_scores_", None)
    for a, b in zip(copied.coefs_, source.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)


def test_round_trips_keep_the_weights():
    mlp = theirs.MLPClassifier(**FEW).fit(X, NAMES)
    back = to_sklearn(from_sklearn(mlp))
    for a, b in zip([*mlp.coefs_, *mlp.intercepts_], [*back.coefs_, *back.intercepts_], strict=True):
        np.testing.assert_array_equal(a, b)
    assert back.get_params() == mlp.get_params()
    assert back.loss_curve_ == mlp.loss_curve_


def test_nothing_is_shared():
    mlp = theirs.MLPClassifier(**FEW | {"random_state": np.random.RandomState(0)}).fit(X, NAMES)
    estimator = from_sklearn(mlp)
    before = mlp.predict_proba(X), estimator.predict_proba(X), mlp.random_state.get_state()[1]
    estimator.partial_fit(X, NAMES)
    np.testing.assert_array_equal(mlp.predict_proba(X), before[0])
    mlp.coefs_[0][:] = 0
    back = to_sklearn(estimator)
    back.coefs_[0][:] = 0
    assert estimator.coefs_[0].any()
    np.testing.assert_array_equal(mlp.random_state.get_state()[1], before[2])


def test_names_of_columns_and_float32_and_files(tmp_path):
    """The record is complete: it can be saved, loaded, and trained further by parts."""
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X.astype(np.float32), columns=list("wxyz"))
    mlp = theirs.MLPClassifier(**FEW | {"early_stopping": True}).fit(table, NAMES)
    estimator = from_sklearn(mlp)
    assert list(estimator.feature_names_in_) == list("wxyz")
    assert estimator.coefs_[0].dtype == mlp.coefs_[0].dtype == np.float32
    estimator.save(tmp_path / "model.lamina")
    loaded = lamina.load(tmp_path / "model.lamina")
    # float32: sums of a dozen numbers differ in the seventh digit
    np.testing.assert_allclose(loaded.predict_proba(table), mlp.predict_proba(table), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(loaded.history_["val_score"], mlp.validation_scores_)
    loaded.partial_fit(table, NAMES)
    assert list(to_sklearn(estimator).feature_names_in_) == list("wxyz")


@pytest.mark.parametrize("convert", [from_sklearn, to_sklearn])
def test_in_a_pipeline_and_around_a_target(convert):
    """Row 30: all preprocessing stays, also when the copy is fitted anew."""
    home = theirs if convert is from_sklearn else ours
    rows, y = load_diabetes(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), home.MLPRegressor(**FEW))
    around = TransformedTargetRegressor(pipeline, transformer=StandardScaler()).fit(rows, y)
    copied = convert(around)
    there = ours if convert is from_sklearn else theirs
    assert isinstance(copied.regressor_[-1], there.MLPRegressor)
    np.testing.assert_allclose(copied.predict(rows), around.predict(rows), rtol=1e-6)
    before = around.predict(rows)
    copied.fit(rows * 3, y + 100)
    assert isinstance(copied.regressor_[-1], there.MLPRegressor)
    copied.regressor_[0].mean_[:] = 0
    np.testing.assert_array_equal(around.predict(rows), before)


def test_what_does_nothing_in_prediction_is_left_out():
    """Rows 16, 30: dropout, and settings of training that scikit-learn has not."""
    clf = ours.MLPClassifier(
        **FEW | {"max_iter": 2},
        dropout=0.2,
        input_dropout=0.1,
        solver="nadam",
        learning_rate="onecycle",
        clipnorm=1.0,
        alpha=0.3,
    )
    mlp = to_sklearn(clf.fit(X, NAMES))
    assert (mlp.solver, mlp.learning_rate, mlp.alpha) == ("adam", "constant", 0.3)
    assert_alike(mlp, clf, X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copy.deepcopy(mlp).fit(X, NAMES)
    reg = ours.MLPRegressor(**FEW, loss=Huber()).fit(X, NUMBER_TARGETS["one"])
    assert to_sklearn(reg).loss == "squared_error"
    assert_alike(to_sklearn(reg), reg, X)


def test_a_rate_that_was_found_is_kept():
    clf = ours.MLPClassifier(**FEW).fit(X, NAMES)
    clf.set_params(learning_rate_init="find").learning_rate_init_ = 0.03
    assert to_sklearn(clf).learning_rate_init == 0.03


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"normalization": "batch"}, 'layer "normalization".*no normalisation'),
        ({"activation": "elu"}, 'layer "dense".*elu.*identity, logistic, tanh, relu'),
        ({"activation": ["relu", "prelu"]}, 'layer "activation".*PReLU'),
        ({"activation": ["relu", "tanh"]}, 'one activation for all.*relu in "dense", tanh in "dense_1"'),
        ({"n_members": 2}, r"ensemble of 2.*estimators_\[0\]"),
    ],
    ids=str,
)
def test_what_scikit_learn_cannot_have(settings, said):
    clf = ours.MLPClassifier(**FEW | {"max_iter": 1} | settings).fit(X, NAMES)
    with pytest.raises(InvalidParameter, match=said):
        to_sklearn(clf)


def test_another_activation_of_the_output(monkeypatch):
    reg = ours.MLPRegressor(**FEW).fit(X, NUMBER_TARGETS["one"])
    monkeypatch.setattr(type(reg), "_link", lambda self: "softplus")
    with pytest.raises(InvalidParameter, match=r"activation 'softplus'.*identity, exp"):
        to_sklearn(reg)


def test_other_input():
    with pytest.raises(InvalidParameter, match=r"from_sklearn.*Received LinearRegression of sklearn"):
        from_sklearn(LinearRegression().fit(X, CLASSES))
    with pytest.raises(InvalidParameter, match=r"to_sklearn.*of lamina.*Received MLPClassifier of sklearn"):
        to_sklearn(theirs.MLPClassifier(**FEW).fit(X, NAMES))
    for convert, home in ((from_sklearn, theirs), (to_sklearn, ours)):
        with pytest.raises(NotFittedError):
            convert(home.MLPClassifier())
