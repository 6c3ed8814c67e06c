"""The report as one HTML file, and the curve that estimators show in notebooks."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import InvalidParameter
from lamina.models import Sequential
from lamina.neural_network.unsupervised import Unsupervised
from lamina.plotting import LossCurveDisplay
from lamina.report import contents
from lamina.report.contents import Contents
from lamina.report.evaluation import network_of
from lamina.report.svg import Chart, Line, bar_chart, heat_map, line_chart, scatter_chart, short, thin
from lamina.storage import write_atomically
from lamina.text import printable

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
    source : str, path-like, estimator or Sequential
        A run folder that ``lamina fit`` has made; or a fitted estimator, which may be a pipeline that ends in one; or a
        model that `fit` has trained.
    path : str or path-like
        The file to write, by custom with the ending .html.
    X, y : array-like of shape (n_rows, ...) and (n_rows,) or (n_rows, n_targets), optional
        Test rows for the scores, the classification report or residuals, and the most uncertain rows; of several
        targets, or several labels, the scores of each. To a network that learns from rows alone, such as an
        `Autoencoder`, X alone.
    gradient_flow : lamina.inspection.GradientFlow, optional
        The callback that it was fitted with.
    diagnosis : lamina.inspection.Diagnosis, optional
        What `lamina.inspection.doctor` has found.
    title : str, optional
        The heading; by default the name of the class.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileError
        If the folder has no run in it.
    InvalidParameter
        If it is not trained or not one of lamina's, if only one of X and y is given, and if anything is given beside a
        run folder, which has its own.
    DataError
        If X and y do not fit each other or the model.

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
    alone = isinstance(network_of(source), Unsupervised)
    if (X is None) != (y is None) and not alone:
        raise InvalidParameter("Got one of X and y. Expected test rows with their targets, or neither.")
    if alone and y is not None:
        raise InvalidParameter(f"The {type(network_of(source)).__name__} predicts no targets. Give test rows alone.")
    if isinstance(source, str | os.PathLike):
        if not all(given is None for given in (X, gradient_flow, diagnosis, title)):
            raise InvalidParameter(
                "Got a run folder and more. Expected the folder alone: it has its rows and findings."
            )
        found = contents.of_run(Path(source))
    else:
        of_source = contents.of_model if isinstance(source, Sequential) else contents.of_estimator
        found = of_source(source, X, y, gradient_flow, diagnosis, title)
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
        "search": ("Settings tried", report.search),
        "curves": ("Curves", views["curves"]),
        "flow": ("Gradient flow", views["flow"]),
        "classes": ("Test rows by class", "classes" in evaluation),
        "residuals": ("Residuals of the test rows", views["residuals"]),
        "targets": ("Test rows by target", "targets" in evaluation),
        "uncertain": ("The most uncertain rows", "uncertain" in evaluation),
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
    if not _is_known(np.asarray(history.get("loss", ()), float)):
        return []
    curves = LossCurveDisplay.from_history(history)
    lowest, best, rate = curves.lowest_epoch, curves.best_epoch, curves.learning_rate
    lines = _training_and_validation(curves.epoch, curves.loss, curves.val_loss)
    phases = [(span.phase, *curves.bounds(span)) for span in curves.spans]
    charts = [line_chart("Loss", "epoch", "loss", lines, (lowest, f"least loss: epoch {lowest}"), phases)]
    score = curves.score_name.replace("_", " ")
    if lines := _training_and_validation(curves.epoch, curves.score, curves.val_score):
        judged = curves.val_score is not None and curves.greater_is_better is not None
        label = score.capitalize() if len(lines) > 1 else f"{lines[0].name.capitalize()} {score}"
        charts.append(
            line_chart(label, "epoch", score, lines, (best, f"best {score}: epoch {best}") if judged else None, phases)
        )
    if rate is not None and np.nanmin(rate) < np.nanmax(rate):
        line = Line("rate", curves.epoch, rate, "orange")
        charts.append(line_chart("Learning rate", "epoch", "rate", [line], phases=phases))
    return charts


def _training_and_validation(epoch: np.ndarray, training: Any, validation: Any) -> list[Line]:
    """The curves of a number, as far as they are known."""
    lines = [] if training is None else [Line("training", epoch, training)]
    return lines if validation is None else [*lines, Line("validation", epoch, validation, "vermillion", dashed=True)]


def _is_known(curve: np.ndarray) -> bool:
    return bool(np.isfinite(curve).any())


def _history_table(history: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The text twin of the curves: at most 50 epochs."""
    columns = {name: np.asarray(column) for name, column in history.items()}
    names = [
        name for name, c in columns.items() if name == "epoch" or c.dtype.kind == "U" or _is_known(c.astype(float))
    ]
    chosen = thin(len(history.get("epoch", ())), MOST_TABLE_ROWS)
    return {
        "names": [name.replace("val_", "validation ").replace("_", " ") for name in names],
        "rows": [(int(history["epoch"][k]), [columns[name][k].item() for name in names[1:]]) for k in chosen],
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
    return printable(value) if type(value) is str else value


def _number(value: Any) -> str:
    """A number as people write it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, str):
        return value
    value = float(value)
    return f"{int(value):,}" if math.isfinite(value) and value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
