"""Tests of the briefing as a document."""
