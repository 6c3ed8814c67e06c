"""Learning and validation curves whose networks are trained together."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import model_selection
from sklearn.model_selection._validation import _translate_train_sizes
from sklearn.utils import check_random_state

from lamina.search.folds import Folds
from lamina.search.trained_copies import TrainedCopies, can_train_together, in_order, split_rows
from lamina.search.wrapping import in_population, with_parameters


def learning_curve(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    train_sizes: Any = np.linspace(0.1, 1.0, 5),  # noqa: B008 (scikit-learn's own default, which nothing changes)
    cv: Any = None,
    scoring: Any = None,
    exploit_incremental_learning: bool = False,
    n_jobs: int | None = None,
    pre_dispatch: int | str = "all",
    verbose: int = 0,
    shuffle: bool = False,
    random_state: Any = None,
    error_score: Any = np.nan,
    return_times: bool = False,
    params: dict[str, Any] | None = None,
) -> tuple[np.ndarray, ...]:
    """Scores by the number of training rows; all sizes and folds are trained together.

    Parameters and results are those of :func:`sklearn.model_selection.learning_curve`, which also does all the scoring.

    Parameters
    ----------
    estimator, X, y, groups, scoring, cv, n_jobs, pre_dispatch, verbose, params
        As in :func:`cross_validate`; one score.
    train_sizes : array-like of shape (n_sizes,), default=(0.1, 0.325, 0.55, 0.775, 1.0)
        Numbers of rows, or shares of those of the first fold.
    exploit_incremental_learning : bool, default=False
        Whether scikit-learn goes on from size to size by `partial_fit`, without a population.
    shuffle : bool, default=False
        Whether the rows of each size are drawn at random instead of from the top.
    random_state : int, RandomState or None, default=None
        Of that order.
    error_score : "raise" or number, default=nan
        The score where training failed.
    return_times : bool, default=False
        Whether the result has the times.

    Returns
    -------
    train_sizes : ndarray of shape (n_sizes,)
        Numbers of rows, without duplicates.
    train_scores, test_scores : ndarray of shape (n_sizes, n_folds)
        Scores of the rows trained on and of the fold's other rows.
    fit_times, score_times : ndarray of shape (n_sizes, n_folds)
        Seconds, if asked for; of the fits, the shares of what all took together.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((8,), learning_rate_init=0.1, tol=0.01, random_state=0)
    >>> sizes, train, test = learning_curve(clf, X, y, train_sizes=[20, 100], cv=3, shuffle=True, random_state=0)
    >>> sizes.tolist(), test.shape
    ([20, 100], (2, 3))
    """
    options = {
        "scoring": scoring,
        "n_jobs": n_jobs,
        "pre_dispatch": pre_dispatch,
        "verbose": verbose,
        "error_score": error_score,
        "return_times": return_times,
    }
    if exploit_incremental_learning or not can_train_together(estimator, y, params):
        return model_selection.learning_curve(
            estimator,
            X,
            y,
            groups=groups,
            train_sizes=train_sizes,
            cv=cv,
            exploit_incremental_learning=exploit_incremental_learning,
            shuffle=shuffle,
            random_state=random_state,
            params=params,
            **options,
        )
    X, y, splits = split_rows(estimator, X, y, cv, groups)
    sizes = _translate_train_sizes(train_sizes, len(splits[0][0]))
    if shuffle:
        rng = check_random_state(random_state)
        splits = [(rng.permutation(train), test) for train, test in splits]
    folds = Folds(estimator, X, y, params)
    copies = TrainedCopies(estimator, (folds.member(train[:size]) for train, _ in splits for size in sizes))
    with in_order():
        result = model_selection.learning_curve(copies.estimator, X, y, train_sizes=sizes, cv=splits, **options)
    if not return_times:
        return result
    return *result[:3], copies.seconds.reshape(-1, len(sizes)).T, result[4]


def validation_curve(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    param_name: str,
    param_range: Any,
    groups: Any = None,
    cv: Any = None,
    scoring: Any = None,
    n_jobs: int | None = None,
    pre_dispatch: int | str = "all",
    verbose: int = 0,
    error_score: Any = np.nan,
    params: dict[str, Any] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Scores by the value of a parameter; all values and folds are trained together.

    Parameters and results are those of :func:`sklearn.model_selection.validation_curve`, which also does all the
    scoring. For the number of epochs, :func:`epoch_curve` needs a single training per fold.

    Parameters
    ----------
    estimator, X, y, groups, scoring, cv, n_jobs, pre_dispatch, verbose, params
        As in :func:`cross_validate`; one score.
    param_name : str
        The parameter; of a step of a pipeline, ``"step__name"``. Values of the steps before the network are shared by
        the folds' members, not fitted again for each.
    param_range : array-like of shape (n_values,)
        Its values. What belongs to the architecture (widths, activation, solver) makes populations of its own.
    error_score : "raise" or number, default=nan
        The score where training failed.

    Returns
    -------
    train_scores, test_scores : ndarray of shape (n_values, n_folds)
        Scores of the rows trained on and of the fold's other rows.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((8,), learning_rate_init=0.1, tol=0.01, random_state=0)
    >>> train, test = validation_curve(clf, X, y, param_name="alpha", param_range=[0.001, 1000], cv=3)
    >>> bool(test[0].mean() > test[1].mean())
    True
    """
    options = {
        "param_name": param_name,
        "param_range": param_range,
        "scoring": scoring,
        "n_jobs": n_jobs,
        "pre_dispatch": pre_dispatch,
        "verbose": verbose,
        "error_score": error_score,
    }
    if not (
        can_train_together(estimator, y, params)
        and all(in_population(with_parameters(estimator, {param_name: value})) for value in param_range)
    ):
        return model_selection.validation_curve(estimator, X, y, groups=groups, cv=cv, params=params, **options)
    X, y, splits = split_rows(estimator, X, y, cv, groups)
    folds = Folds(estimator, X, y, params)
    members = (folds.member(train, {param_name: value}) for train, _ in splits for value in param_range)
    with in_order():
        return model_selection.validation_curve(TrainedCopies(estimator, members).estimator, X, y, cv=splits, **options)
