"""Predictions over HTTP: the question, the answer and its forms."""
