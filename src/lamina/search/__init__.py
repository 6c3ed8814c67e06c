"""Searches, curves and committees: many trainings as a few compiled populations."""

from lamina.search.committee import CommitteeClassifier, CommitteeRegressor
from lamina.search.optuna_search import OptunaSearchCV
from lamina.search.population_search import PopulationSearchCV

__all__ = ["CommitteeClassifier", "CommitteeRegressor", "OptunaSearchCV", "PopulationSearchCV"]
