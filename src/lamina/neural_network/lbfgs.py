"""The L-BFGS solver: SciPy's, on the compiled loss and gradient."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import jax
import numpy as np
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning

from lamina.callbacks import Callback, CallbackList
from lamina.engine.history import History
from lamina.engine.loop import end_epoch, to_device
from lamina.engine.precision import precision, weight_dtype
from lamina.engine.program import program_for
from lamina.engine.run import split_frozen
from lamina.neural_network.divergence import diverged
from lamina.neural_network.scoring import measure
from lamina.neural_network.steps import layer_values, loss_values


class Packing:
    """Weights as one vector and back: all kernels first, then all biases, as scikit-learn packs them, then the rest.

    Those of frozen layers are no part of the vector.
    """

    def __init__(self, params: dict, dtype: np.dtype, frozen: Mapping[str, dict] = MappingProxyType({})) -> None:
        self.dtype, self.frozen = dtype, frozen
        self.names = tuple(params)
        keys = dict.fromkeys(["kernel", "bias", *(key for arrays in params.values() for key in arrays)])
        self.places = [(name, key) for key in keys for name in params if key in params[name]]
        self.shapes = [params[name][key].shape for name, key in self.places]
        self.ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])

    def pack(self, tree: dict) -> np.ndarray:
        """One float64 vector of all weights (or of all gradients)."""
        return np.concatenate([np.asarray(tree[name][key], np.float64).ravel() for name, key in self.places])

    def unpack(self, vector: np.ndarray) -> dict:
        """The tree of weights again, the frozen ones too."""
        tree: dict = {**self.frozen, **{name: {} for name in self.names}}
        pieces = np.split(vector.astype(self.dtype), self.ends[:-1])
        for (name, key), piece, shape in zip(self.places, pieces, self.shapes):
            tree[name][key] = piece.reshape(shape)
        return tree


def fit_lbfgs(
    estimator,
    X: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray | None,
    validation: tuple | None,
    callbacks: Sequence[Callback],
    max_iter: int | None = None,
) -> None:
    """Minimise the full-batch loss; sets weights, ``loss_``, ``n_iter_`` and the history of iterations.

    `max_iter` is the estimator's by default.

    Callbacks hear of every iteration as of an epoch. Ctrl-C ends the run with the weights of the last iteration.
    """
    if not hasattr(estimator, "history_"):  # weights were set by hand, without a fit
        estimator.history_ = History()
    plan = estimator._plan(frozen=estimator._frozen)
    program, data = program_for(plan), to_device(plan, X, targets, weight)
    valid = None if validation is None else to_device(plan, *validation)
    params, state = estimator._weights()
    frozen, free = split_frozen(plan, params)
    packing = Packing(free, np.dtype(weight_dtype(plan.dtype)), frozen)
    values = {name: getattr(estimator, name) for name in plan.penalties} | loss_values(estimator)
    values |= layer_values(estimator)
    hyper = {name: packing.dtype.type(value) for name, value in values.items()}

    def objective(packed):
        with precision(plan.dtype):
            loss, grads = program.loss_and_grad(packing.unpack(packed), state, data, np.int32(len(X)), hyper)
        return float(loss), packing.pack(grads)

    def after_iteration(intermediate_result):
        reached.update(x=intermediate_result.x.copy(), fun=float(intermediate_result.fun), nit=reached.nit + 1)
        now = time.perf_counter()
        logs = {"loss": reached.fun, "seconds": now - reached.at}
        reached.at = now
        if valid is not None:
            measured = measure(program, packing.unpack(reached.x), state, valid, hyper)
            logs |= {f"val_{name}": value for name, value in measured.items()}
        if estimator.verbose:
            print(f"Iteration {len(estimator.history_['epoch']) + 1}, loss = {reached.fun:.8f}")
        if not listeners.only_watches:
            estimator._set_weights(packing.unpack(reached.x), state)
        end_epoch(estimator.history_, listeners, logs)
        if listeners.stop_training:
            raise StopIteration  # SciPy's way to end early

    start = packing.pack(free)
    reached = scipy.optimize.OptimizeResult(x=start, fun=np.inf, nit=0, status=0, message="Interrupted by the user.")
    facts = {"n_samples": len(X), "epochs": max_iter or estimator.max_iter, "n_parameters": start.size}
    listeners = CallbackList(callbacks, estimator, facts)
    listeners.on_train_begin()
    reached.at, estimator.interrupted_ = time.perf_counter(), False
    try:
        result = scipy.optimize.minimize(
            objective,
            start,
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options={"maxfun": estimator.max_fun, "maxiter": max_iter or estimator.max_iter, "gtol": estimator.tol},
        )
    except KeyboardInterrupt:
        result, estimator.interrupted_ = reached, True
        warnings.warn("Training interrupted by user.", stacklevel=5)
    _take_back(estimator, result, packing.unpack(result.x), state, listeners)
    if result.status != 0 and not listeners.stop_training and max_iter is None:
        _warn_unconverged(estimator, result)


def _take_back(estimator, result, weights: dict, state: dict, listeners: CallbackList) -> None:
    """Write the result into the estimator's attributes; diverged weights are left out."""
    estimator.n_iter_ = min(result.nit, estimator.max_iter)
    estimator.loss_ = float(result.fun)
    estimator.stop_reason_ = estimator.history_.stop_reason = listeners.stop_reason or str(result.message)
    listeners.on_train_end({"stop_reason": estimator.stop_reason_})
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(weights)):
        raise diverged(estimator, estimator.history_["loss"])
    estimator._set_weights(weights, state)


def _warn_unconverged(estimator, result) -> None:
    """scikit-learn's warning, with what to do."""
    warnings.warn(
        f"lbfgs failed to converge after {estimator.n_iter_} iteration(s) (status={result.status}): "
        f"{result.message}. Increase the number of iterations (max_iter={estimator.max_iter}, "
        f"max_fun={estimator.max_fun}) or scale the inputs (sklearn.preprocessing.StandardScaler).",
        ConvergenceWarning,
        stacklevel=6,
    )
