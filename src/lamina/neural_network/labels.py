"""The classes of a classifier: learned once, checked ever after."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import column_or_1d, compute_sample_weight
from sklearn.utils.multiclass import unique_labels

from lamina.data.target import LabelCodec
from lamina.engine.uncertainty import Uncertainty, summarise
from lamina.errors import DataError, InvalidParameter

#: marks rows without a label, as in `sklearn.semi_supervised`
UNLABELLED = -1


class LabelledTargets:
    """What `MLPClassifier` knows of its classes: ``classes_`` and whether targets are multilabel."""

    warm_start: bool
    class_weight: Any
    classes_: np.ndarray

    @property
    def _codec(self) -> LabelCodec:
        multilabel = getattr(self, "_multilabel", False)
        return LabelCodec(self.classes_, multilabel)

    def _link(self) -> str:
        return self._codec.link

    def _without_label(self, y):
        y = _plain(y)
        if y.dtype.kind in "US" and (y == str(UNLABELLED)).any():
            raise DataError(
                f'y holds the text "{UNLABELLED}". A row without a label is marked by the number {UNLABELLED}, which '
                "an array of text cannot hold: make it an array of objects, np.array(y, dtype=object)."
            )
        if y.dtype.kind in "Of" and (gaps := sum(map(_is_gap, y.flat))):
            raise DataError(f"{gaps} labels are None or NaN. A row without a label is marked by {UNLABELLED}.")
        missing = np.asarray(y == UNLABELLED)
        return missing.all(axis=1) if missing.ndim > 1 else missing

    def _known_targets(self, y, known):
        y = _plain(y)[known]
        y = np.array(y.tolist()) if y.dtype == object else y
        if y.ndim == 1 and len(np.unique(y)) == 1:
            raise DataError(
                f"y has a single class, {y[0]}, besides {UNLABELLED}, which marks rows without a label where pretrain "
                f"is set. If {UNLABELLED} is a class, name it otherwise: y = np.where(y == {UNLABELLED}, 0, y)."
            )
        return y

    def _apply_class_weight(self, weight, y):
        if self.class_weight is None:
            return weight
        of_classes = compute_sample_weight(self.class_weight, y)
        return of_classes if weight is None else weight * of_classes

    def _encode_target(self, y, first, incremental):
        y = column_or_1d(y, warn=True) if getattr(y, "ndim", 1) == 2 and y.shape[1] == 1 else y
        if not hasattr(self, "classes_") or (first and not incremental):
            codec = LabelCodec.learn(y)
            self.classes_, self._multilabel = codec.classes, codec.multilabel
            return codec.encode(y)
        columns = y.shape[1] if y.ndim == 2 else 1
        expected = len(self.classes_) if self._multilabel else 1
        if columns != expected:
            raise DataError(f"y has {columns} columns, but expected is y with {expected}, as in the first call.")
        classes = unique_labels(y)
        if self.warm_start and not incremental and set(classes) != set(self.classes_):
            raise DataError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. Previously "
                f"got {self.classes_}, `y` has {classes}"
            )
        unseen = np.setdiff1d(classes, self.classes_)
        if len(unseen):
            raise DataError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {classes}. Name "
                f"all classes in the first call (classes=...), or drop the rows of {unseen}."
            )
        return self._codec.encode(y)

    def _learn_classes(self, y, classes) -> None:
        """Fix the classes in the first call of `partial_fit`; later calls may only repeat them."""
        if self.class_weight == "balanced":
            raise InvalidParameter(
                'class_weight="balanced" needs all rows at once; partial_fit sees some. Give a dict of weights, '
                "such as the one from sklearn.utils.class_weight.compute_class_weight."
            )
        known = getattr(self, "classes_", None)
        if known is not None:
            if classes is not None and not np.array_equal(known, unique_labels(classes)):
                raise DataError(f"`classes={classes!r}` is not the same as on last call to partial_fit, was: {known!r}")
            return
        y = np.asarray(y) if not hasattr(y, "shape") else y
        if y.ndim == 2 and y.shape[1] > 1:
            codec = LabelCodec.learn(y)
            self.classes_, self._multilabel = codec.classes, codec.multilabel
        elif classes is None:
            raise DataError("classes must be passed on the first call to partial_fit.")
        else:
            self.classes_, self._multilabel = unique_labels(classes), False

    def _summary_of(self, samples: np.ndarray) -> Uncertainty:
        if samples.shape[-1] == 1:  # one output is the probability of the second class
            samples = np.concatenate([1 - samples, samples], axis=-1)
        return summarise(samples, probabilities=not self._multilabel)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.classifier_tags.multi_label = True
        return tags


def _is_gap(label: Any) -> bool:
    """None, or NaN."""
    return label is None or (isinstance(label, float) and np.isnan(label))


def _plain(y) -> np.ndarray:
    """Labels as an array; those of a list as objects, since an array of text would turn -1 into text."""
    y = y.toarray() if hasattr(y, "toarray") else y
    y = np.asarray(y) if hasattr(y, "dtype") else np.array(y, dtype=object)
    return y.ravel() if y.ndim == 2 and y.shape[1] == 1 else y
