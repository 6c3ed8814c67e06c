"""Data sets that work offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lamina.registry import Registry

if TYPE_CHECKING:
    import polars as pl

EMBEDDED: Registry[Callable[[], tuple[Any, str, str]]] = Registry("data set")


def load(name: str = "digits") -> tuple[pl.DataFrame, str, str]:
    """Load an embedded data set.

    Parameters
    ----------
    name : {"digits", "iris", "wine", "breast_cancer", "diabetes"}, default="digits"
        Which one.

    Returns
    -------
    frame : polars.DataFrame
        One row per sample; the target is the last column.
    target : str
        The name of the target column.
    task : {"classification", "regression"}
        What the target asks for.

    Examples
    --------
    >>> frame, target, task = load("iris")
    >>> frame.shape, target, task
    ((150, 5), 'species', 'classification')
    """
    return EMBEDDED[name]()


@EMBEDDED.register("digits")
def _digits() -> tuple[pl.DataFrame, str, str]:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return _frame(bunch.data, bunch.feature_names, "digit", bunch.target), "digit", "classification"


@EMBEDDED.register("iris")
def _iris() -> tuple[pl.DataFrame, str, str]:
    from sklearn.datasets import load_iris

    return _labelled(load_iris(), "species")


@EMBEDDED.register("wine")
def _wine() -> tuple[pl.DataFrame, str, str]:
    from sklearn.datasets import load_wine

    return _labelled(load_wine(), "cultivar")


@EMBEDDED.register("breast_cancer")
def _breast_cancer() -> tuple[pl.DataFrame, str, str]:
    from sklearn.datasets import load_breast_cancer

    return _labelled(load_breast_cancer(), "diagnosis")


@EMBEDDED.register("diabetes")
def _diabetes() -> tuple[pl.DataFrame, str, str]:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes()
    return _frame(bunch.data, bunch.feature_names, "progression", bunch.target), "progression", "regression"


def _labelled(bunch: Any, target: str) -> tuple[pl.DataFrame, str, str]:
    """A data set whose classes have names."""
    labels = [str(bunch.target_names[k]) for k in bunch.target]
    return _frame(bunch.data, bunch.feature_names, target, labels), target, "classification"


def _frame(data: Any, names: Any, target: str, values: Any) -> pl.DataFrame:
    """Columns of numbers, then the target."""
    import polars as pl

    return pl.DataFrame({**{str(name): data[:, i] for i, name in enumerate(names)}, target: values})
