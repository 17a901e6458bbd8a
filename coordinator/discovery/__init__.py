"""Where copies are looked for: readers that turn what a site publishes into addresses, titles and times.

Here belong feeds, sitemaps, front pages, WordPress search, Webmention, and reading a page into its parts. Every reader
is a function over bytes or text that came through ``coordinator.http``; what it cannot read it says in a
``DiscoveryError``. Fetching, deciding when to look, judging whether a page is a copy, and rows do not belong here.
"""
