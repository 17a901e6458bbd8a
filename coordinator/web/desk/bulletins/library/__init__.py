"""The pages of the libraries of pictures and of other media."""
