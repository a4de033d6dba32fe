"""Drift in the service: profiles are counted as they are answered, and held against the bundle."""
