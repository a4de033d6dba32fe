"""HTTP: predictions, explanations, jobs, reviews and pages over a bundle of `models`."""
