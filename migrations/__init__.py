"""Alembic's environment and the linear history of the database."""
