"""Imports of tables: a file is checked by reading alone, and what a person confirms is written in one transaction."""
