"""The work behind `lamina fit`: table -> split -> encode -> train -> scores -> run folder."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import typer

from lamina.cli.exits import say
from lamina.cli.source import Source, labelled, open_source
from lamina.errors import DataError, InvalidParameter

MOST_ROWS_TO_REFIT = 20_000
CLASSES_ONLY, NUMBERS_ONLY = ("class_weight",), ("loss",)


class Request(NamedTuple):
    """What the command line asked for; `options` are the estimator's parameters as they were typed."""

    data: str
    target: str | None
    task: str | None
    out: Path | None
    seed: int
    test_size: float
    clip: float
    refit: bool | None
    verbose: bool
    options: dict[str, Any]


class Problem(NamedTuple):
    """A table with a chosen target, split into training and test rows."""

    name: str
    target: str
    task: Any
    train: tuple[Any, np.ndarray]
    test: tuple[Any, np.ndarray]


class Trained(NamedTuple):
    """The pipeline to keep, and the network whose validation curves chose it."""

    model: Any
    network: Any
    interrupted: bool
    refitted_epochs: int


def train(request: Request) -> bool:
    """Do it all; True if Ctrl-C cut the training short (the best weights so far are saved all the same)."""
    problem = pose(request)
    parameters = _parameters(request, problem)
    folder = _folder(request, problem)
    with folder.kept_if_used():
        trained = train_model(problem, parameters, request)
    folder.write_model(trained.model, {"target": problem.target, "task": problem.task})
    folder.write_history(trained.network.history_)
    _report(problem, trained, folder)
    return trained.interrupted


def pose(request: Request) -> Problem:
    """Choose target and task, say so, and split."""
    from lamina.data.table import choose_target, choose_task, drop_missing_targets

    source = open_source(request.data)
    target = choose_target(source.frame.columns, request.target or source.target)
    if source.frame.width < 2:
        raise DataError(f'{source.name} has only the column "{target}". Expected at least one more to predict from.')
    known_task = source.task if target == source.target else None
    task: Any = request.task or known_task or choose_task(drop_missing_targets(source.frame, target)[target])
    rows, values, dropped = labelled(source.frame, target, task)
    if dropped:
        say(f"Dropped {dropped:,} rows whose target is missing.")
    _announce(source, target, task, values)
    train_rows, test_rows = split(values, task, request.test_size, request.seed)
    return Problem(
        source.name, target, task, (rows[train_rows], values[train_rows]), (rows[test_rows], values[test_rows])
    )


def _announce(source: Source, target: str, task: str, values: np.ndarray) -> None:
    """Say what was chosen."""
    classes = f", {len(np.unique(values))} classes" if task == "classification" else ""
    typer.echo(f"Data    {source.name}: {len(values):,} rows, {source.frame.width - 1} columns to predict from")
    typer.echo(f"Target  {target} ({task}{classes})")


