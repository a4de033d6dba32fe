"""Lists over HTTP: drugs, gene sets, claims and bundles, page by page."""
