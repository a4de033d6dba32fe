"""What `benchmarks/serving.py` puts together: peers, profiles, bundles and the load on them."""
