"""What the estimators do beyond scikit-learn's, and their errors."""

import itertools
import pickle

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_diabetes, load_digits

from lamina import MLPClassifier, MLPRegressor
from lamina.callbacks import Callback, CSVLogger, EarlyStopping
from lamina.errors import DataError, DivergenceError, InvalidParameter, UnknownName

X, Y = load_digits(return_X_y=True)
X, Y = X[:400] / 16.0, Y[:400]
X_VAL, Y_VAL = load_digits(return_X_y=True)
X_VAL, Y_VAL = X_VAL[400:500] / 16.0, Y_VAL[400:500]
SMALL = {"hidden_layer_sizes": (12,), "random_state": 0, "learning_rate_init": 0.02}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return MLPClassifier(**SMALL, max_iter=12).fit(X, Y, validation_data=(X_VAL, Y_VAL))


def test_history_with_own_validation_rows(fitted):
    """Rows 86, 88."""
    history = fitted.history_
    assert history["epoch"].tolist() == list(range(1, 13))
    np.testing.assert_array_equal(history["loss"], fitted.loss_curve_)
    probability = fitted.predict_proba(X_VAL)[np.arange(100), Y_VAL]
    # the last epoch's validation loss is the plain log-loss of the final weights, without the penalty
    np.testing.assert_allclose(history["val_loss"][-1], -np.log(probability).mean(), rtol=1e-12)
    assert history["val_score"][-1] == fitted.score(X_VAL, Y_VAL)
    assert history.to_pandas().shape == history.to_polars().shape == (12, 6)
    assert (history["seconds"] > 0).all()


@pytest.mark.parametrize("sizes", [(), 5, (9,), (7, 3, 8)], ids=str)
def test_any_widths(sizes):
    """Row 1: down to no hidden layer at all."""
    model = MLPClassifier(sizes, max_iter=1, random_state=0).fit(X, Y)
    widths = [64, *np.atleast_1d(sizes).astype(int).tolist(), 10]
    assert [a.shape for a in model.coefs_] == list(itertools.pairwise(widths))
    assert model.n_layers_ == len(widths)


def test_own_validation_rows_take_the_place_of_a_split():
    """Rows 84, 86."""
    model = MLPClassifier(**SMALL, early_stopping=True, n_iter_no_change=3, max_iter=100)
    model.fit(X, Y, validation_data=(X_VAL, Y_VAL))
    assert model.t_ == len(X) * model.n_iter_  # no row was held out
    assert model.best_validation_score_ == model.score(X_VAL, Y_VAL)
    assert "Validation score did not improve" in model.stop_reason_


def test_class_weight_is_a_sample_weight():
    """Row 125."""
    weights = {k: 1 + k for k in range(10)}
    by_class = MLPClassifier(**SMALL, max_iter=3, class_weight=weights).fit(X, Y)
    by_row = MLPClassifier(**SMALL, max_iter=3).fit(X, Y, sample_weight=1.0 + Y)
    np.testing.assert_array_equal(by_class.coefs_[0], by_row.coefs_[0])


def test_any_callable_is_an_activation():
    """Row 21: the same function, written otherwise."""
    named = MLPClassifier(**SMALL, max_iter=3, activation="tanh").fit(X, Y)
    own = MLPClassifier(**SMALL, max_iter=3, activation=lambda z: 2 / (1 + jnp.exp(-2 * z)) - 1).fit(X, Y)
    np.testing.assert_allclose(own.loss_curve_, named.loss_curve_, rtol=1e-10)  # the same function, written otherwise


def test_one_activation_per_layer():
    """Rows 5, 104."""
    model = MLPClassifier((8, 6), ("relu", "tanh"), max_iter=3, random_state=0).fit(X, Y)
    hidden = np.tanh(np.maximum(X @ model.coefs_[0] + model.intercepts_[0], 0) @ model.coefs_[1] + model.intercepts_[1])
    np.testing.assert_allclose(model.hidden_activations(X), hidden, rtol=1e-10, atol=1e-12)
    assert model.hidden_activations(X, layer=0).shape == (400, 8)
    with pytest.raises(InvalidParameter, match="2 hidden layers"):
        model.hidden_activations(X, layer=2)
    with pytest.raises(InvalidParameter, match="3 entries for 2 hidden layers"):
        MLPClassifier((8, 6), ("relu", "tanh", "relu")).fit(X, Y)


