"""Desk pages for notices and questions."""
