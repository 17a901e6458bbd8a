"""Desk pages of the manual."""
