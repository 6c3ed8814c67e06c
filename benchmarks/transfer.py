"""What layers of another task are worth: `python -m benchmarks.transfer [--seeds 10] [--write]`.

Task A is eight classes of Fashion-MNIST, task B shirts against sandals, with few labels; `examples.transfer_learning`
has the protocol. Test error in percent on 2,000 images, mean and deviation over seeds; a seed draws the labelled rows
(as many of each class), the first weights, and its own model A. "factor" is the error of the published way from
scratch, divided by this one. "better in" counts the seeds in which it beats the strongest network from scratch, ties
for half.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from examples.transfer_learning import (
    SGD,
    Tasks,
    error,
    from_scratch,
    published_transfer,
    tasks,
    train_source,
    transfer,
)

RESULTS = Path(__file__).with_name("TRANSFER.md")
LABELS = (10, 20, 50, 100, 200)


def drawn(tasks: Tasks, n_labels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labelled rows of task B, as many of each class; more labels contain the fewer."""
    X, y = tasks.B
    rng = np.random.RandomState(seed)
    rows = np.concatenate([rng.permutation(np.flatnonzero(y == label))[: n_labels // 2] for label in (0, 1)])
    return X[rows], y[rows]


def adam_with_early_stopping(seed: int) -> Any:
    """From scratch on a fifth held out; twenty labels leave four for that."""
    return from_scratch(seed, epochs=100, batch_size=32, early_stopping=True, validation_fraction=0.2)


def shallow(seed: int) -> Any:
    """The strongest from scratch that was found: two ReLU layers, Adam, until the training loss stalls."""
    from lamina import MLPClassifier

    return MLPClassifier((300, 100), batch_size=32, max_iter=100, random_state=seed)


def chosen_layers(source: Any, seed: int) -> Any:
    """`FineTuneClassifier` that finds the number of layers to reuse by itself."""
    return transfer(source, seed).set_params(n_reused="auto")


SCRATCH: dict[str, Callable[[int], Any]] = {
    "from scratch, SGD, 20 epochs (published: 2.8)": lambda seed: from_scratch(seed, **SGD),
    "from scratch, Adam, 20 epochs": lambda seed: from_scratch(seed, batch_size=32),
    "from scratch, Adam, early stopping": adam_with_early_stopping,
    "from scratch, Adam, (300, 100) ReLU": shallow,
}
STRONGEST = "from scratch, Adam, (300, 100) ReLU"
REUSED: dict[str, Callable[[Any, int], Any]] = {
    "transfer, SGD, 4 + 16 epochs (published: 0.75)": published_transfer,
    "FineTuneClassifier": transfer,
    'FineTuneClassifier(n_reused="auto")': chosen_layers,
}


def errors_of(data: Tasks, seeds: range) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Errors of shape (seeds, numbers of labels) by way, and the seconds that each way took."""
    names = [*SCRATCH, *REUSED]
    found = {name: np.empty((len(seeds), len(LABELS))) for name in names}
    seconds = dict.fromkeys(names, 0.0)
    for row, seed in enumerate(seeds):
        source = train_source(data, seed=seed)
        for name in names:
            started = time.perf_counter()
            for column, n_labels in enumerate(LABELS):
                if name == "from scratch, Adam, early stopping" and n_labels < 20:
                    found[name][row, column] = np.nan  # one row is not enough to stop by
                    continue
                model = SCRATCH[name](seed) if name in SCRATCH else REUSED[name](source, seed)
                found[name][row, column] = error(model, drawn(data, n_labels, seed), data.B_test)
            seconds[name] += time.perf_counter() - started
        print(f"seed {seed}: " + ", ".join(f"{name} {found[name][row].round(2)}" for name in names), flush=True)
    return found, seconds


def tables(found: dict[str, np.ndarray], seconds: dict[str, float]) -> list[str]:
    """Errors, factors, and how often transfer beats the strongest from scratch."""
    header = ["| labels | " + " | ".join(map(str, LABELS)) + " |", "|---" * (len(LABELS) + 1) + "|"]
    errors = [f"{header[0][:-1]}| seconds |", f"{header[1]}---|"]
    factors, better = (
        [header[0].replace("labels", "factor"), header[1]],
        [header[0].replace("labels", "better in"), header[1]],
    )
    baseline = next(iter(found.values())).mean(axis=0)
    for name, values in found.items():
        cells = ["-" if np.isnan(v).any() else f"{v.mean():.2f} ± {v.std(ddof=1):.2f}" for v in values.T]
        errors.append(f"| {name} | {' | '.join(cells)} | {seconds[name]:.0f} |")
        factors.append(
            f"| {name} | {' | '.join('-' if np.isnan(f) else f'{f:.1f}' for f in baseline / values.mean(axis=0))} |"
        )
        if name in REUSED:
            wins = (values < found[STRONGEST]).sum(axis=0) + 0.5 * (values == found[STRONGEST]).sum(axis=0)
            better.append(f"| {name} | {' | '.join(f'{w:g} of {len(values)}' for w in wins)} |")
    return [*errors, "", *factors, "", *better, ""]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transfer", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, counted from 0")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    title = f"## Shirts and sandals; {options.seeds} seeds"
    lines = ["# Transfer", "", *(__doc__ or "").splitlines()[2:], "", title, ""]
    lines += tables(*errors_of(tasks(), range(options.seeds)))
    print("\n".join(lines))
    if options.write:
        RESULTS.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
