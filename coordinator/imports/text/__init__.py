"""HTML and plain text of any origin made into the clean HTML of a bulletin."""
