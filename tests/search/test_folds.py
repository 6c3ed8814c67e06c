"""From rows and parameters to jobs, and fitted wholes back."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted

from lamina import MLPClassifier
from lamina.search.folds import Folds, train_together

X, Y = load_iris(return_X_y=True)
NET = MLPClassifier((4,), learning_rate_init=0.1, max_iter=2, random_state=0)
PIPE = Pipeline([("scale", StandardScaler()), ("net", NET)])
EVEN, ODD = np.arange(0, 150, 2), np.arange(1, 150, 2)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_members_on_the_same_rows_share_them():
    folds = Folds(NET, X, Y, {"sample_weight": np.arange(150.0)})
    first, second = folds.member(EVEN, {"alpha": 1}).job, folds.member(EVEN.copy(), {"alpha": 2}).job
    assert first.X is second.X
    assert first.y is second.y
    assert first.sample_weight is second.sample_weight
    assert (first.estimator.alpha, second.estimator.alpha) == (1, 2)
    np.testing.assert_array_equal(first.sample_weight, EVEN)
    np.testing.assert_array_equal(folds.member(ODD).job.X, X[ODD])


def test_preprocessing_is_shared_where_it_is_the_same():
    folds = Folds(PIPE, X, Y)
    members = [
        folds.member(EVEN, {"net__alpha": alpha, "scale__with_mean": mean})
        for alpha in (1, 2)
        for mean in (False, True)
    ]
    plain, centred, plain_again, centred_again = (member.job.X for member in members)
    assert plain is plain_again
    assert centred is centred_again
    np.testing.assert_allclose(centred, plain - plain.mean(axis=0))


def test_parameters_that_cannot_be_compared_are_not_shared():
    pipe = Pipeline([("f", FunctionTransformer()), ("net", NET)])
    folds = Folds(pipe, X, Y)
    doubled, tripled = (folds.member(EVEN, {"f__func": f}).job.X for f in (lambda x: 2 * x, lambda x: 3 * x))
    np.testing.assert_allclose(doubled / 2, tripled / 3)


def test_the_fitted_whole():
    """Rows of validation go through the steps that the training rows were used for."""
    frame = pd.DataFrame(X, columns=list("abcd"))
    member = Folds(PIPE, frame, Y).member(EVEN, test=ODD)
    alone = clone(PIPE).fit(frame.iloc[EVEN], Y[EVEN])
    np.testing.assert_allclose(member.job.validation_data[0], alone[:-1].transform(frame.iloc[ODD]))
    np.testing.assert_array_equal(member.job.validation_data[1], Y[ODD])
    train_together([member])
    whole = member.fitted()
    check_is_fitted(whole)
    np.testing.assert_allclose(whole.predict_proba(frame), alone.predict_proba(frame), rtol=1e-9)
    assert whole.feature_names_in_.tolist() == list("abcd")


def test_weights_reach_their_steps():
    weight = np.random.RandomState(0).uniform(1, 3, 150)
    given = {"net__sample_weight": weight, "scale__sample_weight": weight}
    member = Folds(PIPE, X, Y, given).member(EVEN)
    train_together([member])
    alone = clone(PIPE).fit(X[EVEN], Y[EVEN], **dict.fromkeys(given, weight[EVEN]))
    np.testing.assert_allclose(member.fitted().predict_proba(X), alone.predict_proba(X), rtol=1e-9)


def test_errors_wait_for_the_whole():
    broken = np.where(X > 7.8, np.nan, X)  # a single even row
    folds = Folds(NET, broken, Y)
    members = [folds.member(EVEN), folds.member(ODD)]
    train_together(members)
    failed = [member for member in members if member.error is not None]
    assert len(failed) == 1
    with pytest.raises(ValueError, match="NaN"):
        failed[0].fitted()


def test_errors_of_preprocessing_too():
    pipe = Pipeline([("f", FunctionTransformer(lambda rows: 1 / 0)), ("net", NET)])
    member = Folds(pipe, X, Y).member(EVEN)
    train_together([member])
    with pytest.raises(ZeroDivisionError):
        member.fitted()


def test_time_of_preprocessing_is_shared_out():
    folds = Folds(PIPE, X, Y)
    members = [folds.member(EVEN), folds.member(EVEN)]
    assert 0 < members[0].seconds == members[1].seconds
    assert sum(member.seconds for member in members) == pytest.approx(members[0].part.seconds)
