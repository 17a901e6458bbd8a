"""Tests of what was reported before the product was in use."""
