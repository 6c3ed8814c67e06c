"""scikit-learn's whole estimator contract, without expected failures (row 122)."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from lamina import MLPClassifier, MLPRegressor

# Parametrized anew with a list: scikit-learn 1.8 passes a generator, which pytest 9 warns of.
CHECKS = parametrize_with_checks([MLPClassifier(), MLPRegressor()])
NAMES, PAIRS = CHECKS.args


@pytest.mark.parametrize(NAMES, list(PAIRS), **CHECKS.kwargs)
@pytest.mark.filterwarnings("ignore")  # the checks fit for a few epochs on tiny data and so do not converge
def test_check_estimator(estimator, check):
    check(estimator)
