"""The API of republications and their evidence."""
