"""The libraries of pictures and of other media, and uploads in pieces."""
