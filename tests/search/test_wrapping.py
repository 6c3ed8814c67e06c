"""Networks inside pipelines and behind transformed targets."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier, MLPRegressor
from lamina.search.wrapping import in_population, network_of, path_of, rows_inside, with_network, with_parameters

NET = MLPClassifier((4,), learning_rate_init=0.1, max_iter=2, random_state=0)
PIPE = Pipeline([("scale", StandardScaler()), ("net", NET)])


class Quiet(MLPClassifier):
    """Nothing of its own."""


class Own(MLPClassifier):
    """A `fit` that a population would not call."""

    def fit(self, X, y):
        return super().fit(X, y)


class ManyRows(Pipeline):
    """A pipeline that may do more than scikit-learn's."""


@pytest.mark.parametrize(
    ("estimator", "params", "ours"),
    [
        (NET, (), True),
        (MLPRegressor(), ["sample_weight"], True),
        (PIPE, ["net__sample_weight", "scale__sample_weight"], True),
        (Quiet(), (), True),
        (NET, ["coefs_init"], False),
        (PIPE, ["net__coefs_init"], False),
        (NET, ["validation_data"], True),
        (Own(), (), False),
        (TransformedTargetRegressor(MLPRegressor()), ["sample_weight"], True),
        (TransformedTargetRegressor(), (), False),
        (ManyRows(PIPE.steps), (), True),
        (make_pipeline(NET), (), True),
        (LogisticRegression(), (), False),
        (make_pipeline(StandardScaler(), LogisticRegression()), (), False),
        (make_pipeline(StandardScaler(), "passthrough"), (), False),
    ],
)
def test_what_populations_train(estimator, params, ours):
    assert in_population(estimator, params) is ours


def test_a_copy_with_parameters():
    copy = with_parameters(PIPE, {"net__alpha": 3, "scale": "passthrough"})
    assert (copy["net"].alpha, copy["scale"]) == (3, "passthrough")
    assert PIPE["net"].alpha == 1e-4
    with pytest.raises(ValueError, match="Invalid parameter 'alhpa'"):
        with_parameters(NET, {"alhpa": 3})


def test_the_network_of_nested_estimators():
    net = MLPRegressor()
    inner = TransformedTargetRegressor(Pipeline([("scale", StandardScaler()), ("net", net)]))
    whole = Pipeline([("first", StandardScaler()), ("last", inner)])
    assert network_of(whole) is net
    assert path_of(whole) == "last__regressor__net"
    assert network_of(whole.set_params(**{path_of(whole): "another"})) == "another"
    assert path_of(net) == ""


def test_another_network_in_a_fitted_estimator(rows):
    X, y = rows
    inner = make_pipeline(StandardScaler(), LogisticRegression())
    fitted = make_pipeline(StandardScaler(with_std=False), inner).fit(X, y)
    twin = with_network(fitted, "another")
    assert network_of(twin) == "another"
    assert network_of(fitted) is not network_of(twin)
    assert twin[0] is fitted[0]
    np.testing.assert_allclose(rows_inside(fitted, X), (X - X.mean(axis=0)) / X.std(axis=0), atol=1e-12)
