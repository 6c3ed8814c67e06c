"""Training a copy of a model as the model itself would be trained."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from sklearn.base import clone

from lamina.callbacks import Callback
from lamina.errors import DivergenceError
from lamina.inspection.subject import check_subject
from lamina.models import Sequential, clone_model
from lamina.reuse.fine_tuning import FineTuning

#: of a model that says nothing about how long it is trained
DEFAULT_EPOCHS = 10


def rehearse(
    model: Any,
    X: Any,
    y: Any,
    *,
    epochs: int | None = None,
    validation_data: tuple | None = None,
    callbacks: Sequence[Callback] = (),
) -> Any:
    """A copy of the model, trained from fresh weights with the same settings; what it warns of is not shown.

    A training that diverges has its record all the same.
    """
    check_subject(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if isinstance(model, Sequential):
            return _rehearse_model(model, X, y, epochs, validation_data, callbacks)
        copy = clone(model)
        if isinstance(model, FineTuning):
            copy.set_params(**({} if epochs is None else {"epochs": epochs}))
        else:
            copy.set_params(**({} if epochs is None else {"max_iter": epochs}), warm_start=False)
        try:
            return copy.fit(X, y, validation_data=validation_data, callbacks=list(callbacks))
        except DivergenceError:
            return copy


def _rehearse_model(model: Sequential, X, y, epochs, validation_data, callbacks) -> Sequential:
    """A copy of a compiled model, with the weights of frozen layers; batches and epochs as in its last training."""
    assert model.optimizer is not None
    copy = clone_model(model)
    for old, new in zip(model.layers, copy.layers):
        if not old.trainable:  # such as the first layers of another model
            new.set_weights(old.get_weights())
    copy.compile(type(model.optimizer).from_config(model.optimizer.get_config()), model.loss)
    copy.measures = model.measures
    said = {} if model.history is None else model.history.params
    epochs = (said.get("epochs") or DEFAULT_EPOCHS) if epochs is None else epochs
    batch_size = said.get("batch_size")
    copy.fit(X, y, batch_size, epochs, verbose=0, validation_data=validation_data, callbacks=list(callbacks))
    return copy
