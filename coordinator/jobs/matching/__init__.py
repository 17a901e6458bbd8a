"""``lantoa check``: judging pages from files."""
