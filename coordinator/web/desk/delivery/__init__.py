"""Desk pages for deliveries."""
