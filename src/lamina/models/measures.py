"""What a model measures besides its loss, and under which names."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from lamina.errors import InvalidParameter
from lamina.losses import Loss
from lamina.metrics import Metric, Unweighted, resolve


class Measures(NamedTuple):
    """The metrics given to ``compile``: those that count every row once, and those that heed the rows' weights."""

    plain: tuple[Any, ...] = ()
    weighted: tuple[Any, ...] = ()

    @classmethod
    def of(cls, plain: Any, weighted: Any) -> Measures:
        """The metrics in any nesting of lists and dictionaries: a model of one output has one list of them."""
        return cls(_flat("metrics", plain), _flat("weighted_metrics", weighted))

    def named(self, loss: Loss | None, n_outputs: int, n_targets: int) -> list[tuple[Metric, bool]]:
        """The metrics for outputs and targets of given widths, each called as in the history; and which are weighted.

        Names are Keras': a second "mse" is "mse_1", and a weighted metric whose name is taken is "weighted_mse".
        """
        taken, found = {"loss": 1}, []
        given = [(metric, False) for metric in self.plain] + [(metric, True) for metric in self.weighted]
        for metric, weighted in given:
            name, resolved = resolve(metric, loss, n_outputs, n_targets)
            name = f"weighted_{name}" if weighted and name in taken else name
            taken[name] = taken.get(name, 0) + 1
            measured = copy.copy(resolved)
            measured.name = name if taken[name] == 1 else f"{name}_{taken[name] - 1}"
            found.append((measured, weighted))
        return found

    def in_plan(self, loss: Loss, n_outputs: int, n_targets: int) -> tuple[tuple[str, Metric], ...]:
        """`named`, as the engine takes them."""
        named = self.named(loss, n_outputs, n_targets)
        return tuple((metric.name, metric if weighted else Unweighted(metric)) for metric, weighted in named)


def _flat(argument: str, metrics: Any) -> tuple[Any, ...]:
    if metrics is None:
        return ()
    if not isinstance(metrics, list | tuple | dict):
        raise InvalidParameter(
            f'compile expects {argument} to be a list, such as ["accuracy"]. Received {argument}={metrics!r}.'
        )
    parts = metrics.values() if isinstance(metrics, dict) else metrics
    return tuple(
        one for part in parts for one in (_flat(argument, part) if isinstance(part, list | tuple | dict) else (part,))
    )
