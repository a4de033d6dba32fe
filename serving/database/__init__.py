"""One database for what the service remembers: SQLite at home, Postgres in production."""
