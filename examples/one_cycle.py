"""1cycle beside a constant learning rate, on Fashion-MNIST (rows 65, 66 and 67).

Published: the notebook of chapter 11 of Géron, "Hands-On Machine Learning", 2nd edition (2019), 25 epochs of SGD
without momentum. The claim shows: the same net does worse with either constant rate. Momentum that is cycled too lifts
the accuracy a little at the same maximum, and overfits: the validation loss is the worst of all.
"""

import numpy as np

import lamina as keras
from examples.fashion import load
from examples.learning_rate_schedules import build
from examples.published import compare

MAX_RATE = 0.05
BATCH_SIZE = 128


class OneCycleByHand(keras.callbacks.Callback):
    """1cycle as a callback that sets the rate of every batch, as one writes it where no such schedule exists."""

    def __init__(self, max_rate: float, total_steps: int) -> None:
        super().__init__()
        self.step = 0
        self.knots = [0, 0.45 * total_steps - 1, 0.9 * total_steps - 2, total_steps - 1]
        self.rates = [max_rate / 10, max_rate, max_rate / 10, max_rate / 10 / 1000]

    def on_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = float(np.interp(self.step, self.knots, self.rates))
        self.step += 1


def main(epochs: int = 25) -> None:
    train, valid, _ = load(standardize=True)
    settings = {"epochs": epochs, "batch_size": BATCH_SIZE, "validation_data": valid, "verbose": 0}

    def fit(learning_rate, callbacks=()) -> dict[str, list[float]]:
        """The history of a training from the same weights and with the same orders of rows."""
        keras.utils.set_random_seed(42)
        model = build()
        model.compile(keras.optimizers.SGD(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model.fit(*train, callbacks=callbacks, **settings).history

    one_cycle = keras.optimizers.schedules.OneCycle
    total_steps = epochs * -(-len(train[0]) // BATCH_SIZE)
    schedule = fit(one_cycle(MAX_RATE, max_momentum=None))
    by_hand = fit(MAX_RATE, [OneCycleByHand(MAX_RATE, total_steps)])
    runs = [
        ("1cycle up to 0.05", "0.8934, 0.317", schedule),
        ("the same as a callback", "-", by_hand),
        ("1cycle, momentum cycled too", "-", fit(one_cycle(MAX_RATE))),
        ("constant 0.05", "-", fit(MAX_RATE)),
        ("constant 0.01", "-", fit(0.01)),
    ]
    rows = [(name, said, f"{h['val_accuracy'][-1]:.4f}, {h['val_loss'][-1]:.3f}") for name, said, h in runs]
    distance = max(abs(a - b) for a, b in zip(schedule["loss"], by_hand["loss"], strict=True))
    rows.append(("largest distance of the first two loss curves", "-", f"{distance:.0e}"))
    compare(f"1cycle, validation accuracy and loss after {epochs} epochs", rows)


if __name__ == "__main__":
    main()
