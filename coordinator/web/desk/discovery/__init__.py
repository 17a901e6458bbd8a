"""Desk pages for sources of partner sites."""
