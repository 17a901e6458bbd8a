"""HTML pages: their text, metadata and links."""
