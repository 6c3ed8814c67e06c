"""scikit-learn's whole estimator contract, without expected failures (row 122); so ensembles (109), autoencoders."""

import numpy as np
import pytest
from sklearn.utils import check_array
from sklearn.utils.estimator_checks import parametrize_with_checks

from lamina import Autoencoder, MLPClassifier, MLPRegressor, Sequential
from lamina.layers import Dense
from lamina.reuse import FineTuneClassifier, FineTuneRegressor, PairNetwork
from lamina.reuse.source import open_source


def source_for(X):
    """A network of random weights for rows as wide as these: the checks have rows of all widths."""
    model = Sequential([Dense(8, "relu"), Dense(6, "relu"), Dense(7)], dtype="float64")
    model.build((None, check_array(X, accept_sparse=True, ensure_all_finite=False).shape[1]))
    rng = np.random.RandomState(0)
    model.set_weights([rng.randn(*array.shape) / 3 for array in model.get_weights()])
    return open_source(model)


class AnyWidthClassifier(FineTuneClassifier):
    def _open_source(self, X):
        return source_for(X)


class AnyWidthRegressor(FineTuneRegressor):
    def _open_source(self, X):
        return source_for(X)


# Without bootstrap: its draws depend on the number of rows, so that row weights are not the same as repeated rows.
SEVERAL = {"n_members": 2, "max_iter": 40, "learning_rate_init": 0.01}
# Parametrized anew with a list: scikit-learn 1.8 passes a generator, which pytest 9 warns of.
PAIRS_OF_ROWS = PairNetwork(n_pairs=200, max_iter=20)
# All rows in a step: in smaller batches, rows with a weight are not the same as repeated rows.
TUNING = {"n_reused": 1, "epochs": 40, "learning_rate": 0.02, "batch_size": 1000, "random_state": 0}
ESTIMATORS = [
    *[MLPClassifier(), MLPRegressor(), MLPClassifier(**SEVERAL), MLPRegressor(**SEVERAL), PAIRS_OF_ROWS],
    *[Autoencoder((5,), max_iter=5), Autoencoder((5, 2), max_iter=5, greedy=True, tied=True)],
    *[AnyWidthClassifier(**TUNING), AnyWidthRegressor(**TUNING)],
]
CHECKS = parametrize_with_checks(ESTIMATORS)
NAMES, PAIRS = CHECKS.args


@pytest.mark.parametrize(NAMES, list(PAIRS), **CHECKS.kwargs)
@pytest.mark.filterwarnings("ignore")  # the checks fit for a few epochs on tiny data and so do not converge
def test_check_estimator(estimator, check):
    check(estimator)
