"""Programs of stacked weights: against the programs of single networks."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from lamina import MLPClassifier
from lamina.engine.ensemble import before_link, ensemble_program_for
from lamina.engine.predict import predict
from lamina.engine.program import program_for
from lamina.neural_network.network import stacked

X = np.random.RandomState(0).randn(60, 4)


@pytest.fixture(scope="module")
def networks():
    shape = {"hidden_layer_sizes": (5,), "normalization": "batch", "max_iter": 1, "tol": 10, "n_iter_no_change": 1}
    return [MLPClassifier(**shape, random_state=seed).fit(X, np.arange(60) % 3) for seed in range(3)]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("n_rows", [1, 7, 9000])
def test_outputs_are_means(networks, n_rows):
    """Row 109: for one row, a few, and more than one dispatch or block takes."""
    plan = networks[0]._plan()
    rows = np.random.RandomState(1).randn(n_rows, 4)
    weights = stacked([network._weights() for network in networks])
    program, alone = ensemble_program_for(plan), program_for(plan)
    found = predict(program.predict, program, *weights, rows)
    each = [predict(alone.predict, alone, *network._weights(), rows) for network in networks]
    np.testing.assert_allclose(found, np.mean(each, axis=0), rtol=1e-12)


def test_equal_plans_share_a_program(networks):
    assert ensemble_program_for(networks[0]._plan()) is ensemble_program_for(networks[1]._plan())


@pytest.mark.parametrize(
    ("name", "link"),
    [("identity", lambda z: z), ("exp", np.exp), ("logistic", expit), ("softmax", lambda z: softmax(z, axis=1))],
)
def test_links_are_undone(name, link):
    outputs = link(np.array([[-3.0, 0.5, 2.0]]))
    np.testing.assert_allclose(link(np.asarray(before_link(name, outputs))), outputs, rtol=1e-6)  # float32


@pytest.mark.parametrize("name", ["exp", "logistic", "softmax"])
def test_certainty_is_finite(name):
    assert np.isfinite(before_link(name, np.array([[0.0, 1.0]], np.float32))).all()
