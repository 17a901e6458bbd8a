"""Who acts: staff with a role, and the keys that programs and partner sites act with.

Belongs here: what a role may do. Does not: signing in, sessions and passwords' policy, which are the web's.
"""
