"""Shared parts of the pages of desk, portal and public site."""
