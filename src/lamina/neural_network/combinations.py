"""Parameters that do not go together: refused, or warned of where one technique breaks another's assumption."""

from __future__ import annotations

import warnings

from lamina.errors import InvalidParameter
from lamina.neural_network.architecture import hidden_activations, per_hidden_layer
from lamina.optimizers import Optimizer

#: what changes single steps, for solvers that take steps
OF_STEPS = ("weight_decay", "clipnorm", "clipvalue", "ema")


def check_combination(estimator) -> None:
    """Raise for what cannot work together, and warn of what should not."""
    if estimator.solver == "lbfgs":
        _refuse_for_lbfgs(estimator)
    elif isinstance(estimator.solver, Optimizer):
        _refuse_beside_an_optimizer(estimator)
    if "selu" in hidden_activations(estimator):
        _warn_for_selu(estimator)
    if estimator.normalization == "batch" and estimator.batch_size == 1:
        _warn("Batch normalisation of a single row has no variance. Use a batch_size of 16 or more.")


def _refuse_for_lbfgs(estimator) -> None:
    """L-BFGS needs one objective, the same for the same weights, and takes its steps by itself."""
    changing = 'normalization="batch"' if estimator.normalization == "batch" else None
    if estimator.input_dropout or any(per_hidden_layer(estimator, "dropout")):
        changing = "dropout"
    if changing is not None:
        raise InvalidParameter(
            f'solver="lbfgs" needs the same loss for the same weights, which {changing} denies it. Use another solver, '
            f"such as adam, or leave {changing} out."
        )
    for name in ("max_norm", *OF_STEPS):
        if getattr(estimator, name) is not None:
            raise InvalidParameter(f'solver="lbfgs" has no use for {name}. Use another solver, such as adam, or alpha.')


def _refuse_beside_an_optimizer(estimator) -> None:
    """An optimizer object brings its own numbers."""
    given = [name for name in OF_STEPS if getattr(estimator, name) is not None]
    given += ["learning_rate"] if estimator.learning_rate != "constant" else []
    if given:
        raise InvalidParameter(
            f"solver={estimator.solver!r} brings its own numbers; received {' and '.join(given)} too. Give them to the "
            "optimizer, or name the solver by a string."
        )


def _warn_for_selu(estimator) -> None:
    """SELU keeps mean 0 and variance 1 under conditions."""
    if estimator.normalization == "batch":
        _warn("SELU keeps its own mean and variance; batch normalisation undoes that. Use one of the two.")
    if estimator.kernel_initializer not in (None, "auto", "lecun_normal", "LecunNormal"):
        _warn(
            "SELU is self-normalising with LeCun's normal initialisation only. "
            f'Received kernel_initializer={estimator.kernel_initializer!r}; "auto" picks the right one.'
        )


def _warn(sentence: str) -> None:
    warnings.warn(sentence, UserWarning, stacklevel=7)
