"""The briefing as a document: its sections, its sentences, the page for a head."""
