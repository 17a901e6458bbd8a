"""Decisions of staff on a copy, the reasons for review, corrections requested from a partner and its answers."""
