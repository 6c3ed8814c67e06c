"""scikit-learn's whole estimator contract, without expected failures (FEATURES 122)."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from lamina import MLPClassifier, MLPRegressor


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
@pytest.mark.filterwarnings("ignore")  # the checks fit for a few epochs on tiny data and so do not converge
def test_check_estimator(estimator, check):
    check(estimator)
