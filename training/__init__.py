"""Cohorts, labels, splits, evaluation and tracking of training runs."""
