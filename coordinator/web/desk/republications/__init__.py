"""Desk pages for copies, their evidence and the review queue."""
