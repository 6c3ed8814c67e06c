"""The fitted network: its outputs, its weights, its view as a model."""

import pickle

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.datasets import load_digits

from lamina import MLPClassifier

X, Y = load_digits(return_X_y=True)
X, Y, X_NEW = X[:400] / 16.0, Y[:400], X[400:500] / 16.0
SMALL = {"hidden_layer_sizes": (12,), "random_state": 0, "learning_rate_init": 0.02}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    return MLPClassifier(**SMALL, max_iter=12).fit(X, Y)


@pytest.mark.parametrize(
    ("y", "link", "outputs"),
    [(Y, "softmax", 10), (Y > 4, "logistic", 1), (np.column_stack([Y > 4, Y % 2, Y < 2]), "logistic", 3)],
    ids=["multiclass", "binary", "multilabel"],
)
def test_probabilities(y, link, outputs):
    """Rows 3, 7, 126: the head follows the target, and so do the probabilities and their logarithms."""
    model = MLPClassifier(**SMALL, max_iter=30).fit(X, y)
    assert (model.out_activation_, model.n_outputs_) == (link, outputs)
    p = model.predict_proba(X_NEW)
    np.testing.assert_allclose(model.predict_log_proba(X_NEW), np.log(p), rtol=1e-6)
    if y.ndim == 2:
        np.testing.assert_array_equal(model.predict(X_NEW), p > 0.5)
    else:
        np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
        np.testing.assert_array_equal(model.predict(X_NEW), model.classes_[p.argmax(axis=1)])


def test_weights_replaced_by_hand_are_used(fitted):
    model = pickle.loads(pickle.dumps(fitted))
    model.predict(X)
    model.coefs_[0] = np.zeros_like(model.coefs_[0])
    assert len(set(model.predict(X))) == 1
    with pytest.raises(ValueError, match="read-only"):
        fitted.coefs_[0][0] = 0  # a change in place could go unnoticed


def test_summary_counts_parameters(fitted):
    """Row 6."""
    lines = []
    fitted.model_.summary(print_fn=lines.append)
    assert "910" in lines[0]  # 64 * 12 + 12 + 12 * 10 + 10
    assert fitted.model_.count_params() == 910


@pytest.mark.parametrize(
    "changes", [{"normalization": "batch", "dropout": 0.1}, {"normalization": "layer", "norm_position": "after"}]
)
def test_hidden_activations_are_what_the_next_layer_gets(changes):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(40, 3)), rng.randint(3, size=40)
    model = MLPClassifier((6, 5), input_dropout=0.1, max_iter=2, tol=10, n_iter_no_change=1, **changes).fit(X, y)
    z = model.hidden_activations(X) @ model.coefs_[-1] + model.intercepts_[-1]
    np.testing.assert_allclose(softmax(z, axis=1), model.predict_proba(X), rtol=1e-9)
    assert model.hidden_activations(X, layer=0).shape == (40, 6)
