"""A copy beside the bulletin: texts, pictures, and a second opinion on the kept page."""
