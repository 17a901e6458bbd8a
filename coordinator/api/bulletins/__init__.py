"""Bulletins, their templates and their pictures."""
