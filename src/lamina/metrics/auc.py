"""Areas under curves."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from lamina.checks import Boolean, Name, Number, check_value
from lamina.metrics.base import Metric, enter, ratio
from lamina.metrics.confusion import paired_rows


@enter()
class AUC(Metric):
    """The area under the ROC or the precision-recall curve, from counts at evenly spaced thresholds.

    Labels are 0 and 1, and all outputs count together. Between thresholds the ROC curve is a straight line; the
    precision-recall curve is not, but the number of hits grows evenly with the number of predicted positives.

    Parameters
    ----------
    num_thresholds : int, default=200
        How many points the curve has, at least 2.
    curve : {"ROC", "PR"}, default="ROC"
        Hits among the positives over false alarms among the negatives; or precision over recall.
    from_logits : bool, default=False
        Whether outputs are logits and not probabilities.
    name : str, optional
        Its name in the history.

    References
    ----------
    Davis & Goadrich, The relationship between precision-recall and ROC curves (2006).

    Examples
    --------
    >>> y, p = [0, 0, 1, 1], [[0.0], [0.5], [0.3], [0.9]]
    >>> round(float(AUC()(y, p)), 6)
    0.75
    """

    def __init__(
        self, num_thresholds: int = 200, curve: str = "ROC", from_logits: bool = False, *, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        self.num_thresholds = check_value("AUC", "num_thresholds", num_thresholds, Number(2, whole=True))
        self.curve = check_value("AUC", "curve", curve, Name(("ROC", "PR")))
        self.from_logits = check_value("AUC", "from_logits", from_logits, Boolean)

    def size(self, y) -> int:
        return 2 * self.num_thresholds

    def sums(self, y, p, weight):
        y, p, w = paired_rows(self, y, p, weight)
        p = jax.nn.sigmoid(p) if self.from_logits else p
        # an end below 0 and one above 1, so that everything is above the first and nothing above the last
        thresholds = np.linspace(0, 1, self.num_thresholds) + np.eye(1, self.num_thresholds)[0] * -1e-7
        thresholds[-1] += 1e-7
        above = (p.reshape(-1, 1) > jnp.asarray(thresholds, p.dtype)).astype(p.dtype)
        hits, alarms = ((w * labels).reshape(-1) @ above for labels in (y, 1 - y))
        return jnp.concatenate([hits, alarms])

    def value(self, sums):
        hits, alarms = sums.reshape(2, -1)
        if self.curve == "ROC":
            x, height = ratio(alarms, alarms[0]), ratio(hits, hits[0])
            return jnp.sum((x[:-1] - x[1:]) * (height[:-1] + height[1:]) / 2)
        return self._under_precision(hits, hits + alarms)

    @staticmethod
    def _under_precision(hits, predicted):
        """The integral of hits / predicted over hits / positives, where hits = slope · predicted + rest."""
        more, fewer = predicted[:-1], predicted[1:]
        gained = hits[:-1] - hits[1:]
        slope = ratio(gained, more - fewer)
        rest = hits[1:] - slope * fewer
        both = (more > 0) & (fewer > 0)
        logarithm = jnp.log(jnp.where(both, more, 1) / jnp.where(both, fewer, 1))
        return ratio(jnp.sum(slope * (gained + rest * logarithm)), hits[0])
