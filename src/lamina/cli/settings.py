"""From the tables of a grid to settings that networks can be trained with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lamina.cli.grid import Space, ends, settings_of
from lamina.cli.networks import OF_RATIOS, Trainer
from lamina.errors import InvalidParameter, UnknownName

#: parameters of the network by name
Setting = dict[str, Any]


class Wanted(NamedTuple):
    """What `lamina search` is asked for beside what `lamina fit` is."""

    grid: Path
    cv: int
    strategy: str
    n_iter: int | None
    scoring: str | None
    checkpoint: Path | None


def checked_settings(spaces: list[Space], trainer: Trainer, wanted: Wanted, seed: int) -> list[Setting]:
    """The settings to try; raises for the first that the network can't have."""
    from lamina.search.wrapping import network_of

    network = network_of(trainer.pipeline(trainer.parameters))
    network._check_parameters()  # of the other options
    known = network.get_params(deep=False)
    try:
        for name in (name for space in spaces for name in space):
            if name not in known:
                raise UnknownName.among("parameter", name, [*known, "hidden"])
        settings = settings_of(spaces, wanted.n_iter, seed)
        for setting in [*_at_the_ends(spaces, seed), *settings]:
            _check(network, setting, pauses=wanted.strategy != "full")
        _check_targets(trainer, settings)
    except (InvalidParameter, UnknownName) as error:
        raise type(error)(f"{wanted.grid}: {error}") from None
    return settings


def base_parameters(trainer: Trainer, settings: list[Setting]) -> Setting:
    """Those of the options, with a loss of the settings if they all bring one: it decides how targets are scaled."""
    losses = _losses(trainer, settings)
    loss = trainer.parameters.get("loss")
    return trainer.parameters | ({} if loss in losses else {"loss": losses[0]})


def _at_the_ends(spaces: list[Space], seed: int) -> Iterator[Setting]:
    """For both ends of each range, a setting that has them."""
    for space in spaces:
        some = settings_of([space], 1, seed)[0]
        for name, end in ends(space):
            yield some | {name: end}


def _check(network: Any, setting: Setting, pauses: bool) -> None:
    from sklearn.base import clone

    from lamina.neural_network.population import check_pauses

    tried = clone(network).set_params(**setting)
    tried._check_parameters()
    if pauses:
        check_pauses(tried)


def _losses(trainer: Trainer, settings: list[Setting]) -> list[Any]:
    return [setting.get("loss", trainer.parameters.get("loss")) for setting in settings]


def _check_targets(trainer: Trainer, settings: list[Setting]) -> None:
    """Raise if some settings need the targets' own scale and others don't."""
    losses = {str(loss): loss in OF_RATIOS for loss in _losses(trainer, settings)}
    if trainer.task == "regression" and len(set(losses.values())) > 1:
        raise InvalidParameter(
            f"The losses {', '.join(losses)} are searched together. Of these, {', '.join(filter(losses.get, losses))} "
            "need the target's own scale and the others a standardised one. Search them in two runs."
        )
