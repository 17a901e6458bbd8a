"""Zalo Official Accounts."""
