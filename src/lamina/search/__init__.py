"""Searches, curves and committees: many trainings as a few compiled populations."""

from lamina.search.cross_validation import cross_val_predict, cross_validate
from lamina.search.curves import learning_curve, validation_curve
from lamina.search.epochs import EpochCurve, epoch_curve

__all__ = ["EpochCurve", "cross_val_predict", "cross_validate", "epoch_curve", "learning_curve", "validation_curve"]
