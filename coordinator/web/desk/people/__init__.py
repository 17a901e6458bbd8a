"""Desk pages for staff, accounts, keys and the office."""
