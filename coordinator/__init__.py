"""Makes it happen: configuration, sessions, ticks, HTTP, pages, files, processes.

It holds no rule that a briefing would have to justify; those are in ``campaigns``, the only package it builds on.
"""
