"""Signed notifications about jobs, to addresses that were allowed beforehand."""
