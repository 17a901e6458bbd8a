"""Desk pages for the day's tasks."""
