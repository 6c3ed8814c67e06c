"""Searches, curves and committees: many trainings as a few compiled populations."""

from lamina.search.population_search import PopulationSearchCV

__all__ = ["PopulationSearchCV"]
