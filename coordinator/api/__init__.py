"""API v1 for staff programs and partner sites: one module a noun, problems as RFC 9457."""
