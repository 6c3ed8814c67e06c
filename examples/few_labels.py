"""Few labels and many rows without: what the hidden layers learn from rows alone (rows 101, 102, 103).

Claimed: chapter 11 of Géron, "Hands-On Machine Learning", 2nd edition (2019): unsupervised pretraining is a good option
where labels are few and no similar model is at hand; it gives no figures. Here the digits, five draws of labels: test
accuracy from scratch, pretrained by three tasks, and by label spreading, which needs no network.

The claim shows for two of the tasks. Contrastive views gain most, the more the fewer labels there are; masked features
gain less; an autoencoder of these small images gains nothing. `benchmarks/PRETRAINING.md` has Fashion-MNIST too.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.pretraining import from_scratch, label_spreading, marked, network, rows_of

from examples.published import compare

LABELS = (10, 20, 50, 100, 200)


def pretrained(task: str) -> Callable[..., Any]:
    """The network from scratch, but for its first weights."""
    return lambda X, y, seed: network(seed, task).fit(X, y)


WAYS: dict[str, Callable[..., Any]] = {
    "from scratch": from_scratch,
    "autoencoder": pretrained("autoencoder"),
    "masked features": pretrained("masked"),
    "contrastive": pretrained("contrastive"),
    "label spreading": label_spreading,
}


def draw(accuracies: dict[str, np.ndarray], labels: tuple[int, ...], path: str | Path) -> None:
    """A picture of the accuracies, of shape (numbers of labels, seeds)."""
    import matplotlib.pyplot as plt

    from lamina.plotting.band import draw_band

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for number, (name, values) in enumerate(accuracies.items()):
        draw_band(axes, labels, values, number, name, "o")
    axes.set(xscale="log", xticks=labels, xticklabels=labels, xlabel="labels", ylabel="test accuracy in %")
    axes.minorticks_off()
    axes.set_title("Digits: 1,347 rows, few of them with a label")
    axes.legend()
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(
    seeds: int = 5,
    labels: tuple[int, ...] = LABELS,
    names: tuple[str, ...] = tuple(WAYS),
    picture: str | Path | None = None,
) -> None:
    accuracies = {name: np.empty((len(labels), seeds)) for name in names}
    for seed in range(seeds):
        X, y, X_test, y_test = rows_of("digits", seed)
        for row, n_labels in enumerate(labels):
            known = marked(y, n_labels, seed)
            for name in names:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    accuracies[name][row, seed] = 100 * WAYS[name](X, known, seed).score(X_test, y_test)
    rows = [
        (f"{name}, {n_labels} labels", "-", f"{values[row].mean():.1f} ± {values[row].std():.1f}")
        for name, values in accuracies.items()
        for row, n_labels in enumerate(labels)
    ]
    compare("Digits, test accuracy in %", rows)
    if picture is not None:
        draw(accuracies, labels, picture)


if __name__ == "__main__":
    main(picture=sys.argv[1] if len(sys.argv) > 1 else "few_labels.png")
