"""Files of texts (Word, Markdown, HTML, plain text, JSON, feeds) read as bulletins: one module a format."""
