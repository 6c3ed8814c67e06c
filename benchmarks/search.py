"""Whole searches and ensembles against scikit-learn's: `python -m benchmarks.search [W8 W9 members] [--write]`.

Each measurement is a fresh process. scikit-learn searches with two processes, lamina as it comes. W8 is the grid of 72
settings in three folds of 2,500 images, scaled as their readers scale them, which makes them float64: scikit-learn
trains in it, lamina is told float32. In the second comparison scikit-learn has float32, too. W9 is 64 learning rates in
three folds of the digits. "members" is what sixteen networks cost, as multiples of one.
"""

import argparse
import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import processes

RESULTS = Path(__file__).with_name("SEARCH.md")
SHAPES = [(50,), (50, 50), (100, 50), (100, 100), (500, 100), (500, 100, 100)]
FOLDS = 3
GRIDS = {
    "W8": {
        "hidden_layer_sizes": SHAPES,
        "activation": ["logistic", "tanh", "relu"],
        "learning_rate_init": [0.01, 0.001],
        "solver": ["sgd", "adam"],
    },
    "W9": {"hidden_layer_sizes": [(64,)], "learning_rate_init": np.geomspace(1e-4, 1, 64).tolist()},
}
TITLES = {
    "W8": "72 settings, three folds of 2,500 images",
    "W9": "64 learning rates, three folds of the digits",
}
TARGETS = {"W8": 5, "W9": 20}
#: nets of "members": rows of which data, hidden layers, batch, epochs, and the multiple to stay below
NETS = {
    "W1: digits (256, 128, 64)": ("digits", (256, 128, 64), 200, 100, 10),
    "iris (32,)": ("iris", (32,), 32, 200, 6),
}
MEMBERS = 16


def rows_of(name: str, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """The rows of W8, W9 or of a net of "members", columns between 0 and 1."""
    if name == "W8":
        from lamina.datasets.fashion_mnist import load_data

        (images, y), _ = load_data()
        X, y = images[:2500].reshape(2500, -1) / 255, y[:2500]
    else:
        from sklearn import datasets
        from sklearn.preprocessing import minmax_scale

        load = datasets.load_iris if name == "iris" else datasets.load_digits
        X, y = load(return_X_y=True)
        X = minmax_scale(X)
    return X.astype(dtype), y


def search_sklearn(name: str, dtype: str) -> dict[str, Any]:
    from sklearn.model_selection import GridSearchCV
    from sklearn.neural_network import MLPClassifier

    return timed(name, dtype, GridSearchCV(MLPClassifier(random_state=0), GRIDS[name], cv=FOLDS, n_jobs=2))


def search_lamina(name: str, dtype: str) -> dict[str, Any]:
    from lamina import MLPClassifier
    from lamina.search import PopulationSearchCV

    model = MLPClassifier(random_state=0, dtype="float32")
    return timed(name, dtype, PopulationSearchCV(model, GRIDS[name], cv=FOLDS))


def timed(name: str, dtype: str, search: Any) -> dict[str, Any]:
    """Seconds of the search without the last fit, its best score and how that varies over the folds, and memory."""
    X, y = rows_of(name, dtype)
    search.set_params(refit=False)
    started = time.perf_counter()
    search.fit(X, y)
    seconds = time.perf_counter() - started
    means, best = search.cv_results_["mean_test_score"], int(np.nanargmax(search.cv_results_["mean_test_score"]))
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "seconds": seconds,
        "score": means[best],
        "deviation": search.cv_results_["std_test_score"][best],
        "best": str(search.cv_results_["params"][best]),
        "megabytes": (own + 2 * children) / 1024,
    }


def floor(name: str, dtype: str) -> dict[str, float]:
    """Multiply-adds of all members' products, counted in their epochs, at the rate of a large product on all cores."""
    from sklearn.base import clone
    from sklearn.model_selection import ParameterGrid, StratifiedKFold

    from lamina import MLPClassifier
    from lamina.neural_network.population import Job, Population

    X, y = rows_of(name, dtype)
    folds = [(X[train], y[train]) for train, _ in StratifiedKFold(FOLDS).split(X, y)]
    base = MLPClassifier(random_state=0, dtype="float32")
    jobs = [Job(clone(base).set_params(**values), *fold) for values in ParameterGrid(GRIDS[name]) for fold in folds]
    Population(jobs).advance()
    work = 0.0
    for job in jobs:
        first, *rest = (kernel.size for kernel in job.estimator.coefs_)
        work += job.epochs * len(job.X) * (2 * first + 3 * sum(rest))
    return {"multiply_adds": work, "epochs": sum(job.epochs for job in jobs), "rate": product_rate()}


