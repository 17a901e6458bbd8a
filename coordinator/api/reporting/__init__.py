"""What is reported, in the API."""
