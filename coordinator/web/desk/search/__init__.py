"""Desk pages for search."""
