"""The report as one HTML file, and the curve that estimators show in notebooks."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import InvalidParameter
from lamina.report import contents
from lamina.report.contents import Contents
from lamina.report.svg import Chart, Line, bar_chart, heat_map, line_chart, scatter_chart, short, thin
from lamina.storage import write_atomically

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_TABLE_ROWS = 50
#: what the table of gradient flow shows, and the words for it
FLOW_COLUMNS = {
    "gradient_norm": "gradient norm",
    "weight_norm": "weight norm",
    "update_ratio": "update / weight",
    "activation_std": "deviation of outputs",
    "dead": "share of dead units",
    "saturated": "share of saturated outputs",
}
#: control characters, directions of writing and halves of characters, which a page must not have
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def make_report(
    source: Any,
    path: str | os.PathLike[str],
    X: Any = None,
    y: Any = None,
    *,
    gradient_flow: Any = None,
    diagnosis: Any = None,
    title: str | None = None,
) -> Path:
    """Write a report of a training: one HTML file that needs no network and no other file.

    Parameters
    ----------
    source : str, path-like or estimator
        A run folder that ``lamina fit`` has made; or a fitted estimator, which may be a pipeline that ends in one.
    path : str or path-like
        The file to write, by custom with the ending .html.
    X, y : array-like of shape (n_rows, n_columns) and (n_rows,), optional
        Test rows for an estimator's scores, its classification report or residuals, and its most uncertain rows.
    gradient_flow : lamina.inspection.GradientFlow, optional
        The callback that the estimator was fitted with.
    diagnosis : lamina.inspection.Diagnosis, optional
        What `lamina.inspection.doctor` has found.
    title : str, optional
        The heading; by default the name of the estimator's class.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileError
        If the folder has no run in it.
    InvalidParameter
        If the estimator is not fitted or not one of lamina's, if only one of X and y is given, and if anything is given
        beside a run folder, which has its own.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import load_iris
    >>> from lamina import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((8,), tol=10, n_iter_no_change=2, random_state=0).fit(X, y)  # stops soon
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = make_report(model, f"{folder}/report.html", X, y)
    ...     "Confusion matrix" in path.read_text(encoding="utf-8")
    True
    """
    if (X is None) != (y is None):
        raise InvalidParameter("Got one of X and y. Expected test rows with their targets, or neither.")
    if isinstance(source, str | os.PathLike):
        if not all(given is None for given in (X, gradient_flow, diagnosis, title)):
            raise InvalidParameter(
                "Got a run folder and more. Expected the folder alone: it has its rows and findings."
            )
        found = contents.of_run(Path(source))
    else:
        found = contents.of_estimator(source, X, y, gradient_flow, diagnosis, title)
    write_atomically(path, render(found).encode())
    return Path(path)


def render(report: Contents) -> str:
    """The page."""
    views = {
        "curves": loss_charts(report.history),
        "history": _history_table(report.history),
        "flow": _flow_view(report.flow) if report.flow else None,
        "residuals": _residual_charts(report.evaluation),
    }
    return _environment().get_template("report.html").render(report=report, parts=_parts(report, views), **views)


def _parts(report: Contents, views: Mapping[str, Any]) -> dict[str, str]:
    """The parts that there is something to say in, and their headings; each has a template of its own."""
    evaluation = report.evaluation or {}
    there_is = {
        "findings": ("What the doctor says", report.diagnosis),
        "curves": ("Curves", views["curves"]),
        "flow": ("Gradient flow", views["flow"]),
        "classes": ("Test rows by class", "classes" in evaluation),
        "residuals": ("Residuals of the test rows", views["residuals"]),
        "uncertain": ("The most uncertain rows", evaluation),
        "data": ("Data", report.data or report.target),
        "settings": ("Settings", report.settings),
        "timing": ("Timing and versions", report.seconds or report.versions),
    }
    return {part: heading for part, (heading, something) in there_is.items() if something}


def render_curve(history: Mapping[str, np.ndarray]) -> str:
    """The losses as an SVG picture that brings its own style."""
    return _environment().get_template("curve.html").render(chart=loss_charts(history)[0])


def loss_charts(history: Mapping[str, np.ndarray]) -> list[Chart]:
    """The losses; the validation score and the learning rate where there is something to see."""
    epoch = np.asarray(history.get("epoch", ()))
    if not len(epoch):
        return []
    curves = {name: column for name, values in history.items() if _is_known(column := np.asarray(values, float))}
    if "loss" not in curves:
        return []
    lines, judged = [Line("training", epoch, curves["loss"])], "loss"
    if "val_loss" in curves:
        lines.append(Line("validation", epoch, curves["val_loss"], "vermillion", dashed=True))
        judged = "val_loss"
    mark = _best(epoch, -curves[judged], "least loss")
    charts = [line_chart("Loss", "epoch", "loss", lines, mark)]
    if (score := curves.get("val_score")) is not None:
        mark = _best(epoch, score, "best score")
        charts.append(line_chart("Validation score", "epoch", "score", [Line("score", epoch, score, "green")], mark))
    if (rate := curves.get("learning_rate")) is not None and np.ptp(rate[np.isfinite(rate)]) > 0:
        charts.append(line_chart("Learning rate", "epoch", "rate", [Line("rate", epoch, rate, "orange")]))
    return charts


def _is_known(curve: np.ndarray) -> bool:
    return bool(np.isfinite(curve).any())


def _best(epoch: np.ndarray, goodness: np.ndarray, what: str) -> tuple[float, str]:
    """The epoch of the largest finite number."""
    best = int(epoch[np.nanargmax(np.where(np.isfinite(goodness), goodness, np.nan))])
    return best, f"{what}: epoch {best}"


def _history_table(history: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The text twin of the curves: at most 50 epochs."""
    names = [name for name, column in history.items() if name == "epoch" or _is_known(np.asarray(column, float))]
    chosen = thin(len(history.get("epoch", ())), MOST_TABLE_ROWS)
    return {
        "names": [name.replace("val_", "validation ").replace("_", " ") for name in names],
        "rows": [(int(history["epoch"][k]), [float(history[name][k]) for name in names[1:]]) for k in chosen],
    }