def product_rate(size: int = 2048, repeats: int = 10) -> float:
    """Multiply-adds per second of one large float32 product."""
    import jax

    a = np.ones((size, size), np.float32)
    product = jax.jit(lambda a: a @ a)
    product(a).block_until_ready()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        product(a).block_until_ready()
        times.append(time.perf_counter() - started)
    return size**3 / min(times)


def members(net: str, n_members: str) -> dict[str, float]:
    """Seconds of a second fit."""
    from lamina import MLPClassifier

    data, hidden, batch, epochs, _ = NETS[net]
    X, y = rows_of(data, "float32")
    model = MLPClassifier(
        hidden, batch_size=batch, max_iter=epochs, n_iter_no_change=epochs, random_state=0, n_members=int(n_members)
    )
    model.fit(X, y)
    started = time.perf_counter()
    model.fit(X, y)
    return {"seconds": time.perf_counter() - started}


MEASUREMENTS: dict[str, Callable[..., dict[str, Any]]] = {
    "scikit-learn": search_sklearn,
    "lamina": search_lamina,
    "floor": floor,
    "members": members,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("what", nargs="*", help="W8, W9, members; all by default")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    lines = ["# Searches and ensembles", "", *(__doc__ or "").splitlines()[2:], ""]
    for what in options.what or [*GRIDS, "members"]:
        for line in members_section() if what == "members" else search_section(what):
            print(line, flush=True)
            lines.append(line)
    if options.write:
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def search_section(name: str) -> list[str]:
    """A table for one grid; lamina runs twice, with an empty cache of programs and with what the first run left."""
    lines = [
        f"## {name}: {TITLES[name]}",
        "",
        "| | seconds | ratio | to reach | best score | memory |",
        "|---|---|---|---|---|---|",
    ]
    with processes.empty_folder() as cache:
        for dtype in ("float64", "float32"):
            peer = measure("scikit-learn", name, dtype, cache=cache)
            lines.append(row(f"scikit-learn, {dtype}", peer, None, ""))
            kinds = ("programs compiled", "programs loaded") if dtype == "float64" else ("programs loaded",)
            for kind in kinds:
                mine = measure("lamina", name, dtype, cache=cache)
                ratio = peer["seconds"] / mine["seconds"]
                reached = f"{TARGETS[name]}: {'reached' if ratio >= TARGETS[name] else '**missed**'}"
                lines.append(row(f"lamina, {kind}", mine, ratio, reached))
        least = measure("floor", name, "float32", cache=cache)
    seconds = least["multiply_adds"] / least["rate"]
    lines += [
        "",
        f"{least['epochs']:,.0f} epochs, {2 * least['multiply_adds'] / 1e12:.1f} trillion floating-point "
        f"operations in products; at the rate of one large product ({2 * least['rate'] / 1e9:.0f} GFLOP/s) they "
        f"alone take {seconds:.1f} s.",
        "",
    ]
    return lines


def row(name: str, found: dict[str, Any], ratio: float | None, reached: str) -> str:
    score = f"{found['score']:.4f} ± {found['deviation']:.4f}"
    shown = "" if ratio is None else f"{ratio:.2f}"
    return f"| {name} | {found['seconds']:.1f} | {shown} | {reached} | {score} | {found['megabytes']:,.0f} MB |"


def members_section() -> list[str]:
    lines = [f"## {MEMBERS} members", "", "| net | one | sixteen | multiple | to stay below |", "|---|---|---|---|---|"]
    with processes.empty_folder() as cache:
        for net, (*_, most) in NETS.items():
            one, all_ = (
                [measure("members", net, n, cache=cache)["seconds"] for _ in range(3)] for n in ("1", str(MEMBERS))
            )
            alone, together = float(np.median(one)), float(np.median(all_))
            verdict = "reached" if together <= most * alone else "**missed**"
            lines.append(f"| {net} | {alone:.2f} s | {together:.2f} s | {together / alone:.1f} | {most}: {verdict} |")
    return [*lines, ""]


def measure(*arguments: str, cache: str) -> dict[str, Any]:
    """One measurement in a process of its own."""
    return json.loads(
        processes.run([sys.executable, "-m", "benchmarks.search", "--child", *arguments], {"LAMINA_CACHE": cache})
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        warnings.simplefilter("ignore")
        print(json.dumps(MEASUREMENTS[sys.argv[2]](*sys.argv[3:])))
    else:
        main()
