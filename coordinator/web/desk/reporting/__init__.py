"""Desk pages for progress, briefings and reports."""
