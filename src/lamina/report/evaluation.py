"""How a fitted model does on test rows: by class, by residual, and where it is least certain."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lamina.errors import InvalidParameter
from lamina.report.columns import MOST_CLASSES, MOST_COLUMNS, Tree, as_frame, clip

#: what a report shows, however large the data are
LARGEST_MATRIX, MOST_MISTAKES, MOST_UNCERTAIN, MOST_VALUES, MOST_RESIDUALS = 20, 20, 15, 6, 1000
N_BINS = 10
#: draws with dropout on, and the rows that they are made for
N_DRAWS, MOST_DRAWN = 50, 5000


class Doubt(NamedTuple):
    """How uncertain each row is, and what that is called."""

    of_row: np.ndarray
    heading: str
    measure: str


def evaluate(model: Any, X: Any, y: Any, row_numbers: np.ndarray | None = None) -> Tree:
    """What the report says of test rows, as a plain tree of bounded size.

    Row numbers count from 1; by default they are the places in `X`.
    """
    if np.ndim(y) > 1:
        return {"n_rows": len(y), "targets": by_target(model, X, y)}
    y = np.asarray(y)
    numbers = np.arange(1, len(y) + 1) if row_numbers is None else np.asarray(row_numbers)
    frame = as_frame(X)
    probability = model.predict_proba(X) if hasattr(model, "predict_proba") else None
    if probability is not None:
        predicted = model.classes_[probability.argmax(axis=1)]
        part, doubt = {"classes": by_class(y, predicted)}, _doubt_about_classes(model, X, probability)
    else:
        predicted = model.predict(X)
        part, doubt = {"residuals": by_residual(y, predicted)}, _doubt_about_numbers(model, X, y - predicted)
    chosen = np.argsort(-doubt.of_row, kind="stable")[:MOST_UNCERTAIN]
    if probability is None:
        guesses = [f"{number:.4g}" for number in predicted[chosen]]
    else:
        guesses = _guesses(probability[chosen], model.classes_)
    rows = [
        {"number": int(numbers[k]), "truth": clip(y[k]), "predicted": guess, "doubt": float(doubt.of_row[k])}
        | {"cells": _cells(frame, int(k))}
        for k, guess in zip(chosen, guesses, strict=True)
    ]
    columns = [clip(name) for name in frame.columns[:MOST_VALUES]]
    about = {"heading": doubt.heading, "measure": doubt.measure, "columns": columns, "rows": rows}
    return {"n_rows": len(y), **part, "uncertain": about}


def by_class(truth: np.ndarray, predicted: np.ndarray) -> Tree:
    """Precision, recall and F1 of each class; the confusion matrix of up to 20 classes; the most frequent mistakes."""
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    classes = np.unique(np.concatenate([truth, predicted]))
    scores = precision_recall_fscore_support(truth, predicted, labels=classes, zero_division=0)
    order = np.argsort(-scores[3], kind="stable")[:MOST_CLASSES]
    order = np.sort(order)
    report = [
        {"name": clip(classes[k]), "rows": int(scores[3][k])}
        | {name: float(column[k]) for name, column in zip(("precision", "recall", "f1"), scores, strict=False)}
        for k in order
    ]
    wrong = np.flatnonzero(truth != predicted)
    codes = np.searchsorted(classes, truth[wrong]) * len(classes) + np.searchsorted(classes, predicted[wrong])
    pairs, counts = np.unique(codes, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:MOST_MISTAKES]
    has_matrix = len(classes) <= LARGEST_MATRIX
    return {
        "n_classes": len(classes),
        "report": report,
        "names": [clip(name) for name in classes] if has_matrix else [],
        "matrix": confusion_matrix(truth, predicted, labels=classes).tolist() if has_matrix else [],
        "mistakes": [
            {"truth": clip(classes[pair // len(classes)]), "predicted": clip(classes[pair % len(classes)]), "rows": n}
            for pair, n in zip(pairs[most].tolist(), counts[most].tolist(), strict=True)
        ],
    }


def by_residual(truth: np.ndarray, predicted: np.ndarray) -> Tree:
    """Truth minus prediction: some of them, a histogram of all, and their size by tenths of the predictions."""
    residual = truth - predicted
    order = np.argsort(predicted, kind="stable")
    some = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), MOST_RESIDUALS)).astype(int))]
    counts, edges = np.histogram(residual, bins=2 * N_BINS)
    tenths = [part for part in np.array_split(order, N_BINS) if len(part)]
    return {
        "predicted": predicted[some].tolist(),
        "residual": residual[some].tolist(),
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "tenths": [
            {"low": float(predicted[part[0]]), "high": float(predicted[part[-1]]), "rows": len(part)}
            | {"mean": float(residual[part].mean()), "rmse": float(np.sqrt(np.mean(residual[part] ** 2)))}
            for part in tenths
        ],
    }


def by_target(model: Any, X: Any, y: Any) -> Tree:
    """Scores of each of several targets: of labels as in a classification report, of numbers as in a regression."""
    from sklearn import metrics

    truth, predicted = np.asarray(y), model.predict(X)
    if hasattr(model, "predict_proba"):
        names = ["precision", "recall", "F1", "rows"]
        columns = metrics.precision_recall_fscore_support(truth, predicted, zero_division=0)
    else:
        kinds = {"RMSE": metrics.root_mean_squared_error, "MAE": metrics.mean_absolute_error}
        kinds |= {"R²": metrics.r2_score} if len(truth) > 1 else {}
        names = list(kinds)
        columns = tuple(kind(truth, predicted, multioutput="raw_values") for kind in kinds.values())
    targets = as_frame(y, "target").columns
    rows = [(clip(name), [float(n) for n in of]) for name, *of in zip(targets[:MOST_COLUMNS], *columns, strict=False)]
    return {"n_targets": len(targets), "names": names, "rows": rows}


def estimator_of(model: Any) -> Any:
    """The last step of a pipeline, or what is behind the scaling of a target."""
    from sklearn.pipeline import Pipeline

    last = model[-1] if isinstance(model, Pipeline) else model
    return getattr(last, "regressor_", last)


def network_of(model: Any) -> Any:
    """The network that was trained: the estimator, or what it has put on top of another one's layers."""
    estimator = estimator_of(model)
    return getattr(estimator, "network_", estimator)


