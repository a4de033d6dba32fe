"""The promotion gate: whether a challenger may take the champion's place, and why (not)."""
