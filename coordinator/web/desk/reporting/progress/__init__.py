"""Desk pages for progress."""
