"""The quarterly briefing: its figures, texts, frozen versions and the rows behind each figure."""
