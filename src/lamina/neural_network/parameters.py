"""What each parameter of an estimator may be."""

from __future__ import annotations

import numpy as np

from lamina.checks import Boolean, Callable_, Constraint, Is, Kind, Name, Number
from lamina.engine.precision import DTYPES
from lamina.initializers import INITIALIZERS, Initializer
from lamina.neural_network.architecture import ACTIVATION_NAMES, NORMALIZATIONS
from lamina.neural_network.pretraining import TASKS, Pretraining
from lamina.neural_network.steps import LEARNING_RATES, SGD_SOLVERS
from lamina.optimizers import OPTIMIZERS, Optimizer

_OPTIMIZER = Kind((Optimizer,), "an object of lamina.optimizers")
#: solvers that take steps, which noise does not disturb
STOCHASTIC: tuple[Constraint, ...] = (Name((*SGD_SOLVERS, *OPTIMIZERS)), _OPTIMIZER)

CONSTRAINTS: dict[str, tuple] = {
    "hidden_layer_sizes": (Number(1, whole=True), Kind((list, tuple, np.ndarray), "a sequence of widths")),
    "activation": (
        Name(ACTIVATION_NAMES),
        Callable_(),
        Kind((list, tuple), "a sequence of those, one per hidden layer"),
    ),
    "solver": (Name(("lbfgs", *SGD_SOLVERS, *OPTIMIZERS)), _OPTIMIZER),
    "alpha": (Number(0),),
    "batch_size": (Name(("auto",)), Number(1, whole=True)),
    "learning_rate": (Name(LEARNING_RATES), Callable_()),
    "learning_rate_init": (Number(0, open_low=True), Name(("find",))),
    "power_t": (Number(0),),
    "max_iter": (Number(1, whole=True),),
    "shuffle": (Boolean,),
    "random_state": (
        Is(None),
        Number(0, 2**32 - 1, whole=True),
        Kind((np.random.RandomState,), "a numpy.random.RandomState"),
    ),
    "tol": (Number(0),),
    "verbose": (Boolean, Number(0, whole=True)),
    "warm_start": (Boolean,),
    "momentum": (Number(0, 1),),
    "nesterovs_momentum": (Boolean,),
    "early_stopping": (Boolean,),
    "validation_fraction": (Number(0, 1, open_high=True),),
    "beta_1": (Number(0, 1, open_high=True),),
    "beta_2": (Number(0, 1, open_high=True),),
    "epsilon": (Number(0, open_low=True),),
    "n_iter_no_change": (Number(1, whole=True), Is(np.inf)),
    "max_fun": (Number(1, whole=True),),
    "kernel_initializer": (
        Is(None),
        Name(("auto", *INITIALIZERS)),
        Kind((Initializer,), "an object of lamina.initializers"),
    ),
    "normalization": (Is(None), Name(NORMALIZATIONS)),
    "norm_position": (Name(("before", "after")),),
    "dropout": (Number(0, 1, open_high=True), Kind((list, tuple), "a sequence of those, one per hidden layer")),
    "input_dropout": (Number(0, 1, open_high=True),),
    "l1": (Number(0),),
    "max_norm": (Is(None), Number(0, open_low=True)),
    "weight_decay": (Is(None), Number(0)),
    "clipnorm": (Is(None), Number(0, open_low=True)),
    "clipvalue": (Is(None), Number(0, open_low=True)),
    "ema": (Is(None), Number(0, 1, open_high=True)),
    "pretrain": (
        Is(None),
        Name(TASKS),
        Kind((Pretraining,), "an object of lamina.Autoencoder, lamina.MaskedFeatures or lamina.Contrastive"),
    ),
    "frozen_epochs": (Number(0, whole=True),),
    "n_members": (Number(1, whole=True),),
    "bootstrap": (Boolean,),
    "time_budget": (Is(None), Number(0, open_low=True)),
    "dtype": (Name(("auto", *DTYPES)),),
}
