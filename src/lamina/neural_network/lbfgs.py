"""The L-BFGS solver: SciPy's, on the compiled loss and gradient."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence

import jax
import numpy as np
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning

from lamina.callbacks.base import Callback
from lamina.engine.history import History
from lamina.engine.loop import to_device
from lamina.engine.precision import precision, weight_dtype
from lamina.engine.program import program_for
from lamina.neural_network.divergence import diverged


def fit_lbfgs(
    estimator,
    X: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray | None,
    validation: tuple | None,
    callbacks: Sequence[Callback],
) -> None:
    """Minimise the full-batch loss; sets weights, ``loss_``, ``n_iter_`` and the history of iterations."""
    if not hasattr(estimator, "history_"):  # weights were set by hand, without a fit
        estimator.history_ = History()
    plan = estimator._plan()
    program, data = program_for(plan), to_device(plan, X, targets, weight)
    valid = None if validation is None else to_device(plan, *validation)
    params, state = estimator._weights()
    # scikit-learn packs all weight matrices first, then all biases
    leaves = [(name, key) for key in ("kernel", "bias") for name in params]
    shapes = [params[name][key].shape for name, key in leaves]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    dtype = np.dtype(weight_dtype(plan.dtype))
    alpha = dtype.type(estimator.alpha)

    def unpack(packed):
        pieces = np.split(packed.astype(dtype), ends[:-1])
        tree: dict = {name: {} for name in params}
        for (name, key), piece, shape in zip(leaves, pieces, shapes):
            tree[name][key] = piece.reshape(shape)
        return tree

    def objective(packed):
        with precision(plan.dtype):
            loss, grads = program.loss_and_grad(unpack(packed), state, data, np.int32(len(X)), {"alpha": alpha})
        return float(loss), np.concatenate([np.asarray(grads[n][k], np.float64).ravel() for n, k in leaves])

    ended = time.perf_counter()

    def after_iteration(intermediate_result):
        nonlocal ended
        logs = {"loss": float(intermediate_result.fun)}
        if valid is not None:
            with precision(plan.dtype):
                scores = program.evaluate(unpack(intermediate_result.x), state, valid)
            logs["val_loss"], logs["val_score"] = np.asarray(scores).tolist()
        before, ended = ended, time.perf_counter()
        estimator.history_.append(**logs, seconds=ended - before)
        epoch = len(estimator.history_["epoch"])
        if estimator.verbose:
            print(f"Iteration {epoch}, loss = {intermediate_result.fun:.8f}")
        for callback in callbacks:
            callback.on_epoch_end(epoch, logs | {"seconds": ended - before})

    info = {"n_samples": len(X), "max_epochs": estimator.max_iter, "n_parameters": int(ends[-1])}
    for callback in callbacks:
        callback.on_fit_begin(info)
    start = np.concatenate([np.asarray(params[n][k], np.float64).ravel() for n, k in leaves])
    result = scipy.optimize.minimize(
        objective,
        start,
        method="L-BFGS-B",
        jac=True,
        callback=after_iteration,
        options={"maxfun": estimator.max_fun, "maxiter": estimator.max_iter, "gtol": estimator.tol},
    )
    estimator.n_iter_ = min(result.nit, estimator.max_iter)
    estimator.loss_ = float(result.fun)
    estimator.stop_reason_ = estimator.history_.stop_reason = str(result.message)
    for callback in callbacks:
        callback.on_fit_end({"stop_reason": estimator.stop_reason_})
    weights = unpack(result.x)
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(weights)):
        raise diverged(estimator, estimator.history_["loss"])
    estimator._set_weights(weights)
    if result.status != 0:
        warnings.warn(
            f"lbfgs failed to converge after {estimator.n_iter_} iteration(s) (status={result.status}): "
            f"{result.message}. Increase the number of iterations (max_iter={estimator.max_iter}, "
            f"max_fun={estimator.max_fun}) or scale the inputs (sklearn.preprocessing.StandardScaler).",
            ConvergenceWarning,
            stacklevel=4,
        )
