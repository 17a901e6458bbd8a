"""Power over what is published: who stands behind an account or a key, and the second person who confirms its role.

Roles and their permissions do not belong here: see ``people.staff``.
"""
