"""What a training leaves behind: the run folder and the scores."""

from lamina.report.run_folder import RunFolder
from lamina.report.scores import measure

__all__ = ["RunFolder", "measure"]
