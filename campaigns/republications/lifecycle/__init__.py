"""The life of a copy: outdated texts and removal."""
