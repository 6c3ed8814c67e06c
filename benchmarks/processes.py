"""Fresh processes: every measurement starts from nothing and leaves nothing behind."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.workloads import Work

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 900  # the whole grid of scikit-learn takes eight minutes
# An old kernel forced on OpenBLAS would slow scikit-learn unfairly; without bytecode every import compiles its files.
UNSET = ("OPENBLAS_CORETYPE", "PYTHONDONTWRITEBYTECODE")


class PeerFailed(RuntimeError):
    """A process ended with an error; the message is the last line it printed."""


@dataclass(frozen=True)
class Peer:
    name: str
    python: str
    versions: dict[str, str]


def find_peer(name: str, pythons: Sequence[str]) -> Peer | None:
    """The peer under the first of these interpreters that has it."""
    for python in pythons:
        try:
            return Peer(name, python, json.loads(run([python, "-m", "benchmarks.measure", "versions", name], {})))
        except PeerFailed:
            continue
    return None


def measure(peer: Peer, work: Work, cache: str) -> float:
    """One measurement, in seconds."""
    return float(json.loads(run(command(peer, work), {"LAMINA_CACHE": cache})))


def command(peer: Peer, work: Work) -> list[str]:
    job = {"peer": peer.name, "kind": work.kind, "net": asdict(work.net)}
    return [peer.python, "-m", "benchmarks.measure", json.dumps(job)]


def together(peer: Peer, work: Work, count: int, cache: str) -> float:
    """Seconds per step of the slowest of `count` processes that train at the same time."""
    children = [
        subprocess.Popen(
            command(peer, work), cwd=ROOT, env=environment({"LAMINA_CACHE": cache}), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        for _ in range(count)
    ]  # fmt: skip
    try:
        for child in children:
            if child.stdout.readline().strip() != "READY":
                raise PeerFailed(f"{peer.name} ended before its warm-up was done")
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        return max(float(json.loads(last_line(child.communicate(timeout=TIMEOUT)[0]))) for child in children)
    finally:
        for child in children:
            child.kill()
            child.wait()


def import_seconds(python: str, statement: str) -> float:
    """Wall time of an interpreter that runs one statement, the bare interpreter's taken off."""
    return timed([python, "-c", statement]) - timed([python, "-c", "pass"])


def timed(arguments: list[str]) -> float:
    start = time.perf_counter()
    run(arguments, {})
    return time.perf_counter() - start


def run(arguments: list[str], extra: dict[str, str]) -> str:
    """Run a process in the repository and return the last line it printed."""
    done = subprocess.run(
        arguments, cwd=ROOT, env=environment(extra), capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode:
        raise PeerFailed(last_line(done.stderr) or f"exit code {done.returncode}")
    return last_line(done.stdout)


def environment(extra: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    return kept | {"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"} | extra


def last_line(text: str) -> str:
    return text.strip().rsplit("\n", 1)[-1]


def interpreters(peer_python: str | None) -> list[str]:
    return [sys.executable] + ([peer_python] if peer_python else [])


def empty_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="lamina-benchmark-cache-")
