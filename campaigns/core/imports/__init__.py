"""Tables that people bring: their columns, the cells of a row, and the reading of rows. What a kind of import adds to
it, and the writing, is in its feature."""
