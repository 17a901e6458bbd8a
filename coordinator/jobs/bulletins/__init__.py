"""Jobs of bulletins: storage of pictures, import of texts."""
