"""Lotus-style platforms, which read a feed."""
