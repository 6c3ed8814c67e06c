"""Means of the predictions of networks of several splits."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from lamina import MLPRegressor
from lamina.errors import InvalidParameter
from lamina.search import CommitteeClassifier, CommitteeRegressor, PopulationSearchCV

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_search_refits_as_a_committee_of_the_folds(rows, net):
    """Row 109"""
    X, y = rows
    splits = StratifiedKFold(3)
    pipeline = make_pipeline(StandardScaler(), net)
    search = PopulationSearchCV(pipeline, {"mlpclassifier__alpha": [0.1, 0.5]}, cv=splits, refit="ensemble").fit(X, y)
    assert isinstance(search.best_estimator_, CommitteeClassifier)
    alone = [clone(pipeline).set_params(**search.best_params_).fit(X[rows], y[rows]) for rows, _ in splits.split(X, y)]
    mean = np.mean([member.predict_proba(X) for member in alone], axis=0)
    np.testing.assert_allclose(search.predict_proba(X), mean, atol=1e-6)
    assert (search.predict(X) == mean.argmax(axis=1)).all()
    assert search.n_features_in_ == 4
    assert len(search.best_estimator_.estimators_) == 3


def test_regressors(rows):
    X, y = rows[0][:, :3], rows[0][:, 3]
    net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0)
    committee = CommitteeRegressor(net, cv=KFold(2)).fit(X, y)
    halves = [clone(net).fit(X[rows], y[rows]).predict(X) for rows, _ in KFold(2).split(X)]
    np.testing.assert_allclose(committee.predict(X), np.mean(halves, axis=0), atol=1e-6)


def test_a_class_that_a_member_has_not_seen(rows, net):
    X, y = rows
    order = np.argsort(y, kind="stable")
    committee = CommitteeClassifier(net, cv=KFold(3)).fit(X[order], y[order])
    assert [len(member.classes_) for member in committee.estimators_] == [2, 2, 2]
    probability = committee.predict_proba(X)
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(
        probability[:, 0], np.sum([m.predict_proba(X)[:, 0] for m in committee.estimators_[1:]], axis=0) / 3, atol=1e-6
    )


def test_labels(rows, net):
    X, y = rows
    labels = np.column_stack([y == 0, y > 0]).astype(int)
    committee = CommitteeClassifier(net, cv=2).fit(X, labels)
    assert (committee.predict(X) == (committee.predict_proba(X) > 0.5)).all()
    assert committee.score(X, labels) >= 0


def test_other_estimators_and_weights(rows):
    weight = np.random.RandomState(0).uniform(0, 1, len(rows[1]))
    committee = CommitteeClassifier(LogisticRegression(max_iter=1000), cv=2).fit(*rows, sample_weight=weight)
    assert committee.score(*rows) > 0.9


def test_several_scores_are_refused(rows, net):
    search = PopulationSearchCV(net, {"alpha": [0.1]}, scoring=["accuracy", "r2"], refit="ensemble")
    with pytest.raises(InvalidParameter, match="CommitteeClassifier"):
        search.fit(*rows)


def test_classifiers_need_probabilities(rows, net):
    with pytest.raises(ValueError, match=r"'predict_proba'\. Got SVC"):
        CommitteeClassifier(SVC()).fit(*rows)
    with pytest.raises(ValueError, match=r"'predict_proba'\. Got SVC"):
        PopulationSearchCV(SVC(), {"C": [1.0]}, refit="ensemble").fit(*rows)
    with pytest.raises(ValueError, match="'cv' parameter of CommitteeClassifier"):
        CommitteeClassifier(net, cv=1).fit(*rows)


def test_an_error_of_a_member_is_raised(rows, net):
    with pytest.raises(InvalidParameter, match="alpha"):
        CommitteeClassifier(net.set_params(alpha=-1.0), cv=2).fit(*rows)
