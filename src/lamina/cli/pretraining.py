"""The work behind `lamina pretrain`: table -> split -> encode -> train -> errors on held-out rows -> run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lamina.cli.exits import tell
from lamina.cli.parameters import network_parameters
from lamina.cli.source import open_source
from lamina.cli.training import Stopwatch, split
from lamina.errors import DataError


class Wish(NamedTuple):
    """What the command line asked for; `options` are the network's parameters as they were typed."""

    data: str
    #: name of the column to leave out
    target: str | None
    task: str
    out: Path | None
    test_size: float
    clip: float
    verbose: bool
    options: dict[str, Any]


class Tables(NamedTuple):
    """The rows to learn from, and those held out."""

    name: str
    train: Any
    test: Any


def train(wish: Wish) -> bool:
    """Do it all; True if Ctrl-C cut the training short (the weights so far are saved all the same)."""
    from lamina.report import RunFolder

    tables = _open(wish)
    model = _model(wish, tables.train)
    folder = RunFolder(wish.out) if wish.out is not None else RunFolder.next_free(tables.name)
    clock = Stopwatch()
    with folder.kept_if_used():
        _fit(model, tables.train, wish.verbose)
        clock.note("training")
        _write(model, tables, wish, folder, clock)
    return bool(_network(model).interrupted_)


def _open(wish: Wish) -> Tables:
    """The table without the column to leave out, split."""
    from lamina.data.table import choose_target

    source = open_source(wish.data)
    frame, left_out = source.frame, wish.target or source.target
    if left_out is not None:
        frame = frame.drop(choose_target(frame.columns, left_out))
    if not frame.width:
        raise DataError(f'{source.name} has only the column "{left_out}", which is left out.')
    but = "" if left_out is None else f', without "{left_out}"'
    tell(f"Data    {source.name}: {frame.height:,} rows, {frame.width} columns to learn from{but}")
    kept, held = split(np.zeros(frame.height), "regression", wish.test_size, wish.options["seed"])
    return Tables(source.name, frame[kept], frame[held])


def _model(wish: Wish, table: Any) -> Any:
    """The network behind an encoder; an autoencoder of a mixed table has its own, with a loss for each column."""
    from sklearn.pipeline import Pipeline

    from lamina.data.encode import TableEncoder, is_mixed
    from lamina.neural_network.pretraining import new_task

    network = new_task(wish.task).set_params(**network_parameters(wish.options))
    if wish.task in ("autoencoder", "greedy") and is_mixed(table):
        return network
    return Pipeline([("encode", TableEncoder(clip=wish.clip or None)), ("network", network)])


def _fit(model: Any, table: Any, verbose: bool) -> None:
    from lamina.callbacks.progress import RichProgress

    network = _network(model)
    rows = table if network is model else model["encode"].fit_transform(table)
    network.fit(rows, callbacks=[RichProgress()] if verbose else [])
    if network.interrupted_ and not len(network.history_["epoch"]):
        raise KeyboardInterrupt("interrupted before the end of the first epoch; no model was written.")


def _network(model: Any) -> Any:
    return model["network"] if hasattr(model, "steps") else model


def _write(model: Any, tables: Tables, wish: Wish, folder: Any, clock: Stopwatch) -> None:
    """All files of the run folder, and what a person is told."""
    from lamina.report import measure_unlabelled
    from lamina.report.columns import describe_table
    from lamina.report.contents import settings_of, versions

    network = _network(model)
    folder.forget_search()
    folder.forget_examination()
    folder.write_model(model, {"pretrained": wish.task})
    folder.write_history(network.history_)
    folder.write_curves(network.history_)
    scores = measure_unlabelled(model, tables.test)
    clock.note("evaluation")
    folder.write_metrics(
        {
            **{"data": tables.name, "target": None, "task": wish.task},
            "rows": {"train": tables.train.height, "test": tables.test.height},
            **{"epochs": len(network.history_["epoch"]), "interrupted": bool(network.interrupted_), "test": scores},
        }
    )
    path = folder.write_report(
        {
            "settings": settings_of(network),
            "data": describe_table(tables.train),
            "seconds": clock.seconds,
            "versions": versions(),
        }
    )
    tell(f"Test    {'  '.join(f'{name} {score:.4f}' for name, score in scores.items())}")
    tell(f"Run     {folder.path}")
    tell(f"Report  {path}")
    tell(f"Next    lamina fit DATA --from {folder.path}")
