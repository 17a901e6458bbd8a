"""Tests of this part of the API."""
