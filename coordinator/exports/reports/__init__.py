"""Reports: each function takes figures and returns a document."""
