"""Jobs of reporting: reports as files, scheduled reports and their mails, rollups."""
