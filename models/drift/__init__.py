"""Whether the profiles of requests still look like those that a bundle learned from.

Profiles are counted into bins and forgotten. Nothing here needs more than NumPy.
"""
