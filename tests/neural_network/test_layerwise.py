"""One hidden layer after the other."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lamina import Autoencoder
from lamina.callbacks import Callback
from lamina.neural_network import stochastic

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = (load_digits().data / 16)[:200]
GREEDY = {"greedy": True, "max_iter": 4, "random_state": 0, "hidden_layer_sizes": (12, 5)}


def phases(ae):
    names, first = np.unique(ae.history_["phase"], return_index=True)
    return [str(name) for name in names[np.argsort(first)]]


@pytest.mark.parametrize(
    "others",
    [{}, {"tied": True, "normalization": "batch", "noise": "gaussian"}, {"solver": "lbfgs", "activation": "tanh"}],
)
def test_phases_are_named(others):
    """Row 102."""
    ae = Autoencoder(**GREEDY, **others).fit(X)
    assert phases(ae) == ["layer 1", "layer 2", "all layers"]
    assert len(ae.history_["epoch"]) == 12
    assert np.isfinite(ae.history_["loss"]).all()


def test_a_layer_learns_as_an_autoencoder_of_its_own():
    """Row 102: the first layer's losses are those of a one-layer autoencoder that starts from the same weights."""
    parameters = {**GREEDY, "hidden_layer_sizes": (20, 5), "activation": "tanh", "shuffle": False}
    start = Autoencoder(**parameters)
    start._prepare(X, None)
    alone = Autoencoder(**{**parameters, "hidden_layer_sizes": (20,), "greedy": False, "warm_start": True})
    alone._prepare(X, None)
    alone.coefs_, alone.intercepts_ = start.coefs_[::3], start.intercepts_[::3]
    alone.fit(X)
    seen = {}

    class Watch(Callback):
        def on_train_begin(self, logs=None):
            seen["coefs"] = list(self.model.coefs_)

    ae = Autoencoder(**parameters).fit(X, callbacks=[Watch()])
    np.testing.assert_allclose(ae.history_["loss"][:4], alone.history_["loss"], rtol=1e-10)  # float64
    for learned, expected in zip(seen["coefs"][::3], alone.coefs_, strict=True):
        np.testing.assert_allclose(learned, expected, rtol=1e-8)


def test_held_out_rows_stay_held_out(monkeypatch):
    """Row 102: all phases are judged on the same rows, which no layer has been trained on."""
    seen = []
    hold_out = stochastic.hold_out
    monkeypatch.setattr(stochastic, "hold_out", lambda *a, **k: seen.append(1) or hold_out(*a, **k))
    ae = Autoencoder(**GREEDY, early_stopping=True).fit(X)
    assert len(seen) == 1
    assert np.isfinite(ae.history_["val_loss"]).all()


def test_an_interruption_ends_it_with_what_has_been_learned(monkeypatch):
    fit_loop, calls = stochastic.fit_loop, []

    def interrupted(task, max_epochs):
        calls.append(1)
        return fit_loop(task, max_epochs)[0], len(calls) == 2

    monkeypatch.setattr(stochastic, "fit_loop", interrupted)
    with pytest.warns(UserWarning, match="interrupted"):
        ae = Autoencoder(**GREEDY).fit(X)
    assert ae.interrupted_
    assert phases(ae) == ["layer 1", "layer 2"]
    assert ae.transform(X).shape == (200, 5)


def test_phases_share_the_time(monkeypatch):
    given = []
    monkeypatch.setattr("lamina.neural_network.layerwise.time.perf_counter", lambda: 0.0)
    monkeypatch.setattr("lamina.neural_network.base.TimeBudget", lambda seconds: given.append(seconds) or Callback())
    Autoencoder(**GREEDY, time_budget=6).fit(X)
    assert given == [2.0, 3.0, 6.0]


def test_going_on_trains_all_layers():
    ae = Autoencoder(**GREEDY).fit(X)
    ae.set_params(warm_start=True).fit(X)
    assert len(ae.history_["epoch"]) == 16
    assert phases(ae)[-1] == "all layers"
