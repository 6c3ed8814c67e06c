"""What the doctor finds in sick and healthy trainings, and whether its first remedy helps.

`python -m benchmarks.doctor` prints a table; `--write` puts it into docs/doctor.md.
"""

import argparse
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.patients import HEALTHY, SICK, Patient
from lamina.inspection import Diagnosis, doctor

PAGE = Path(__file__).resolve().parents[1] / "docs" / "doctor.md"
BEGIN, END = "<!-- table of the benchmark -->\n", "<!-- end of the table -->"


@dataclass
class Result:
    """A patient's diagnosis, and the validation scores before and after the first remedy."""

    patient: Patient
    diagnosis: Diagnosis
    before: float = np.nan
    after: float = np.nan

    @property
    def found(self) -> str:
        """The main finding of the sick; whether the healthy are left in peace."""
        return "healthy" if self.diagnosis.main is None else self.diagnosis.main.code

    @property
    def right(self) -> bool:
        """The illness first, or nothing severe."""
        if self.patient.illness is None:
            return all(finding.severity != "severe" for finding in self.diagnosis.findings)
        return self.found == self.patient.illness


def examine(patient: Patient, treat: bool = True) -> Result:
    """Diagnose, apply the first remedy, and train anew."""
    (X, y), valid = patient.rows()
    result = Result(patient, doctor(patient.estimator, X, y, valid))
    if treat and patient.illness is not None:
        result.before = score(patient.estimator, X, y, valid)
        result.after = score(result.diagnosis.apply(patient.estimator), X, y, valid)
    return result


def score(estimator, X, y, valid) -> float:
    """The validation score; minus infinity for a training that fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(estimator.fit(X, y).score(*valid))
        except ValueError:
            return -np.inf


def table(results: list[Result]) -> str:
    """A table in Markdown."""
    lines = ["| training | data | expected | main finding | score before | after |", "|---|---|---|---|---|---|"]
    for r in results:
        expected = r.patient.illness or "nothing severe"
        mark = "" if r.right else " **(wrong)**"
        scores = (
            f"{value:.3f}" if np.isfinite(value) else ("" if np.isnan(value) else "-") for value in (r.before, r.after)
        )
        lines.append(f"| {r.patient.name} | {r.patient.data} | {expected} | {r.found}{mark} | {' | '.join(scores)} |")
    sick = [r for r in results if r.patient.illness is not None]
    healthy = [r for r in results if r.patient.illness is None]
    lines.append(
        f"\nRecognised: {sum(r.right for r in sick)} of {len(sick)} sick trainings. Improved by the first remedy: "
        f"{sum(r.after > r.before for r in sick)}. Healthy ones without a severe finding: "
        f"{sum(r.right for r in healthy)} of {len(healthy)}.\n"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=None, help="parts of names, data sets or illnesses")
    parser.add_argument("--seed", type=int, default=0, help="of initial weights and held-out rows (default 0)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/doctor.md")
    arguments = parser.parse_args()
    results = []
    for patient in (*SICK, *HEALTHY):
        label = f"{patient.name}, {patient.data}, {patient.illness or 'healthy'}"
        if arguments.only and not any(part in label for part in arguments.only):
            continue
        start = time.perf_counter()
        result = examine(replace(patient, seed=arguments.seed))
        results.append(result)
        found = ", ".join(f"{f.code} ({f.severity})" for f in result.diagnosis.findings)
        scores = f"{result.before:.3f} -> {result.after:.3f}"
        print(
            f"{'ok   ' if result.right else 'WRONG'} {label}: {found}; {scores}; {time.perf_counter() - start:.1f} s",
            flush=True,
        )
    print(table(results))
    if arguments.write:
        before, after = PAGE.read_text().split(BEGIN)[0], PAGE.read_text().split(END)[1]
        PAGE.write_text(before + BEGIN + "\n" + table(results) + "\n" + END + after)


if __name__ == "__main__":
    main()
