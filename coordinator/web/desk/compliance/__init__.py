"""Desk pages for findings, rules and inspections."""
