"""The API of reports: briefings."""
