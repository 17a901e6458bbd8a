"""Signed webhooks to partners."""
