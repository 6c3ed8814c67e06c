"""lamina fit: from a table to a trained model in a run folder."""

from __future__ import annotations

import inspect
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.cli.config import read_config
from lamina.cli.exits import INTERRUPTED, clear_endings

if TYPE_CHECKING:
    from lamina.cli.training import Request

TRAINING, NETWORK = "Training", "Network"
DATA = "digits, iris, wine, breast_cancer, diabetes, or a CSV, TSV or Parquet file."


class Task(StrEnum):
    """What to predict."""

    classification = "classification"
    regression = "regression"


def _option(panel: str | None, text: str, *names: str) -> typer.models.OptionInfo:
    return typer.Option(*names, help=text, rich_help_panel=panel)


def fit(
    context: typer.Context,
    data: Annotated[str, typer.Argument(help=DATA)] = "digits",
    target: Annotated[str | None, _option(None, "Target column; else target, label, class, y or the last.")] = None,
    task: Annotated[Task | None, _option(None, "What to predict, by default found from the target.")] = None,
    out: Annotated[Path | None, _option(None, "Run folder, by default runs/NAME-N.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="TOML file with options under the same names.", callback=read_config, is_eager=True),
    ] = None,
    seed: Annotated[int, _option(None, "Seed of the split, the weights and the order of rows.")] = 0,
    test_size: Annotated[float, _option(None, "Share of the rows kept for the test.")] = 0.25,
    clip: Annotated[float, _option(None, "Soft limit of standardised numbers; 0 for none.")] = 3.0,
    verbose: Annotated[bool, _option(None, "Show the progress.", "--verbose/--quiet")] = True,
    hidden: Annotated[str, _option(NETWORK, "Sizes of the hidden layers, separated by commas.")] = "256,128,64",
    activation: Annotated[str, _option(NETWORK, "Activation of the hidden layers.")] = "relu",
    loss: Annotated[
        str | None,
        _option(NETWORK, "For numbers squared_error, huber, poisson, ...; for classes log_loss, hinge, ..."),
    ] = None,
    label_smoothing: Annotated[float, _option(NETWORK, "Share of each class label spread over all classes.")] = 0.0,
    preset: Annotated[
        str | None,
        _option(NETWORK, "default, self_normalizing, sparse, low_latency or risk_sensitive, for what is not given."),
    ] = None,
    kernel_initializer: Annotated[str | None, _option(NETWORK, "How weights are drawn, such as he_normal.")] = None,
    normalization: Annotated[str | None, _option(NETWORK, "batch or layer.")] = None,
    dropout: Annotated[float, _option(NETWORK, "Share of the hidden units to drop in training.")] = 0.0,
    input_dropout: Annotated[float, _option(NETWORK, "Share of the inputs to drop in training.")] = 0.0,
    l1: Annotated[float, _option(NETWORK, "Strength of an L1 penalty on the weights.")] = 0.0,
    max_norm: Annotated[float | None, _option(NETWORK, "Largest norm of the weights into a unit.")] = None,
    class_weight: Annotated[str | None, _option(NETWORK, "balanced: rare classes weigh more.")] = None,
    n_members: Annotated[int, _option(NETWORK, "Networks, whose predictions are averaged.")] = 1,
    bootstrap: Annotated[bool, _option(NETWORK, "Draw rows for each of several networks.")] = False,
    alpha: Annotated[float, _option(NETWORK, "Strength of the L2 penalty on the weights.")] = 1e-3,
    dtype: Annotated[str, _option(NETWORK, "auto, float32, float64 or bfloat16.")] = "float32",
    solver: Annotated[str, _option(TRAINING, "adam, sgd, nadam, adamw, rmsprop, ... or lbfgs.")] = "adam",
    batch_size: Annotated[str, _option(TRAINING, "Rows per step, or auto for at most 200.")] = "auto",
    learning_rate: Annotated[
        str, _option(TRAINING, "constant, onecycle, cosine, exponential, linear; for sgd invscaling, adaptive.")
    ] = "constant",
    weight_decay: Annotated[float | None, _option(TRAINING, "Decoupled decay of the weights.")] = None,
    clipnorm: Annotated[float | None, _option(TRAINING, "Largest norm of the gradient.")] = None,
    ema: Annotated[float | None, _option(TRAINING, "Finish with an average that keeps this share, as 0.999.")] = None,
    learning_rate_init: Annotated[str, _option(TRAINING, "Initial step size, or find to try some first.")] = "0.001",
    power_t: Annotated[float, _option(TRAINING, "Exponent of invscaling.")] = 0.5,
    max_iter: Annotated[int, _option(TRAINING, "Most epochs.")] = 500,
    max_fun: Annotated[int, _option(TRAINING, "Most loss evaluations of lbfgs.")] = 15_000,
    shuffle: Annotated[bool, _option(TRAINING, "Shuffle the rows in every epoch.")] = True,
    tol: Annotated[float, _option(TRAINING, "Least change that counts as an improvement.")] = 1e-4,
    momentum: Annotated[float, _option(TRAINING, "Momentum of sgd.")] = 0.9,
    nesterovs_momentum: Annotated[bool, _option(TRAINING, "Nesterov's momentum in sgd.")] = True,
    early_stopping: Annotated[bool, _option(TRAINING, "Stop when the validation score no longer rises.")] = True,
    scoring: Annotated[
        str | None,
        _option(TRAINING, "Validation score: accuracy, f1, auc, ...; r2, mean_absolute_error, ...; or loss."),
    ] = None,
    time_budget: Annotated[float | None, _option(TRAINING, "Seconds for the training.")] = None,
    refit: Annotated[
        bool | None,
        _option(
            TRAINING,
            "After early stopping, train anew on all training rows; by default up to 20,000 rows, and not "
            "with a time budget.",
        ),
    ] = None,
    validation_fraction: Annotated[float, _option(TRAINING, "Share of the training rows for validation.")] = 0.1,
    n_iter_no_change: Annotated[int, _option(TRAINING, "Epochs without improvement before the stop.")] = 20,
    beta_1: Annotated[float, _option(TRAINING, "Decay of adam's first moment.")] = 0.9,
    beta_2: Annotated[float, _option(TRAINING, "Decay of adam's second moment.")] = 0.999,
    epsilon: Annotated[float, _option(TRAINING, "Adam's guard against division by zero.")] = 1e-8,
) -> None:
    """Train a network on DATA and keep it in a run folder: model.lamina, history.csv, metrics.json, report.html, ..."""
    with clear_endings():
        from lamina.cli.training import train

        interrupted = train(request_from(context))
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def request_from(context: typer.Context, **fixed: Any) -> Request:
    """What was typed of the options of `fit`, with the preset's values behind it.

    `fixed` stands for those that the command has not, or means something else by.
    """
    from lamina.cli.parameters import with_preset
    from lamina.cli.training import Request

    known = inspect.signature(fit).parameters
    given = {name: value for name, value in context.params.items() if name in known} | fixed
    asked = {name: given.pop(name) for name in ("data", "target", "out", "test_size", "clip", "refit", "verbose")}
    kind = given.pop("task")
    given.pop("config", None)
    typed = {name for name in given if getattr(context.get_parameter_source(name), "name", "") != "DEFAULT"}
    given = with_preset(given, given.pop("preset"), typed)
    return Request(**asked, task=None if kind is None else Task(kind).value, seed=given["seed"], options=given)
