"""Mails to people and other work on accounts."""
