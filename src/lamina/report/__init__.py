"""What a training leaves behind: the run folder, the scores and the report."""

from lamina.report.html import make_report
from lamina.report.run_folder import RunFolder
from lamina.report.scores import measure, measure_unlabelled

__all__ = ["RunFolder", "make_report", "measure", "measure_unlabelled"]
