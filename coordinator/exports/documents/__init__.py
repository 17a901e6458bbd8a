"""Documents as Word and PDF files: the briefing and official letters."""
