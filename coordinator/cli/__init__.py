"""The command line ``lantoa``: one module a noun. A composition root: it chooses concrete classes."""
