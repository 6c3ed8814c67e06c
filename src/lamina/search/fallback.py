"""Estimators that are no networks of ours: scikit-learn's own searches."""

from __future__ import annotations

import warnings

from lamina.search.setting import Setting, network_of


def strangers(setting: Setting) -> list[str]:
    """Names of the estimators among the candidates that no population can train."""
    estimators = map(setting.estimator_of, range(len(setting.candidates)))
    return sorted({type(network_of(e)).__name__ for e in estimators if not setting.in_population(e)})


def tell(names: list[str], what_happens: str) -> None:
    """Warn that these are not trained as populations."""
    warnings.warn(
        f"{' and '.join(names)} can't train in a population, which takes MLPClassifier and MLPRegressor of lamina, by "
        f"themselves or as the last step of a pipeline, and of fit's arguments sample_weight and validation_data. "
        f"{what_happens}",
        UserWarning,
        stacklevel=5,
    )
