"""Feeds out: released bulletins as RSS, Atom, JSON Feed, ninjs and a news sitemap; calendar files; the WebSub protocol.

What belongs here: rendering frozen items as bytes, cursors of feeds, and the messages between our hub and its
subscribers. What does not: choosing what is visible (``campaigns.bulletins.visibility``), sessions, routes, conditional
requests, sending, subscription rows, and reading other sites' feeds (``coordinator.discovery``).
"""
