"""Displays that need an estimator, and what to do with a model that is none."""

from __future__ import annotations

from typing import Any

from lamina.errors import InvalidParameter


def check_estimator(display: type, estimator: Any, instead: str) -> None:
    """Raise unless it has parameters, and so can be cloned and predicts targets; a Sequential has not."""
    if not hasattr(estimator, "get_params"):
        raise InvalidParameter(
            f"{display.__name__}.from_estimator got an object of type {type(estimator).__name__}. Expected an "
            f"estimator, such as MLPClassifier or MLPRegressor, or a pipeline. {instead}"
        )
