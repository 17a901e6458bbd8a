"""Jobs of release: acts of staff on bulletins, the release tick, the calendar file."""
