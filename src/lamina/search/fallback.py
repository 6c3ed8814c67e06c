"""Estimators that are no networks of ours: scikit-learn's own searches."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from lamina.search.candidates import DRAWN, is_drawn
from lamina.search.wrapping import in_population, network_of, with_parameters


def strangers(estimator, candidates: Iterable[dict[str, Any]], fit_params: Iterable[str]) -> list[str]:
    """Names of the estimators among the candidates that no population can train."""
    estimators = [with_parameters(estimator, params) for params in candidates]
    return sorted({type(network_of(e)).__name__ for e in estimators if not in_population(e, fit_params)})


def tell(names: list[str], what_happens: str) -> None:
    """Warn that these don't train as populations."""
    warnings.warn(
        f"{' and '.join(names)} can't train in a population, which takes MLPClassifier and MLPRegressor of lamina, by "
        f"themselves, as the last step of a pipeline or in a TransformedTargetRegressor, and of fit's arguments "
        f"sample_weight, validation_data and unlabeled. "
        f"{what_happens}",
        UserWarning,
        stacklevel=5,
    )


def search_by_samples(search) -> Any:
    """scikit-learn's search in which settings are dropped at rungs of rows, with the same parameters."""
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV

    common = ("cv", "scoring", "refit", "random_state", "n_jobs", "error_score", "return_train_score", "verbose")
    params = {name: getattr(search, name) for name in common}
    space = search.param_grid if search.param_distributions is None else search.param_distributions
    if not is_drawn(search.param_grid, search.param_distributions, search.n_iter):
        return HalvingGridSearchCV(search.estimator, space, **params)
    n_candidates = DRAWN if search.n_iter is None else search.n_iter
    return HalvingRandomSearchCV(search.estimator, space, n_candidates=n_candidates, **params)


def take_over(search, theirs) -> None:
    """Give a search what another one has found."""
    vars(search).update({name: value for name, value in vars(theirs).items() if name.endswith("_")})
