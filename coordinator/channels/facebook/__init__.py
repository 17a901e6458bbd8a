"""Facebook Pages (experimental)."""
