"""Cross-validation whose folds are trained together."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import model_selection
from sklearn.preprocessing import LabelEncoder

from lamina.search.folds import Folds
from lamina.search.trained_copies import TrainedCopies, can_train_together, in_order, split_rows


def cross_validate(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: dict[str, Any] | None = None,
    pre_dispatch: int | str = "2*n_jobs",
    return_train_score: bool = False,
    return_estimator: bool = False,
    return_indices: bool = False,
    error_score: Any = np.nan,
) -> dict[str, Any]:
    """Scores of every fold; the networks of all folds are trained together.

    Parameters and results are those of :func:`sklearn.model_selection.cross_validate`, which also does all the scoring.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, or a pipeline that ends with one
        Copies of it are trained; the other steps of a pipeline see the training rows of their fold alone. Any other
        estimator is handed to scikit-learn.
    X, y : array-like
        The rows.
    groups : array-like of shape (n_samples,), optional
        For splitters that keep groups of rows together.
    scoring : str, callable, list, tuple or dict, optional
        One score or several; by default the estimator's own.
    cv : int, splitter or iterable of pairs of indices, optional
        The folds; five by default, stratified for a classifier.
    n_jobs, pre_dispatch
        For estimators that scikit-learn trains; a population has all cores.
    verbose : int, default=0
        As in scikit-learn; times in these lines are of the scoring alone.
    params : dict, optional
        What `fit` is given for the rows of the fold: ``{"sample_weight": w}``, for a step of a pipeline
        ``{"step__sample_weight": w}``.
    return_train_score, return_estimator, return_indices : bool, default=False
        Whether the result has scores of the training rows, the fitted estimators, the row numbers.
    error_score : "raise" or number, default=nan
        The score of a fold whose training failed.

    Returns
    -------
    dict of str to array
        ``test_score`` (or ``test_NAME`` for several) and what was asked for, each of length n_folds. ``fit_time`` is a
        fold's share of the seconds that all took together.

    Raises
    ------
    ValueError
        If all trainings fail, or one does and ``error_score="raise"``.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((8,), learning_rate_init=0.1, tol=0.01, random_state=0)
    >>> bool(cross_validate(clf, X, y, cv=3)["test_score"].min() > 0.8)
    True
    """
    options = {
        "scoring": scoring,
        "n_jobs": n_jobs,
        "verbose": verbose,
        "pre_dispatch": pre_dispatch,
        "return_train_score": return_train_score,
        "return_estimator": return_estimator,
        "return_indices": return_indices,
        "error_score": error_score,
    }
    if not can_train_together(estimator, y, params):
        return model_selection.cross_validate(estimator, X, y, groups=groups, cv=cv, params=params, **options)
    X, y, splits = split_rows(estimator, X, y, cv, groups)
    folds = Folds(estimator, X, y, params)
    copies = TrainedCopies(estimator, (folds.member(train) for train, _ in splits))
    with in_order():
        result = model_selection.cross_validate(copies.estimator, X, y, cv=splits, **options)
    return result | {"fit_time": copies.seconds}


def cross_val_predict(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: dict[str, Any] | None = None,
    pre_dispatch: int | str | None = "2*n_jobs",
    method: str = "predict",
) -> Any:
    """For every row, the prediction of the network that was trained without its fold; all are trained together.

    Parameters and results are those of :func:`sklearn.model_selection.cross_val_predict`.

    Parameters
    ----------
    estimator, X, y, groups, n_jobs, verbose, params, pre_dispatch
        As in :func:`cross_validate`.
    cv : int, splitter or iterable of pairs of indices, optional
        The folds, which must hold every row once; five by default, stratified for a classifier.
    method : {"predict", "predict_proba", "predict_log_proba"}, default="predict"
        What predicts.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_outputs)
        In the order of the rows.

    Raises
    ------
    ValueError
        If the folds are no partition of the rows, or a training fails.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((8,), learning_rate_init=0.1, tol=0.01, random_state=0)
    >>> cross_val_predict(clf, X, y, cv=3, method="predict_proba").shape
    (150, 3)
    """
    options = {"n_jobs": n_jobs, "verbose": verbose, "pre_dispatch": pre_dispatch, "method": method}
    if not can_train_together(estimator, y, params):
        return model_selection.cross_val_predict(estimator, X, y, groups=groups, cv=cv, params=params, **options)
    X, y, splits = split_rows(estimator, X, y, cv, groups)
    y = y if method == "predict" else _class_numbers(y)
    folds = Folds(estimator, X, y, params)
    copies = TrainedCopies(estimator, (folds.member(train) for train, _ in splits))
    with in_order():
        return model_selection.cross_val_predict(copies.estimator, X, y, cv=splits, **options)


def _class_numbers(y: Any) -> np.ndarray:
    """Targets as scikit-learn trains on them for probabilities: numbers of the classes, column by column."""
    y = np.asarray(y)
    if y.ndim == 1:
        return LabelEncoder().fit_transform(y)
    return np.column_stack([LabelEncoder().fit_transform(column) for column in y.T])
