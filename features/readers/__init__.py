"""Readers of expression files: one module a format, each ending in a `RawMatrix`."""
