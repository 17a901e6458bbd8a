"""Accounts that a person posts to."""
