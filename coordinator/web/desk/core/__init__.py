"""Desk pages for administration and the journal."""
