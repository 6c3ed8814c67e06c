"""Options that several commands share, in the groups of their help: Typer reads them from these signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

TRAINING, NETWORK, REUSE = "Training", "Network", "Start from what is already learned"


def names_in(group: Callable[..., None]) -> tuple[str, ...]:
    """The names of a group's options."""
    return tuple(inspect.signature(group).parameters)


def option(panel: str | None, text: str, *names: str) -> typer.models.OptionInfo:
    """An option with its help."""
    return typer.Option(*names, help=text, rich_help_panel=panel)


def network(
    hidden: Annotated[str, option(NETWORK, "Sizes of the hidden layers, separated by commas.")] = "256,128,64",
    activation: Annotated[str, option(NETWORK, "Activation of the hidden layers.")] = "relu",
    loss: Annotated[
        str | None,
        option(NETWORK, "For numbers squared_error, huber, poisson, ...; for classes log_loss, hinge, ..."),
    ] = None,
    label_smoothing: Annotated[float, option(NETWORK, "Share of each class label spread over all classes.")] = 0.0,
    preset: Annotated[
        str | None,
        option(NETWORK, "default, self_normalizing, sparse, low_latency or risk_sensitive, for what is not given."),
    ] = None,
    kernel_initializer: Annotated[str | None, option(NETWORK, "How weights are drawn, such as he_normal.")] = None,
    normalization: Annotated[str | None, option(NETWORK, "batch or layer.")] = None,
    dropout: Annotated[float, option(NETWORK, "Share of the hidden units to drop in training.")] = 0.0,
    input_dropout: Annotated[float, option(NETWORK, "Share of the inputs to drop in training.")] = 0.0,
    l1: Annotated[float, option(NETWORK, "Strength of an L1 penalty on the weights.")] = 0.0,
    max_norm: Annotated[float | None, option(NETWORK, "Largest norm of the weights into a unit.")] = None,
    class_weight: Annotated[str | None, option(NETWORK, "balanced: rare classes weigh more.")] = None,
    n_members: Annotated[int, option(NETWORK, "Networks, whose predictions are averaged.")] = 1,
    bootstrap: Annotated[bool, option(NETWORK, "Draw rows for each of several networks.")] = False,
    alpha: Annotated[float, option(NETWORK, "Strength of the L2 penalty on the weights.")] = 1e-3,
    dtype: Annotated[str, option(NETWORK, "auto, float32, float64 or bfloat16.")] = "float32",
) -> None:
    """What the network is made of."""


def training(
    solver: Annotated[str, option(TRAINING, "adam, sgd, nadam, adamw, rmsprop, ... or lbfgs.")] = "adam",
    batch_size: Annotated[str, option(TRAINING, "Rows per step, or auto for at most 200.")] = "auto",
    learning_rate: Annotated[
        str, option(TRAINING, "constant, onecycle, cosine, exponential, linear; for sgd invscaling, adaptive.")
    ] = "constant",
    weight_decay: Annotated[float | None, option(TRAINING, "Decoupled decay of the weights.")] = None,
    clipnorm: Annotated[float | None, option(TRAINING, "Largest norm of the gradient.")] = None,
    ema: Annotated[float | None, option(TRAINING, "Finish with an average that keeps this share, as 0.999.")] = None,
    learning_rate_init: Annotated[str, option(TRAINING, "Initial step size, or find to try some first.")] = "0.001",
    power_t: Annotated[float, option(TRAINING, "Exponent of invscaling.")] = 0.5,
    max_iter: Annotated[int, option(TRAINING, "Most epochs.")] = 500,
    max_fun: Annotated[int, option(TRAINING, "Most loss evaluations of lbfgs.")] = 15_000,
    shuffle: Annotated[bool, option(TRAINING, "Shuffle the rows in every epoch.")] = True,
    tol: Annotated[float, option(TRAINING, "Least change that counts as an improvement.")] = 1e-4,
    momentum: Annotated[float, option(TRAINING, "Momentum of sgd.")] = 0.9,
    nesterovs_momentum: Annotated[bool, option(TRAINING, "Nesterov's momentum in sgd.")] = True,
    early_stopping: Annotated[bool, option(TRAINING, "Stop when the validation score no longer rises.")] = True,
    scoring: Annotated[
        str | None,
        option(TRAINING, "Validation score: accuracy, f1, auc, ...; r2, mean_absolute_error, ...; or loss."),
    ] = None,
    time_budget: Annotated[float | None, option(TRAINING, "Seconds for the training.")] = None,
    refit: Annotated[
        bool | None,
        option(
            TRAINING,
            "After early stopping, train anew on all training rows; by default up to 20,000 rows, and not "
            "with a time budget.",
        ),
    ] = None,
    validation_fraction: Annotated[float, option(TRAINING, "Share of the training rows for validation.")] = 0.1,
    n_iter_no_change: Annotated[int, option(TRAINING, "Epochs without improvement before the stop.")] = 20,
    beta_1: Annotated[float, option(TRAINING, "Decay of adam's first moment.")] = 0.9,
    beta_2: Annotated[float, option(TRAINING, "Decay of adam's second moment.")] = 0.999,
    epsilon: Annotated[float, option(TRAINING, "Adam's guard against division by zero.")] = 1e-8,
) -> None:
    """How it is trained."""


def reuse(
    origin: Annotated[
        Path | None,
        option(
            REUSE,
            "Fine-tune this trained network: a model file, a run folder or a .keras file. --hidden then are new hidden "
            "layers on top, --max-iter the epochs after the frozen ones.",
            "--from",
        ),
    ] = None,
    n_reused: Annotated[
        str, option(REUSE, "Hidden layers of it to reuse: a number, all, or auto to find out by cross-validation.")
    ] = "auto",
    layer_decay: Annotated[
        float, option(REUSE, "Factor on the learning rate from each reused layer to the one below.")
    ] = 0.5,
    pretrain: Annotated[
        str | None,
        option(
            REUSE,
            "Learn the hidden layers first from all rows, also those without a target: autoencoder, greedy, masked or "
            "contrastive.",
        ),
    ] = None,
    frozen_epochs: Annotated[
        int | None,
        option(REUSE, "Most epochs in which only new layers learn: by default 4 with --from, 400 with --pretrain."),
    ] = None,
) -> None:
    """What training begins from."""
