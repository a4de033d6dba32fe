"""One module a change: r<four digits>_<what>.py, with that number as its revision."""
