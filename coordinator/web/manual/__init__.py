"""The manual in the product: the Markdown files of ``docs``, rendered, searched and linked from the pages' help."""
