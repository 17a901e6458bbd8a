"""API v1 for staff programs and partner sites: one module per resource, errors as RFC 9457 problems.

This package reads requests, defines the schemas of bodies and rows, and limits what a key may see. Rules of publishing
and counting are in ``campaigns``, sending is in ``jobs``, pages are in ``web``. No module here reads the web session or
a cookie.
"""
