"""What the department and its partners say to each other."""
