"""Searches, curves and committees: many trainings as a few compiled populations."""
