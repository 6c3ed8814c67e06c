"""From training rows to the model to keep: a fit that validates, and a second one on every row."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lamina.cli.exits import say
from lamina.errors import DivergenceError
from lamina.report.evaluation import network_of

if TYPE_CHECKING:
    from lamina.inspection import GradientFlow

MOST_ROWS_TO_REFIT = 20_000
#: losses of counts and of relative errors, which mean something on the target's own scale alone
OF_RATIOS = ("poisson", "mean_absolute_percentage_error", "mape", "mean_squared_logarithmic_error", "msle")


class Rows(NamedTuple):
    """Rows of a table and their targets."""

    table: Any
    target: np.ndarray

    def at(self, index: np.ndarray) -> Rows:
        """Some of them."""
        return Rows(self.table[index], self.target[index])


class Trained(NamedTuple):
    """The pipeline to keep, and the network whose validation curves chose it.

    `flow` is what was measured while that network trained, and `validation` its rows, as the network takes them; None
    where there is neither.
    """

    model: Any
    network: Any
    interrupted: bool
    refitted_epochs: int = 0
    flow: GradientFlow | None = None
    validation: tuple | None = None


@dataclass(frozen=True)
class Trainer:
    """How to train: what stays the same in both fits."""

    task: str
    parameters: dict[str, Any]
    clip: float
    verbose: bool
    #: rows without a target, to pretrain on
    unlabelled: Any = None

    @property
    def several(self) -> bool:
        """Whether an ensemble is trained: it has no callbacks, and no one network to measure."""
        return self.parameters.get("n_members", 1) > 1

    def first(self, rows: Rows) -> Trained:
        """Fit encoder and network; with early stopping, on rows of which the validation part is no part."""
        if self.verbose and self.several:
            say(f"Training {self.parameters['n_members']} networks side by side.")
        kept, held = self._hold_out(rows)
        return self._fit(kept, held, {**self.parameters, "early_stopping": held is not None}, measured=True)

    def again(self, rows: Rows, first: Trained) -> Trained:
        """Fit anew on every row, for the best number of epochs; Ctrl-C or divergence leaves the first model."""
        epochs = best_epoch(first.network.history_)
        try:
            if self.verbose:
                why = f"for {epochs} epochs: there the validation loss was least."
                say(f"Training anew on all {len(rows.target):,} training rows, {why}")
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
                second = self._fit(rows, None, self._as_long_as(first, epochs))
            if not second.interrupted:
                return first._replace(model=second.model, refitted_epochs=epochs)
            interrupted = True
        except KeyboardInterrupt:
            interrupted = True
        except DivergenceError as error:
            say(f"Warning: {error}")
            interrupted = False
        say("The model of the first training is kept.")
        return first._replace(interrupted=interrupted)

    def _as_long_as(self, first: Trained, epochs: int) -> dict[str, Any]:
        """The parameters of a training of so many epochs, of the phases that the first one had by then."""
        from lamina.neural_network.steps import first_rate

        anew = {**self.parameters, "early_stopping": False, "max_iter": epochs, "n_iter_no_change": epochs + 1}
        if self.parameters.get("pretrain") is not None and not self.several:
            frozen = frozen_epochs(first.network.history_, epochs)
            anew |= {"frozen_epochs": frozen, "max_iter": max(epochs - frozen, 1)}
        if anew["learning_rate_init"] == "find" and not self.several:  # of several networks, each has found its own
            anew["learning_rate_init"] = first_rate(first.network)
        return anew

    def wants_again(self, wish: bool | None, first: Trained, n_rows: int) -> bool:
        """Whether a second training makes sense: there was a validation part, and it chose an epoch."""
        if first.interrupted or not np.isfinite(first.network.history_["val_loss"]).any():
            return False
        by_default = n_rows <= MOST_ROWS_TO_REFIT and self.parameters.get("time_budget") is None
        return by_default if wish is None else wish

    def validates(self, target: np.ndarray) -> bool:
        """Whether early stopping is wanted, and there are rows enough for it."""
        if not self.parameters["early_stopping"] or self.parameters["solver"] == "lbfgs":
            return False
        return can_validate(target, self.parameters["validation_fraction"], self.task == "classification")

    def _hold_out(self, rows: Rows) -> tuple[Rows, Rows | None]:
        """The rows to fit on and those to validate on, of every class a share; all and none without early stopping."""
        from lamina.data.split import hold_out

        if not self.validates(rows.target):
            return rows, None
        share, by_class = self.parameters["validation_fraction"], self.task == "classification"
        generator = np.random.RandomState(self.parameters["random_state"])
        kept, held = hold_out(len(rows.target), share, generator, rows.target if by_class else None)
        return rows.at(kept), rows.at(held)

    def _fit(self, rows: Rows, held: Rows | None, parameters: dict[str, Any], measured: bool = False) -> Trained:
        """A fitted pipeline of encoder and network; the scale of the target is that of `rows`, and so is the encoder.

        Rows without a target shape the encoder too.
        """
        model = self.pipeline(parameters)
        encoder, network = model["encode"], model["mlp"]
        encoded, more = self._encoded(encoder, rows.table)
        validation = None
        if held is not None:
            validation = (encoder.transform(held.table), scaled_like(network, rows.target, held.target))
        given = {"X": encoded, "y": rows.target, "validation_data": validation} | more
        flow = self._flow(parameters, measured, lambda: (encoded, scaled_like(network, rows.target, rows.target)))
        return self._train(model, network, given, flow)._replace(validation=validation)

    def _encoded(self, encoder: Any, table: Any) -> tuple[Any, dict[str, Any]]:
        """The rows, and what else `fit` is given: those without a target."""
        if self.unlabelled is None:
            return encoder.fit_transform(table), {}
        encoder.fit(table.vstack(self.unlabelled))
        return encoder.transform(table), {"unlabeled": encoder.transform(self.unlabelled)}

    def _flow(self, parameters: dict[str, Any], measured: bool, rows: Callable[[], tuple]) -> GradientFlow | None:
        """What measures the gradients of the training; lbfgs makes no steps to measure."""
        from lamina.inspection import GradientFlow

        return GradientFlow(*rows()) if measured and parameters["solver"] != "lbfgs" and not self.several else None

    def _train(self, model: Any, estimator: Any, given: dict[str, Any], flow: GradientFlow | None) -> Trained:
        """Fit the estimator within the model."""
        from lamina.callbacks.progress import RichProgress

        callbacks: list[Any] = [RichProgress()] if self.verbose and not self.several else []
        try:
            estimator.fit(**given, callbacks=callbacks if flow is None else [*callbacks, flow])
        except DivergenceError as error:
            if self.several:  # it names the members
                raise
            raise _advised(network_of(estimator)) from error
        fitted = network_of(estimator)
        return Trained(model, fitted, bool(fitted.interrupted_), flow=flow)

    def pipeline(self, parameters: dict[str, Any]) -> Any:
        """Encoder and network, unfitted."""
        from sklearn.pipeline import Pipeline

        from lamina.data.encode import TableEncoder

        encoder = TableEncoder(clip=self.clip or None)
        return Pipeline([("encode", encoder), ("mlp", self._estimator(parameters))])

    def _estimator(self, parameters: dict[str, Any]) -> Any:
        """A classifier, or a regressor of a standardised target, which stays as it is for a loss of ratios."""
        from sklearn.compose import TransformedTargetRegressor
        from sklearn.preprocessing import StandardScaler

        import lamina

        if self.task == "classification":
            return lamina.MLPClassifier(**parameters)
        regressor = lamina.MLPRegressor(**parameters)
        if parameters.get("loss") in OF_RATIOS:
            return regressor
        return TransformedTargetRegressor(regressor=regressor, transformer=StandardScaler())


def can_validate(target: np.ndarray, share: float, by_class: bool) -> bool:
    """Whether there are rows enough for a validation part; if not, say that early stopping is off.

    Two validation rows at least; and of every class one row to train on, and room for one to validate on.
    """
    n_held = math.ceil(share * len(target))
    few = f"{len(target)} training rows"
    enough = 2 <= n_held < len(target)
    if by_class:
        counts = Counter(target.tolist())
        rarest = min(counts, key=lambda label: counts[label])
        trained_on = counts[rarest] * (len(target) - n_held) >= len(target)
        enough = enough and counts[rarest] >= 2 and trained_on and n_held >= len(counts)
        few += f", {counts[rarest]} of class {rarest},"
    if not enough:
        say(f"Early stopping is off: {few} are too few to validate.")
    return enough


def best_epoch(history: Any) -> int:
    """The epoch of the least validation loss, which says more than the score of a few validation rows."""
    return int(np.nanargmin(history["val_loss"])) + 1


def frozen_epochs(history: Any, epochs: int) -> int:
    """How many of the first epochs were of the frozen phase."""
    return int(np.count_nonzero(history["phase"][:epochs] == "frozen"))


def scaled_like(estimator: Any, target: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Targets on the scale that the network is trained on, which the training targets alone decide."""
    from sklearn.base import clone

    transformer = getattr(estimator, "transformer", None)
    if transformer is None:
        return held
    return clone(transformer).fit(target[:, None]).transform(held[:, None])[:, 0]


def _advised(network: Any) -> DivergenceError:
    """What happened, and which options may help; the rows are scaled already."""
    from lamina.neural_network.divergence import what_happened
    from lamina.neural_network.steps import first_rate

    rate = f"a smaller --learning-rate-init (now {first_rate(network):g})"
    remedy = "--solver adam" if network.solver == "lbfgs" else rate
    return DivergenceError(f"{what_happened(network.history_['loss'])} Try {remedy} or a larger --alpha.")
