"""What any stack of layers does with rows: predict, with noise or without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lamina import losses, optimizers
from lamina.callbacks import Callback, CallbackList
from lamina.checks import Number, check_value
from lamina.engine.plan import Plan
from lamina.engine.precision import precision
from lamina.engine.predict import predict
from lamina.engine.program import Program, program_for
from lamina.engine.run import Variables
from lamina.engine.uncertainty import Uncertainty, draw, summarise
from lamina.errors import InvalidParameter
from lamina.models.arguments import check_others
from lamina.models.arrays import check_inputs
from lamina.models.stack import Stack
from lamina.optimizers.schedules import as_schedule

#: stands in the plan of a prediction, which computes no loss
_NO_LOSS = losses.MeanSquaredError()


class Inference(Stack):
    """A stack of layers that answers; :class:`Training` gives it a loss and an optimizer."""

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        *,
        callbacks: Sequence[Callback] | Callback | None = None,
        **others: Any,
    ) -> np.ndarray:
        """The outputs for any number of rows.

        Parameters
        ----------
        x : array-like of shape (n_samples, ...)
            The rows.
        batch_size : int, default=32
            For callbacks that hear of batches; otherwise rows are taken in blocks that suit the processor.
        verbose
            Accepted and without effect.
        callbacks : sequence of Callback, optional
            Their hooks ``on_predict_...`` are called; at the end of a batch, the logs hold its ``outputs``.
        **others
            ``workers`` and the like have no effect.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
        """
        check_others(self.predict, others)
        x = check_inputs(self, x)
        listeners = CallbackList(as_list(callbacks), self, {"verbose": verbose})
        listeners.on_predict_begin()
        width = batch_size or 32 if listeners.hears_batches("predict") else max(len(x), 1)
        pieces = []
        for number, start in enumerate(range(0, max(len(x), 1), width)):
            listeners.on_predict_batch_begin(number)
            pieces.append(self._outputs(x[start : start + width]))
            listeners.on_predict_batch_end(number, {"outputs": pieces[-1]})
        listeners.on_predict_end()
        return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]

    def _outputs(self, x: np.ndarray) -> np.ndarray:
        """The outputs for rows that are checked."""
        program, (params, state) = self._program(), self.open()
        noise = self.noise()
        return predict(lambda p, s, rows: program.predict(p, s, rows, noise), program, params, state, x)

    def _sensitivity(self, x: np.ndarray, largest: bool) -> np.ndarray:
        """Mean absolute gradient of the outputs, or of the largest one, by each number of a row; for checked rows."""
        program, (params, state), noise = self._program(), self.open(), self.noise()
        return predict(lambda p, s, rows: program.sensitivity(p, s, rows, noise, largest), program, params, state, x)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """`predict` for one batch."""
        return self.predict(x)

    def __call__(self, inputs: Any, training: bool = False) -> jax.Array:
        """The outputs as a JAX array; with ``training=True`` noise and batch statistics are on."""
        x = check_inputs(self, inputs)
        program, (params, state) = self._program(), self.open()
        with precision(self.dtype):
            outputs, new_state = program.outputs(params, state, x, self.noise(), bool(training))
        if training:
            self.close(Variables(params, new_state))
        return outputs

    def predict_uncertainty(self, x: Any, n_samples: int = 100, shared_mask: bool = False) -> Uncertainty:
        """Predictions with dropout left on, many times over: their mean and what their spread says.

        Only layers of noise are random; batch normalisation stays as in prediction. All draws are one compiled call.

        Parameters
        ----------
        x : array-like of shape (n_samples, ...)
            The rows.
        n_samples : int, default=100
            Number of draws.
        shared_mask : bool, default=False
            Whether all rows of a draw lose the same units, so that a draw is one function of the inputs.

        Returns
        -------
        Uncertainty
            With entropies if the outputs are probabilities that sum to 1.

        Raises
        ------
        InvalidParameter
            If the model has no layer of noise.
        """
        check_value("predict_uncertainty", "n_samples", n_samples, Number(1, whole=True))
        x, noise = check_inputs(self, x), self.noise()
        if noise is None:
            raise InvalidParameter(
                "The model has no layer of noise, so all draws would be alike. Add lamina.layers.Dropout(0.1) after "
                "some hidden layers and train it."
            )
        seeds = np.random.randint(2**32, size=(n_samples, 2), dtype=np.uint32)
        samples = draw(self._program(), *self.open(), x, seeds, noise[1], shared_mask)
        sums_to_one = samples.shape[-1] > 1 and np.allclose(samples.sum(axis=-1), 1, atol=1e-3)
        return summarise(samples, probabilities=bool(sums_to_one))

    def _program(self) -> Program:
        """The program of the whole stack, for predictions."""
        layers = tuple((name, layer.recipe()) for name, layer in self.named_layers)
        return program_for(Plan(layers, _NO_LOSS, (), optimizers.SGD().recipe(), self.dtype, penalties=()))

    @property
    def steps_done(self) -> int:
        """The number of training steps so far, where the schedules of layers' values stand."""
        return 0

    def traced_values(self) -> dict[str, Any]:
        """The traced values of the layers by their names in a plan."""
        return {f"{name}/{key}": value for name, layer in self.named_layers for key, value in layer.hyper().items()}

    def noise(self, always: bool = False):
        """A fresh seed and the layers' traced values; None for a model without noise, unless `always`."""
        if not always and not any(layer.noisy for layer in self.layers):
            return None
        dtype, steps = np.dtype(self.weight_dtype), np.full((1, 1), self.steps_done)
        values = {name: as_schedule(value)(steps, steps) for name, value in self.traced_values().items()}
        return draw_seed(), {k: dtype.type(v[0, 0]) for k, v in values.items()}


def as_list(callbacks: Sequence[Callback] | Callback | None) -> Sequence[Callback]:
    """One callback, several or none, as a sequence."""
    return [callbacks] if isinstance(callbacks, Callback) else callbacks or ()


def draw_seed() -> np.ndarray:
    """A fresh seed of noise."""
    return np.random.randint(2**32, size=2, dtype=np.uint32)
