"""Every change of the tables, in order. `env.py` is what Alembic runs."""
