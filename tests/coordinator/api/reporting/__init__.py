"""Tests of reporting in the API."""
