"""What partners are held to where they carry our bulletins."""
