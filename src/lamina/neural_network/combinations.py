"""Parameters that do not go together."""

from __future__ import annotations

from lamina.errors import InvalidParameter
from lamina.neural_network.architecture import hidden_sizes, per_hidden_layer
from lamina.optimizers import Optimizer

#: what changes single steps, for solvers that take steps
OF_STEPS = ("weight_decay", "clipnorm", "clipvalue", "ema")


def check_combination(estimator) -> None:
    """Raise for what cannot work together; `lamina.models.assumptions` warns of what should not."""
    if isinstance(estimator.learning_rate_init, str) and callable(estimator.learning_rate):
        raise InvalidParameter(
            'learning_rate_init="find" finds a number, and learning_rate is a function, which does not use one. Leave '
            "one of them out; lamina.inspection.find_learning_rate only measures."
        )
    if estimator.n_members > 1:
        _refuse_for_several(estimator)
    elif estimator.bootstrap:
        raise InvalidParameter(
            "bootstrap=True draws rows for each of several networks, and n_members=1 is one. Give n_members=5, for "
            "example, or leave bootstrap out."
        )
    if estimator.pretrain is not None:
        _refuse_with_pretraining(estimator)
    if estimator.clipnorm is not None and estimator.clipvalue is not None:
        raise InvalidParameter(
            f"The gradient is clipped in one way only. Received clipnorm={estimator.clipnorm!r} and "
            f"clipvalue={estimator.clipvalue!r}. Leave out one of them."
        )
    if estimator.solver == "lbfgs":
        _refuse_for_lbfgs(estimator)
    elif isinstance(estimator.solver, Optimizer):
        _refuse_beside_an_optimizer(estimator)


def _refuse_for_lbfgs(estimator) -> None:
    """L-BFGS needs one objective, the same for the same weights, and takes its steps by itself."""
    changing = 'normalization="batch"' if estimator.normalization == "batch" else None
    if estimator.input_dropout or any(per_hidden_layer(estimator, "dropout")):
        changing = "dropout"
    if "rrelu" in per_hidden_layer(estimator, "activation"):
        changing = 'activation="rrelu"'
    if changing is not None:
        raise InvalidParameter(
            f'solver="lbfgs" needs the same loss for the same weights, which {changing} denies it. Use another solver, '
            f"such as adam, or leave {changing} out."
        )
    if isinstance(estimator.learning_rate_init, str):
        raise InvalidParameter(
            'solver="lbfgs" has no learning rate, so learning_rate_init="find" has nothing to find. Use a stochastic '
            "solver, such as adam, or leave it out."
        )
    for name in ("max_norm", *OF_STEPS):
        if getattr(estimator, name) is not None:
            raise InvalidParameter(f'solver="lbfgs" has no use for {name}. Use another solver, such as adam, or alpha.')


def _refuse_beside_an_optimizer(estimator) -> None:
    """An optimizer object brings its own numbers."""
    given = [name for name in OF_STEPS if getattr(estimator, name) is not None]
    given += ["learning_rate"] if estimator.learning_rate != "constant" else []
    given += ['learning_rate_init="find"'] if isinstance(estimator.learning_rate_init, str) else []
    if given:
        raise InvalidParameter(
            f"solver={estimator.solver!r} brings its own numbers; received {' and '.join(given)} too. Give them to the "
            "optimizer, or name the solver by a string."
        )


def _refuse_for_several(estimator) -> None:
    """An ensemble is trained once, from its own first weights, to the end of every member."""
    for name in ("warm_start", "time_budget"):
        if getattr(estimator, name):
            raise InvalidParameter(
                f"{name} is for a single network, and n_members={estimator.n_members} are trained side by side. Leave "
                "one of them out."
            )


def _refuse_with_pretraining(estimator) -> None:
    """It learns hidden layers, in a training of its own before those with labels."""
    if getattr(estimator.pretrain, "_needs_labels", False):
        raise InvalidParameter(
            f"pretrain={estimator.pretrain!r} learns from labels itself. Fit it first, and go on from its layers: "
            "lamina.reuse.FineTuneClassifier(source=fitted)."
        )
    if estimator.time_budget is not None:
        raise InvalidParameter(
            f"time_budget is for a single training, and pretrain={estimator.pretrain!r} makes several. Give it to the "
            "object that pretrains, such as pretrain=lamina.MaskedFeatures(time_budget=60), and set max_iter."
        )
    if not hidden_sizes(estimator):
        raise InvalidParameter(
            f"pretrain={estimator.pretrain!r} learns hidden layers, and hidden_layer_sizes has none. Give it a width, "
            "such as (100,), or leave pretrain out."
        )


def check_alone(**given) -> None:
    """Raise for what `fit` takes for a single network only."""
    for name, value in given.items():
        if value is not None:
            raise InvalidParameter(f"{name} is for a single network. Leave {name} out, or set n_members=1.")
