"""Shared list parts: pages, periods and scopes."""
