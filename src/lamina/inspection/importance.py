"""Which inputs a fitted network's outputs depend on."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.checks import Name, check_value
from lamina.errors import DataError
from lamina.inspection.subject import no_network
from lamina.models import Sequential
from lamina.models.arrays import check_inputs
from lamina.neural_network.base import BaseMLP
from lamina.neural_network.inputs import dense_rows


def input_gradients(model: Any, X: Any, *, output: str = "all", times_deviation: bool = False) -> np.ndarray:
    """How steeply the outputs change with each input: the mean absolute gradient over the rows.

    ::

        importance_j = mean over rows n and outputs k of |d y_nk / d x_nj|     (times std_n x_nj)

    The outputs are those of `predict_proba`, of a regressor's `predict`, or of a model's `predict`; noise is off and
    batch normalisation is as in prediction. One compiled call, whatever the weights and the number of rows.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor or Sequential
        Fitted.
    X : array-like of shape (n_samples, ...)
        The rows to measure on, such as validation rows.
    output : {"all", "largest"}, default="all"
        The mean over all outputs, or only each row's largest output: the probability of the class that wins.
    times_deviation : bool, default=False
        Whether to multiply by the standard deviation of each column over the rows: by default a gradient is per unit
        of its column, so that columns of different units cannot be compared; with it all are in units of the output,
        and a column that never varies has none.

    Returns
    -------
    importance : ndarray of the shape of a row
        (n_features,) for tables; for images an image.

    Raises
    ------
    InvalidParameter
        If it is no network.
    DataError
        If there are no rows.

    Notes
    -----
    A gradient says what a small change of one input does where the rows lie; it is blind to a column that acts by a
    jump, to an `Embedding`, and to how well the network predicts. Permutation importance asks how much worse the score
    becomes without the column. scikit-learn's function takes the estimators, and a model with a score::

        from sklearn.inspection import permutation_importance
        permutation_importance(clf, X_valid, y_valid, n_repeats=10).importances_mean
        permutation_importance(model, X_valid, y_valid, scoring=lambda m, X, y: -m.evaluate(X, y, verbose=0))

    To select columns, ``SelectFromModel(clf)`` reads ``clf.feature_importances_``, these gradients on standard-normal
    rows; for columns that are not standardised, give it rows:
    ``SelectFromModel(clf, importance_getter=functools.partial(input_gradients, X=X, times_deviation=True))``.

    References
    ----------
    Simonyan, Vedaldi & Zisserman, Deep inside convolutional networks (2013); Breiman, Random forests (2001), for
    permutation importance.

    Examples
    --------
    Only the second column matters.

    >>> import numpy as np
    >>> from lamina import MLPRegressor
    >>> X = np.random.RandomState(0).randn(300, 3)
    >>> reg = MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", random_state=0).fit(X, 2 * X[:, 1])
    >>> input_gradients(reg, X).round(1).tolist()
    [0.0, 2.0, 0.0]
    """
    check_value("input_gradients", "output", output, Name(("all", "largest")))
    x = _rows(model, X)
    importance = model._sensitivity(x, output == "largest").mean(axis=0)
    return importance * dense_rows(x).std(axis=0) if times_deviation else importance


def _rows(model: Any, X: Any) -> Any:
    """Checked rows, at least one."""
    if isinstance(model, Sequential):
        x = check_inputs(model, X)
        if not len(x):
            raise DataError(f"There are no rows to measure on: X has the shape {x.shape}.")
        return x
    if isinstance(model, BaseMLP):
        return model._check_rows_fast(X)
    raise no_network(model)
