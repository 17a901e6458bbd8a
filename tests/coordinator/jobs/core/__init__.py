"""Tests of ``coordinator.jobs.core``."""
