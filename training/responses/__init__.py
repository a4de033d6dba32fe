"""Readers of response files, one module a layout; every one ends in a `RawResponse`."""
