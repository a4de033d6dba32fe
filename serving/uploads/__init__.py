"""Files that are sent: received to disk, read by a child process, answered like JSON."""
