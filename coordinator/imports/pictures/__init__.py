"""Pictures of pages and of bulletins, read in a child process: their hashes and the text in them."""
