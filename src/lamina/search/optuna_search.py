"""A search whose settings Optuna proposes, many at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from lamina.errors import InvalidParameter
from lamina.search.base import PopulationSearch
from lamina.search.full import Trainer
from lamina.search.journal import Journal
from lamina.search.outcome import Outcome, check_one_decides, score_of
from lamina.search.progress import Progress
from lamina.search.setting import Setting

if TYPE_CHECKING:
    import optuna

#: what Optuna can store as a choice
PLAIN = (type(None), bool, int, float, str)


class OptunaSearchCV(PopulationSearch):
    """Try settings that a sampler of Optuna proposes, a batch of them per round as populations.

    Each round asks the sampler for `batch_size` settings, trains them on every split side by side, and tells it their
    mean scores. Needs `pip install "lamina[optuna]"`.

    Parameters
    ----------
    estimator : estimator
        As for :class:`PopulationSearchCV`.
    param_distributions : dict
        From names of parameters to distributions of `optuna.distributions`, or to lists of values to choose from.
    n_trials : int, default=64
        How many settings are tried in all.
    batch_size : int, default=16
        How many are proposed at once. More train faster side by side; fewer let the sampler learn more often.
    study : optuna.Study or None, default=None
        A study that maximises, with a sampler and a storage of its own; None makes one in memory, with the
        tree-structured Parzen estimator.
    cv : int, splitter or iterable, default=5
        The splits, as in scikit-learn.
    scoring : str, callable, list, tuple, dict or None, default=None
        One score or several, as in scikit-learn; None is the estimator's own.
    refit : bool, str, callable or "ensemble", default=True
        As for :class:`PopulationSearchCV`.
    max_memory : int or None, default=None
        Bytes that the members in training may take together; None is a quarter of the machine's.
    random_state : int, RandomState or None, default=None
        Seed of the sampler.
    n_jobs : int or None, default=None
        Processes of `joblib` that groups of members are spread over; None is one, whose program uses all cores.
    error_score : "raise" or number, default=nan
        The score of a member whose training fails; the others go on.
    return_train_score : bool, default=False
        Whether to score the training rows too.
    verbose : int, default=0
        1 shows members alive, the best setting so far, and the time left.

    Attributes
    ----------
    study_ : optuna.Study
        The study with its trials.
    cv_results_, best_estimator_, best_params_, best_score_, best_index_, scorer_, n_splits_, refit_time_, multimetric_
        As for :class:`PopulationSearchCV`.

    Raises
    ------
    InvalidParameter
        If the study minimises, or if several scores are given without the name of the one that decides.

    References
    ----------
    Bergstra et al., "Algorithms for Hyper-Parameter Optimization", 2011.

    Examples
    --------
    >>> import optuna
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {"learning_rate_init": optuna.distributions.FloatDistribution(1e-3, 0.1, log=True)}
    >>> net = MLPClassifier((8,), tol=0.01, random_state=0)
    >>> search = OptunaSearchCV(net, space, n_trials=6, batch_size=3, cv=3, random_state=0).fit(X, y)
    >>> search.study_.best_value > 0.9
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        **PopulationSearch._parameter_constraints,
        "param_distributions": [dict],
        "n_trials": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "study": "no_validation",
    }

    def __init__(
        self,
        estimator,
        param_distributions,
        *,
        n_trials=64,
        batch_size=16,
        study=None,
        cv=5,
        scoring=None,
        refit=True,
        max_memory=None,
        random_state=None,
        n_jobs=None,
        error_score=np.nan,
        return_train_score=False,
        verbose=0,
    ):
        super().__init__(
            estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_distributions = param_distributions
        self.n_trials = n_trials
        self.batch_size = batch_size
        self.study = study
        self.max_memory = max_memory
        self.random_state = random_state

    def _run(self, setting: Setting, X, y, metric: Any) -> Outcome:
        check_one_decides(setting.scorer, metric)
        proposals = Proposals(self._study(), self.param_distributions)
        self.study_ = proposals.study
        setting = dataclasses.replace(setting, candidates=[])
        members = self.n_trials * len(setting.splits)
        with Progress(setting, metric, members, members, self.verbose) as progress:
            trainer = Trainer(setting, X, y, self.n_jobs, Journal(None, {}), progress)
            for start in range(0, self.n_trials, self.batch_size):
                trials = [proposals.ask() for _ in range(min(self.batch_size, self.n_trials - start))]
                numbers = range(start, start + len(trials))
                setting.candidates.extend(map(proposals.params, trials))
                try:
                    trainer.train(numbers)
                except BaseException:  # an interruption too: nobody may wait for these
                    for trial in trials:
                        proposals.tell(trial, [np.nan])
                    raise
                for trial, number in zip(trials, numbers):
                    proposals.tell(trial, [score_of(result, metric) for result in trainer.results([number])])
        return trainer.outcome()

    def _study(self) -> optuna.Study:
        """The user's study, or a new one."""
        import optuna

        if self.study is None:
            seed = check_random_state(self.random_state).randint(2**31)
            # others of a batch count as bad meanwhile, so that proposals keep apart
            sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
            return optuna.create_study(direction="maximize", sampler=sampler)
        directions = getattr(self.study, "directions", None)
        if directions != [optuna.study.StudyDirection.MAXIMIZE]:
            received = f"study={self.study!r}" if directions is None else f"directions={directions}"
            raise InvalidParameter(
                "Of scores more is better, so the study has to maximise one value. Make it with "
                f'optuna.create_study(direction="maximize"). Received {received}.'
            )
        return self.study


class Proposals:
    """A study's trials as settings of an estimator."""

    def __init__(self, study: optuna.Study, space: Mapping[str, Any]) -> None:
        self.study = study
        self._values = {name: _named(values) for name, values in space.items() if _is_list(values)}
        self._distributions = {name: self._distribution(name, values) for name, values in space.items()}

    def ask(self) -> optuna.Trial:
        """The next trial."""
        return self.study.ask(self._distributions)

    def params(self, trial: optuna.Trial) -> dict[str, Any]:
        """Its setting."""
        return {name: self._values.get(name, {}).get(value, value) for name, value in trial.params.items()}

    def tell(self, trial: optuna.Trial, scores: Sequence[float]) -> None:
        """Give it the mean of its scores, or say that it failed."""
        import optuna

        mean = float(np.mean(scores))
        if np.isfinite(mean):
            self.study.tell(trial, mean)
        else:
            self.study.tell(trial, state=optuna.trial.TrialState.FAIL)

    def _distribution(self, name: str, values: Any) -> Any:
        """Lists become choices; what Optuna can't store, such as tuples, is known to it by its text."""
        import optuna

        if name in self._values:
            return optuna.distributions.CategoricalDistribution(list(self._values[name]))
        if isinstance(values, optuna.distributions.BaseDistribution):
            return values
        raise InvalidParameter(
            f"param_distributions expects lists of values, or distributions of optuna.distributions such as "
            f"FloatDistribution(1e-5, 1, log=True). Received {name}={values!r}."
        )


def _is_list(values: Any) -> bool:
    return isinstance(values, Sequence | np.ndarray) and not isinstance(values, str) and len(values) > 0


def _named(values: Sequence[Any]) -> dict[Any, Any]:
    """Values by what Optuna knows them by."""
    return {value if isinstance(value, PLAIN) else str(value): value for value in values}
