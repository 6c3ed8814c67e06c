"""An L2 penalty, dropout and max-norm on Fashion-MNIST (rows 75, 78, 79 and 82).

Published: the notebook of chapter 11 of Géron, "Hands-On Machine Learning", 2nd edition (2019), 2 epochs of Nadam. The
notebook shows how these are written, and 2 epochs are no test of what they are for: nets without any of them, which it
leaves out, do as well or better, since nothing overfits so early. The lower training accuracies show them at work.
"""

from collections.abc import Sequence
from functools import partial

import lamina as keras
from examples.fashion import load
from examples.published import compare

Dense = keras.layers.Dense
Elu = partial(Dense, activation="elu", kernel_initializer="he_normal")
Selu = partial(Dense, activation="selu", kernel_initializer="lecun_normal")
Softmax = partial(Dense, 10, activation="softmax")
L2 = keras.regularizers.l2(0.01)


def plain(hidden=Elu, output=Softmax) -> list[keras.layers.Layer]:
    """300 and 100 units of one kind."""
    return [keras.layers.Flatten(input_shape=[28, 28]), hidden(300), hidden(100), output()]


def with_dropout(rate: float = 0.2) -> list[keras.layers.Layer]:
    """Dropout before every dense layer."""
    flatten, *dense = plain()
    return [flatten, *(layer for each in dense for layer in (keras.layers.Dropout(rate), each))]


NETS = {
    "L2, 0.01 (ELU)": (
        "0.8382",
        lambda: plain(
            partial(Elu, kernel_regularizer=L2), partial(Softmax, kernel_initializer="he_normal", kernel_regularizer=L2)
        ),
    ),
    "dropout, 0.2 (ELU)": ("0.8722", with_dropout),
    "max-norm, 1 (SELU)": ("0.8662", lambda: plain(partial(Selu, kernel_constraint=keras.constraints.max_norm(1.0)))),
    "none (ELU)": ("-", plain),
    "none (SELU)": ("-", lambda: plain(Selu)),
}


def main(epochs: int = 2, names: Sequence[str] = tuple(NETS)) -> None:
    train, valid, _ = load(standardize=True)
    rows = []
    for name in names:
        published, layers = NETS[name]
        keras.utils.set_random_seed(42)
        model = keras.Sequential(layers())
        model.compile("nadam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(*train, epochs=epochs, validation_data=valid, verbose=0).history
        rows.append((name, published, f"{history['val_accuracy'][-1]:.4f} ({history['accuracy'][-1]:.4f})"))
    compare(f"Regularisation, validation (and training) accuracy after {epochs} epochs", rows)


if __name__ == "__main__":
    main()
