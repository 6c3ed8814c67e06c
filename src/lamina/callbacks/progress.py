"""Live progress of a training in the terminal."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from lamina.callbacks.base import Callback, Logs

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

SECONDS_BETWEEN_LINES = 5.0


class RichProgress(Callback):
    """Show epoch, loss, metrics, rows per second and the time left.

    A terminal gets a live bar and two lines that fit in 80 columns. Anything else (a notebook, a file, a pipe) gets a
    plain line at epochs 1, 2, 5, 10, 20, 50, ... and after every five seconds.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to write, by default the standard error.
    every_epoch : bool, default=False
        Whether to write a plain line for each epoch, in a terminal too.
    """

    only_watches = True

    def __init__(self, console: Console | None = None, every_epoch: bool = False) -> None:
        if console is None:
            from rich.console import Console

            console = Console(stderr=True)
        self.console = console
        self.every_epoch = every_epoch
        self._progress: Progress | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start the line, with the training's n_samples, epochs, n_parameters and, if it has one, phase."""
        self._rows, self._last_epoch = self.params["n_samples"], self.params["epochs"]
        self._start = self._line_at = time.perf_counter()
        self._epoch = 0
        self._before = len(getattr(self.model, "history_", {}).get("epoch", ()))  # of earlier phases
        phase = f" ({self.params['phase']})" if self.params.get("phase") else ""
        task = f"{self.params['n_parameters']:,} parameters on {self._rows:,} rows"
        self.console.print(f"Training{phase} {task}, at most {self._last_epoch} epochs", highlight=False)
        if self.console.is_terminal and not self.every_epoch:
            self._progress = _live_line(self.console)
            self._task = self._progress.add_task("epoch", total=self._last_epoch, facts="")
            self._progress.start()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Show the numbers of an epoch; ``seconds`` among them says how long it took."""
        logs = logs or {}
        now, self._epoch = time.perf_counter(), epoch + 1 - self._before
        facts = _facts(logs)
        seconds = max(logs.get("seconds") or (now - self._start) / self._epoch, 1e-9)
        left = seconds * (self._last_epoch - self._epoch)
        pace = f"{_short(self._rows / seconds)} rows/s  at most {_clock(left)} left"
        if self._progress is not None:
            self._progress.update(self._task, completed=self._epoch, facts=f"{facts}\n{pace}")
        elif self.every_epoch or _is_milestone(self._epoch) or now - self._line_at >= SECONDS_BETWEEN_LINES:
            self._line_at = now
            line = f"epoch {self._epoch:>4}/{self._last_epoch}  {facts}  {pace}"
            self.console.print(line, highlight=False, soft_wrap=True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Finish the line."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        seconds = time.perf_counter() - self._start
        self.console.print(f"Trained {self._epoch} epochs in {seconds:.1f} s", highlight=False)


def _live_line(console: Console) -> Progress:
    """A bar with the epochs and the facts."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("epoch"), MofNCompleteColumn(), BarColumn(10), TextColumn("{task.fields[facts]}"))
    return Progress(*columns, console=console)


def _facts(logs: dict[str, Any]) -> str:
    """The loss and the metrics, of constant width so that the line stands still."""
    known = [(name, value) for name, value in logs.items() if name not in ("learning_rate", "seconds")]
    return "  ".join(f"{name.replace('_', ' ')} {value:<8.4g}" for name, value in known if not math.isnan(value))


def _is_milestone(epoch: int) -> bool:
    """1, 2, 5, 10, 20, 50, 100, ..."""
    leading = str(epoch).rstrip("0")
    return leading in ("1", "2", "5")


def _short(number: float) -> str:
    """12,345 as 12 k, 1,234,567 as 1.2 M."""
    if number >= 1e6:
        return f"{number / 1e6:.1f} M"
    return f"{number / 1e3:.0f} k" if number >= 1e4 else f"{number:.0f}"


def _clock(seconds: float) -> str:
    """Seconds as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
