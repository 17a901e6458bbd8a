"""Desk pages for writing and reading bulletins."""
