"""The work behind `lamina search`: table -> split -> search on the training rows -> the rest as in `lamina fit`."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lamina.cli.exits import say, tell
from lamina.cli.grid import read_grid
from lamina.cli.networks import Rows, Trainer
from lamina.cli.parameters import parameters_from
from lamina.cli.settings import Setting, Wanted, base_parameters, checked_settings
from lamina.cli.training import Problem, Request, Stopwatch, complete, pose
from lamina.errors import DivergenceError, FileError, InvalidParameter, UnknownName

#: where nothing else is asked for
SCORES = {"classification": "accuracy", "regression": "r2"}


class Plan(NamedTuple):
    """A search that has been checked and can begin."""

    pipeline: Any
    settings: list[Setting]
    splits: list[tuple[np.ndarray, np.ndarray]]
    scoring: str
    strategy: str
    verbose: bool

    @property
    def prefix(self) -> str:
        """What stands before the names of the network's parameters."""
        from lamina.search.wrapping import path_of

        return f"{path_of(self.pipeline)}__"

    def bare(self, params: dict[str, Any]) -> Setting:
        """Parameters of the pipeline as the network's."""
        return {name.removeprefix(self.prefix): value for name, value in params.items()}

    def run(self, rows: Rows, journal: Path) -> Any:
        """Train every setting on every split."""
        from sklearn.exceptions import ConvergenceWarning, FitFailedWarning

        from lamina.search import PopulationSearchCV

        search = PopulationSearchCV(
            self.pipeline,
            [{self.prefix + name: [value] for name, value in setting.items()} for setting in self.settings],
            cv=self.splits,
            scoring=self.scoring,
            refit=False,
            strategy=self.strategy,
            checkpoint=journal,
            verbose=int(self.verbose),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("once", UserWarning)  # what is true of many members is said once
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", FitFailedWarning)  # it shows tracebacks; `_judge` names the settings
            warnings.filterwarnings("ignore", "One or more of the test scores are non-finite")
            try:
                return search.fit(rows.table, rows.target)
            except KeyboardInterrupt:
                raise KeyboardInterrupt(
                    f"interrupted. The trainings that were over are in {journal}; the same command goes on from there."
                ) from None
            except ValueError as error:
                if type(error) is not ValueError:
                    raise
                *_, last = str(error).strip().splitlines()  # scikit-learn quotes tracebacks
                raise DivergenceError(f"The search failed: {last}") from error


def run_search(request: Request, wanted: Wanted) -> bool:
    """Do it all; True if Ctrl-C cut the last training short (the best weights so far are saved all the same)."""
    spaces = read_grid(wanted.grid)
    problem = pose(request)
    trainer = Trainer(problem.task, parameters_from(request.options, problem.task), request.clip, request.verbose)
    plan = _plan(problem, trainer, checked_settings(spaces, trainer, wanted, request.seed), wanted)
    tell(f"Search  {len(plan.settings):,} settings on {len(plan.splits)} folds of the training rows")
    folder, journal = _folder(request, wanted, problem, plan)
    clock = Stopwatch()
    with folder.kept_if_used():
        try:
            search = plan.run(problem.train, journal)
        except DivergenceError:  # there is nothing to go on with
            folder.end_search()
            raise
        clock.note("search")
        folder.write_search(_columns(search, plan))
        best, facts = _judge(search, plan)
        trainer = replace(trainer, parameters=trainer.parameters | best)
        interrupted = complete(problem, trainer, request.refit, folder, clock, facts)
    if not interrupted:
        folder.end_search()
    return interrupted


def _plan(problem: Problem, trainer: Trainer, settings: list[Setting], wanted: Wanted) -> Plan:
    """Everything that can be wrong is found here, before anything is trained or written."""
    target, parameters = problem.train.target, base_parameters(trainer, settings)
    splits = _splits(target, problem.task, wanted.cv)
    scoring = _scoring(target, problem.task, wanted.scoring)
    if wanted.checkpoint and not wanted.checkpoint.parent.is_dir():
        raise FileError(f"There is no folder for {wanted.checkpoint}. Make it, or give another path.")
    if not all(trainer.validates(target[rows]) for rows, _ in splits):
        parameters["early_stopping"] = False
    return Plan(trainer.pipeline(parameters), settings, splits, scoring, wanted.strategy, trainer.verbose)


def _splits(target: np.ndarray, task: str, cv: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Folds of the training rows, which are in random order already; each class keeps its share."""
    from sklearn.model_selection import check_cv

    try:
        return list(check_cv(cv, target, classifier=task == "classification").split(target, target))
    except ValueError as error:
        raise InvalidParameter(f"cv is {cv}, which does not suit {len(target)} training rows: {error}") from None


def _scoring(target: np.ndarray, task: str, name: str | None) -> str:
    """The name of a score that these targets can be scored by, as a guess that knows no columns shows."""
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.metrics import get_scorer, get_scorer_names

    name = name or SCORES[task]
    if name not in get_scorer_names():
        raise UnknownName.among("scoring", name, get_scorer_names())
    nothing = np.zeros((len(target), 1))
    guess = (DummyClassifier() if task == "classification" else DummyRegressor()).fit(nothing, target)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            get_scorer(name)(guess, nothing, target)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidParameter(f'scoring is "{name}", which does not suit this {task}: {error}') from None
    return name


def _folder(request: Request, wanted: Wanted, problem: Problem, plan: Plan) -> tuple[Any, Path]:
    """The run folder, that of the same search if it was interrupted, and the journal."""
    from lamina.report import RunFolder

    asked = request._asdict() | wanted._asdict() | {"settings": plan.settings, "scoring": plan.scoring}
    asked = {
        name: value for name, value in asked.items() if name not in ("out", "verbose", "typed", "grid", "checkpoint")
    }
    if request.out is not None:
        folder = RunFolder(request.out)
    else:
        unfinished = None if wanted.checkpoint else RunFolder.of_unfinished_search(problem.name, asked)
        folder = unfinished or RunFolder.next_free(problem.name)
    journal = wanted.checkpoint or folder.begin_search(asked)
    if journal.exists():
        say(f"Going on from {journal}.")
    return folder, journal


def _judge(search: Any, plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """The best setting, and what metrics.json says of the search; warn of settings that failed."""
    from lamina.search.candidates import in_words

    results, index = search.cv_results_, search.best_index_
    score, deviation = (float(results[f"{name}_test_score"][index]) for name in ("mean", "std"))
    tried = [plan.bare(params) for params in results["params"]]
    failed = [params for params, mean in zip(tried, results["mean_test_score"], strict=True) if np.isnan(mean)]
    if np.isnan(score):
        raise DivergenceError("Every setting failed in some fold, so that none is the best. Try others.")
    if failed:
        say(f"Warning: {len(failed)} of the settings failed in some fold, such as {in_words(failed[0])}.")
    facts = {"strategy": plan.strategy, "settings": len(plan.settings), "folds": len(plan.splits)}
    return tried[index], facts | {"scoring": plan.scoring, "score": score, "deviation": deviation, "best": tried[index]}


def _columns(search: Any, plan: Plan) -> dict[str, list[Any]]:
    """cv_results_ under the parameters' bare names."""
    tried = [plan.bare(params) for params in search.cv_results_["params"]]
    names = list(dict.fromkeys(name for params in tried for name in params))
    columns = {f"param_{name}": [_cell(params, name) for params in tried] for name in names}
    return columns | {
        n: list(c) for n, c in search.cv_results_.items() if n.partition("_")[0] not in ("params", "param")
    }


def _cell(params: dict[str, Any], name: str) -> Any:
    """A value as it is written on the command line and in a grid; nothing where the setting leaves it open."""
    value = params.get(name)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "none" if value is None and name in params else value
