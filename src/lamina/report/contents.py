"""What a report says, gathered from a run folder or an estimator, before anything is drawn."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from lamina.errors import DataError, FileError, InvalidParameter
from lamina.inspection.subject import checked_rows
from lamina.models import Sequential
from lamina.report.answers import answers_of
from lamina.report.columns import Tree, clip, describe_table, describe_target, one_per_row
from lamina.report.evaluation import estimator_of, evaluate, network_of
from lamina.report.run_folder import DIAGNOSIS, GRADIENT_FLOW, HISTORY, METRICS, MORE, SEARCH
from lamina.report.trials import best_trials

PACKAGES = ("lamina", "jax", "optax", "numpy", "scikit-learn")


@dataclass(frozen=True)
class Contents:
    """The parts of a report as plain values; what is not known is empty or None, and is not shown.

    Everything in it may come from the data: texts are shown as texts, whatever is in them.
    """

    title: str
    facts: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    history: Mapping[str, np.ndarray] = field(default_factory=dict)
    settings: list[Tree] = field(default_factory=list)
    data: Tree | None = None
    target: Tree | None = None
    evaluation: Tree | None = None
    flow: Mapping[str, list] | None = None
    search: Tree | None = None
    diagnosis: Tree | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


def of_run(folder: Path) -> Contents:
    """The contents of a run folder, as far as it has them."""
    metrics = _read_json(folder / METRICS)
    if not metrics:
        raise FileError(f"{folder} is no run folder: it has no {METRICS}. Expected one that `lamina fit` has made.")
    rows = metrics.get("rows", {})
    facts = {"training rows": rows.get("train"), "test rows": rows.get("test"), "epochs": metrics.get("epochs")}
    facts |= {"interrupted": "yes" if metrics.get("interrupted") else None}
    flow = folder / GRADIENT_FLOW
    return Contents(
        title=_title(metrics),
        facts={name: value for name, value in facts.items() if value is not None},
        scores=metrics.get("test", {}),
        history=_read_columns(folder / HISTORY) if (folder / HISTORY).is_file() else {},
        flow={name: list(column) for name, column in _read_columns(flow).items()} if flow.is_file() else None,
        search=_search_of(folder, metrics.get("search")),
        diagnosis=_read_json(folder / DIAGNOSIS),
        **(_read_json(folder / MORE) or {}),
    )


def _title(metrics: Tree) -> str:
    """What was trained on what; a pretraining has no target."""
    target = "" if metrics["target"] is None else f": {clip(metrics['target'])}"
    return f"{clip(metrics['data'])}{target} ({metrics['task']})"


def _search_of(folder: Path, facts: Any) -> Tree | None:
    """What a search has found, if there was one."""
    if facts is None or not (folder / SEARCH).is_file():
        return None
    return facts | {"trials": best_trials(_read_columns(folder / SEARCH))}


def of_estimator(model: Any, X: Any, y: Any, flow: Any, diagnosis: Any, title: str | None) -> Contents:
    """The contents of a fitted estimator, with test rows if there are any."""
    network = network_of(model)
    if not hasattr(network, "history_"):
        raise InvalidParameter(
            f"Got a {type(model).__name__} without a history. Expected a fitted MLPClassifier or MLPRegressor, a "
            "pipeline that ends in one, a Sequential, or the path of a run folder."
        )
    history = network.history_
    return Contents(
        title=title or type(estimator_of(model)).__name__,
        history=dict(history),
        settings=settings_of(estimator_of(model)),
        seconds={"training": float(np.nansum(history["seconds"]))},
        versions=versions(),
        **_found(flow, diagnosis),
        **_on_test_rows(model, X, y, {"epochs": len(history["epoch"])}),
    )


def of_model(model: Sequential, X: Any, y: Any, flow: Any, diagnosis: Any, title: str | None) -> Contents:
    """The contents of a model that `fit` has trained, with test rows if there are any."""
    if model.history is None or not model.history.epoch:
        raise InvalidParameter("The model has not been trained. Call model.fit first.")
    epochs = np.asarray(model.history.epoch) + 1
    # with `validation_freq`, nobody knows any more which epochs the validation losses are of
    curves = {name: np.asarray(c) for name, c in model.history.history.items() if len(c) == len(epochs)}
    parts = dict(model.named_layers) | {"loss": model.loss, "optimizer": model.optimizer}
    facts = {"epochs": len(epochs), "parameters": model.count_params()}
    asked: Any = model
    if X is not None:
        checked_rows(model, X, y)
        asked, y = answers_of(model, y)
    return Contents(
        title=title or type(model).__name__,
        history={"epoch": epochs} | curves,
        settings=[{"name": name, "text": _shown(part), "changed": False} for name, part in parts.items()],
        versions=versions(),
        **_found(flow, diagnosis),
        **_on_test_rows(asked, X, y, facts),
    )


def _found(flow: Any, diagnosis: Any) -> Tree:
    """What was measured and said, as plain trees."""
    return {
        "flow": None if flow is None else flow.to_dict(),
        "diagnosis": None if diagnosis is None else diagnosis.to_dict(),
    }


def _on_test_rows(model: Any, X: Any, y: Any, facts: Tree) -> Tree:
    """The facts, and what there is to say of test rows."""
    if X is None:
        return {"facts": facts}
    from lamina.report.scores import measure, measure_unlabelled

    if y is None:
        data = describe_table(X)
        return {"facts": facts | {"test rows": data["n_rows"]}, "data": data, "scores": measure_unlabelled(model, X)}
    data, y = describe_table(X), one_per_row(y)
    expected = (data["n_rows"], *np.shape(model.predict(X[:1]))[1:])
    if np.shape(y) != expected:
        raise DataError(f"Got targets of shape {np.shape(y)}. Expected {expected}, as the model predicts them.")
    task = "classification" if hasattr(model, "predict_proba") else "regression"
    return {
        "facts": facts | {"test rows": len(y)},
        "data": data,
        "target": describe_target("target", y, task == "classification"),
        "evaluation": evaluate(model, X, y),
        "scores": measure(model, X, np.asarray(y), task)[0],
    }


def settings_of(estimator: Any) -> list[Tree]:
    """The parameters of an estimator, and which of them are not the defaults."""
    defaults = type(estimator)().get_params(deep=False)
    return [
        {"name": name, "text": _shown(value), "changed": _shown(value) != _shown(defaults[name])}
        for name, value in estimator.get_params(deep=False).items()
    ]


def versions() -> dict[str, str]:
    """Of Python and of the packages that decide the numbers."""
    import platform

    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from its sources
            continue
    return found | {"platform": platform.platform()}


def _shown(value: Any) -> str:
    return clip(getattr(value, "__name__", None) or repr(value))


def _read_json(path: Path) -> Any:
    """The tree in a file, or None if there is no such file."""
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FileError(f"{path} is damaged ({error}). Train again, or delete it to do without it.") from error


def _read_columns(path: Path) -> dict[str, np.ndarray]:
    """The columns of a CSV file: numbers, with NaN for empty cells, or texts."""
    with path.open(newline="", encoding="utf-8") as file:
        names, *rows = csv.reader(file)
    return {name: _column([row[k] for row in rows]) for k, name in enumerate(names)}


def _column(cells: list[str]) -> np.ndarray:
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells)
