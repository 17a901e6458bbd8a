"""Reports sent by mail at set times, the digests of a day and of a week among them."""
