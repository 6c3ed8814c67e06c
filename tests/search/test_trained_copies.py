"""Copies that are trained before scikit-learn calls their `fit`."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_iris
from sklearn.model_selection import GroupKFold

from lamina import MLPClassifier
from lamina.search.folds import Folds
from lamina.search.trained_copies import TrainedCopies, can_train_together, split_rows

X, Y = load_iris(return_X_y=True)
NET = MLPClassifier((4,), learning_rate_init=0.1, max_iter=2, random_state=0)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_copies_come_in_order_and_as_themselves():
    folds = Folds(NET, X, Y)
    copies = TrainedCopies(NET, (folds.member(np.arange(150), {"alpha": alpha}) for alpha in (1, 2)))
    assert is_classifier(copies.estimator)
    first, second = clone(copies.estimator), clone(copies.estimator)
    assert (first.alpha, second.alpha) == (1, 2)
    weights = first.coefs_[0]
    assert first.set_params(alpha=1).fit(X, Y) is first
    assert first.coefs_[0] is weights
    assert (copies.seconds > 0).all()


def test_afterwards_they_are_plain_estimators():
    copies = TrainedCopies(NET, [Folds(NET, X, Y).member(np.arange(150))])
    copy = clone(copies.estimator).fit(X, Y)
    assert "fit" not in vars(copy)
    assert clone(copy).set_params(alpha=5).alpha == 5
    assert copy.set_params(max_iter=1).fit(X, Y).n_iter_ == 1


def test_nothing_is_trained_before_the_first_copy():
    def members():
        raise ZeroDivisionError
        yield

    copies = TrainedCopies(NET, members())
    with pytest.raises(ZeroDivisionError):
        clone(copies.estimator)


def test_their_fit_raises_what_training_raised():
    copies = TrainedCopies(NET, [Folds(NET, X * np.nan, Y).member(np.arange(150))])
    copy = clone(copies.estimator)
    with pytest.raises(ValueError, match="NaN"):
        copy.fit(X, Y)


def test_what_is_left_to_scikit_learn():
    assert can_train_together(NET, Y, None)
    assert not can_train_together(NET, None, None)
    assert not can_train_together(NET, Y, {"intercepts_init": []})
    with config_context(enable_metadata_routing=True):
        assert not can_train_together(NET, Y, None)


def test_groups():
    groups = np.arange(150) % 5
    *_, splits = split_rows(NET, X, Y, GroupKFold(5), groups)
    assert [len(set(groups[test])) for _, test in splits] == [1] * 5
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        split_rows(NET, X, Y, GroupKFold(5), groups[:10])
