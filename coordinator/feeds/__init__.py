"""Feeds out: released bulletins as RSS, Atom, JSON Feed, ninjs and a news sitemap, and the pure half of our WebSub hub.

What belongs here: writing frozen items as bytes, keeping those bytes, HTTP validators and cursors of feeds, and what
the hub and its subscribers say to each other. What does not: choosing what is visible (the domain's release rule),
sessions, routes, sending, subscription rows, and reading other people's feeds (``coordinator.discovery``).
"""
