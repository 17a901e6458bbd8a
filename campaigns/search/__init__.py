"""The text index and what is found in it."""
