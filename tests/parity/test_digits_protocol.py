"""Protocol D1: a three-layer network on digits, with scikit-learn's settings and scikit-learn's numbers."""

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.datasets import load_digits
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import lamina

SETTINGS = {
    "hidden_layer_sizes": (256, 128, 64),
    "activation": "relu",
    "solver": "adam",
    "alpha": 1e-3,
    "learning_rate": "adaptive",  # without effect on adam, in scikit-learn and here
    "learning_rate_init": 1e-3,
    "early_stopping": True,
    "validation_fraction": 0.1,
    "n_iter_no_change": 20,
    "max_iter": 500,
}
SUPPORT = [45, 46, 44, 46, 45, 46, 45, 45, 43, 45]
#: rows of 450 on the right side, by model seed; over the seeds 0 to 9 the mean accuracy is .9742 (sd .0037)
RIGHT = {42: 440, 0: 439, 1: 438}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=42)
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test), y_train, y_test


@pytest.mark.parametrize("seed", RIGHT)
def test_same_predictions_as_scikit_learn(digits, seed):
    """D1: 0.9778 with seed 42. About 45 epochs: inside the 50 in which sums of another order stay below 1e-9."""
    X_train, X_test, y_train, y_test = digits
    ours = lamina.MLPClassifier(**SETTINGS, random_state=seed).fit(X_train, y_train)
    with threadpool_limits(1):  # two threads that wait for a busy second core are 30 times slower
        theirs = neural_network.MLPClassifier(**SETTINGS, random_state=seed).fit(X_train, y_train)
        expected = theirs.predict(X_test)
    predicted = ours.predict(X_test)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    np.testing.assert_array_equal(predicted, expected)
    assert (predicted == y_test).sum() == RIGHT[seed]
    report = classification_report(y_test, predicted, output_dict=True)
    assert [report[str(k)]["support"] for k in range(10)] == SUPPORT
