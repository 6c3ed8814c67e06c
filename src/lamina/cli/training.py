"""The work behind `lamina fit`, and the end of `lamina search`: table -> split -> train -> scores -> run folder."""

from __future__ import annotations

import math
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lamina.cli.exits import say, tell
from lamina.cli.fine_tuning import FineTuner, Origin, read_origin
from lamina.cli.networks import Rows, Trained, Trainer
from lamina.cli.parameters import fine_tuning_from, parameters_from
from lamina.cli.source import Source, check_not_the_mark, labelled, open_source
from lamina.errors import DataError, InvalidParameter


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
    #: a trained network to begin with
    origin: Path | None
    options: dict[str, Any]
    #: names of those options that are no defaults
    typed: frozenset[str]


class Problem(NamedTuple):
    """A table with a chosen target, split into training and test rows."""

    name: str
    target: str
    task: Any
    train: Rows
    test: Rows
    #: places of the test rows among the rows that have a target
    test_rows: np.ndarray
    #: rows without a target, where they are wanted
    unlabelled: Any = None


class Stopwatch:
    """The seconds that each part of the work took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def note(self, part: str) -> None:
        """Write down the time since the last note."""
        now = time.perf_counter()
        self.seconds[part], self._since = now - self._since, now


def train(request: Request) -> bool:
    """Do it all; True if Ctrl-C cut the training short (the best weights so far are saved all the same)."""
    from lamina.report import RunFolder

    origin = None if request.origin is None else read_origin(request.origin)
    problem = pose(request, origin=origin)
    trainer = trainer_for(problem, request, origin)
    folder = RunFolder(request.out) if request.out is not None else RunFolder.next_free(problem.name)
    with folder.kept_if_used():
        return complete(problem, trainer, request.refit, folder, Stopwatch())


def trainer_for(problem: Problem, request: Request, origin: Origin | None) -> Trainer:
    """What trains from drawn weights, from unlabelled rows, or from another network."""
    if origin is not None:
        origin.check(problem.train.table, problem.name, problem.target)
        parameters = fine_tuning_from(request.options, request.typed, problem.task)
        return FineTuner(problem.task, parameters, request.clip, request.verbose, origin=origin, target=problem.target)
    parameters = parameters_from(request.options, problem.task)
    return Trainer(problem.task, parameters, request.clip, request.verbose, problem.unlabelled)


def complete(
    problem: Problem, trainer: Trainer, refit: bool | None, folder: Any, clock: Stopwatch, search: Any = None
) -> bool:
    """Train, and write all files of the run folder; `search` is what metrics.json says of the search before it."""
    facts = {"target": problem.target, "task": problem.task}
    trained = trainer.first(problem.train)
    if trained.interrupted and not len(trained.network.history_["epoch"]):
        # Untrained weights are nothing to keep, least of all in place of an older model.
        raise KeyboardInterrupt("interrupted before the end of the first epoch; no model was written.")
    # Written before the second training, so that nothing that happens there can lose it.
    folder.write_model(trained.model, facts)
    folder.write_history(trained.network.history_)
    clock.note("first training")
    diagnosis = None
    try:
        diagnosis = _examine(trained, folder)
    except KeyboardInterrupt:
        trained = trained._replace(interrupted=True)
    trained = trained._replace(flow=None, validation=None)  # lets go of the encoded rows
    clock.note("diagnosis")
    if trainer.wants_again(refit, trained, len(problem.train.target)):
        trained = trainer.again(problem.train, trained)
        if trained.refitted_epochs:
            folder.write_model(trained.model, facts)
        clock.note("second training")
    _score(problem, trained, folder, search)
    path = _write_report(problem, trained, folder, clock)
    verdict = "the doctor has not seen this training" if diagnosis is None else diagnosis.verdict
    tell(f"Report  {path} - {verdict}")
    return trained.interrupted


def pose(request: Request, quiet: bool = False, origin: Origin | None = None) -> Problem:
    """Choose target and task, say so unless `quiet`, and split."""
    from lamina.data.table import choose_target, choose_task, drop_missing_targets

    source = open_source(request.data)
    if origin is not None and source.target is None and origin.target in source.frame.columns:
        source = source._replace(target=origin.target, task=origin.task)
    target = choose_target(source.frame.columns, request.target or source.target)
    if source.frame.width < 2:
        raise DataError(
            f'{source.name} has only the column "{target}". Expected at least one more to predict from; '
            "columns are separated by commas, in a .tsv file by tabs."
        )
    known_task = source.task if target == source.target else None
    task: Any = request.task or known_task or choose_task(drop_missing_targets(source.frame, target)[target])
    rows, values, missing = labelled(source.frame, target, task)
    pretrains = request.options["pretrain"] is not None
    if missing.height:
        what = "No target, for pretraining alone:" if pretrains else "Dropped"
        say(f"{what} {missing.height:,} rows{'' if pretrains else ' whose target is missing'}.")
    if pretrains:
        check_not_the_mark(values, target)
    if not quiet:
        _announce(source, target, task, values)
    train_rows, test_rows = split(values, task, request.test_size, request.seed)
    every = Rows(rows, values)
    parts = every.at(train_rows), every.at(test_rows)
    unlabelled = missing if pretrains and missing.height else None
    return Problem(source.name, target, task, *parts, test_rows, unlabelled)


def _announce(source: Source, target: str, task: str, values: np.ndarray) -> None:
    """Say what was chosen."""
    classes = f", {len(np.unique(values))} classes" if task == "classification" else ""
    tell(f"Data    {source.name}: {len(values):,} rows, {source.frame.width - 1} columns to predict from")
    tell(f"Target  {target} ({task}{classes})")


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


def _examine(trained: Trained, folder: Any) -> Any:
    """Write what was measured; the diagnosis, or None where there are no measurements or no validation rows."""
    from lamina.cli.examination import diagnosis_of

    folder.forget_examination()
    if trained.flow is None:
        return None
    folder.write_gradient_flow(trained.flow.to_dict())
    if trained.validation is None:
        return None
    diagnosis = diagnosis_of(trained.network, trained.flow, trained.validation)
    if diagnosis is not None:
        folder.write_diagnosis(diagnosis.to_dict())
    return diagnosis


def _score(problem: Problem, trained: Trained, folder: Any, search: Any) -> None:
    """Write and print the test scores; draw the curves if there are any."""
    from lamina.report import measure

    network = trained.network
    scores, report = measure(trained.model, *problem.test, problem.task)
    rows = {"train": len(problem.train.target), "test": len(problem.test.target)}
    if problem.unlabelled is not None:
        rows["unlabelled"] = len(problem.unlabelled)
    facts: dict[str, Any] = {"data": problem.name, "target": problem.target, "task": problem.task, "rows": rows}
    epochs = {"epochs": len(network.history_["epoch"]), "refitted_epochs": trained.refitted_epochs}
    if search is None:
        folder.forget_search()
    else:
        facts |= {"search": search}
    folder.write_metrics({**facts, **epochs, "interrupted": trained.interrupted, "test": scores})
    if len(network.history_["loss"]):
        folder.write_curves(network.history_)
    tell(f"Test    {'  '.join(f'{name} {score:.4f}' for name, score in scores.items())}")
    if report:
        tell(report)
    if search is not None:
        _tell_best(search)
    tell(f"Run     {folder.path}")


def _tell_best(search: dict[str, Any]) -> None:
    """Which setting the search has chosen, and its score."""
    from lamina.search.candidates import in_words

    folds = f"mean of {search['folds']} folds, deviation {search['deviation']:.4f}"
    tell(f"Best    {in_words(search['best'])}: {search['scoring']} {search['score']:.4f} ({folds})")


def _write_report(problem: Problem, trained: Trained, folder: Any, clock: Stopwatch) -> Path:
    """Write report.html, and what it needs beside the other files."""
    from lamina.report.columns import describe_table, describe_target
    from lamina.report.contents import settings_of, versions
    from lamina.report.evaluation import estimator_of, evaluate

    classes = problem.task == "classification"
    evaluation = evaluate(trained.model, *problem.test, row_numbers=problem.test_rows + 1)
    clock.note("evaluation")
    return folder.write_report(
        {
            "settings": settings_of(estimator_of(trained.model)),
            "data": describe_table(problem.train.table),
            "target": describe_target(problem.target, problem.train.target, classes),
            "evaluation": evaluation,
            "seconds": clock.seconds,
            "versions": versions(),
        }
    )
