"""Partners that read their own feed."""
