"""Masked features: the mask of the loss is the one of the inputs, by hand in NumPy; and scikit-learn's contract."""

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale
from sklearn.utils.estimator_checks import parametrize_with_checks

import lamina
from lamina import MaskedFeatures
from lamina.engine.forward import forward
from lamina.layers import Call
from lamina.neural_network.masked_features import ErrorOfHidden

X = scale(load_iris().data).astype(np.float32)
SEED = np.array([1, 2], np.uint32)


@pytest.fixture(scope="module")
def fitted():
    return MaskedFeatures((16, 8), max_iter=20, random_state=0).fit(X)


@parametrize_with_checks([MaskedFeatures((6,), max_iter=3)])
def test_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("training", [True, False])
def test_the_mask_beside_the_outputs_is_that_of_the_inputs(fitted, training):
    """Row 103."""
    plan, (params, state) = fitted._plan(), fitted._weights()
    hyper = {"corruption_hide_cells/rate": 0.4, "head_mark_hidden/rate": 0.4}
    call = Call(training, SEED, hyper=hyper)
    harmed, _ = forward(plan, params, state, jnp.asarray(X), call, depth=1)
    outputs, _ = forward(plan, params, state, jnp.asarray(X), call)
    mask = np.asarray(outputs[:, 4:])
    assert set(np.unique(mask)) == {0, 1}
    assert mask.mean() == pytest.approx(0.4, abs=0.06)
    np.testing.assert_array_equal(np.where(mask == 0, harmed, 0), np.where(mask == 0, X, 0))
    changed = np.asarray(harmed) != X
    assert not changed[mask == 0].any()
    assert changed[mask == 1].mean() > 0.8  # some other rows have the same value
    for column in range(4):
        assert np.isin(harmed[:, column], X[:, column]).all()


def test_the_loss_is_of_hidden_cells_alone():
    y, z = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]), np.array([[3.0, 9.0, 4.0], [5.0, 5.0, 5.0]])
    mask = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    loss = ErrorOfHidden().per_row(jnp.asarray(y), jnp.concatenate([jnp.asarray(z), mask], axis=1))
    np.testing.assert_allclose(loss, [(4 + 1) / 2, 0])


def test_nothing_is_hidden_from_who_asks(fitted):
    relu = [np.maximum(0, X @ fitted.coefs_[0] + fitted.intercepts_[0])]
    relu.append(np.maximum(0, relu[0] @ fitted.coefs_[1] + fitted.intercepts_[1]))
    np.testing.assert_allclose(fitted.transform(X), relu[1], rtol=1e-4, atol=1e-5)


def test_it_learns_what_columns_say_of_each_other():
    """Row 103."""
    rng = np.random.RandomState(0)
    codes = rng.randn(300, 1)
    table = codes @ rng.randn(1, 6)
    task = MaskedFeatures((32,), max_iter=150, early_stopping=True, n_iter_no_change=150, random_state=0).fit(table)
    assert task.history_["val_loss"][-1] < 0.5 * task.history_["val_loss"][0]


def test_files_keep_it(fitted, tmp_path):
    fitted.save(tmp_path / "task.lamina")
    copy = lamina.load(tmp_path / "task.lamina")
    np.testing.assert_array_equal(copy.transform(X), fitted.transform(X))


def test_another_rate_compiles_nothing(fitted, compiles):
    with compiles(at_most=0):
        MaskedFeatures((16, 8), rate=0.5, max_iter=20, random_state=1).fit(X)
