"""Learning and validation curves by populations against scikit-learn's functions over the same estimators."""

import numpy as np
import pytest
from sklearn import model_selection
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from lamina import MLPClassifier
from lamina.search import learning_curve, validation_curve

X, Y = load_iris(return_X_y=True)
ORDER = np.random.RandomState(0).permutation(150)
X, Y = X[ORDER], Y[ORDER]
GROUPS, WEIGHTS = np.arange(150) % 4, np.linspace(1, 2, 150)
NET = MLPClassifier((4,), learning_rate_init=0.1, max_iter=2, batch_size=10, random_state=0)
PIPE = Pipeline([("scale", StandardScaler()), ("net", NET)])

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def equal(ours, theirs):
    assert len(ours) == len(theirs)
    for array, other in zip(ours, theirs):
        np.testing.assert_allclose(array, other, rtol=1e-9)  # a sum in another order changes the last bits


@pytest.mark.parametrize(
    ("estimator", "options"),
    [
        (NET, {"train_sizes": [20, 60], "cv": 2, "scoring": "neg_log_loss"}),
        (NET, {"train_sizes": [0.5, 1.0], "cv": 2, "shuffle": True, "random_state": 3}),
        (PIPE, {"train_sizes": [30], "cv": GroupKFold(2), "groups": GROUPS, "scoring": "neg_log_loss"}),
        (NET, {"train_sizes": [30], "cv": 2, "params": {"sample_weight": WEIGHTS}, "scoring": "neg_log_loss"}),
        (NET, {"train_sizes": [20, 40], "cv": 2, "exploit_incremental_learning": True}),
        (DummyClassifier(), {"cv": 2}),
    ],
)
def test_learning_curves(estimator, options):
    """Row 141."""
    equal(learning_curve(estimator, X, Y, **options), model_selection.learning_curve(estimator, X, Y, **options))


def test_times():
    sizes, *_, fit_times, score_times = learning_curve(NET, X, Y, train_sizes=[20, 30, 40], cv=2, return_times=True)
    assert fit_times.shape == score_times.shape == (len(sizes), 2)
    assert (fit_times > 0).all()


def test_bad_sizes_fail_before_training(monkeypatch):
    monkeypatch.setattr("lamina.search.trained_copies.train_together", pytest.fail)
    with pytest.raises(ValueError, match="must be within"):
        learning_curve(NET, X, Y, train_sizes=[1000])


@pytest.mark.parametrize(
    ("estimator", "options"),
    [
        (NET, {"param_name": "alpha", "param_range": [0.01, 100], "cv": 2, "scoring": "neg_log_loss"}),
        (NET, {"param_name": "hidden_layer_sizes", "param_range": [(3,), (4, 4)], "cv": 2}),
        (PIPE, {"param_name": "scale__with_mean", "param_range": [True, False], "cv": GroupKFold(2), "groups": GROUPS}),
        (PIPE, {"param_name": "scale", "param_range": ["passthrough", StandardScaler()], "cv": 2}),
        (PIPE, {"param_name": "net", "param_range": [NET, MLPClassifier((2,), max_iter=1, random_state=1)], "cv": 2}),
        (PIPE, {"param_name": "net", "param_range": [NET, LogisticRegression()], "cv": 2}),
        (DummyClassifier(), {"param_name": "strategy", "param_range": ["prior", "uniform"], "cv": 2}),
    ],
)
def test_validation_curves(estimator, options):
    """Row 142."""
    if isinstance(estimator, DummyClassifier):
        estimator.set_params(random_state=0)
    equal(validation_curve(estimator, X, Y, **options), model_selection.validation_curve(estimator, X, Y, **options))


def test_a_value_that_cannot_be_trained():
    rates = {"param_name": "learning_rate_init", "param_range": [0.1, -1.0], "cv": 2}
    train, test = validation_curve(NET, X, Y, error_score=0.25, **rates)
    np.testing.assert_array_equal([train[1], test[1]], 0.25)
    with pytest.raises(ValueError, match="Invalid parameter 'alhpa'"):
        validation_curve(NET, X, Y, param_name="alhpa", param_range=[1])
