"""Accounts on servers with the Mastodon API."""
