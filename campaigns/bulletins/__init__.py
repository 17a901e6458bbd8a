"""Bulletins and their immutable revisions: writing, pictures, presentation, and what is visible to whom at a moment."""
