"""Benchmarks: ratios side by side in one run, never times to be asserted. Run with ``make bench``."""
