"""Readers of what a site publishes, which return addresses, titles and times.

Here belong feeds, sitemaps, front pages, WordPress search, Webmention, and reading a page into its parts. Every reader
is a function over bytes or text from ``coordinator.http`` and raises ``DiscoveryError`` for an unreadable document.
Fetches, schedules, the judgement of pages, and rows do not belong here.
"""