def split(values: np.ndarray, task: str, test_size: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers for training and test; each class keeps its share where its rows allow it."""
    from sklearn.model_selection import train_test_split

    if not 0 < test_size < 1:
        raise InvalidParameter(f"test_size is {test_size}. Expected a share of the rows between 0 and 1.")
    n_test = math.ceil(test_size * len(values))
    if len(values) - n_test < 2:
        raise DataError(f"{len(values)} rows are too few to keep {test_size:.0%} for the test. Expected at least 4.")
    by_class = task == "classification"
    if by_class:
        counts = Counter(values.tolist())
        if len(counts) < 2:
            raise DataError("The target has one class only. Expected at least two; choose another target column.")
        by_class = min(counts.values()) >= 2 and min(n_test, len(values) - n_test) >= len(counts)
        if not by_class:
            say("Some classes have too few rows for an even split; the test rows are drawn at random.")
    order = np.arange(len(values))
    train_rows, test_rows = train_test_split(
        order, test_size=n_test, random_state=seed, stratify=values if by_class else None
    )
    return train_rows, test_rows


def train_model(problem: Problem, parameters: dict[str, Any], request: Request) -> Trained:
    """Fit encoder and network on the training rows; with early stopping perhaps once more, on all of them."""
    from sklearn.pipeline import Pipeline

    from lamina.callbacks.progress import RichProgress
    from lamina.data.encode import TableEncoder

    rows, values = problem.train
    encoder = TableEncoder(clip=request.clip or None)
    encoded = encoder.fit_transform(rows)
    callbacks = (RichProgress(),) if request.verbose else ()
    best = estimator(problem.task, parameters).fit(encoded, values, callbacks=callbacks)
    network = network_of(best)
    interrupted, refitted_epochs = network.interrupted_, 0
    if wants_refit(request.refit, parameters, network, len(values)):
        epochs = best_epoch(network.history_)
        if request.verbose:
            say(f"Training anew on all {len(values):,} training rows, for {epochs} epochs.")
        anew = {**parameters, "early_stopping": False, "max_iter": epochs, "n_iter_no_change": epochs + 1}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
            again = estimator(problem.task, anew).fit(encoded, values, callbacks=callbacks)
        interrupted = network_of(again).interrupted_
        if not interrupted:
            best, refitted_epochs = again, epochs
    return Trained(Pipeline([("encode", encoder), ("mlp", best)]), network, bool(interrupted), refitted_epochs)


def wants_refit(wish: bool | None, parameters: dict[str, Any], network: Any, n_rows: int) -> bool:
    """Whether a second training, without a validation part, makes sense."""
    if not parameters["early_stopping"] or parameters["solver"] == "lbfgs" or network.interrupted_:
        return False
    return n_rows <= MOST_ROWS_TO_REFIT if wish is None else wish


def best_epoch(history: Any) -> int:
    """The epoch of the least validation loss, which says more than the score of a few validation rows."""
    return int(np.nanargmin(history["val_loss"])) + 1


def network_of(fitted: Any) -> Any:
    """The network itself, without the scaling of the target."""
    return getattr(fitted, "regressor_", fitted)


def estimator(task: str, parameters: dict[str, Any]) -> Any:
    """A classifier, or a regressor of a standardised target; counts (the Poisson loss) stay as they are."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    import lamina

    if task == "classification":
        return lamina.MLPClassifier(**parameters)
    regressor = lamina.MLPRegressor(**parameters)
    if parameters["loss"] == "poisson":
        return regressor
    return TransformedTargetRegressor(regressor=regressor, transformer=StandardScaler())


# --- options -> parameters --------------------------------------------------------------------------------------------


def _parameters(request: Request, problem: Problem) -> dict[str, Any]:
    """The estimator's parameters from the options."""
    parameters = dict(request.options)
    parameters["hidden_layer_sizes"] = _sizes(parameters.pop("hidden"))
    parameters["batch_size"] = _batch_size(parameters["batch_size"])
    parameters["random_state"] = parameters.pop("seed")
    if parameters["class_weight"] == "none":
        parameters["class_weight"] = None
    for name in NUMBERS_ONLY if problem.task == "classification" else CLASSES_ONLY:
        parameters.pop(name)
    if problem.task == "classification" and parameters["early_stopping"]:
        parameters["early_stopping"] = _can_validate(problem.train[1], parameters["validation_fraction"])
    return parameters


def _sizes(text: str) -> tuple[int, ...]:
    """Sizes of the hidden layers.

    >>> _sizes("256, 128,64")
    (256, 128, 64)
    """
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InvalidParameter(f'hidden is "{text}". Expected whole numbers, such as 256,128,64.') from None


def _batch_size(text: str) -> int | str:
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise InvalidParameter(f'batch-size is "{text}". Expected a whole number or auto.') from None


def _can_validate(labels: np.ndarray, fraction: float) -> bool:
    """Whether every class has rows enough for a validation part; if not, say that early stopping is off."""
    counts = Counter(labels.tolist())
    rarest = min(counts, key=lambda label: counts[label])
    if counts[rarest] >= 2 and math.ceil(fraction * len(labels)) >= len(counts):
        return True
    few = f"{len(labels)} training rows, {counts[rarest]} of class {rarest},"
    say(f"Early stopping is off: {few} are too few to validate.")
    return False


# --- results ----------------------------------------------------------------------------------------------------------


def _folder(request: Request, problem: Problem) -> Any:
    from lamina.report import RunFolder

    return RunFolder(request.out) if request.out is not None else RunFolder.next_free(problem.name)


def _report(problem: Problem, trained: Trained, folder: Any) -> None:
    """Write and print the test scores; draw the curves if there are any."""
    from lamina.report import measure

    network = trained.network
    scores, report = measure(trained.model, *problem.test, problem.task)
    rows = {"train": len(problem.train[1]), "test": len(problem.test[1])}
    facts = {"data": problem.name, "target": problem.target, "task": problem.task, "rows": rows}
    epochs = {"epochs": int(network.n_iter_), "refitted_epochs": trained.refitted_epochs}
    folder.write_metrics({**facts, **epochs, "interrupted": trained.interrupted, "test": scores})
    if len(network.history_["loss"]):
        folder.write_curves(network.history_)
    typer.echo(f"Test    {'  '.join(f'{name} {score:.4f}' for name, score in scores.items())}")
    if report:
        typer.echo(report)
    typer.echo(f"Run     {folder.path}")
