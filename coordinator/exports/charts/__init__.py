"""SVG charts for pages, PDF and PNG."""
