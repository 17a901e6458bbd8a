"""Reports sent by mail at set times."""
