"""Searches, curves and committees: many trainings as a few compiled populations."""

from lamina.search.committee import CommitteeClassifier, CommitteeRegressor
from lamina.search.cross_validation import cross_val_predict, cross_validate
from lamina.search.curves import learning_curve, validation_curve
from lamina.search.epochs import EpochCurve, epoch_curve
from lamina.search.optuna_search import OptunaSearchCV
from lamina.search.population_search import PopulationSearchCV

__all__ = [
    "CommitteeClassifier",
    "CommitteeRegressor",
    "EpochCurve",
    "OptunaSearchCV",
    "PopulationSearchCV",
    "cross_val_predict",
    "cross_validate",
    "epoch_curve",
    "learning_curve",
    "validation_curve",
]
