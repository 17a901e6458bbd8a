"""The licence register as a spreadsheet: tables, headings and cells."""
