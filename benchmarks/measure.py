"""One measurement in a process of its own: `python -m benchmarks.measure JOB`. JOB is JSON, and so is the answer."""

import importlib.metadata
import json
import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.peers import peer
from benchmarks.workloads import Net, load

ONE_ROW_CALLS = 2000
MANY_ROWS = 100_000
MANY_ROWS_CALLS = 5
TOGETHER_SECONDS = 4.0


@dataclass
class Job:
    """What the parent process sends."""

    peer: str
    kind: str
    net: Net

    @classmethod
    def from_json(cls, text: str) -> "Job":
        job = json.loads(text)
        net = job["net"]
        return cls(job["peer"], job["kind"], Net(**{**net, "hidden": tuple(net["hidden"])}))


def measure(job: Job) -> float:
    """Seconds: per step of a fit, of a first fit, per call, or per row."""
    trainer = peer(job.peer).Trainer(job.net)  # imports
    X, y = load(job.net)
    if job.kind == "first-fit":
        return seconds(trainer.fit, X, y)
    if job.kind in ("fit", "two-at-once"):
        trainer.fit(X, y)  # warm-up: compiles
        if job.kind == "fit":
            return seconds(trainer.fit, X, y) / job.net.steps
        return beside_others(trainer, X, y) / job.net.steps
    trainer.fit(X[:400], y[:400])
    if job.kind == "predict-one":
        return one_row(trainer, X)
    return many_rows(trainer, X)


def beside_others(trainer, X: np.ndarray, y: np.ndarray) -> float:
    """Median seconds per fit while the other process, started at the same word, does the same."""
    print("READY", flush=True)
    sys.stdin.readline()
    times: list[float] = []
    end = time.perf_counter() + TOGETHER_SECONDS
    while not times or time.perf_counter() < end:
        times.append(seconds(trainer.fit, X, y))
    return float(np.median(times))


def one_row(trainer, X: np.ndarray) -> float:
    for i in range(100):
        trainer.predict(X[i : i + 1])
    return float(np.median([seconds(trainer.predict, X[i : i + 1]) for i in np.arange(ONE_ROW_CALLS) % len(X)]))


def many_rows(trainer, X: np.ndarray) -> float:
    rows = np.resize(X, (MANY_ROWS, X.shape[1]))
    trainer.predict(rows)
    return float(np.median([seconds(trainer.predict, rows) for _ in range(MANY_ROWS_CALLS)])) / MANY_ROWS


def seconds(call, *arguments) -> float:
    start = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - start


def versions(name: str) -> dict[str, str]:
    """The versions of what a peer needs; raises PackageNotFoundError where one is missing."""
    return {package: importlib.metadata.version(package) for package in peer(name).REQUIRES}


def main(arguments: list[str]) -> None:
    if arguments[0] == "versions":
        print(json.dumps(versions(arguments[1])))
    else:
        print(json.dumps(measure(Job.from_json(arguments[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
