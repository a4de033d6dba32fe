"""Live shadow: the challenger answers a share of the requests too, for nobody but the summary."""
