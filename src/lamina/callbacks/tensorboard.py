"""Curves and histograms for TensorBoard."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable, Iterator
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.callbacks.base import Callback, Logs
from lamina.checks import Name, Number, check_value
from lamina.errors import UnknownName
from lamina.layers.base import in_order

if TYPE_CHECKING:
    from tensorboard.compat.proto.summary_pb2 import Summary

#: what TensorBoard expects in the first record of a file
FILE_VERSION = "brain.Event:2"
#: parameters of Keras' callback that are accepted and change nothing
WITHOUT_EFFECT = (
    "write_graph",
    "write_images",
    "write_steps_per_second",
    "profile_batch",
    "embeddings_freq",
    "embeddings_metadata",
)


class TensorBoard(Callback):
    """Write the logs of every epoch, and histograms of the weights, for ``tensorboard --logdir logs`` to show.

    Names are Keras': the tags ``epoch_loss``, ``epoch_learning_rate`` and the like in the folder ``train``; those of
    the validation rows in ``validation``, without their ``val_``; and ``dense/kernel/histogram`` in ``train``. Epochs
    count from 0. After each epoch the files are complete, so a running training can be looked at, and so can one that
    was interrupted.

    Each training has files of its own: if `log_dir` has one already, the next goes to ``run_2`` in it, then ``run_3``.
    A training that goes on where the last one with the same callback ended, with `initial_epoch` or `warm_start`, goes
    on in its files.

    Parameters
    ----------
    log_dir : str or path, default="logs"
        The folder, which is made if need be.
    histogram_freq : int, default=0
        Write histograms after the first and every so many epochs; 0 writes none. Then epochs are awaited one by one,
        which slows down the training of small estimators.
    update_freq : {"epoch"}, default="epoch"
        When to write.
    **others
        ``write_graph``, ``write_images``, ``write_steps_per_second``, ``profile_batch``, ``embeddings_freq`` and
        ``embeddings_metadata`` have no effect.

    Attributes
    ----------
    run_dir : Path or None
        The folder that holds ``train`` and ``validation`` of the last training.

    Raises
    ------
    ImportError
        If the package tensorboard is not installed.

    Examples
    --------
    >>> from lamina import MLPClassifier
    >>> board = TensorBoard("logs", histogram_freq=1)  # doctest: +SKIP
    >>> clf = MLPClassifier((8,)).fit(X, y, callbacks=[board])  # doctest: +SKIP
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        update_freq: str = "epoch",
        **others: Any,
    ) -> None:
        for name in others.keys() - set(WITHOUT_EFFECT):
            known = ("log_dir", "histogram_freq", "update_freq", *WITHOUT_EFFECT)
            raise UnknownName.among("TensorBoard parameter", name, known)
        self.log_dir = Path(log_dir)
        self.histogram_freq = check_value("TensorBoard", "histogram_freq", histogram_freq, Number(0, whole=True))
        self.update_freq = check_value("TensorBoard", "update_freq", update_freq, Name(("epoch",)))
        self.only_watches = not histogram_freq  # histograms are of the weights of the epoch
        self.run_dir: Path | None = None
        self._next_epoch = 0
        _check_installed()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Await the number of the first epoch."""
        self._begun = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Find a folder before the first epoch."""
        if not self._begun and (self.run_dir is None or epoch != self._next_epoch):
            self.run_dir = _claim(self.log_dir)
        self._begun = True

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the epoch."""
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb

        self.on_epoch_begin(epoch)  # L-BFGS tells of ends alone
        numbers = {name: value for name, value in (logs or {}).items() if isinstance(value, Real)}
        valid = {name.removeprefix("val_"): v for name, v in numbers.items() if name.startswith("val_")}
        train = {name: v for name, v in numbers.items() if not name.startswith("val_")}
        histograms = self._histograms() if self.histogram_freq and epoch % self.histogram_freq == 0 else ()
        self._append("train", epoch, [*(scalar_pb(f"epoch_{name}", v) for name, v in train.items()), *histograms])
        self._append("validation", epoch, [scalar_pb(f"epoch_{name}", v) for name, v in valid.items()])
        self._next_epoch = epoch + 1

    def _histograms(self) -> Iterator[Summary]:
        """One of every array of weights; an estimator's as a model's."""
        from tensorboard.plugins.histogram.summary_v2 import histogram_pb

        for name, layer in dict(getattr(self.model, "model_", self.model).named_layers).items():
            for part in layer.store:
                for key, array in in_order(part):
                    yield histogram_pb(f"{name}/{key}/histogram", np.asarray(array, np.float64))

    def _append(self, part: str, epoch: int, summaries: Iterable[Summary]) -> None:
        """Add summaries to the file of a part, in one piece, so that no record is ever cut."""
        from tensorboard.compat.proto.event_pb2 import Event

        assert self.run_dir is not None
        now = time.time()
        events = [Event(wall_time=now, step=epoch, summary=summary) for summary in summaries]
        if not events:
            return
        folder = self.run_dir / part
        folder.mkdir(exist_ok=True)
        path = next(folder.glob("*.lamina"), folder / f"events.out.tfevents.{int(now)}.lamina")
        first = [] if path.exists() else [Event(wall_time=now, file_version=FILE_VERSION)]
        with path.open("ab") as file:
            file.write(_records(first + events))


def _records(events: list[Any]) -> bytes:
    """Events as a file holds them."""
    from tensorboard.summary.writer.record_writer import RecordWriter

    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    for event in events:
        writer.write(event.SerializeToString())
    return buffer.getvalue()


def _claim(log_dir: Path) -> Path:
    """The folder itself, or the first free ``run_2``, ``run_3``, ... in it; no other process can take it too."""
    folder, number = log_dir, 1
    while True:
        try:
            (folder / "train").mkdir(parents=True)
            return folder
        except FileExistsError:
            number += 1
            folder = log_dir / f"run_{number}"


def _check_installed() -> None:
    try:
        import tensorboard.summary.writer.record_writer  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"The callback TensorBoard writes files with the package tensorboard, which cannot be imported ({error}). "
            'Run: pip install "lamina[tensorboard]"'
        ) from error
