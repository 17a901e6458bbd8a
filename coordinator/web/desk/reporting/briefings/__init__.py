"""Desk pages for briefings."""
