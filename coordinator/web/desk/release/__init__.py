"""Desk pages for approval, release, the calendar and series."""
