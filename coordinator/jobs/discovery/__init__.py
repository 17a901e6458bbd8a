"""Jobs of discovery: source checks, source discovery, Webmentions."""
