"""Telegram channels."""