def _flow_view(flow: Mapping[str, list]) -> dict[str, Any] | None:
    """Gradient norms as a heat map of layers and epochs; the last epoch as a table."""
    layers = list(dict.fromkeys(flow["layer"]))
    table = {
        name: np.array(column, float).reshape(-1, len(layers))
        for name, column in flow.items()
        if name not in ("epoch", "layer")
    }
    epochs = np.array(flow["epoch"], float)[:: len(layers)]
    trained = [k for k in range(len(layers)) if _is_known(table["gradient_norm"][:, k])]
    if not trained:
        return None
    norms = table["gradient_norm"][:, trained].T
    shown = {name: words for name, words in FLOW_COLUMNS.items() if _is_known(table[name][-1])}
    return {
        "chart": heat_map("Gradient norm", "epoch", [layers[k] for k in trained], epochs, norms),
        "last": int(epochs[-1]),
        "names": ["layer", "gradient norm before training", *shown.values()],
        "rows": [
            (layers[k], [float(table["gradient_norm"][0, k]), *(float(table[name][-1, k]) for name in shown)])
            for k in thin(len(layers), MOST_TABLE_ROWS)
        ],
    }


def _residual_charts(evaluation: Any) -> list[Chart]:
    """Residuals by prediction, and how they are distributed."""
    if not evaluation or "residuals" not in evaluation:
        return []
    found = {name: np.array(evaluation["residuals"][name], float) for name in ("predicted", "residual", "edges")}
    counts = np.array(evaluation["residuals"]["counts"])
    return [
        scatter_chart("Residuals by prediction", "prediction", "residual", found["predicted"], found["residual"]),
        bar_chart("Distribution of residuals", "residual", "rows", found["edges"], counts),
    ]


@cache
def _environment() -> Environment:
    """Templates that escape whatever they show."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("lamina.report"),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "short": short}
    return environment


def _printable(value: Any) -> Any:
    """Texts without characters that are no text."""
    return UNPRINTABLE.sub("\ufffd", value) if type(value) is str else value


def _number(value: Any) -> str:
    """A number as people write it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, str):
        return value
    value = float(value)
    return f"{int(value):,}" if math.isfinite(value) and value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
