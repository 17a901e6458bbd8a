"""The API of what is reported: progress, briefings, history."""
