"""Testing what the literature claims on the cohorts: a verdict, or the reason why there is none."""
