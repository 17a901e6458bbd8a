"""Jobs of reporting: reports as files, scheduled reports (digests among them) and their mails, rollups."""
