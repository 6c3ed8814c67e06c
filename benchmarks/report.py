"""From times to tables: medians, ratios against lamina, and the machine they were measured on."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.processes import Peer
from benchmarks.workloads import GROUPS, Work

Times = dict[str, list[float]]

HEADER = """# Results

Written by `python -m benchmarks`. Every number is the median over the rounds; every measurement is a fresh process,
and the peers alternate. A *ratio* is a peer's time over lamina's in the same round (above 1: lamina is faster), its
median first, its range beside it; for *two at once* it is the time over that of the same peer alone. A *step* is the
time of a whole second fit in one process (the first one, which compiles, is left out) divided by its number of batches.
Every peer does the same work: ReLU, Adam, a penalty of 1e-4, rows shuffled for each epoch, no early stop.
"""
MEANING = {
    "fit": "per step",
    "features": "per step; the ratio is over the plain net's",
    "predict-one": "per call",
    "predict-many": "throughput",
    "first-fit": "first fit, imports apart",
    "two-at-once": "per step, slowest process",
    "import": "over a bare interpreter",
}


@dataclass(frozen=True)
class Row:
    """One workload's measurements: seconds by name, in order of the rounds."""

    work: Work
    times: Mapping[str, list[float]]
    failures: Mapping[str, str]


def quantity(seconds: float, kind: str) -> str:
    """A time in the unit that its kind of workload is read in."""
    if kind == "predict-many":
        return f"{1 / seconds / 1e6:.2f} M rows/s"
    if kind in ("first-fit", "import"):
        return f"{seconds:.2f} s"
    return f"{seconds * 1e6:,.{1 if seconds < 1e-4 else 0}f} us"


def section(group: str, rows: Sequence[Row], rounds: int) -> str:
    """The Markdown of one group of workloads."""
    tables = [table(row) for row in rows]
    return f"## {group}\n\n{date.today().isoformat()}, {rounds} rounds.\n\n" + "\n".join(tables)


def table(row: Row) -> str:
    work = row.work
    lines = [
        f"**{work.title}** ({MEANING[work.kind]})",
        "",
        "| | median | ratio | range | to reach |",
        "|---|---|---|---|---|",
    ]
    for name, times in row.times.items():
        ratios = [time / other for time, other in zip(times, base_of(row, name))]
        lines.append(
            "| " + " | ".join([name, quantity(median(times), work.kind), *ratio_cells(work, name, ratios)]) + " |"
        )
    lines += [f"| {name} | failed: {reason[:100]} | | | |" for name, reason in row.failures.items()]
    return "\n".join(lines) + "\n"


def base_of(row: Row, name: str) -> Sequence[float]:
    """The times that those of `name` are divided by: lamina's, or for two at once the same peer's alone."""
    if row.work.kind == "two-at-once":
        return row.times.get(f"{name.split(',', maxsplit=1)[0]}, alone", [])
    if row.work.kind == "import":
        return []
    first = next(iter(row.times), "")
    return row.times[first] if "lamina" in first or row.work.kind == "features" else []


def ratio_cells(work: Work, name: str, ratios: Sequence[float]) -> list[str]:
    if not ratios:
        return ["", "", ""]
    middle = median(ratios)
    target = work.targets.get(name)
    reached = target is not None and (middle <= target if work.kind == "features" else middle >= target)
    verdict = "" if target is None else f"{target:g}: {'reached' if reached else '**missed**'}"
    return [f"{middle:.2f}", f"{min(ratios):.2f}-{max(ratios):.2f}", verdict]


def replace_section(path: Path, group: str, rows: Sequence[Row], rounds: int, peers: Sequence[Peer]) -> None:
    """Write one group into the results file, under a fresh description of the machine; other groups stay."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = re.split(r"^## (\S+)\n", old, flags=re.MULTILINE)
    sections = {name: f"## {name}\n{body}".rstrip() for name, body in zip(parts[1::2], parts[2::2])}
    sections[group] = section(group, rows, rounds).rstrip()
    ordered = [sections[name] for name in GROUPS if name in sections]
    path.write_text("\n\n".join([HEADER.rstrip(), machine(peers), *ordered]) + "\n", encoding="utf-8")


def machine(peers: Sequence[Peer]) -> str:
    """Processor, cores, memory and versions; nothing that names the machine or its folders."""
    versions = {name: version for peer in peers for name, version in peer.versions.items()}
    lines = [
        f"- {processor()}, {len(os.sched_getaffinity(0))} cores, {memory()} of memory, {platform.system()}",
        f"- Python {platform.python_version()}, " + ", ".join(f"{name} {versions[name]}" for name in sorted(versions)),
    ]
    return "Machine of the latest run:\n\n" + "\n".join(lines)


def processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()


def memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
