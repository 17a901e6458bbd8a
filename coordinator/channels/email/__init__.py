"""Bulletins by mail."""