def test_starting_from_given_weights(fitted):
    """Row 30."""
    again = MLPClassifier(**SMALL, max_iter=1, solver="sgd")
    again.set_params(learning_rate_init=1e-12)
    again.fit(X, Y, coefs_init=fitted.coefs_, intercepts_init=fitted.intercepts_)
    np.testing.assert_allclose(again.coefs_[0], fitted.coefs_[0], atol=1e-9)
    with pytest.raises(DataError, match="coefs_init has shapes"):
        again.fit(X, Y, coefs_init=fitted.coefs_[:1])


def test_partial_fit_with_early_stopping():
    """Row 89."""
    model = MLPClassifier(**SMALL, early_stopping=True, n_iter_no_change=3, tol=0.0)
    with pytest.warns(UserWarning, match="keeps the best weights"):
        for _ in range(200):
            model.partial_fit(X, Y, classes=range(10), validation_data=(X_VAL, Y_VAL))
    assert len(model.validation_scores_) < 200
    assert model.score(X_VAL, Y_VAL) == max(model.validation_scores_) == model.best_validation_score_


def test_partial_fit_of_multilabel_targets_needs_no_classes():
    """Rows 7, 127."""
    labels = np.column_stack([Y > 4, Y % 2]).astype(int)
    model = MLPClassifier(**SMALL)
    for _ in range(30):
        model.partial_fit(X, labels)
    assert model.score(X, labels) > 0.8


def test_partial_fit_names_unseen_classes():
    model = MLPClassifier(**SMALL).partial_fit(X, Y % 3, classes=[0, 1, 2])
    with pytest.raises(DataError, match=r"classes not in `self.classes_`.*drop the rows of \[3\]"):
        model.partial_fit(X, Y % 4)


@pytest.mark.parametrize(("dtype", "kept"), [("float32", "float32"), ("float64", "float64"), ("bfloat16", "float32")])
def test_dtype(dtype, kept):
    """Row 137."""
    model = MLPClassifier(**SMALL, max_iter=20, dtype=dtype).fit(X, Y)
    assert model.coefs_[0].dtype == kept
    assert model.score(X, Y) > 0.9


def test_divergence_names_the_epoch_and_keeps_finite_weights():
    """Rows 44-46."""
    X_d, y_d = load_diabetes(return_X_y=True)
    model = MLPRegressor(solver="sgd", learning_rate_init=10.0, activation="identity", random_state=0)
    with pytest.raises(DivergenceError, match=r"Solver produced non-finite parameter weights.*epoch \d.*learning_rate"):
        model.fit(X_d, y_d)
    assert all(np.isfinite(a).all() for a in model.coefs_ + model.intercepts_)
    assert np.isfinite(model.predict(X_d)).all()


def test_sparse_rows_equal_dense_rows():
    """Row 129."""
    dense = MLPClassifier(**SMALL, max_iter=3).fit(X, Y)
    sparse = MLPClassifier(**SMALL, max_iter=3).fit(csr_matrix(X), Y)
    np.testing.assert_array_equal(dense.coefs_[0], sparse.coefs_[0])
    np.testing.assert_array_equal(dense.predict(X), sparse.predict(csr_matrix(X)))


def test_pickle_keeps_everything(fitted):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(copy.history_["val_loss"], fitted.history_["val_loss"])


def test_callbacks_hear_every_epoch():
    """Row 140."""
    heard = []

    class Listener(Callback):
        def on_train_begin(self, logs=None):
            heard.append(self.params["epochs"])

        def on_epoch_begin(self, epoch, logs=None):
            heard.append(epoch)

        def on_epoch_end(self, epoch, logs=None):
            assert {"loss", "learning_rate", "seconds"} == set(logs)
            heard.append(epoch)

        def on_train_end(self, logs=None):
            heard.append(self.model)

    model = MLPClassifier(**SMALL, max_iter=40).fit(X, Y, callbacks=[Listener()])
    assert heard[1:-1] == [epoch for epoch in range(40) for _ in range(2)]
    assert (heard[0], heard[-1]) == (40, model)


