"""The API of the department itself."""
