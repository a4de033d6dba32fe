"""`python -m cupromark`."""

from cupromark.main import main

main()
