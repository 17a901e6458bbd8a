"""Work on channels: health and account figures."""
