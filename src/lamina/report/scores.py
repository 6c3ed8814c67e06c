"""Test scores of a fitted model, as plain numbers and as text."""

from __future__ import annotations

from typing import Any

import numpy as np


def measure(model: Any, rows: Any, target: np.ndarray, task: str) -> tuple[dict[str, float], str]:
    """Scores of `model` on `rows`, and a classification report (empty for a regression)."""
    if task == "classification" and target.ndim == 1:
        return _measure_classes(model.predict_proba(rows), target, model.classes_)
    if task == "classification":
        return _measure_labels(model.predict(rows), target)
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    predicted = model.predict(rows)
    scores = {
        "r2": r2_score(target, predicted) if len(target) > 1 else float("nan"),
        "rmse": root_mean_squared_error(target, predicted),
        "mae": mean_absolute_error(target, predicted),
    }
    return {name: _finite(score) for name, score in scores.items()}, ""


def measure_unlabelled(model: Any, rows: Any) -> dict[str, float]:
    """Errors of a network, or a pipeline that ends in one, that has learned from rows alone.

    Of an autoencoder the reconstruction error, and the share of the columns' variance that it explains where the
    columns are numbers; of another one its loss.
    """
    network = model
    if hasattr(model, "steps"):
        network, rows = model[-1], model[:-1].transform(rows)
    if not hasattr(network, "reconstruction_error"):
        return {"loss": _finite(network.evaluate(rows, return_dict=True)["loss"])}
    error = -network.score(rows)
    scores = {"reconstruction_error": _finite(error)}
    if network.encoder_ is None and network.loss == "mean_squared_error":
        cells = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows, float)
        scores["explained_variance"] = _finite(1 - error / cells.var(axis=0).mean())
    return scores


def _measure_classes(probability: np.ndarray, target: np.ndarray, classes: np.ndarray) -> tuple[dict[str, float], str]:
    """Accuracy, F1 and log loss; classes the model has never seen count as wrong."""
    from sklearn.metrics import accuracy_score, classification_report, f1_score

    predicted = classes[probability.argmax(axis=1)]
    column = np.clip(np.searchsorted(classes, target), 0, len(classes) - 1)
    of_truth = np.where(classes[column] == target, probability[np.arange(len(target)), column], 0.0)
    scores = {
        "accuracy": accuracy_score(target, predicted),
        "f1_macro": f1_score(target, predicted, average="macro", zero_division=0),
        "log_loss": -np.log(np.maximum(of_truth, np.finfo(np.float32).eps)).mean(),
    }
    report = classification_report(target, predicted, digits=4, zero_division=0)
    return {name: _finite(score) for name, score in scores.items()}, report


def _measure_labels(predicted: np.ndarray, target: np.ndarray) -> tuple[dict[str, float], str]:
    """Of several labels per row: the share of rows with every label right, and F1."""
    from sklearn.metrics import accuracy_score, classification_report, f1_score

    scores = {
        "accuracy": accuracy_score(target, predicted),
        "f1_macro": f1_score(target, predicted, average="macro", zero_division=0),
    }
    report = classification_report(target, predicted, digits=4, zero_division=0)
    return {name: _finite(score) for name, score in scores.items()}, report


def _finite(score: Any) -> float:
    """A Python float: JSON has no others."""
    return float(score)
