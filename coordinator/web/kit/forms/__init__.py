"""Shared form fields."""
