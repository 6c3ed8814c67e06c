"""Which settings a search tries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sklearn.model_selection import ParameterGrid, ParameterSampler

from lamina.errors import InvalidParameter

#: settings drawn from distributions, unless `n_iter` says how many
DRAWN = 10


def candidates_of(param_grid, param_distributions, n_iter: int | None, random_state) -> list[dict[str, Any]]:
    """Every setting of a grid, or as many as are wanted, drawn at random.

    >>> candidates_of({"alpha": [0.1, 1]}, None, None, None)
    [{'alpha': 0.1}, {'alpha': 1}]
    """
    if (param_grid is None) == (param_distributions is None):
        received = "neither" if param_grid is None else "both"
        raise InvalidParameter(
            f"A search takes either param_grid or param_distributions. Received {received}. "
            'Give a dict from the names of parameters to the values to try, such as {"alpha": [1e-4, 1e-3]}.'
        )
    space = param_grid if param_distributions is None else param_distributions
    if is_drawn(param_grid, param_distributions, n_iter):
        found = list(ParameterSampler(space, DRAWN if n_iter is None else n_iter, random_state=random_state))
    else:
        found = list(ParameterGrid(space))
    if not found:
        raise InvalidParameter(f"There is nothing to search. Received {space!r}; give a dict of values to try.")
    return found


def is_drawn(param_grid, param_distributions, n_iter: int | None) -> bool:
    """Whether settings are drawn at random: from distributions, or when their number is given."""
    return param_distributions is not None or n_iter is not None or _has_distribution(param_grid)


def _has_distribution(space: Any) -> bool:
    """Whether a value of the space draws its own samples, as scipy.stats' distributions do."""
    spaces: Iterable = [space] if isinstance(space, Mapping) else space
    dicts = [each for each in spaces if isinstance(each, Mapping)]
    return any(hasattr(values, "rvs") for each in dicts for values in each.values())


def in_words(params: Mapping[str, Any], path: str = "") -> str:
    """A setting in one line; names of the parameters of the network go without its `path`.

    >>> in_words({"mlp__hidden_layer_sizes": (64, 32), "mlp__alpha": 0.0123456}, "mlp")
    'hidden_layer_sizes=(64, 32), alpha=0.01235'
    """
    return ", ".join(f"{name.removeprefix(f'{path}__')}={_word(value)}" for name, value in params.items())


def _word(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
