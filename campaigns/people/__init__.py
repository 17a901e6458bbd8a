"""Staff and their roles, sign-in factors, sessions, keys, one-time links, and the department itself.

What a partner's editors are does not belong here: see ``partners``.
"""
