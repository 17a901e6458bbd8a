"""What the styles of a page, read without a browser, do to its text."""
