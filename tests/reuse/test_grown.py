"""Networks on top of given layers."""

import numpy as np
import pytest
from sklearn.base import clone

from lamina.errors import DataError
from lamina.layers import Dense, Residual
from lamina.neural_network.stochastic import rows_per_step
from lamina.reuse.grown import REUSED, GrownClassifier, GrownRegressor, is_hidden

X = np.random.RandomState(0).randn(40, 3)
Y = (X[:, 0] > 0).astype(int)


def trunk():
    """A dense layer and a residual block, with weights."""
    first, block = Dense(4, "tanh"), Residual([Dense(4, "tanh")])
    first.build((3,))
    block.build((4,))
    return first, block


def test_begins_with_the_given_weights():
    """Row 94: layers inside of layers too; the given ones stay as they were."""
    given = trunk()
    before = [array.copy() for layer in given for array in layer.get_weights()]
    net = GrownClassifier(trunk=given, n_frozen=2, hidden_layer_sizes=(), max_iter=2, random_state=0).fit(X, Y)
    after = [array for layer in net.model_.layers[:2] for array in layer.get_weights()]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    hidden = np.tanh(X @ before[0] + before[1])
    expected = hidden + np.tanh(hidden @ before[2] + before[3])
    np.testing.assert_allclose(net.hidden_activations(X), expected, rtol=1e-12)
    net.set_params(n_frozen=0).fit(X, Y)
    assert not np.array_equal(net.model_.layers[1].get_weights()[0], before[2])
    assert all(np.array_equal(a, b) for a, b in zip(before, [w for layer in given for w in layer.get_weights()]))
    assert [name for name, _ in net.model_.named_layers][:2] == [f"{REUSED}dense", f"{REUSED}residual"]


def test_layer_decay():
    """Row 99: from the top one down."""
    given = trunk()
    assert all(map(is_hidden, given))
    layers = [layer for _, layer in GrownRegressor(trunk=given, layer_decay=0.5)._layers(1)]
    assert [layer.learning_rate_multiplier for layer in layers[:2]] == [0.25, 0.5]
    assert not any(layer.learning_rate_multiplier in (0.25, 0.5) for layer in [*layers[2:], *given])


def test_known_outputs():
    """Row 95: some columns of the output begin as given."""
    known = (np.ones((4, 1)), np.array([5.0]), np.array([1]))
    settings = {"hidden_layer_sizes": (), "max_iter": 1, "learning_rate_init": 1e-12, "random_state": 0}
    net = GrownClassifier(classes=np.arange(3), trunk=trunk(), known_outputs=known, **settings).fit(X, Y)
    assert net.classes_.tolist() == [0, 1, 2]  # of which y has two
    np.testing.assert_allclose(net.coefs_[-1][:, 1], 1, atol=1e-9)
    assert not np.allclose(net.coefs_[-1][:, 0], 1)
    np.testing.assert_allclose(net.intercepts_[-1][1], 5)


def test_batches_of_few_rows(recwarn):
    """``auto_batch`` is the number that "auto" stands for; fewer where rows are fewer, and no reason to warn."""
    net = GrownRegressor(trunk=trunk(), auto_batch=4, max_iter=1)
    assert [rows_per_step(net, n_rows) for n_rows in (40, 3)] == [4, 3]
    assert rows_per_step(net.set_params(batch_size=10), 40) == 10
    net.set_params(batch_size="auto").fit(X[:3], X[:3, 0])
    assert not recwarn.list


def test_clone_and_missing_weights():
    net = clone(GrownRegressor(trunk=trunk(), layer_decay=0.5))
    assert net.layer_decay == 0.5
    with pytest.raises(DataError, match="Give the source again"):
        GrownRegressor(trunk=[Dense(3)]).fit(X, X[:, 0])
