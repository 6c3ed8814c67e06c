"""Run workloads, print each as it is done, and write benchmarks/RESULTS.md."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from subprocess import TimeoutExpired

from benchmarks import processes, report
from benchmarks.peers import PEERS
from benchmarks.processes import Peer, PeerFailed
from benchmarks.report import Row, Times
from benchmarks.workloads import GROUPS, WORK, Work

RESULTS = Path(__file__).with_name("RESULTS.md")
#: recipes that are compared with the first of them
FEATURES = ("plain", "dropout", "batch norm", "onecycle", "gradient flow")
IMPORTS = ("import lamina", "from lamina import MLPClassifier", "import jax, sklearn.base")
Series = dict[str, Callable[[], float]]


def main() -> None:
    options = parse()
    pythons = processes.interpreters(options.peer_python)
    peers = find_peers(options.peers, pythons)
    wanted = options.workloads or GROUPS
    with processes.empty_folder() as cache:
        for group in wanted:
            rows = [measure(work, peers, options.rounds, cache) for work in WORK if work.group == group]
            print(report.section(group, rows, options.rounds), flush=True)
            if options.out:
                report.replace_section(options.out, group, rows, options.rounds, peers)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"{', '.join(GROUPS)}; all by default")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each peer, alternating (default 3)")
    parser.add_argument(
        "--peers", nargs="+", choices=PEERS, default=list(PEERS), help="all that are installed by default"
    )
    parser.add_argument("--peer-python", metavar="PATH", help="interpreter for the peers that this one has not")
    parser.add_argument("--out", type=Path, default=RESULTS, help="results file; its other sections stay as they are")
    parser.add_argument("--print-only", dest="out", action="store_const", const=None, help="write no file")
    options = parser.parse_args()
    unknown = set(options.workloads) - set(GROUPS)
    if unknown:
        parser.error(f"unknown workload {sorted(unknown)}; there are {', '.join(GROUPS)}")
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    return options


def find_peers(names: Sequence[str], pythons: Sequence[str]) -> list[Peer]:
    found = []
    for name in names:
        peer = processes.find_peer(name, pythons)
        if peer is None:
            print(f"{name}: not installed, skipped")
        else:
            found.append(peer)
    return found


def measure(work: Work, peers: Sequence[Peer], rounds: int, cache: str) -> Row:
    """Every series of one workload, alternating, the order turned round after each round."""
    series = series_of(work, [peer for peer in peers if not work.only or peer.name in work.only], cache)
    times: Times = {name: [] for name in series}
    failures: dict[str, str] = {}
    for number in range(rounds):
        for name in list(series)[:: 1 if number % 2 == 0 else -1]:
            if name in failures:
                continue
            print(f"  {work.title} | round {number + 1} | {name} ...", end=" ", flush=True)
            try:
                times[name].append(series[name]())
                print(report.quantity(times[name][-1], work.kind), flush=True)
            except (PeerFailed, TimeoutExpired) as error:
                failures[name] = str(error)
                print(f"failed: {error}", flush=True)
    return Row(work, {name: seconds for name, seconds in times.items() if name not in failures}, failures)


def series_of(work: Work, peers: Sequence[Peer], cache: str) -> Series:
    """What is measured side by side in one workload: a name and a call that returns seconds."""
    if work.kind == "import":
        python = processes.interpreters(None)[0]
        for statement in IMPORTS:  # writes the bytecode
            processes.timed([python, "-c", statement])
        return {name: lambda name=name: processes.import_seconds(python, name) for name in IMPORTS}
    if work.kind == "two-at-once":
        return {
            f"{peer.name}, {word}": lambda peer=peer, count=count: processes.together(peer, work, count, cache)
            for peer in peers
            for word, count in (("alone", 1), ("two at once", 2))
        }
    if work.kind == "first-fit":
        return first_fits(work, peers, cache)
    if work.kind == "features":
        jobs = {recipe: replace(work, kind="fit", net=replace(work.net, recipe=recipe)) for recipe in FEATURES}
        return {name: lambda job=job: processes.measure(peers[0], job, cache) for name, job in jobs.items()}
    return {peer.name: lambda peer=peer: processes.measure(peer, work, cache) for peer in peers}


def first_fits(work: Work, peers: Sequence[Peer], cache: str) -> Series:
    series: Series = {}
    for peer in peers:
        if peer.name == "lamina":
            series["lamina, warm cache"] = lambda peer=peer: warm(peer, work, cache)
            series["lamina, cold cache"] = lambda peer=peer: cold(peer, work)
        else:
            series[peer.name] = lambda peer=peer: processes.measure(peer, work, cache)
    return series


def warm(peer: Peer, work: Work, cache: str) -> float:
    processes.measure(peer, work, cache)  # fills the cache
    return processes.measure(peer, work, cache)


def cold(peer: Peer, work: Work) -> float:
    with processes.empty_folder() as empty:
        return processes.measure(peer, work, empty)


if __name__ == "__main__":
    main()
