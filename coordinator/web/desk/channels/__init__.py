"""Desk pages for channels and accounts."""
