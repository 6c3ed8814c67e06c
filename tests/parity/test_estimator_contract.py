"""scikit-learn's whole estimator contract, without expected failures (row 122); so ensembles (109), autoencoders."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from lamina import Autoencoder, MLPClassifier, MLPRegressor

# Without bootstrap: its draws depend on the number of rows, so that row weights are not the same as repeated rows.
SEVERAL = {"n_members": 2, "max_iter": 40, "learning_rate_init": 0.01}
# Parametrized anew with a list: scikit-learn 1.8 passes a generator, which pytest 9 warns of.
ESTIMATORS = [
    *[MLPClassifier(), MLPRegressor(), MLPClassifier(**SEVERAL), MLPRegressor(**SEVERAL)],
    *[Autoencoder((5,), max_iter=5), Autoencoder((5, 2), max_iter=5, greedy=True, tied=True)],
]
CHECKS = parametrize_with_checks(ESTIMATORS)
NAMES, PAIRS = CHECKS.args


@pytest.mark.parametrize(NAMES, list(PAIRS), **CHECKS.kwargs)
@pytest.mark.filterwarnings("ignore")  # the checks fit for a few epochs on tiny data and so do not converge
def test_check_estimator(estimator, check):
    check(estimator)
