"""Explanations over HTTP: what each gene and gene set gave to an answer."""
