"""API v1 for staff programs and partner sites: one module a noun, problems as RFC 9457.

Belongs here: reading requests, the shapes of bodies and rows, who may see what. Does not: a rule of publishing or
counting (``campaigns``), sending (``jobs``), pages (``web``). No module here reads the session or a cookie.
"""
