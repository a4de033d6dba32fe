"""Classifiers, calibration, the bundle and its store."""
