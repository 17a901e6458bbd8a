"""The partners' portal."""
