"""Standard normal inputs through a thousand layers without training: what is left of them (rows 19, 24 and 25).

SELU with LeCun's initial weights keeps the units near mean 0 and deviation 1 over the rows. ReLU with He's loses the
signal altogether, the sigmoid with Glorot's gives all rows the same outputs. Published: the notebook of chapter 11 of
Géron, "Hands-On Machine Learning", 2nd edition (2019), which shows SELU alone.
"""

import numpy as np

import lamina as keras
from examples.published import compare

WIDTH = 100
BLOCK = 100

#: activation, initial weights, and what is published of every hundredth layer: mean, deviation
SETTINGS: tuple[tuple[str, str, list[str]], ...] = (
    (
        "selu",
        "lecun_normal",
        [" 0.02, 0.96", " 0.01, 0.90", "-0.02, 0.92", " 0.05, 0.89", " 0.01, 0.93"]
        + [" 0.02, 0.92", "-0.02, 0.90", " 0.05, 0.83", " 0.02, 1.00"],
    ),
    ("relu", "he_normal", []),
    ("sigmoid", "glorot_normal", []),
)


def block(activation: str, initializer: str) -> keras.Sequential:
    """A hundred layers with fresh weights; all blocks of an activation share one compiled program."""
    return keras.Sequential(
        [keras.Input([WIDTH])]
        + [keras.layers.Dense(WIDTH, activation=activation, kernel_initializer=initializer) for _ in range(BLOCK)]
    )


def main(blocks: int = 10) -> None:
    for activation, initializer, published in SETTINGS:
        keras.utils.set_random_seed(42)
        Z = np.random.normal(size=(500, WIDTH)).astype(np.float32)
        rows = []
        for number in range(blocks):
            Z = block(activation, initializer).predict(Z)
            here = f"{Z.mean():5.2f}, {Z.std(axis=0).mean():.2f}"
            rows.append((f"layer {BLOCK * (number + 1)}", published[number] if number < len(published) else "", here))
        compare(f"{activation}, {initializer}: mean, deviation of a unit over the rows", rows)


if __name__ == "__main__":
    main()
