"""`lamina fit --from MODEL`: a trained network as the beginning, with its own preprocessing."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from lamina.cli.exits import say
from lamina.cli.networks import OF_RATIOS, Rows, Trained, Trainer, frozen_epochs, scaled_like
from lamina.errors import DataError, InvalidParameter


class Origin(NamedTuple):
    """The network to begin with, and what is known of its training."""

    path: Path
    #: its parts, as `lamina.reuse` takes it apart
    source: Any
    target: str | None = None
    task: str | None = None

    def check(self, table: Any, data: str, target: str) -> None:
        """Raise unless the table has the columns that the network takes."""
        columns, given = self.source.columns, f"{self.path} was trained on {self.source.columns.n_columns} columns"
        if columns.names:
            missing = [name for name in columns.names if name not in table.columns]
            if missing:
                shown = ", ".join(f'"{name}"' for name in missing[:5]) + (", ..." if len(missing) > 5 else "")
                remedy = "Rename those that mean the same, or add them."
                if missing == [target]:
                    remedy = f"Choose another target, or train {self.path} without this one (--target {target})."
                raise DataError(f"{given}, of which {data} lacks {len(missing)} beside its target: {shown}. {remedy}")
        elif table.width != columns.n_columns:
            raise DataError(
                f"{given} without names, and {data} has {table.width} beside its target. Give these columns, in order."
            )
        used = table.select(columns.names) if columns.names else table
        if columns.preprocessing is None and not all(dtype.is_numeric() for dtype in used.dtypes):
            name = next(name for name, dtype in used.schema.items() if not dtype.is_numeric())
            raise DataError(f'{self.path} takes numbers as they are, and column "{name}" of {data} holds no numbers.')


def read_origin(path: Path) -> Origin:
    """Open a model file, a run folder or a Keras file."""
    from lamina.persistence import MODEL_NAME
    from lamina.reuse.source import open_source
    from lamina.storage import read_file

    os.environ.setdefault("KERAS_BACKEND", "jax")  # there is no need for another one to read a file
    try:
        source = open_source(path)
    except ImportError as error:  # Keras is not installed
        raise InvalidParameter(str(error)) from None
    file = path / MODEL_NAME if path.is_dir() else path
    about = {} if file.suffix in (".keras", ".h5") else read_file(file)[1].get("about", {})
    return Origin(path, source, about.get("target"), about.get("task"))


@dataclass(frozen=True, kw_only=True)
class FineTuner(Trainer):
    """Fine-tunes the network of `origin`; the table goes to it as it is."""

    origin: Origin
    #: name of the target
    target: str

    def first(self, rows: Rows) -> Trained:
        """Fit with validation rows, and say how many layers were of use."""
        if self.verbose and self.parameters.get("n_reused", "auto") == "auto":
            say("Trying how many hidden layers to reuse, by cross-validation.")
        trained = super().first(rows)
        n_hidden = len(self.origin.source.blocks)
        tuned = _fine_tuning_in(trained.model)
        frozen = f", {tuned.n_frozen_} of them frozen to the end" if tuned.n_frozen_ else ""
        say(f"Reused {tuned.n_reused_} of {n_hidden} hidden layers of {self.origin.path}{frozen}.")
        return trained

    def _as_long_as(self, first: Trained, epochs: int) -> dict[str, Any]:
        tuned, frozen = _fine_tuning_in(first.model), frozen_epochs(first.network.history_, epochs)
        return {
            **self.parameters,
            **{"early_stopping": False, "frozen_epochs": frozen, "epochs": epochs - frozen},
            **{"n_reused": tuned.n_reused_, "n_frozen": tuned.n_frozen_},
        }

    def _fit(self, rows: Rows, held: Rows | None, parameters: dict[str, Any], measured: bool = False) -> Trained:
        """A fitted fine-tuning; the source's preprocessing stays as it is."""
        model = self._estimator(parameters)
        tuned = getattr(model, "regressor", model)

        def as_network_takes(part: Rows) -> tuple:
            return tuned.as_trained_on(part.table, scaled_like(model, rows.target, part.target))

        given: dict[str, Any] = {"X": rows.table, "y": rows.target}
        if held is not None:
            given["validation_data"] = (held.table, scaled_like(model, rows.target, held.target))
        flow = self._flow(parameters, measured, lambda: as_network_takes(rows))
        trained = self._train(model, model, given, flow)
        return trained if held is None else trained._replace(validation=as_network_takes(held))

    def _estimator(self, parameters: dict[str, Any]) -> Any:
        """With the source's output and its scale of the target where that is the same; else with new ones."""
        from sklearn.compose import TransformedTargetRegressor
        from sklearn.preprocessing import StandardScaler

        from lamina.reuse import FineTuneClassifier, FineTuneRegressor

        source, head = self.origin.source, "auto"
        if self.origin.target != self.target:
            source, head = replace(source, target_transformer=None), "new"
        if self.task == "classification":
            return FineTuneClassifier(source, head=head, **parameters)
        regressor = FineTuneRegressor(source, head=head, **parameters)
        if source.target_transformer is not None or parameters.get("loss") in OF_RATIOS:
            return regressor
        return TransformedTargetRegressor(regressor=regressor, transformer=StandardScaler())


def _fine_tuning_in(model: Any) -> Any:
    """The fitted fine-tuning, which may be behind the scaling of a target."""
    return getattr(model, "regressor_", model)
