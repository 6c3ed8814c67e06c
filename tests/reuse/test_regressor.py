"""Fine-tuning a regressor: units of targets, outputs that are kept, losses."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

from lamina import MLPRegressor
from lamina.errors import DataError, DivergenceError
from lamina.reuse import FineTuneRegressor

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")

SOURCE = {"hidden_layer_sizes": (8,), "max_iter": 60, "learning_rate_init": 0.02, "random_state": 0}
UNTRAINED = {"frozen_epochs": 1, "epochs": 0, "frozen_learning_rate": 1e-12}


@pytest.fixture(scope="module")
def rows():
    """Targets far from 0 and from 1."""
    rng = np.random.RandomState(0)
    X = rng.randn(120, 4)
    return X, 5000 + 800 * X[:, 0] + 300 * np.abs(X[:, 1])


@pytest.fixture(scope="module")
def source(rows):
    """A network behind standardised targets."""
    return TransformedTargetRegressor(MLPRegressor(**SOURCE), transformer=StandardScaler()).fit(*rows)


def tuned(source, **changes):
    return FineTuneRegressor(source, **{"n_reused": 1, "random_state": 0} | changes)


def test_units(source, rows):
    """Row 98: predictions and `score` are in the units of y; losses are in those that the network is trained on."""
    X, y = rows
    net = tuned(source, **UNTRAINED).fit(X, y, validation_data=(X, y))
    np.testing.assert_allclose(net.predict(X), source.predict(X), rtol=1e-8)
    assert net.score(X, y) == pytest.approx(r2_score(y, source.predict(X)))
    loss, score = net.evaluate(X, y)
    assert loss == pytest.approx(np.mean((y - source.predict(X)) ** 2) / 2 / source.transformer_.var_[0])
    assert score == pytest.approx(net.score(X, y))
    np.testing.assert_allclose(net.history_["val_loss"], loss, rtol=1e-6)


def test_learns_another_task(source, rows):
    """Row 94: a dozen rows of a shifted task."""
    X, y = rows
    few = slice(0, 12)
    net = tuned(source, learning_rate=0.01).fit(X[few], y[few] + 400)
    assert net.score(X, y + 400) > source.score(X, y + 400) + 0.05
    assert net.history_["phase"].tolist() == ["frozen"] * 4 + ["fine-tuning"] * 16


def test_heads(source, rows):
    """A drawn output is another one than the source's."""
    X, y = rows
    kept = tuned(source, head="keep", **UNTRAINED).fit(X, y)
    drawn = tuned(source, head="new", **UNTRAINED).fit(X, y)
    np.testing.assert_allclose(kept.predict(X), source.predict(X), rtol=1e-8)
    assert np.abs(drawn.predict(X) - source.predict(X)).max() > 100
    with pytest.raises(DataError, match=r'needs an output for 1 columns of y.*all its 1 hidden layers. Use head="new"'):
        tuned(source, head="keep", new_hidden=3).fit(X, y)


def test_several_targets(rows):
    X, y = rows
    Y = np.stack([y, -2 * y], axis=1)
    source = TransformedTargetRegressor(MLPRegressor(**SOURCE), transformer=StandardScaler()).fit(X, Y)
    np.testing.assert_allclose(tuned(source, **UNTRAINED).fit(X, Y).predict(X), source.predict(X), rtol=1e-8)
    with pytest.raises(DataError, match=r"through StandardScaler, are 2 columns, but y has 1. .*source.regressor_"):
        tuned(source).fit(X, y)
    assert tuned(source.regressor_, epochs=1).fit(X, y / y.max()).predict(X).shape == (120,)


def test_poisson(rows):
    """The output is kept behind the same activation only: the exponential of counts is not the identity."""
    X, _ = rows
    counts = np.random.RandomState(0).poisson(np.exp(X[:, 0]))
    source = MLPRegressor(loss="poisson", **SOURCE).fit(X, counts)
    same = tuned(source, loss="poisson", **UNTRAINED).fit(X, counts)
    np.testing.assert_allclose(same.predict(X), source.predict(X), rtol=1e-8)
    other = tuned(source, **UNTRAINED).fit(X, counts)
    assert other.network_.known_outputs is None


def test_choice(source, rows):
    """Row 98: numbers are folded without classes; one given split decides by itself."""
    X, y = rows
    split = [(np.arange(0, 60), np.arange(60, 120))]
    net = tuned(source, n_reused="auto", epochs=1, cv=split).fit(X, y)
    assert net.choice_["n_reused"].tolist() == [0, 1, 1]
    assert (net.n_reused_, net.n_frozen_) == (1, 0) or net.choice_["mean_loss"].min() < net.choice_["mean_loss"][1]


def test_divergence(source, rows):
    """Which phase and which rate; what was learned before stays."""
    X, y = rows
    net = tuned(source, solver="sgd", learning_rate=1e30, frozen_learning_rate=0.01)
    message = r'In the phase "fine-tuning": Training diverged in epoch \d.*smaller learning_rate \(now 1e\+30\)'
    with pytest.raises(DivergenceError, match=message):
        net.fit(X, y)
    assert np.isfinite(net.predict(X)).all()
    assert set(net.history_["phase"]) == {"frozen", "fine-tuning"}
    with pytest.raises(DivergenceError, match=r"smaller frozen_learning_rate \(now 1e\+30\)"):
        net.set_params(frozen_learning_rate=1e30).fit(X, y)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_bad_targets(source, rows, bad):
    X, y = rows
    with pytest.raises(ValueError, match=r"Input y contains|Input X contains"):
        tuned(source).fit(X, np.r_[bad, y[1:]])