def test_callbacks_stop_a_training(tmp_path):
    """Rows 84, 140."""
    callbacks = [EarlyStopping("val_score", patience=3), CSVLogger(tmp_path / "log.csv")]
    model = MLPClassifier(**SMALL, max_iter=300).fit(X, Y, validation_data=(X[:50], Y[:50]), callbacks=callbacks)
    assert model.stop_reason_ == "A callback stopped the training."
    scores = model.history_["val_score"]
    assert model.n_iter_ == scores.argmax() + 4
    assert len((tmp_path / "log.csv").read_text().splitlines()) == model.n_iter_ + 1
    with pytest.raises(ValueError, match="EarlyStopping needs a model with get_weights and set_weights"):
        model.fit(X, Y, callbacks=[EarlyStopping(restore_best_weights=True)])


def test_interrupt_keeps_what_was_learned():
    class Impatient(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    model = MLPClassifier(**SMALL, max_iter=40)
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(X, Y, callbacks=[Impatient()])
    assert model.interrupted_
    assert model.score(X, Y) > 0.3


def test_lbfgs_tells_callbacks_and_keeps_what_an_interrupt_leaves():
    class Impatient(Callback):
        def on_train_begin(self, logs=None):
            assert self.params["n_samples"] == len(X)

        def on_epoch_end(self, epoch, logs):
            assert np.isfinite(logs["loss"])
            if epoch == 2:
                raise KeyboardInterrupt

        def on_train_end(self, logs=None):
            assert "Interrupted" in logs["stop_reason"]

    settings = {**SMALL, "solver": "lbfgs"}
    model = MLPClassifier(**settings, max_iter=40)
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(X, Y, callbacks=[Impatient()])
    assert model.interrupted_
    with pytest.warns(UserWarning, match="failed to converge"):
        three = MLPClassifier(**settings, max_iter=3).fit(X, Y)
    assert not three.interrupted_
    assert all((a == b).all() for a, b in zip(model.coefs_, three.coefs_, strict=True))
    assert model.loss_ == three.loss_
    assert model.n_iter_ == three.n_iter_ == len(model.history_["loss"]) == 3


def _with_hole():
    holed = X.copy()
    holed[3, 5] = np.nan
    return holed


@pytest.mark.parametrize(
    ("model", "data", "error", "message"),
    [
        (
            MLPClassifier(activation="relus"),
            (X, Y),
            UnknownName,
            'Unknown MLPClassifier activation "relus". Did you mean "relu"',
        ),
        (MLPClassifier(solver="adm"), (X, Y), UnknownName, 'Did you mean "adam"'),
        (MLPClassifier(alpha=-1), (X, Y), InvalidParameter, r"alpha to be a number at least 0. Received alpha=-1"),
        (MLPClassifier(dtype="float23"), (X, Y), UnknownName, 'Did you mean "float32"'),
        (MLPClassifier((10, 0)), (X, Y), InvalidParameter, "hidden_layer_sizes must be > 0"),
        (MLPRegressor((100,)), (X, Y), InvalidParameter, r"mean MLPRegressor\(hidden_layer_sizes=\(100,\)\)"),
        (MLPRegressor("poisson"), (X, Y - 5.0), DataError, "targets of at least 0"),
        (MLPClassifier(), (_with_hole(), Y), DataError, "contains NaN in column 5 .1 rows."),
        (MLPClassifier(), (pd.DataFrame(_with_hole()).add_prefix("pixel "), Y), DataError, 'NaN in column "pixel 5"'),
        (MLPClassifier(), (X, Y[:-1]), ValueError, "inconsistent numbers of samples"),
        (MLPClassifier(), (X, X[:, 20] + 0.01), DataError, "Unknown label type: continuous"),
    ],
)
def test_bad_input_is_refused_before_training(model, data, error, message):
    with pytest.raises(error, match=message):
        model.fit(*data)
    assert not hasattr(model, "coefs_")


def test_changed_columns_are_shown_as_a_diff():
    frame = pd.DataFrame(X[:, 20:23], columns=["age", "income", "size"])
    model = MLPClassifier(**SMALL, max_iter=2).fit(frame, Y)
    with pytest.raises(DataError, match=r"  age\n- income\n  size\n\+ salary"):
        model.predict(frame.rename(columns={"income": "salary"}))


def test_large_targets_say_how_to_scale():
    with pytest.warns(UserWarning, match="TransformedTargetRegressor"):
        MLPRegressor(**SMALL, max_iter=2).fit(X, Y * 1e5)
