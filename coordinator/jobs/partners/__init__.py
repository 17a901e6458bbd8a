"""Work on partners: the import of the licence register and the scans of agreements."""
