"""Which bundle answers: held in memory, watched in a child process, swapped between requests."""
