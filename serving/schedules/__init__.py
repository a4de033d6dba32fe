"""Schedules over HTTP: what is retrained again and again, and when."""
