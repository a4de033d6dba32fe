"""The command line, which composes the packages and holds no logic, and the HTTP client."""
