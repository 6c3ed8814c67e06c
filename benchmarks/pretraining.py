"""What rows without labels are worth: `python -m benchmarks.pretraining [digits fashion] [--seeds 10] [--write]`.

Test accuracy in percent, mean and deviation over seeds, of networks that see few labels and many rows without; the
same rows, labels, first weights and seeds for all of them. A seed draws the rows, the labels (as many of each class),
and the weights. "gain" is the mean of the differences to the network from scratch, seed by seed, with its standard
error; a gain counts ("+" or "-") if Student's t says so at 5%, on both sides.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import ttest_1samp
from sklearn.base import clone

RESULTS = Path(__file__).with_name("PRETRAINING.md")
LABELS = (10, 20, 50, 100, 200)
HIDDEN = (256, 128)
#: rows of Fashion-MNIST to learn from, with and without labels; the test rows are its 10,000
FASHION_ROWS = 5000
#: rows of the digits to test on; all others are learned from
DIGITS_TEST = 450
TITLES = {
    "digits": "Digits: 1,347 rows to learn from, 450 to test on",
    "fashion": f"Fashion-MNIST: {FASHION_ROWS:,} rows to learn from, 10,000 to test on",
}
Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def rows_of(name: str, seed: int) -> Rows:
    """Rows to learn from and rows to test on, with all their labels; columns between 0 and 1."""
    if name == "digits":
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        X, y = load_digits(return_X_y=True)
        X, X_test, y, y_test = train_test_split(X / 16, y, test_size=DIGITS_TEST, random_state=seed, stratify=y)
    else:
        from lamina.datasets.fashion_mnist import load_data

        (X, y), (X_test, y_test) = load_data()
        chosen = np.random.RandomState(seed).permutation(len(X))[:FASHION_ROWS]
        X, y, X_test = X[chosen].reshape(len(chosen), -1) / 255, y[chosen], X_test.reshape(len(X_test), -1) / 255
    return X.astype(np.float32), y.astype(int), X_test.astype(np.float32), y_test.astype(int)


def marked(y: np.ndarray, n_labels: int, seed: int) -> np.ndarray:
    """The labels with -1 for all but `n_labels` rows, as many of each class; more labels contain the fewer."""
    rng, classes = np.random.RandomState(seed), np.unique(y)
    known = np.full(len(y), -1)
    for label in classes:
        rows = rng.permutation(np.flatnonzero(y == label))[: n_labels // len(classes)]
        known[rows] = label
    return known


def remembered(task: Any) -> Any:
    """The same task, which learns once for the same rows and parameters: the networks of all numbers of labels."""
    cls, memory = type(task), {}

    class Remembered(cls):
        def fit(self, X, y=None):
            key = (hash(X.tobytes()), repr(sorted(self.get_params().items())))
            if key not in memory:
                memory.clear()
                memory[key] = vars(super().fit(X))
            vars(self).update(memory[key])
            return self

    Remembered.__init__ = cls.__init__
    return Remembered(**task.get_params())


def network(seed: int, task: Any = None, dropout: float = 0.0) -> Any:
    from lamina import MLPClassifier

    return MLPClassifier(HIDDEN, pretrain=task, dropout=dropout, random_state=seed)


def from_scratch(X, y, seed):
    return network(seed).fit(X[y != -1], y[y != -1])


def with_dropout(X, y, seed):
    return network(seed, dropout=0.2).fit(X[y != -1], y[y != -1])


def self_training(X, y, seed):
    from sklearn.semi_supervised import SelfTrainingClassifier

    return SelfTrainingClassifier(network(seed), threshold=0.95, max_iter=3).fit(X, y)


def label_spreading(X, y, seed):
    from sklearn.semi_supervised import LabelSpreading

    return LabelSpreading(kernel="knn", n_neighbors=7).fit(X, y)


def pretrained(name: str) -> Callable[..., Any]:
    """A method that pretrains by the task of this name, with the task's defaults."""
    from lamina.neural_network.pretraining import pretrainer_of

    task = remembered(pretrainer_of(network(0, name), np.random.RandomState(0)).set_params(random_state=None))
    return lambda X, y, seed: network(seed, clone(task)).fit(X, y)


PRETRAINED = ("autoencoder", "greedy", "masked", "contrastive")
OTHERS: dict[str, Callable[..., Any]] = {
    "from scratch, dropout 0.2": with_dropout,
    "SelfTrainingClassifier (scikit-learn)": self_training,
    "LabelSpreading (scikit-learn)": label_spreading,
}


def accuracies(name: str, method: Callable[..., Any], seeds: range) -> np.ndarray:
    """Of shape (seeds, numbers of labels), in percent."""
    found = np.empty((len(seeds), len(LABELS)))
    for row, seed in enumerate(seeds):
        X, y, X_test, y_test = rows_of(name, seed)
        for column, n_labels in enumerate(LABELS):
            found[row, column] = 100 * method(X, marked(y, n_labels, seed), seed).score(X_test, y_test)
    return found


def section(name: str, tasks: list[str], seeds: range) -> list[str]:
    """Two tables: accuracies, and gains over the network from scratch."""
    methods = {"from scratch": from_scratch} | {task: pretrained(task) for task in tasks} | OTHERS
    header = ["| labels | " + " | ".join(map(str, LABELS)) + " | seconds |", "|---" * (len(LABELS) + 2) + "|"]
    scores, gains, scratch = list(header), [header[0].replace("labels", "gain", 1), header[1]], None
    for title, method in methods.items():
        started = time.perf_counter()
        found = accuracies(name, method, seeds)
        seconds = f"{time.perf_counter() - started:.0f}"
        scratch = found if scratch is None else scratch
        cells = [f"{mean:.1f} ± {std:.1f}" for mean, std in zip(found.mean(axis=0), found.std(axis=0, ddof=1))]
        scores.append(f"| {title} | {' | '.join(cells)} | {seconds} |")
        print(scores[-1], flush=True)
        if found is not scratch:
            gains.append(f"| {title} | {' | '.join(map(gain, (found - scratch).T))} | |")
    return [f"## {TITLES[name]}; {len(seeds)} seeds", "", *scores, "", *gains, ""]


def gain(differences: np.ndarray) -> str:
    """Mean and standard error, and the sign of what is no chance."""
    mean, error = differences.mean(), differences.std(ddof=1) / len(differences) ** 0.5
    counts = ttest_1samp(differences, 0).pvalue < 0.05
    return f"{mean:+.1f} ± {error:.1f}" + (f" **{'+' if mean > 0 else '-'}**" if counts else "")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pretraining", description=__doc__)
    parser.add_argument("what", nargs="*", help="digits, fashion; both by default")
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, counted from 0")
    parser.add_argument("--tasks", nargs="*", default=list(PRETRAINED), help="tasks to pretrain by; all by default")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = ["# Pretraining", "", *(__doc__ or "").splitlines()[2:], ""]
    for name in options.what or list(TITLES):
        lines += section(name, options.tasks, range(options.seeds))
    print("\n".join(lines))
    if options.write:
        RESULTS.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
