"""Studies of a cohort: what a command measures once, prints as tables, and keeps as JSON."""