def _doubt_about_classes(model: Any, X: Any, probability: np.ndarray) -> Doubt:
    """The entropy of each row's probabilities: of their means over draws where there are any."""
    drawn, how = _draws(model, X)
    if drawn is not None:
        return Doubt(drawn.entropy, "entropy", f"entropy of the probabilities, averaged over {how}")
    from scipy.special import entr

    return Doubt(entr(probability).sum(axis=1), "entropy", "entropy of the probabilities")


def _doubt_about_numbers(model: Any, X: Any, residual: np.ndarray) -> Doubt:
    """The spread of draws of the predictions; without draws, how wrong they are."""
    drawn, how = _draws(model, X)
    if drawn is None:
        return Doubt(np.abs(residual), "distance", "distance from the truth (without dropout nothing else is known)")
    return Doubt(drawn.std[:, 0] * _scale_of(model), "deviation", f"deviation of the predictions over {how}")


def _scale_of(model: Any) -> float:
    """How many of the target's units one unit of the network's output is."""
    last = model[-1] if hasattr(model, "steps") else model
    transformer = getattr(last, "transformer_", None) or getattr(last, "target_transformer_", None)
    if transformer is None:
        return 1.0
    zero, one = transformer.inverse_transform([[0.0], [1.0]])[:, 0]
    return abs(one - zero)


def _draws(model: Any, X: Any) -> tuple[Any, str]:
    """Draws of the predictions for the first rows, and what they are; None for one network without dropout."""
    network = estimator_of(model)
    if not hasattr(network, "predict_uncertainty"):
        return None, ""
    n_members = len(vars(network).get("estimators_", [network]))
    X = X[:MOST_DRAWN]
    encoded = model[:-1].transform(X) if hasattr(model, "steps") else X
    try:
        drawn = network.predict_uncertainty(encoded, n_samples=-(-N_DRAWS // n_members))
    except InvalidParameter:  # one network without dropout
        return None, ""
    networks = f"{n_members} networks"
    if not any(np.any(getattr(network, name, 1.0)) for name in ("dropout", "input_dropout")):
        return drawn, networks
    return drawn, "draws with dropout left on" + (f", of {networks}" if n_members > 1 else "")


def _guesses(probability: np.ndarray, classes: np.ndarray) -> list[str]:
    """The two most probable classes of each row."""
    order = np.argsort(-probability, axis=1)[:, :2]
    best = np.take_along_axis(probability, order, axis=1)
    return [
        " or ".join(f"{clip(classes[k])} ({p:.0%})" for p, k in zip(row, two, strict=True))
        for row, two in zip(best, order, strict=True)
    ]


def _cells(frame: Any, row: int) -> list[str]:
    """The first values of a row."""
    values = frame[:, :MOST_VALUES].row(row)
    return [f"{value:.4g}" if isinstance(value, float) else "" if value is None else clip(value) for value in values]
