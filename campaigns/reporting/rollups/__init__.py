"""Rollups: the tables of sums, the change log, the rollup, its queries and checks."""
