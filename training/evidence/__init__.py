"""What each prediction is worth: controls, p-values, evidence cards."""
